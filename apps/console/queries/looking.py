"""What a reader of the record looks for: who, how, what, on what, when, and for which reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Team, User
from apps.audit import timeline
from apps.audit.governed import GovernedRow
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.queries import record
from apps.console.queries.names import PARTS_OF_SIGNET
from apps.core.actors import Actor
from apps.core.paging import Order

MOST_WORDS = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (1 << 48) - 1
_NONE = Q(pk__in=[])


@dataclass(frozen=True)
class Span:
    """A moment as somebody wrote it: a day, a minute or a second, with how long that is."""

    start: datetime
    milliseconds: int

    @property
    def first(self) -> UUID:
        """The least id of an event in it or after it: ids begin with their milliseconds."""
        return _uid(self._begins)

    @property
    def next(self) -> UUID:
        """The least id of an event after it."""
        return _uid(self._begins + self.milliseconds)

    @property
    def _begins(self) -> int:
        lived = self.start - _EPOCH
        return lived.days * 86_400_000 + lived.seconds * 1000 + lived.microseconds // 1000


def _uid(milliseconds: int) -> UUID:
    return UUID(int=min(max(milliseconds, 0), _LAST) << 80)


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty parts let everything through."""

    who: str = ""
    door: str = ""
    action: str = ""
    kind: str = ""
    about: str = ""
    model: str = ""
    outcome: str = ""
    since: Span | None = None
    until: Span | None = None
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Filter()

    @property
    def order(self) -> Order:
        """The newest first: by time where a time alone narrows what is read."""
        is_timed = self.since is not None or self.until is not None
        is_found = self.who or self.action or self.kind or self.about or self.model
        return record.BY_TIME if is_timed and not is_found else record.ORDER

    def condition(self, actor: Actor) -> Q:
        """Return the condition on events; a name nobody has lets nothing through."""
        condition = Q()
        for part in self._parts(actor):
            condition &= part
        return condition

    def _parts(self, actor: Actor) -> Iterator[Q]:
        equal = {"action": self.action, "subject_type": self.kind, "outcome": self.outcome}
        yield Q(**{column: value for column, value in equal.items() if value})
        if self.who:
            yield Q(actor_id__in=_actor_ids(self.who))
        if self.about:
            yield _about(self.about, self.kind, actor)
        if self.model:
            yield _of_model(self.model, actor)
        yield from self._scanned()

    def _scanned(self) -> Iterator[Q]:
        """Yield what an index narrows by time alone."""
        if self.since:
            yield Q(uid__gte=self.since.first)
        if self.until:
            yield Q(uid__lt=self.until.next)
        if self.door:
            yield timeline.through_door(self.door)
        if self.reason:
            yield timeline.giving_reasons(self.reason.split()[:MOST_WORDS])

    def told(self) -> Mapping[str, Any]:
        """Return what was asked for, for the record: of texts that can name people, only that
        there was one."""
        said = {part.name: getattr(self, part.name) for part in fields(self)}
        plain = {
            name: value.start.isoformat() if isinstance(value, Span) else value
            for name, value in said.items()
            if value and name not in _NAMING
        }
        named = [name for name in _NAMING if said[name]]
        return {**plain, **({"and_by": named} if named else {})}


_NAMING = ("who", "about", "reason")


def _actor_ids(who: str) -> list[str]:
    """Return the ids of the actors whose name, sign-in name or id is, or holds, some words."""
    wanted = who.lower()
    parts = [key for key, name in PARTS_OF_SIGNET.items() if wanted in {key, name.lower()}]
    people = User.objects.filter(Q(display_name__icontains=who) | Q(username__icontains=who))
    ids = [User.RECORD.id_of(pk) for pk in people.order_by("pk").values_list("pk", flat=True)]
    return [*parts, *ids, *([who] if who.startswith("usr_") else [])]


def _about(text: str, kind: str, actor: Actor) -> Q:
    """Return the condition that an event is about, or wrote, what bears an id or a whole name."""
    word, _, record_id = text.rpartition(":")
    prefix, _, number = record_id.rpartition("_")
    rows = _by_prefix().get(prefix)
    if rows is not None and number.isascii() and number.isdigit() and len(number) <= _DIGITS:
        return timeline.of_row(rows, int(number)) if word in {"", rows.RECORD.word} else _NONE
    found = list(_named(text, actor))
    if kind and not found:
        return Q(subject_id=text)  # one without a row, such as the registry or the log
    condition = _NONE
    for one in found:
        condition |= one
    return condition


_DIGITS = 18
"""What a number in the database has room for."""


def _named(name: str, actor: Actor) -> Iterator[Q]:
    """Yield the condition of each thing of a name: models and versions seen, people, teams."""
    model = _model(name, actor)
    if model is not None:
        yield timeline.about_roots([model.record_ref])
    stem, _, number = name.rpartition(" v")
    if number.isascii() and number.isdigit() and len(number) <= _DIGITS:
        version = catalog.version_or_none(actor, stem, int(number))
        if version is not None:
            yield timeline.of_row(ModelVersion, version.pk)
    people = Q(username=name) | Q(display_name__iexact=name)
    for user_id in User.objects.filter(people).order_by("pk").values_list("pk", flat=True)[:10]:
        yield timeline.of_row(User, user_id)
    for team_id in Team.objects.filter(name__iexact=name).values_list("pk", flat=True)[:10]:
        yield timeline.of_row(Team, team_id)


def _of_model(name: str, actor: Actor) -> Q:
    model = _model(name, actor)
    return _NONE if model is None else timeline.about_roots([model.record_ref])


def _model(name: str, actor: Actor) -> RegisteredModel | None:
    found: RegisteredModel | None = catalog.models_visible_to(actor).filter(name=name).first()
    return found


@cache
def _by_prefix() -> Mapping[str, type[GovernedRow]]:
    return {rows.RECORD.prefix: rows for rows in timeline.governed_rows().values()}
