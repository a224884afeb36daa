"""Looks through a backup without restoring it."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog.backups import looking
from apps.catalog.backups.folders import Backup
from apps.catalog.management.backing import FOUND, Progress, told_plainly


class Command(BaseCommand):
    help = "Read all of a backup, and say what is missing or damaged in it. Nothing is restored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a backup, or a folder of them: the newest")

    def handle(self, *, folder: Path, **options: Any) -> None:
        progress = Progress(self.stdout)
        with told_plainly(progress):
            backup = Backup.at(folder)
            flaws = looking.look_through(backup, tell=progress.tell)
        for flaw in flaws:
            self.stdout.write(str(flaw))
        verdict = f"{len(flaws):,} findings" if flaws else "whole"
        self.stdout.write(f"{backup.place}, of {backup.manifest.made_at}: {verdict}.")
        if flaws:
            sys.exit(FOUND)
