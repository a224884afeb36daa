"""Loads a list checks judge by, as a person may and for the reason they give."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actors import actor_for
from apps.accounts.management.asking import account_named
from apps.core.actors import Door
from apps.core.errors import DomainError
from apps.validation import lists, operations


class Command(BaseCommand):
    help = (
        "Load a list checks judge by, such as advisories in the OSV schema: one JSON array, JSON "
        "lines, or a zip of JSON files. It takes the place of the one before, and results judged "
        "by that are out of date."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=[str(kind) for kind in lists.READERS])
        parser.add_argument("file", type=Path, help="the file that holds it")
        parser.add_argument("--as", dest="acting", required=True, help="who loads it")
        parser.add_argument("--reason", required=True, help="why; it is kept for good")
        parser.add_argument("--origin", default="", help="where it was taken from")

    def handle(self, *args: Any, **options: Any) -> None:
        by = actor_for(account_named(options["acting"]), door=Door.COMMAND)
        try:
            source = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error}.") from None
        with source:
            try:
                loaded = operations.load_reference(
                    options["kind"],
                    source,
                    by=by,
                    reason=options["reason"],
                    origin=options["origin"],
                )
            except DomainError as refusal:
                raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Loaded {loaded.entries:,} entries, {loaded.digest}.")
