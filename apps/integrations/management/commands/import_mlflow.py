"""Brings a whole MLflow registry over, as a person may and for the reason they give."""

import json
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actors import actor_for
from apps.accounts.management.asking import account_named
from apps.core import formats
from apps.core.actors import Door
from apps.core.errors import DomainError
from apps.integrations.mlflow_import import registry, servers, survey
from apps.integrations.mlflow_import.client import Client
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.progress import Bar, Lines
from apps.integrations.mlflow_import.servers import MlflowServer

MOST_SHOWN = 50
STOPPED = 128 + signal.SIGINT
AGAIN = "The same command goes on where this one stopped."


class Command(BaseCommand):
    help = (
        "Bring models, versions, aliases, tags, runs and files over from an MLflow server. "
        "Stages and protected aliases are not taken. The same command again goes on where it "
        "stopped, and takes what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="the address of the server, as https://mlflow.example.com")
        parser.add_argument("--as", dest="acting", required=True, help="who brings it and owns it")
        parser.add_argument("--reason", required=True, help="why; it is kept for good")
        secret = parser.add_mutually_exclusive_group()
        secret.add_argument(
            "--token-env", default="", help="the environment variable that holds its token"
        )
        secret.add_argument(
            "--login-env", default="", help="the environment variable that holds user:password"
        )
        parser.add_argument(
            "--model",
            dest="models",
            action="append",
            default=[],
            help="bring this model only; may be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="look, and change nothing")
        parser.add_argument("--report", type=Path, help="write the report as JSON to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        order = _order(options)
        bar = Bar(self.stdout) if self.stdout.isatty() else Lines(self.stdout)
        work = survey.look if options["dry_run"] else registry.bring
        trouble = ""
        code = 1
        try:
            work(order, options["models"], bar.tell)
        except KeyboardInterrupt:
            trouble, code = f"Stopped. {AGAIN}", STOPPED
        except DomainError as refusal:
            trouble = f"{refusal} {AGAIN}"
        bar.end()
        self._say(order, dry=options["dry_run"])
        if options["report"]:
            _write(options["report"], order)
        if trouble:
            raise CommandError(trouble, returncode=code)

    def _say(self, order: Order, *, dry: bool) -> None:
        report = order.report
        self._say_counts("Would be taken" if dry else "Taken", report.taken)
        self._say_counts("Here already", report.there)
        count = len(report.left) + report.left_beyond
        if count:
            self.stdout.write(f"Not taken: {count:,}")
        for left in report.left[:MOST_SHOWN]:
            self.stdout.write(f"  {left}")
        if count > MOST_SHOWN:
            self.stdout.write(f"  … and {count - MOST_SHOWN:,} more; --report lists them.")

    def _say_counts(self, label: str, counts: dict[str, int]) -> None:
        words = [
            formats.size(count) if what == "bytes" else f"{count:,} {what.replace('_', ' ')}"
            for what, count in counts.items()
            if count
        ]
        self.stdout.write(f"{label}: {', '.join(words) or 'nothing'}.")


def _order(options: dict[str, Any]) -> Order:
    try:
        server = MlflowServer(
            "",
            servers.read_address(options["url"]),
            options["token_env"] and servers.read_variable(options["token_env"]),
            options["login_env"] and servers.read_variable(options["login_env"]),
        )
    except ValueError as error:
        raise CommandError(f"{error}.") from None
    by = actor_for(account_named(options["acting"]), door=Door.COMMAND)
    return Order(Client(server), by, options["reason"])


def _write(path: Path, order: Order) -> None:
    report = {"address": order.address, **order.report.as_json()}
    try:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise CommandError(f"The report could not be written: {error}.") from None
