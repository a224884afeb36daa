"""Makes notices: once for each person and key, and only of what the person may see."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cache

from apps.accounts.models import User
from apps.catalog.models import RegisteredModel
from apps.integrations.notices import mailing
from apps.integrations.notices.due import Due, in_one_line
from apps.integrations.notices.kinds import KINDS, How
from apps.integrations.notices.rows import MOST_LINE, MOST_TEXT, MailChoice, Notice
from apps.integrations.queries import is_theirs_to_know

_BATCH = 500

Wanted = dict[tuple[int, str], Due]
Sees = Callable[[int, int | None], bool]


def make(dues: Iterable[Due], *, at: datetime) -> int:
    """Make the notices that are not there yet; return how many.

    A key a person was told under before is passed over, also when two workers come at once.
    """
    wanted: Wanted = {}
    for due in dues:
        for person_id in due.people:
            wanted.setdefault((person_id, due.key), due)
    wanted = _not_told(wanted)
    if not wanted:
        return 0
    people = _people({person_id for person_id, _ in wanted})
    sees, choices = _seeing(people, wanted.values()), choices_of(people)
    made = [
        _notice(people[person_id], due, choices[person_id, due.kind.id], at)
        for (person_id, _), due in wanted.items()
        if sees(person_id, due.model_id)
    ]
    Notice.objects.bulk_create(made, batch_size=_BATCH, ignore_conflicts=True)
    return len(made)


def choices_of(people: Collection[int]) -> Mapping[tuple[int, str], How]:
    """Return how people want each kind of notice by mail, by person and kind."""
    chosen = {(pk, kind.id): kind.usual for pk in people for kind in KINDS.values()}
    rows = MailChoice.objects.filter(person__in=list(people), kind__in=list(KINDS))
    for person_id, kind, how in rows.values_list("person", "kind", "how"):
        chosen[person_id, kind] = How(how)
    return chosen


def _not_told(wanted: Wanted) -> Wanted:
    keys = sorted({key for _, key in wanted})
    told: set[tuple[int, str]] = set()
    for start in range(0, len(keys), _BATCH):
        rows = Notice.objects.filter(key__in=keys[start : start + _BATCH])
        told.update(rows.values_list("person", "key"))
    return {place: due for place, due in wanted.items() if place not in told}


def _people(ids: Collection[int]) -> Mapping[int, User]:
    """Return those of some accounts that are people who still have theirs."""
    there = User.objects.filter(pk__in=ids, is_active=True, is_service_account=False)
    return {person.pk: person for person in there}


def _seeing(people: Mapping[int, User], dues: Iterable[Due]) -> Sees:
    """Return what says whether a person may see a model, or is there at all, asked once each."""
    ids = {due.model_id for due in dues if due.model_id is not None}
    models = RegisteredModel.objects.filter(pk__in=ids, deleted_at=None).in_bulk()

    @cache
    def sees(person_id: int, model_id: int | None) -> bool:
        if person_id not in people:
            return False
        if model_id is None:
            return True
        return model_id in models and is_theirs_to_know(people[person_id], models[model_id])

    return sees


def _notice(person: User, due: Due, how: How, at: datetime) -> Notice:
    next_at = mailing.first_try(how, at) if person.email else None
    return Notice(
        person=person,
        key=due.key,
        kind=due.kind.id,
        line=in_one_line(due.line, MOST_LINE),
        text=in_one_line(due.text, MOST_TEXT),
        path=due.path,
        model_id=due.model_id,
        at=at,
        mail=Notice.Mail.WAITING if next_at else Notice.Mail.NONE,
        in_digest=how is How.DAILY,
        next_at=next_at,
    )
