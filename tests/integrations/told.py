"""What people were told, for the tests of notices."""

from datetime import datetime, timedelta

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.core.clock import database_now
from apps.integrations.notices import following
from apps.integrations.notices.rows import Notice
from tests.audit.sealing.sealed import seal_events
from tests.factories import HOST

DAY = timedelta(days=1)


def happened() -> int:
    """Seal what happened until now, and tell people of it."""
    seal_events()
    return following.follow(database_now())


def fell_due(after: timedelta = timedelta(0)) -> datetime:
    """Seal, and tell people what falls due once so much time has passed; return that moment."""
    later = database_now() + after
    seal_events()
    following.tell_what_is_due(later)
    return later


def told(person: User, kind: str = "") -> list[str]:
    """Return the lines of what a person was told, in order."""
    notices = Notice.objects.filter(person=person).order_by("pk")
    return [one.line for one in notices if kind in {"", one.kind}]


def reachable(person: User, address: str = "") -> User:
    """Give a person a mail address."""
    person.refresh_from_db()
    User._base_manager.filter(pk=person.pk).update(
        email=address or f"{person.username}@bank.example"
    )
    person.refresh_from_db()
    return person


def closed(person: User) -> User:
    """Close a person's account."""
    accounts.close_account(person, by=HOST, reason="Left")
    person.refresh_from_db()
    return person
