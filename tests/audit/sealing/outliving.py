"""What goes on while its database dies under it, again and again.

``python -m tests.audit.sealing.outliving write`` prints each event it was told is committed, and
``seal`` seals; both go on until they are told to stop. ``check`` prints what is sealed.
"""

import signal
import sys
import threading
import time
from types import FrameType

import django

django.setup()

from django.db import Error, connection  # noqa: E402

from apps.audit.checking import whole  # noqa: E402
from apps.audit.management.commands.seal import pause  # noqa: E402
from apps.audit.models import Leaf  # noqa: E402
from apps.audit.sealing.watching import Watch  # noqa: E402
from apps.audit.verifier.notes import read_key  # noqa: E402
from tests.audit.sealing.sealed import happened, seal_all, sealer, vkey  # noqa: E402

ENDING = threading.Event()


def write() -> None:
    """Write events, and say of each when it is committed; of a lost one nothing is said."""
    while not ENDING.is_set():
        try:
            [event] = happened(chain="test:outliving")
        except Error:
            connection.close()
            time.sleep(0.2)
            continue
        sys.stdout.write(f"{event.pk}\n")
        sys.stdout.flush()
        time.sleep(0.002)


def seal() -> None:
    one, watch = sealer(), Watch()
    while not ENDING.is_set():
        ENDING.wait(min(pause(one, watch), 0.2))


def check() -> None:
    """Seal the rest; print what was found, then every event that is sealed."""
    seal_all()
    report = whole.verify([read_key(vkey())], {})
    sys.stdout.write(f"{report.findings}\n")
    for pk in Leaf.objects.order_by("seq").values_list("event_id", flat=True):
        sys.stdout.write(f"{pk}\n")


def end(_number: int, _frame: FrameType | None) -> None:
    ENDING.set()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    {"write": write, "seal": seal, "check": check}[sys.argv[1]]()
