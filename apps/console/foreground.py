"""Keeps the supervisor in the foreground: says when Signet answers, and passes on the wish to stop.

``manage.py up`` becomes this small process, so that Django's memory is free again.
"""

import argparse
import http.client
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

STARTS_WITHIN = 120.0
POLL = 0.25
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Foreground:
    """One supervisor, watched from its start to its end."""

    def __init__(self, configuration: str, address: str, sign_ins: Path, lock: int) -> None:
        """Start the supervisor; it shares our lock and ends when we are killed."""
        self.address = address
        self.sign_ins = sign_ins
        self.is_stopping = False
        # TERM, not KILL: a supervisor left alone still stops its programs in order. A group of
        # its own keeps Ctrl-C and a closed terminal from it; we decide what those mean.
        tie = [sys.executable, "-m", "apps.console.parent", "TERM"]
        supervisor = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", configuration]
        self.supervisor = subprocess.Popen(
            [*tie, *supervisor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=(lock,),
        )
        for ending in ENDINGS:
            signal.signal(ending, self.stop)

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Ask the supervisor to stop every program, and itself after them."""
        if not self.is_stopping:
            say("Stopping.")
        self.is_stopping = True
        self.supervisor.terminate()

    def run(self) -> int:
        """Stay until the supervisor has ended; return what to exit with."""
        output = self.supervisor.stdout
        assert output is not None
        reader = threading.Thread(target=pass_on, args=(output,), daemon=True)
        reader.start()
        code = self.stay()
        reader.join(timeout=5)
        output.close()
        return code

    def stay(self) -> int:
        """Greet once the web answers, then wait for the end; return what to exit with."""
        if self.wait_until_it_answers():
            self.greet()
        elif not self.is_stopping and self.supervisor.poll() is None:
            self.give_up()
            return 1
        ended = self.supervisor.wait()
        if not self.is_stopping:
            say(f"The supervisor ended by itself ({ended}); every program has ended with it.")
            return 1
        say("Stopped.")
        return 0

    def give_up(self) -> None:
        """Stop a Signet that does not come up, and point to what it said."""
        say(f"Signet has not answered on {self.address}; what its programs said is above.")
        self.stop()
        self.supervisor.wait()

    def wait_until_it_answers(self) -> bool:
        """Say whether /health answered in time, with the supervisor still there."""
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and not self.is_stopping:
            if self.supervisor.poll() is not None:
                return False
            if is_healthy(self.address):
                return True
            time.sleep(POLL)
        return False

    def greet(self) -> None:
        """Print the address, and the demo's sign-ins when there are some."""
        say(f"\nSignet is ready: {self.address}\n")
        if self.sign_ins.is_file():
            say(self.sign_ins.read_text())
        say("Ctrl-C stops it.")


def is_healthy(address: str) -> bool:
    """Ask /health once, past any proxy the environment names."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def pass_on(output: Iterable[bytes]) -> None:
    """Copy the programs' lines to our own output, and go on reading when nobody listens to it."""
    for line in output:
        say(line.decode(errors="replace").rstrip("\n"))


def say(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:  # the terminal was closed: go on and stop cleanly
        sys.stdout = None


def main(arguments: list[str]) -> int:
    """Run one supervisor in the foreground."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--configuration", required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--sign-ins", required=True, type=Path)
    parser.add_argument("--lock", required=True, type=int)
    given = parser.parse_args(arguments)
    return Foreground(given.configuration, given.address, given.sign_ins, given.lock).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
