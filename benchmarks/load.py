"""Makes calls from a few threads for a while; counts answers and the server's processor time."""

import http.client
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.calls import Call
from benchmarks.servers import Server

THREADS = 4
WARM_UP = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """How many calls a second were answered, and what each cost the server."""

    rate: float
    cpu_ms: float


def measure(server: Server, call: Call, seconds: float) -> Measured:
    """Make one kind of call as fast as it is answered.

    Raises:
        RuntimeError: when an answer is not a success.
    """
    _hammer(server, call, WARM_UP)
    before, began = processor_seconds(server.pid), time.perf_counter()
    answered = _hammer(server, call, seconds)
    took, used = time.perf_counter() - began, processor_seconds(server.pid) - before
    return Measured(answered / took, 1000 * used / answered)


def _hammer(server: Server, call: Call, seconds: float) -> int:
    until, counts, lock = time.perf_counter() + seconds, [], threading.Lock()
    troubles: list[str] = []

    def work() -> None:
        where = urlsplit(server.address)
        line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        made = 0
        while time.perf_counter() < until and not troubles:
            with lock:
                method, path, body = call.request()
            line.request(method, path, body or None, server.headers)
            answer = line.getresponse()
            said = answer.read()
            if answer.status != 200:
                troubles.append(f"{call.name}: {answer.status} {said[:300]!r}")
            made += 1
        counts.append(made)

    workers = [threading.Thread(target=work) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if troubles:
        raise RuntimeError(troubles[0])
    return sum(counts)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def processor_seconds(pid: int) -> float:
    """Return the processor time a process and its descendants used so far."""
    used = 0
    for member in family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += int(fields[11]) + int(fields[12])
    return used / _TICKS


def most_memory(pid: int) -> int:
    """Return the greatest memory, in bytes, that one process of a family ever held."""
    most = 0
    for member in family(pid):
        try:
            text = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        most = max(most, int(lines.get("VmHWM", "0 kB").split()[0]) * 1024)
    return most
