"""Governed rows as they were, from history: by the order of events, not by the clock alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from apps.audit import past
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.models import Alias, ModelTag, RegisteredModel
from apps.core import moments
from apps.core.moments import BadMoment
from tests import scenarios
from tests.factories import actor

pytestmark = pytest.mark.django_db

START = timezone.now()
NOON = datetime(2030, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Return what lets every change happen at one moment."""

    def happen_at(moment: datetime) -> None:
        monkeypatch.setattr("apps.audit.changes.database_now", lambda: moment)

    return happen_at


def described(model: RegisteredModel, title: str) -> None:
    catalog.describe_model(model, by=actor(scenarios.owner()), title=title)


def title_at(model: RegisteredModel, at: datetime) -> str | None:
    row = past.as_it_was(RegisteredModel, model.pk, at)
    return row.title if row is not None else None


def test_of_several_states_of_one_moment_the_last_one_counts(set_clock: SetClock) -> None:
    set_clock(START)
    model = scenarios.registered_model(title="First")
    described(model, "Second")
    described(model, "Third")

    assert title_at(model, START - SECOND) is None
    assert title_at(model, START) == "Third"


def test_a_clock_that_went_back_mixes_nothing_up(set_clock: SetClock) -> None:
    set_clock(START)
    model = scenarios.registered_model(title="First")
    set_clock(START + 4 * SECOND)
    described(model, "Second")
    set_clock(START + 2 * SECOND)
    described(model, "Third")

    assert title_at(model, START + SECOND) == "First"
    assert title_at(model, START + 3 * SECOND) == "Third"
    assert title_at(model, START + 5 * SECOND) == "Third"

    assert past.moved(RegisteredModel, _title, START + 3 * SECOND, START + 9 * SECOND) == []


def _title(row: RegisteredModel) -> dict[str, object]:
    return {"Title": row.title}


def test_a_row_is_there_from_when_it_was_made_until_it_was_removed(set_clock: SetClock) -> None:
    set_clock(START)
    version, by = scenarios.registered_version(), actor(scenarios.owner())
    set_clock(START + SECOND)
    catalog.set_alias(version.model, "best", version, by=by)
    set_clock(START + 2 * SECOND)
    catalog.remove_alias(version.model, "best", by=by)

    def names(at: datetime) -> list[str]:
        found = past.as_they_were(Alias, at, Q(model_id=version.model_id))
        return [one.name for one in found]

    assert names(START) == []
    assert names(START + SECOND) == ["best"]
    assert names(START + 2 * SECOND) == []


def test_what_changed_is_told_with_the_event_that_left_it_so(set_clock: SetClock) -> None:
    set_clock(START)
    model, by = scenarios.registered_model(title="First"), actor(scenarios.owner())
    set_clock(START + SECOND)
    described(model, "Second")
    event = AuditEvent.objects.latest("pk")
    catalog.set_model_tag(model, "area", "retail", by=by)
    catalog.describe_model(model, by=by, method="Trees")
    catalog.describe_model(model, by=by, method="")

    [found] = past.moved(RegisteredModel, _told, START, START + SECOND, Q(id=model.pk))
    [tag] = past.moved(ModelTag, _value, START, START + SECOND, Q(model_id=model.pk))

    assert [(one.name, one.before, one.after) for one in found.changes] == [
        ("Title", "First", "Second")
    ]
    assert found.changes[0].event == event.uid
    assert (tag.before, tag.row.key, tag.changes[0].after) == (None, "area", "retail")


def _told(row: RegisteredModel) -> dict[str, object]:
    return {"Title": row.title, "Method": row.method}


def _value(row: ModelTag) -> dict[str, object]:
    return {"Value": row.value}


def test_a_past_row_reads_as_a_row_and_is_never_written(set_clock: SetClock) -> None:
    set_clock(START)
    model = scenarios.registered_model(kind="vendor")

    row = past.as_it_was(RegisteredModel, model.pk, START)

    assert row is not None
    assert row.get_kind_display() == "Vendor"
    with pytest.raises(RuntimeError):
        row.save()


def test_the_first_moment_is_that_of_the_first_entry() -> None:
    scenarios.registered_model()

    first = past.first_moment()

    assert first is not None
    assert not RegisteredModel.history.filter(history_date__lt=first).exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-02-28", datetime(2030, 2, 28, 23, 59, 59, 999999, UTC)),
        ("2030-02-28T17:00", datetime(2030, 2, 28, 17, tzinfo=UTC)),
        ("2030-02-28T17:00Z", datetime(2030, 2, 28, 17, tzinfo=UTC)),
        ("2030-02-28T17:00+02:00", datetime(2030, 2, 28, 15, tzinfo=UTC)),
        ("2030-03-01", NOON),
    ],
)
def test_a_day_means_its_end_and_a_time_is_utc_unless_it_says_so(
    text: str, expected: datetime
) -> None:
    found = moments.moment(text, now=NOON)

    assert found == expected
    assert moments.moment(moments.written(found), now=NOON) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2030-03-02", "has not come yet"),
        ("2030-03-01T12:00:01Z", "has not come yet"),
        ("yesterday", "no moment"),
        ("", "no moment"),
        ("2030-02-31", "no such moment"),
        ("0001-01-01T00:00+14:00", "no such moment"),
    ],
)
def test_what_is_no_moment_or_lies_ahead_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(BadMoment) as refusal:
        moments.moment(text, now=NOON)

    assert says in str(refusal.value)
