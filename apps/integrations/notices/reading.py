"""What people do with their own notices. It is no matter of the record."""

from collections.abc import Mapping
from datetime import datetime

from apps.core.actors import Actor
from apps.core.errors import NotAllowed
from apps.core.inputs import InputRefused
from apps.integrations.notices.kinds import KINDS, How
from apps.integrations.notices.queries import notices_of
from apps.integrations.notices.rows import MailChoice, Notice


def mark_read(notice: Notice, *, at: datetime) -> None:
    """Mark a notice as read; one that was read keeps its time."""
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=at)


def mark_all_read(actor: Actor, *, up_to: int, at: datetime) -> int:
    """Mark a person's notices as read up to the newest they were shown; return how many."""
    marked: int = notices_of(actor).unread().filter(pk__lte=up_to).update(read_at=at)
    return marked


def choose_mail(choices: Mapping[str, str], *, by: Actor) -> None:
    """Keep how a person wants kinds of notices by mail, from the next notice on."""
    if by.user_id is None:
        raise NotAllowed("Only a person chooses mail.")
    if set(choices) - set(KINDS) or set(choices.values()) - set(How.values):
        raise InputRefused("There is no such kind of notice, or no such choice.")
    for kind, how in choices.items():
        MailChoice.objects.update_or_create(person_id=by.user_id, kind=kind, defaults={"how": how})
