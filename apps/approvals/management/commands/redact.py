"""Erases the words whose erasure two people decided, where a role of its own may."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from apps.approvals.operations import redaction
from apps.audit import redacting


class Command(BaseCommand):
    """Done by workers where the rights on the record are not split."""

    help = "Erase the words of the record whose erasure two people decided."

    def handle(self, **options: Any) -> None:
        """Erase them, and say how many; what is on hold waits."""
        if not redacting.may_erase():
            raise CommandError("This role may not erase texts. Connect as the one of redaction.")
        self.stdout.write(f"{redaction.carry_out_redactions()} erased.")
