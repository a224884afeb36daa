"""The process that stays in the terminal while a supervisor runs."""

import errno
import io
import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from apps.console import foreground, supervision
from tests.services.programs import free_port


def test_it_shows_address_and_sign_ins_once_the_web_answers(
    configuration: Path, healthy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_ins = configuration.with_name("sign-ins.txt")
    sign_ins.write_text("ada · correct horse battery staple")
    threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT)).start()

    code = stay(configuration, healthy, sign_ins)

    printed = capsys.readouterr().out
    assert code == 0
    assert f"Signet is ready: {healthy}" in printed
    assert "ada · correct horse battery staple" in printed
    assert printed.endswith("Stopped.\n")


def test_it_gives_up_on_a_web_that_never_answers(
    configuration: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreground, "STARTS_WITHIN", 1.0)

    code = stay(configuration, f"http://127.0.0.1:{free_port()}/", Path("none"))

    assert code == 1
    assert "has not answered" in capsys.readouterr().out


def test_a_supervisor_that_cannot_start_is_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "supervisord.conf"
    broken.write_text("[supervisord]\nloglevel=nonsense\n")

    code = stay(broken, f"http://127.0.0.1:{free_port()}/", Path("none"))

    assert code == 1
    assert "nonsense" in capsys.readouterr().out


def test_everything_is_still_read_after_the_terminal_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout", ClosedTerminal())
    lines = iter([b"one\n", b"two\n"])

    foreground.pass_on(lines)

    assert list(lines) == []


class ClosedTerminal(io.StringIO):
    def write(self, text: str) -> int:
        """Fail as the terminal of a closed window does."""
        raise OSError(errno.EIO, "Input/output error")


def stay(configuration: Path, address: str, sign_ins: Path) -> int:
    with Path(os.devnull).open() as lock:
        return foreground.main(
            [
                *("--configuration", str(configuration), "--address", address),
                *("--sign-ins", str(sign_ins), "--lock", str(lock.fileno())),
            ]
        )


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the configuration of a supervisor that has nothing to run."""
    monkeypatch.setenv("SIGNET_RUN", str(tmp_path))
    file = tmp_path / "supervisord.conf"
    file.write_text(supervision.configuration((), user=str(os.geteuid()), python="python3"))
    return file


@pytest.fixture
def healthy() -> Iterator[str]:
    """Serve a /health that is well."""
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer that all is well."""
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Give pytest its signals back."""
    before = {ending: signal.getsignal(ending) for ending in foreground.ENDINGS}
    yield
    for ending, handler in before.items():
        signal.signal(ending, handler)
