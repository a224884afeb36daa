"""Makes and names the key that signs admission answers."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from apps.accounts.actors import command_actor
from apps.approvals.serving import admission_keys
from apps.audit.sealing import signing
from apps.core.errors import DomainError


class Command(BaseCommand):
    """Make the key of admission answers where there is none, record it, and print it."""

    help = (
        "Make the key that signs admission answers, name it in the record, print its public half."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare that a new key can be made to follow the one in use."""
        parser.add_argument(
            "--new", type=Path, metavar="FILE", help="make a key to follow this one"
        )

    def handle(self, *, new: Path | None, **options: Any) -> None:
        """Make what is missing, and say what to publish."""
        if new is not None:
            return self.make(new)
        try:
            admission_keys.make_first()
            keys = admission_keys.publish_keys(by=command_actor("admission_key"))
        except (DomainError, OSError) as problem:
            raise CommandError(str(problem)) from None
        for key in keys:
            self.stdout.write(key.text)
        return None

    def make(self, file: Path) -> None:
        """Make another key, and say where to name it."""
        if file.exists():
            raise CommandError(f"{file} is there already.")
        signing.make_key(file)
        self.stdout.write(
            f"Name it in SIGNET_ADMISSION_KEY_FILES, behind the one in use: {file.resolve()}\n"
            "Then run manage.py admission_key, and start the web again."
        )
