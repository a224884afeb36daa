"""What the account commands ask of whoever runs them."""

import getpass
import sys
from argparse import ArgumentParser

from django.core.management.base import CommandError

from apps.accounts.models import User


def add_password_option(parser: ArgumentParser) -> None:
    """Let a program hand over the password where a person would type it."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of standard input",
    )


def new_password(*, from_stdin: bool) -> str:
    """Return the password read from standard input, or typed twice at the terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password (12 characters or more): ")
    if getpass.getpass("Password again: ") != password:
        raise CommandError("The two passwords differ.")
    return password


def account_named(username: str) -> User:
    """Return the account with a sign-in name, for a command that acts as it or on it."""
    found = User.objects.filter(username=username).first()
    if not isinstance(found, User):
        raise CommandError(f"There is no account “{username}”.")
    return found
