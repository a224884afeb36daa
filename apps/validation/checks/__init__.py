"""The checks that come with the registry, each a pure function over a version's bytes."""

from apps.core.errors import NotFound
from apps.validation.checks import artifact_integrity, schema_example, unsafe_code
from apps.validation.checks.contract import Check


class UnknownCheck(NotFound):
    """No check bears this name."""

    code = "unknown_check"


ALL: tuple[Check, ...] = (artifact_integrity.CHECK, unsafe_code.CHECK, schema_example.CHECK)


NAMES: tuple[str, ...] = tuple(check.name for check in ALL)
AT_REGISTRATION: tuple[str, ...] = tuple(check.name for check in ALL if check.at_registration)
"""What starts by itself when a version is registered."""


def named(name: str) -> Check:
    """Return the check of that name.

    Raises:
        UnknownCheck: when no check bears it.
    """
    check = named_or_none(name)
    if check is None:
        raise UnknownCheck(f"There is no check named {name!r}. There are: {', '.join(NAMES)}.")
    return check


def named_or_none(name: str) -> Check | None:
    """Return the check of that name, if one bears it."""
    return next((check for check in ALL if check.name == name), None)
