"""Sends mail: claims what is due, sends it outside any transaction, concludes under the fence."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db.models import F

from apps.core.clock import database_now
from apps.integrations.notices import mailing
from apps.integrations.notices.kinds import How
from apps.integrations.notices.making import choices_of
from apps.integrations.notices.rows import Notice
from apps.integrations.queries import is_theirs_to_know

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
"""Far longer than one try takes; after it, a try whose worker was lost is made again."""

AT_ONCE = timedelta(seconds=60)
"""How long one task sends before the next sweep goes on."""

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 720))
MOST_TRIES = len(BACK_OFF) + 1

CLOSED = "The account is closed."
NO_ADDRESS = "The account has no address that mail can be sent to."
READ = "It was read before it was mailed."
NOT_WANTED = "The person wants no mail of this kind any more."
HIDDEN = "The person may not see what it is about any more."
LOST = "The worker was lost in the middle of the last try."
AWAY = "The mail server was not reached, or did not take what Signet said of itself."

Clock = Callable[[], datetime]
Mail = Notice.Mail

_ABOUT_US = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError, SMTPSenderRefused)
"""What the server refuses whatever the mail: none of them is at fault."""


@dataclass(frozen=True)
class Outcome:
    """How one try ended; when the server is away, nothing else is tried for now."""

    mail: Mail
    note: str = ""
    is_away: bool = False


def send_waiting(*, clock: Clock = database_now) -> int:
    """Send what is due, one mail after the other; return how many were sent."""
    sent, ends = 0, clock() + AT_ONCE
    while mailing.is_configured() and clock() < ends:
        claim, notices = claim_next(now=clock())
        if not notices:
            break
        outcome = carry_out(claim, notices, now=clock())
        if outcome.is_away:
            break
        sent += outcome.mail is Mail.SENT
    return sent


def claim_next(*, now: datetime) -> tuple[UUID, list[Notice]]:
    """Begin the next try: one notice, or all that make up a person's daily mail."""
    claim, due = uuid4(), Notice.objects.waiting().due(now)
    first = due.order_by("next_at", "pk").first()
    if first is None:
        return claim, []
    together = {"person": first.person_id, "in_digest": True}
    mine = due.filter(**together) if first.in_digest else due.filter(pk=first.pk)
    mine.update(claim=claim, attempts=F("attempts") + 1, lease_until=now + LEASE)
    held = Notice.objects.waiting().filter(claim=claim).select_related("person", "model")
    return claim, list(held.order_by("pk"))


def carry_out(claim: UUID, notices: Sequence[Notice], *, now: datetime) -> Outcome:
    """Send a mail with what is still to be told, and write down how that ended."""
    choices = choices_of({notice.person_id for notice in notices})
    wanted: list[Notice] = []
    for notice in notices:
        outcome = _unsent(notice, choices[notice.person_id, notice.kind])
        if outcome is None:
            wanted.append(notice)
        else:
            conclude(claim, [notice], outcome, now=now)
    if not wanted:
        return Outcome(Mail.DROPPED)
    outcome = post(mailing.letter(wanted))
    conclude(claim, wanted, outcome, now=now)
    return outcome


def post(message: EmailMessage) -> Outcome:
    """Hand a mail to the server the operator named; what exactly it answered stays in the log."""
    try:
        message.send()
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        return _refused(max(codes, default=500), refused)
    except _ABOUT_US as trouble:
        return _away(trouble)
    except SMTPResponseException as refused:
        return _refused(refused.smtp_code, refused)
    except (SMTPException, OSError) as trouble:
        return _away(trouble)
    return Outcome(Mail.SENT)


def conclude(claim: UUID, notices: Sequence[Notice], outcome: Outcome, *, now: datetime) -> None:
    """Write down how a try ended, provided no newer one began."""
    held = Notice.objects.waiting().filter(claim=claim)
    counted = 0
    for notice in notices:
        mail = outcome.mail
        if mail is Mail.WAITING and notice.attempts >= MOST_TRIES:
            mail = Mail.FAILED
        counted += held.filter(pk=notice.pk).update(
            mail=mail,
            note=outcome.note,
            lease_until=None,
            next_at=now + BACK_OFF[min(notice.attempts, len(BACK_OFF)) - 1],
            mailed_at=now if mail is Mail.SENT else None,
        )
    if counted < len(notices):
        logger.warning("A try to send %s came too late.", notices[0])


def _unsent(notice: Notice, how: How) -> Outcome | None:
    """Return how a notice ends that is not to be mailed any more, if so."""
    if notice.attempts > MOST_TRIES:
        return Outcome(Mail.FAILED, LOST)
    why = _why_not(notice, how)
    return Outcome(Mail.DROPPED, why) if why else None


def _why_not(notice: Notice, how: How) -> str:
    if not notice.person.is_active:
        return CLOSED
    if not _is_address(notice.person.email):
        return NO_ADDRESS
    if notice.read_at is not None:
        return READ
    if how is How.NEVER:
        return NOT_WANTED
    return "" if _may_see(notice) else HIDDEN


def _may_see(notice: Notice) -> bool:
    model = notice.model
    if model is None:
        return True
    return model.deleted_at is None and is_theirs_to_know(notice.person, model)


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _refused(code: int, error: Exception) -> Outcome:
    logger.warning("The mail server refused a mail: %s", error)
    note = f"The mail server answered {code}."
    return Outcome(Mail.FAILED if code >= 500 else Mail.WAITING, note)


def _away(error: Exception) -> Outcome:
    logger.warning("The mail server was not reached: %s", error)
    return Outcome(Mail.WAITING, AWAY, is_away=True)
