from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import operations
from apps.accounts.actors import actor_for
from apps.accounts.management.asking import account_named
from apps.accounts.scopes import Scope
from apps.core.actors import Door
from apps.core.errors import DomainError


class Command(BaseCommand):
    help = "Create an API token for an account and print it, and nothing else, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="acting", required=True, help="whose token it is")
        parser.add_argument("--name", required=True, help="what will use it")
        parser.add_argument(
            "--scope",
            dest="scopes",
            action="append",
            required=True,
            choices=[scope.value for scope in Scope],
            help="what it may do; give it once for each",
        )
        parser.add_argument(
            "--model",
            "--environment",
            dest="roots",
            action="append",
            default=[],
            help="limit it to a model or an environment, by its id in the record (model:mdl_3, "
            "environment:env_2); may be repeated",
        )
        parser.add_argument("--days", type=int, default=90, help="when it expires; at most 365")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = account_named(options["acting"])
        try:
            _, text = operations.create_token(
                owner,
                by=actor_for(owner, door=Door.COMMAND),
                name=options["name"],
                scopes={Scope(scope) for scope in options["scopes"]},
                roots=set(options["roots"]),
                expires_in=timedelta(days=options["days"]),
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(text)
