"""Checks that try to do what a confined process must not be able to; each says how far it came."""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apps.validation.checks.contract import Json, Outcome, Problem, Severity, silent

CANARY = Path("/tmp/signet-canary")
HELD = "held"
TGKILL, RT_SIGQUEUEINFO = (234, 129) if os.uname().machine == "x86_64" else (131, 138)


def _tried(*attempts: Callable[[], object]) -> Outcome:
    """Return what happened: each attempt must end with an error of the system."""
    through = []
    for attempt in attempts:
        try:
            attempt()
        except OSError:
            continue
        through.append(attempt.__name__)
    return Outcome(HELD if not through else f"got through: {', '.join(through)}")


def reach_network(version: Any, progress: Any, parameters: Any) -> Outcome:
    def tcp() -> None:
        socket.socket(socket.AF_INET).connect(("127.0.0.1", 80))

    def udp() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(b"x", ("127.0.0.1", 53))

    def unix() -> None:
        socket.socket(socket.AF_UNIX)

    def pair() -> None:
        socket.socketpair()

    def netlink() -> None:
        socket.socket(socket.AF_NETLINK)

    return _tried(tcp, udp, unix, pair, netlink)


def reach_files(version: Any, progress: Any, parameters: Any) -> Outcome:
    def read_passwords() -> None:
        Path("/etc/passwd").read_bytes()

    def read_own_code() -> None:
        Path(__file__).read_bytes()

    def read_own_memory() -> None:
        Path("/proc/self/mem").read_bytes()

    def read_parent() -> None:
        Path(f"/proc/{os.getppid()}/environ").read_bytes()

    def list_root() -> None:
        list(Path("/").iterdir())

    def write() -> None:
        CANARY.write_text("escaped")

    def make_folder() -> None:
        CANARY.with_suffix(".d").mkdir()

    def remove() -> None:
        CANARY.with_suffix(".kept").unlink()

    def in_memory() -> None:
        os.memfd_create("code")

    return _tried(
        read_passwords,
        read_own_code,
        read_own_memory,
        read_parent,
        list_root,
        write,
        make_folder,
        remove,
        in_memory,
    )


def start_programs(version: Any, progress: Any, parameters: Any) -> Outcome:
    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)

    def run() -> None:
        subprocess.run(["/bin/true"], check=True)

    def become() -> None:
        os.execv("/bin/true", ["/bin/true"])

    def spawn() -> None:
        os.posix_spawn("/bin/true", ["true"], {})

    def stop_parent() -> None:
        os.kill(os.getppid(), 0)

    return _tried(fork, run, become, spawn, stop_parent)


def reach_other_processes(version: Any, progress: Any, parameters: Any) -> Outcome:
    """Try to end the process, of the same account, whose number the file holds."""
    with version.files[0].open() as stream:
        pid = int(stream.read())
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: object) -> None:
        if libc.syscall(number, *arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    def end_thread() -> None:
        call(TGKILL, pid, pid, signal.SIGKILL)

    def queue_signal() -> None:
        call(RT_SIGQUEUEINFO, pid, signal.SIGKILL, ctypes.create_string_buffer(128))

    def limit_it() -> None:
        resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0))

    def have_it_signalled() -> None:
        fcntl.fcntl(version.files[0].line.fileno(), fcntl.F_SETOWN, pid)

    return _tried(end_thread, queue_signal, limit_it, have_it_signalled)


def count_on_tasks(version: Any, progress: Any, parameters: Any) -> Outcome:
    return Outcome(str(resource.getrlimit(resource.RLIMIT_NPROC)[1]))


def bomb(version: Any, progress: Any, parameters: Any) -> Outcome:
    forked = 0
    for _ in range(10_000):
        try:
            if os.fork() == 0:
                while True:
                    time.sleep(1)
            forked += 1
        except OSError:
            continue
    return Outcome(HELD if not forked else f"{forked} processes")


def take_memory(version: Any, progress: Any, parameters: Any) -> Outcome:
    progress("model.bin")
    taken = [bytearray(2**24) for _ in range(1000)]
    return Outcome(f"took {len(taken)} pieces")


def never_end(version: Any, progress: Any, parameters: Any) -> Outcome:
    progress("model.bin")
    while True:
        time.sleep(0.01)


def spin(version: Any, progress: Any, parameters: Any) -> Outcome:
    progress("model.bin")
    while True:
        pass


def crash_hard(version: Any, progress: Any, parameters: Any) -> Outcome:
    progress("model.bin")
    ctypes.string_at(0)
    return Outcome("read from nowhere")


def leave_quietly(version: Any, progress: Any, parameters: Any) -> Outcome:
    os._exit(0)


def say_too_much(version: Any, progress: Any, parameters: Any) -> Outcome:
    return Outcome("much", evidence="x" * 2**30)


def print_much(version: Any, progress: Any, parameters: Any) -> Outcome:
    for _ in range(64):
        sys.stdout.write("x" * 2**20)
        sys.stderr.write("x" * 2**20)
    return Outcome(HELD)


def talk_nonsense(version: Any, progress: Any, parameters: Any) -> Outcome:
    for number in range(3, 4096):  # wherever its line to the parent is
        try:
            os.write(number, b"\xff" * 64)
        except OSError:
            continue
    return Outcome(HELD)


def _say(number: int, *pieces: bytes) -> None:
    for piece in pieces:
        os.write(number, piece)
        time.sleep(0.1)


def stop_in_the_middle_of_a_message(version: Any, progress: Any, parameters: Any) -> Outcome:
    _say(version.files[0].line.fileno(), b"\0\1\0\0", b"x")
    return never_end(version, silent, parameters)


def say_one_letter_at_a_time(version: Any, progress: Any, parameters: Any) -> Outcome:
    _say(version.files[0].line.fileno(), b"\0\1\0\0", *[b"x"] * 2**16)
    return Outcome("said all of it")


def find_what_cannot_be_said(version: Any, progress: Any, parameters: Any) -> Outcome:
    return Outcome("odd", tools={"odd": object()})  # type: ignore[dict-item]


def ask_for_other_bytes(version: Any, progress: Any, parameters: Any) -> Outcome:
    type(version.files[0])("model.bin", "0" * 64, 1, version.files[0].line).open()
    return Outcome("got other bytes")


def stumble(version: Any, progress: Any, parameters: Any) -> Outcome:
    raise ZeroDivisionError("a fault of the check")


def read_all(version: Any, progress: Any, parameters: Any) -> Outcome:
    """Read every file twice, as honest checks do."""
    sizes: dict[str, Json] = {}
    for file in version.files:
        progress(file.path)
        try:
            with file.open() as first, file.open() as second:
                whole = first.read()
                second.seek(1)
                assert whole[1:] == second.read()
                sizes[file.path] = len(whole)
        except FileNotFoundError:
            sizes[file.path] = -1
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join()
    found = (Problem("odd", Severity.LOW, "model.bin", "Odd.", "Nothing."),)
    facts: dict[str, Json] = {"sizes": sizes, "metric": repr(version.record.metrics[0].value)}
    return Outcome("Read.", found, facts, {"whole": True}, {"reader": "1.0"})
