"""Prints the lifecycle diagram that the README shows."""

from typing import Any

from django.core.management import BaseCommand

from apps.catalog.drawing import lifecycle_diagram


class Command(BaseCommand):
    """Print the moves between stages as a Mermaid state diagram."""

    help = "Print the lifecycle as a Mermaid diagram, drawn from the table in the code."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(lifecycle_diagram())
