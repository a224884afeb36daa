"""Which programs make up a running Signet, and the supervisor's configuration for them."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEADER = """\
[supervisord]
nodaemon=true
user={user}
umask=077
loglevel=warn
logfile=/dev/null
logfile_maxbytes=0
pidfile=%(ENV_SIGNET_RUN)s/supervisord.pid
"""
SECTION = """
[program:{program.name}]
command={command}
priority={program.priority}
autorestart=true
startsecs=2
startretries=10
stopwaitsecs={program.stops_within}
killasgroup=true
redirect_stderr=true
stdout_logfile=/dev/fd/1
stdout_logfile_maxbytes=0
"""


@dataclass(frozen=True)
class Program:
    """One program under the supervisor; a lower priority starts earlier and stops later."""

    name: str
    command: tuple[str, ...]
    priority: int
    stops_within: int


@dataclass(frozen=True)
class Broker:
    """A Redis-compatible server of our own, on a unix socket, its journal in a folder."""

    server: str
    socket: Path
    folder: Path


@dataclass(frozen=True)
class ModelServer:
    """Where the model server on this machine reads its orders, and on which port it answers."""

    folder: Path
    port: int


@dataclass(frozen=True)
class Plan:
    """What a start decides: where to listen, with how many processes, and whose broker."""

    python: str
    host: str
    port: int
    web_processes: int
    light_processes: int
    heavy_processes: int
    broker: Broker | None
    models: ModelServer


def programs(plan: Plan) -> tuple[Program, ...]:
    """Return the programs to run, in the order they start."""
    own = (broker_program(plan.broker),) if plan.broker else ()
    work = (*worker_programs(plan), sealer_program(plan), beat_program(plan))
    return (*own, *work, model_program(plan), web_program(plan))


def broker_program(broker: Broker) -> Program:
    """Return the broker: no port, and every message in its journal within a second."""
    place = ("--unixsocket", str(broker.socket), "--unixsocketperm", "700", "--port", "0")
    journal = ("--dir", str(broker.folder), "--appendonly", "yes", "--appendfsync", "everysec")
    quiet = ("--save", "", "--loglevel", "warning", "--logfile", str(broker.folder / "log"))
    return Program("broker", (broker.server, *place, *journal, *quiet), 10, 10)


def worker_programs(plan: Plan) -> tuple[Program, ...]:
    """Return the worker for light checks and all other work, and the one for heavy checks."""
    return (
        _worker(plan, "worker", "light,celery", plan.light_processes, 20),
        _worker(plan, "heavy-worker", "heavy", plan.heavy_processes, 21),
    )


def _worker(plan: Plan, name: str, queues: str, processes: int, priority: int) -> Program:
    called = ("--hostname", f"{name}@%h", "--queues", queues)
    size = ("--concurrency", str(processes))
    alone = ("--without-gossip", "--without-mingle")  # they have nothing to tell each other
    command = (*celery(plan), "worker", *called, *size, *alone, "-l", "WARNING")
    return Program(name, command, priority, 20)


def sealer_program(plan: Plan) -> Program:
    """Return what seals the record; told to stop, it finishes the step it is at."""
    return Program("sealer", (plan.python, "-m", "django", "seal"), 25, 20)


def beat_program(plan: Plan) -> Program:
    """Return the clock that sends what is due; it keeps no pid file that could grow stale."""
    return Program("beat", (*celery(plan), "beat", "--pidfile=", "-l", "WARNING"), 30, 5)


def model_program(plan: Plan) -> Program:
    """Return what serves models on this machine, as the local deployer orders."""
    place = (str(plan.models.folder), str(plan.models.port))
    server = (plan.python, "-m", "apps.deployments.serving.program", *place)
    return Program("models", server, 35, 10)


def web_program(plan: Plan) -> Program:
    """Return the web server: a process a core, few threads each, so that no page waits long."""
    place = ("--host", plan.host, "--port", str(plan.port), "--interface", "wsgi", "--no-ws")
    size = ("--workers", str(plan.web_processes), "--blocking-threads", "4")
    care = ("--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning")
    server = (plan.python, "-m", "granian", *place, *size, *care, "registry_site.wsgi:application")
    return Program("web", server, 40, 10)


def celery(plan: Plan) -> tuple[str, ...]:
    return (plan.python, "-m", "celery", "--quiet", "-A", "registry_site")


def configuration(to_run: Sequence[Program], *, user: str, python: str) -> str:
    """Return the supervisor's configuration: every program restarts, logs here, ends with it."""
    tie = (python, "-m", "apps.console.parent", "KILL")
    sections = (
        SECTION.format(program=program, command=as_value((*tie, *program.command)))
        for program in to_run
    )
    return HEADER.format(user=user) + "".join(sections)


def as_value(command: Sequence[str]) -> str:
    """Return a command as one value, whatever its words hold.

    The supervisor expands ``%`` and takes `` ;`` and `` #`` for a comment before it splits words.

    Raises:
        ValueError: when a word breaks the line, which nothing can quote.
    """
    if any("\n" in word or "\r" in word for word in command):
        raise ValueError("A path that breaks the line cannot be run from.")
    quoted = shlex.join(command)
    for sign in ";#":
        quoted = quoted.replace(sign, f"''{sign}''")  # within quotes: leave them and come back
    return quoted.replace("%", "%%")
