"""Holds what was restored to its backup once more."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog.backups import restoring
from apps.catalog.backups.folders import Backup
from apps.catalog.management.backing import (
    Progress,
    add_outside_options,
    read_notes,
    tell_outcome,
    told_plainly,
)


class Command(BaseCommand):
    help = (
        "Read every file the database names, check the record, and halt the log when it went "
        "back: what restore does at its end, for one that was cut short there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the backup it came from")
        add_outside_options(parser)

    def handle(self, *, folder: Path, **options: Any) -> None:
        progress = Progress(self.stdout)
        with told_plainly(progress):
            found = restoring.look_again(
                Backup.at(folder),
                keys=options["key"],
                notes=read_notes(options["checkpoint"]),
                tell=progress.tell,
            )
        sys.exit(tell_outcome(self.stdout, found))
