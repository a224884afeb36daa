"""Reads of one's own notices."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import get_script_prefix

from apps.catalog import queries as catalog
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.integrations.notices.kinds import KINDS, Kind
from apps.integrations.notices.rows import Notice, NoticeQuerySet

UNREAD_FIRST = Order(("is_unread", "id"))
MOST_COUNTED = 100
NOT_TOLD = "This was about a model that is gone, or that you may not see any more"


def notices_of(actor: Actor) -> NoticeQuerySet:
    """Return the notices of the person who acts, and nobody else's."""
    found: NoticeQuerySet = Notice.objects.filter(person=actor.user_id)
    return found


def unread_first(actor: Actor) -> QuerySet[Notice, Notice]:
    """Return a person's notices with whether they are unread, for ``UNREAD_FIRST``."""
    rank = Case(When(read_at=None, then=Value(1)), default=Value(0), output_field=IntegerField())
    return notices_of(actor).annotate(is_unread=rank)


def unread_count(actor: Actor) -> int:
    """Count a person's unread notices, as far as a page shows a number."""
    return notices_of(actor).unread()[:MOST_COUNTED].count()


@dataclass(frozen=True)
class Line:
    """A notice as the list shows it; what the reader may not see any more is not told."""

    notice: Notice
    is_visible: bool

    @property
    def kind(self) -> Kind:
        return KINDS[self.notice.kind]

    @property
    def title(self) -> str:
        """What the notice says, or that it is not told any more."""
        return self.notice.line if self.is_visible else NOT_TOLD

    @property
    def href(self) -> str:
        return href(self.notice)


def lines(notices: Sequence[Notice], actor: Actor) -> list[Line]:
    """Return notices as lines, asking for all of them which models may still be seen."""
    ids = {notice.model_id for notice in notices if notice.model_id is not None}
    visible = catalog.models_visible_to(actor).filter(pk__in=ids) if ids else ()
    seen = {None, *(model.pk for model in visible)}
    return [Line(notice, notice.model_id in seen) for notice in notices]


def href(notice: Notice) -> str:
    """Return where the page of a notice is, wherever Signet is mounted."""
    return get_script_prefix().rstrip("/") + notice.path
