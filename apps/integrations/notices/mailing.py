"""What a mail looks like: plain text, one link a notice, and headers nobody can add to."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from apps.core.formats import moment
from apps.integrations.notices.due import in_one_line
from apps.integrations.notices.kinds import How
from apps.integrations.notices.rows import Notice

DIGEST_AT = time(6, tzinfo=UTC)
"""When the mail goes out that holds what came in a day."""
MOST_IN_DIGEST = 100
_MOST_SUBJECT = 150


def is_configured() -> bool:
    """Say whether the operator named a mail server."""
    return bool(settings.EMAIL_HOST)


def first_try(how: How, at: datetime) -> datetime | None:
    """Return when a notice made now is to be mailed, or nothing when it is not."""
    if how is How.NEVER or not is_configured():
        return None
    return at if how is How.AT_ONCE else next_digest(at)


def next_digest(at: datetime) -> datetime:
    """Return when the next daily mail goes out after a moment."""
    today = datetime.combine(at.astimezone(UTC).date(), DIGEST_AT)
    return today if at < today else today + timedelta(days=1)


def letter(notices: Sequence[Notice]) -> EmailMessage:
    """Return the mail that holds one notice, or what came to one person in a day."""
    first = notices[0]
    body = _digest(notices) if first.in_digest else _alone(first)
    host = urlsplit(settings.BASE_URL).hostname or "signet"
    return EmailMessage(
        subject=in_one_line(_subject(notices), _MOST_SUBJECT),
        body=f"{body}\n\n-- \nChoose what Signet sends you by mail: {_address('notices:mail')}\n",
        to=[first.person.email],
        headers={
            "Message-ID": f"<{first.uid}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _subject(notices: Sequence[Notice]) -> str:
    first = notices[0]
    if not first.in_digest or len(notices) == 1:
        return first.line
    return f"{len(notices)} notices from Signet"


def _alone(notice: Notice) -> str:
    return f"{notice.text}\n\n{settings.BASE_URL}{notice.path}"


def _digest(notices: Sequence[Notice]) -> str:
    shown = [
        f"{moment(notice.at, 'full')}\n{notice.line}\n{notice.text}\n"
        f"{settings.BASE_URL}{notice.path}"
        for notice in notices[:MOST_IN_DIGEST]
    ]
    if len(notices) > MOST_IN_DIGEST:
        left = len(notices) - MOST_IN_DIGEST
        shown.append(f"{left} more are listed here: {_address('notices:list')}")
    return "\n\n".join(shown)


def _address(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"
