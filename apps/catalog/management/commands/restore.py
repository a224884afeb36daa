"""Brings a backup back into an empty database and the store."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.actors import command_actor
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
        "Fill an empty database and the store from a backup, then check the record and every "
        "file. When a checkpoint kept elsewhere is ahead of it, the log comes up halted. Put keys "
        "and secrets back first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a backup, or a folder of them: the newest")
        parser.add_argument("--reason", required=True, help="why; it is kept for good")
        add_outside_options(parser)

    def handle(self, *, folder: Path, reason: str, **options: Any) -> None:
        progress = Progress(self.stdout)
        with told_plainly(progress):
            found = restoring.restore(
                Backup.at(folder),
                by=command_actor("restore"),
                reason=reason,
                keys=options["key"],
                notes=read_notes(options["checkpoint"]),
                tell=progress.tell,
            )
        sys.exit(tell_outcome(self.stdout, found))
