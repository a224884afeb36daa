"""Takes database and files together into a folder."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.actors import actor_for, command_actor
from apps.accounts.management.asking import account_named
from apps.catalog.backups import making
from apps.catalog.management.backing import FOUND, Progress, told_plainly
from apps.core import formats
from apps.core.actors import Door


class Command(BaseCommand):
    help = (
        "Take a backup of database and files into a folder of backups, while Signet runs. What is "
        "there already is not copied again. Keys and settings are not in it: keep them beside."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder for backups alone")
        parser.add_argument("--as", dest="acting", help="the administrator who takes it")

    def handle(self, *, folder: Path, acting: str | None, **options: Any) -> None:
        progress = Progress(self.stdout)
        with told_plainly(progress):
            by = (
                actor_for(account_named(acting), door=Door.COMMAND)
                if acting
                else command_actor("backup")
            )
            made = making.make(folder, by=by, tell=progress.tell)
        told = made.backup.manifest
        for missing in made.missing:
            self.stdout.write(f"Not in it, since the store lacks it: {missing}")
        self.stdout.write(
            f"{made.backup.place}: the database, {formats.size(told.dump.size)}, and "
            f"{told.files.count - len(made.missing):,} of {told.files.count:,} files, "
            f"{formats.size(told.files.bytes)}."
        )
        if made.missing:
            sys.exit(FOUND)
