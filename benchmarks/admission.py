"""Measures admission answers beside a Django that holds one view of a constant.

Run by hand: ``python -m benchmarks.admission --models 1000``. Both have two processes on the same
machine and the same client. Signet checks the token, looks rights up through a team's grants, reads
environment, version and authorization, judges, and signs. Goals: 2 ms of processor an answer, and
1,000 a second on two cores. Times are of the server alone; the client takes from the same cores.
"""

import argparse
import hashlib
import itertools
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.load import measure

WARM_UP = 4.0
"""Seconds: every process reads its addresses, keys and queries when it is first asked."""


@dataclass(frozen=True)
class Ask:
    """One kind of question; each time it is put, ``digest`` says about what."""

    name: str
    digest: Callable[[], str]

    def request(self) -> tuple[str, str, bytes]:
        """Return method, address and body of the next question of this kind."""
        address = f"/api/v1/admission?digest={self.digest()}&environment=production-eu"
        return "GET", address, b""


def digest(number: int, version: int) -> str:
    """Return a digest as ``admission_filling`` gives it to a version of a model."""
    return "sha256:" + hashlib.sha256(f"{number}/{version}".encode()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    turns = itertools.count()

    def model() -> int:
        return next(turns) * 7919 % given.models

    asked = (
        Ask("admitted", lambda: digest(model(), 5)),
        Ask("in another stage", lambda: digest(model(), 4)),
        Ask("nobody registered it", lambda: digest(model(), 99)),
    )
    with tempfile.TemporaryDirectory() as name:
        folder, database = Path(name), os.environ.get("SIGNET_BENCHMARK_DATABASE")
        with servers.bare(folder, given.processes) as bare:
            floor = measure(bare, asked[0], given.seconds)
        print(f"a view of a constant: {floor.rate:,.0f} a second, {floor.cpu_ms:.2f} ms CPU each")
        filling = "benchmarks.admission_filling"
        with servers.signet(
            folder, database, given.models, given.processes, filling=filling
        ) as signet:
            for ask in asked:
                measure(signet, ask, WARM_UP)
                found = measure(signet, ask, given.seconds)
                print(
                    f"{ask.name}: {found.rate:,.0f} a second, {found.cpu_ms:.2f} ms CPU each, "
                    f"{found.cpu_ms / floor.cpu_ms:.1f} times a view of a constant"
                )


if __name__ == "__main__":
    main()
