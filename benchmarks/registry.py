"""Compares Signet with a stock MLflow server: both in one run, on one machine, with one client.

Run by hand: ``python -m benchmarks.registry PYTHON_WITH_MLFLOW [--postgresql] [--models 1000]``.
The first argument is the Python of an environment with ``mlflow`` (and ``psycopg[binary]`` for
PostgreSQL). Each server gets the same kind of database, the same number of processes, and the same
rows: ``--models`` models with ten versions each, and one model with 10,000 versions.

Signet answers with a token checked, rights looked up and writes recorded; the stock server asks
nobody who calls. What is printed is requests a second, processor time a request, and the ratio.
"""

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import bytes_up_and_down, calls
from benchmarks.load import Measured, measure
from benchmarks.servers import Server, signet, stock
from tests.services.postgresql import postgresql

PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="the Python of an environment with mlflow")
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each kind of call")
    parser.add_argument("--only", default="", help="kinds of call whose name begins so")
    parser.add_argument("--gigabyte", action="store_true", help="also send 1 GB up and down")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as started:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's account walks through, and sees its own folder alone
        ours, theirs = folder / "signet", folder / "stock"
        for place in (ours, theirs):
            place.mkdir(mode=0o755)
        databases = (None, None)
        if given.postgresql:
            databases = tuple(started.enter_context(postgresql(place)) for place in (ours, theirs))
        servers = (
            started.enter_context(signet(ours, databases[0], given.models, PROCESSES)),
            started.enter_context(
                stock(theirs, databases[1], given.models, PROCESSES, python=given.python)
            ),
        )
        print(
            f"{given.models:,} models, {'PostgreSQL' if given.postgresql else 'SQLite'}, "
            f"{PROCESSES} processes each"
        )
        os.sync()  # or what was filled in is written back while the first calls are timed
        compare(servers, given.models, given.seconds, given.only)
        if given.gigabyte:
            bytes_up_and_down.compare(servers, folder)


def compare(servers: tuple[Server, Server], models: int, seconds: float, only: str) -> None:
    """Print a row for each kind of call: Signet, the stock server, and how they compare."""
    print(f"{'call':34}{'Signet':>18}{'stock':>18}{'throughput':>12}{'CPU':>8}")
    for call in calls.of(models):
        if call.name.startswith(only):
            ours, theirs = (measure(server, call, seconds) for server in servers)
            print(
                f"{call.name:34}{told(ours):>18}{told(theirs):>18}"
                f"{ours.rate / theirs.rate:11.1f}×{theirs.cpu_ms / ours.cpu_ms:7.1f}×",
                flush=True,
            )


def told(found: Measured) -> str:
    """Write requests a second, and milliseconds of processor time a request."""
    return f"{found.rate:7.0f}/s {found.cpu_ms:6.2f} ms"


if __name__ == "__main__":
    main()
