"""Brings object permissions in step with the duties people hold, after an update of Signet."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.catalog import permissions


class Command(BaseCommand):
    help = (
        "Brings the permissions on each model in step with the duties held there. A new release "
        "may let a role do more or less; manage.py up does this each time it starts."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = permissions.follow_all_duties()
        self.stdout.write(f"Permissions of {changed:,} holders of duties changed.")
