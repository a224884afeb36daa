"""Measures how long the answer to a promotion waits for the checkpoint over it.

Run by hand: ``python -m benchmarks.sealed_first --promotions 200``. It fills an empty Signet in a
folder of its own, runs ``manage.py seal`` beside it, and lets an operator carry one promotion out
after the other, with a pause between them so that the sealer is sometimes idle. Goal: 95 of 100
answers wait at most 300 ms.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LONGEST_PAUSE = 0.5
WARM_UP = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promotions", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNET_DATA"] = str(Path(folder) / "data")
        os.environ["SIGNET_TEST_WALK"] = "1"
        os.environ["SIGNET_ALLOWED_HOSTS"] = "testserver"
        os.environ["SIGNET_LOG_LEVEL"] = "ERROR"  # no broker runs, and none is needed
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
        measure(given.promotions)


def measure(promotions: int) -> None:
    """Prepare the promotions, and time the answer to each."""
    import django  # noqa: PLC0415 - the folder of its data is known only now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    with sealing():
        pages = _signed_off(promotions + WARM_UP)
        waits, answers = _carried_out(pages)
    _tell("waits for its checkpoint", waits[WARM_UP:])
    _tell("is answered", answers[WARM_UP:])


@contextmanager
def sealing() -> Iterator[None]:
    """Run a sealer beside a block."""
    command = [sys.executable, "manage.py", "seal"]
    sealer = subprocess.Popen(command, cwd=HERE.parent, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        sealer.terminate()
        sealer.wait()


def _signed_off(count: int) -> Sequence[str]:
    """Return the pages of so many requests whose gates are open."""
    from apps.validation import runner  # noqa: PLC0415
    from tests import scenarios  # noqa: PLC0415

    class Here:
        """Examines in this process: how checks are confined is not what is measured."""

        @staticmethod
        def carry_out(check: Any, *given: Any) -> Any:
            return check.load()(*given)

    runner.confined = Here  # type: ignore[assignment]
    return [scenarios.signed_off().get_absolute_url() for _ in range(count)]


def _carried_out(pages: Collection[str]) -> tuple[list[float], list[float]]:
    """Return how long each answer waited, and how long it took in all, in seconds."""
    from django.test import Client  # noqa: PLC0415

    from apps.audit.sealing import awaiting  # noqa: PLC0415
    from tests import scenarios  # noqa: PLC0415
    from tests.factories import signed_in  # noqa: PLC0415

    waits: list[float] = []
    wait = awaiting.wait
    awaiting.wait = lambda events: _timed(lambda: wait(events), waits)
    client, answers = signed_in(Client(), scenarios.operator()), list[float]()
    for page in pages:
        time.sleep(random.uniform(0, LONGEST_PAUSE))
        typed = {"promote-reason": "In the change window"}
        answer = _timed(lambda: client.post(f"{page}promote/", typed), answers)  # noqa: B023
        if answer.headers.get("Signet-Sealed") != "yes":
            raise SystemExit(f"{page} was answered {answer.status_code}, not sealed.")
    return waits, answers


def _timed(work: Callable[[], Any], into: list[float]) -> Any:
    began = time.perf_counter()
    done = work()
    into.append(time.perf_counter() - began)
    return done


def _tell(words: str, seconds: Sequence[float]) -> None:
    if len(seconds) < 2:
        raise SystemExit("Measure at least two promotions.")
    shares = statistics.quantiles(seconds, n=100, method="inclusive")
    told = ", ".join(f"p{share} {1000 * shares[share - 1]:.0f} ms" for share in (50, 95, 99))
    print(f"a promotion {words}: {told}, at most {1000 * max(seconds):.0f} ms ({len(seconds)})")


if __name__ == "__main__":
    main()
