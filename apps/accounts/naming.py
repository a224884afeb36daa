"""Sign-in names for people whom others name: from an identity provider, or from the directory."""

import re
import unicodedata

from apps.accounts.models import User

MOST_NAME = 60
_OTHER = re.compile(r"[^a-z0-9._-]+")


def free_username(wanted: str) -> str:
    """Return a sign-in name nobody has, made of what somebody is called elsewhere.

    ``Jane.Doe@example.com`` becomes ``jane.doe``, or ``jane.doe-2`` where that is taken.
    """
    name = username_of(wanted)
    taken = set(User.objects.filter(username__startswith=name).values_list("username", flat=True))
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def username_of(wanted: str) -> str:
    """Return what a name from elsewhere leaves of itself as a sign-in name."""
    local = unicodedata.normalize("NFKD", wanted.partition("@")[0]).lower()
    plain = _OTHER.sub("-", local.encode("ascii", "ignore").decode()).strip("._-")
    return plain[:MOST_NAME].rstrip("._-") or "person"


def name_key(name: str) -> str:
    """Return a user name of the directory in the form in which it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
