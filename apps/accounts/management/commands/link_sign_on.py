from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import operations
from apps.accounts.actors import command_actor
from apps.accounts.management.asking import account_named
from apps.core.errors import DomainError


class Command(BaseCommand):
    help = "Let an account sign in as a subject at the identity provider that is configured."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the sign-in name of the account")
        parser.add_argument("--subject", required=True, help="who it is there: the claim “sub”")
        parser.add_argument("--reason", required=True, help="why; kept in the record")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OIDC_ISSUER:
            raise CommandError("No identity provider is configured: set SIGNET_OIDC_ISSUER.")
        try:
            operations.link_sign_on(
                account_named(options["username"]),
                by=command_actor("link_sign_on"),
                issuer=settings.OIDC_ISSUER,
                subject=options["subject"],
                reason=options["reason"],
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{options['username']} signs in there now.")
