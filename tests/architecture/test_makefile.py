"""`make up` runs what it says, where the shell or the command line says so.

A dry run would not do: GNU make expands what it exports only when a recipe is carried out.
"""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHOWN = """sh -c 'echo "$$SIGNET_DATA $$SIGNET_PORT $$*"' up"""


def up(*given: str, **environment: str) -> str:
    """Return where `make up` keeps its data, its port, and the command it runs."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SIGNET_")}
    for name in ("DATA", "PORT", "PYTHON", "ARGS", "MAKEFLAGS"):
        ours.pop(name, None)
    command = ["make", "--no-print-directory", "up", f"PYTHON={SHOWN}", *given]
    run = subprocess.run(
        command, cwd=ROOT, env=ours | environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def test_make_up_alone_keeps_its_data_beside_the_code() -> None:
    assert up() == "var 8000 manage.py up"


@pytest.mark.parametrize(
    ("given", "environment", "shown"),
    [
        (("DATA=/srv/signet", "PORT=8460"), {}, "/srv/signet 8460 manage.py up"),
        ((), {"SIGNET_DATA": "/srv/signet", "PORT": "8460"}, "/srv/signet 8460 manage.py up"),
        ((), {"DATA": "/srv/signet"}, "/srv/signet 8000 manage.py up"),
        (("DATA=here",), {"SIGNET_DATA": "/srv/signet"}, "here 8000 manage.py up"),
    ],
)
def test_make_up_goes_by_what_it_is_given(
    given: tuple[str, ...], environment: dict[str, str], shown: str
) -> None:
    assert up(*given, **environment) == shown
