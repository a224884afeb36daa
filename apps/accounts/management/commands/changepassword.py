from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import operations
from apps.accounts.actors import actor_for, command_actor
from apps.accounts.management.asking import account_named, add_password_option, new_password
from apps.core.actors import Door
from apps.core.errors import DomainError


class Command(BaseCommand):
    help = "Set a new password for a person who lost theirs; all their sessions end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="kept for good and shown to auditors")
        parser.add_argument(
            "--as", dest="acting", help="the administrator who does it; default: the host's command"
        )
        add_password_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person, acting = account_named(options["username"]), options["acting"]
        by = (
            actor_for(account_named(acting), door=Door.COMMAND)
            if acting
            else command_actor("changepassword")
        )
        new = new_password(from_stdin=options["password_stdin"])
        try:
            operations.set_password(person, by=by, new=new, reason=options["reason"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{person} has a new password; their sessions have ended.")
