from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import operations
from apps.accounts.actors import actor_for, command_actor
from apps.accounts.management.asking import account_named, add_password_option, new_password
from apps.accounts.models import User
from apps.core.actors import Door
from apps.core.errors import DomainError


class Command(BaseCommand):
    help = "Create the first administrator, or with --another and --as one more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="sign-in name: small letters, digits, . _ -")
        parser.add_argument(
            "--name", default="", help="the person's name; default: the sign-in name"
        )
        parser.add_argument("--email", default="")
        parser.add_argument("--another", action="store_true", help="when there is one already")
        parser.add_argument("--as", dest="acting", help="the administrator who creates another one")
        add_password_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["another"] != bool(options["acting"]):
            raise CommandError("--another goes with --as, the administrator who creates it.")
        person: dict[str, Any] = {
            "username": options["username"],
            "display_name": options["name"] or options["username"],
            "email": options["email"],
            "password": new_password(from_stdin=options["password_stdin"]),
        }
        try:
            user = self._create(options["acting"], person)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user} can sign in as {user.username} and manages people.")

    def _create(self, acting: str | None, person: dict[str, Any]) -> User:
        if acting is None:
            return operations.first_administrator(
                by=command_actor("create_administrator"), **person
            )
        by = actor_for(account_named(acting), door=Door.COMMAND)
        return operations.create_user(by=by, is_staff=True, is_superuser=True, **person)
