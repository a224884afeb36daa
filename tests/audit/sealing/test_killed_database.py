"""PostgreSQL killed with ``kill -9``, whole or a part of it: what was answered for is sealed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.services import postgresql
from tests.services.programs import free_port, fresh_password, wait_until_ready

IS_LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
KILLS = 24 if IS_LONG else 3
ROOT = Path(__file__).resolve().parents[3]
# Nothing that was answered for may be lost: as in production, unlike the other tests' server.
DURABLE = ("-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "wal_sync_method=fdatasync")

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(3000 if IS_LONG else 900),
]


class Server:
    """A durable PostgreSQL of the test's own, which it kills and starts again."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)
        self.log = folder / "postgresql.log"
        self.home = folder / "postgresql"
        self.home.mkdir(mode=0o700)
        self.binaries = postgresql.reachable(postgresql.programs(), folder)
        self.who = postgresql.unprivileged(self.home)
        port, password = free_port(), fresh_password()
        postgresql.make_cluster(self.binaries, self.home, password, self.who)
        place = ("-D", str(self.home / "data"), "-h", "127.0.0.1", "-p", str(port), "-k", "")
        self.command = [str(self.binaries / "postgres"), *place, *DURABLE]
        self.address = f"postgresql://signet:{password}@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.program = subprocess.Popen(
                self.command, stdout=output, stderr=output, cwd=self.home, **self.who
            )
        wait_until_ready(self.program, lambda: postgresql.answers(self.address), self.log)

    def parts(self) -> list[int]:
        """Return the processes the server is made of, beside the first."""
        told = Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text()
        return [int(pid) for pid in told.split()]

    def kill_all(self) -> None:
        for pid in (self.program.pid, *self.parts()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.program.wait()

    def kill_one(self) -> None:
        """Kill one part; the server takes all connections down and recovers by itself."""
        with suppress(ProcessLookupError):
            os.kill(random.choice(self.parts()), signal.SIGKILL)


def environment(server: Server) -> Mapping[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
        "SIGNET_DATABASE_URL": server.address,
    }


@contextmanager
def outliving(server: Server, what: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program that goes on whatever happens to the server, until the block ends."""
    command = [sys.executable, "-m", "tests.audit.sealing.outliving", what]
    with subprocess.Popen(
        command, env=environment(server), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        yield program
        program.terminate()


def once(server: Server, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env=environment(server),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server() -> Iterator[Server]:
    with TemporaryDirectory(prefix="signet-killed-") as folder:  # its account has to reach it
        made = Server(Path(folder))
        made.start()
        yield made
        made.kill_all()


def test_a_killed_database_loses_and_doubles_nothing_it_answered_for(server: Server) -> None:
    once(server, "-m", "django", "migrate", "audit", "--verbosity", "0")
    with outliving(server, "seal"), outliving(server, "write") as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline())]
        for number in range(KILLS):
            time.sleep(0.5)
            if number % 2:
                server.kill_one()
            else:
                server.kill_all()
                server.start()
            acknowledged.append(int(writer.stdout.readline()))
        writer.terminate()
        acknowledged += [int(line) for line in writer.stdout]

    findings, *sealed = once(server, "-m", "tests.audit.sealing.outliving", "check").splitlines()

    assert findings == "[]"
    assert len(acknowledged) > KILLS
    assert set(acknowledged) <= set(map(int, sealed))
    assert len(sealed) == len(set(sealed))
