"""Parameters and points are recorded once, and each series knows its newest point."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.models import Run, RunMetric
from apps.catalog.tracking import limits, logged_models, metrics, runs
from apps.catalog.tracking.metrics import LARGEST, Batch, Point, log_batch
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused
from tests.catalog.tracking.world import developer, new_run

MS = 1_700_000_000_000


def point(value: float = 1.0, step: int = 0, at: int = MS, key: str = "loss", **more: str) -> Point:
    return Point(key, value, at, step, **more)


def record(run: Run, *points: Point, **more: list[tuple[str, str]]) -> None:
    log_batch(run, Batch(points, **more), by=developer())


def newest(run: Run, dataset: str = "") -> RunMetric:
    return RunMetric.objects.get(run=run, key="loss", dataset=dataset, is_last=True)


def revision(run: Run) -> int:
    run.refresh_from_db()
    return run.revision


# -- which point is newest


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("points", "wins"),
    [
        ([(1.0, 0, 5), (2.0, 1, 5)], 2.0),
        ([(1.0, 1, 5), (2.0, 0, 9)], 1.0),
        ([(1.0, 0, 5), (2.0, 0, 6)], 2.0),
        ([(1.0, 0, 6), (2.0, 0, 5)], 1.0),
        ([(1.0, 0, 5), (2.0, 0, 5)], 2.0),
        ([(2.0, 0, 5), (1.0, 0, 5)], 1.0),
        ([(1.0, -1, 5), (2.0, -2, 9)], 1.0),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_the_greatest_step_wins_then_the_time_then_the_later_one(
    points: list[tuple[float, int, int]], wins: float, together: bool
) -> None:
    run = new_run()
    given = [point(*each) for each in points]

    for batch in [given] if together else [[each] for each in given]:
        record(run, *batch)

    assert newest(run).value == wins
    assert run.metrics.count() == len(points)


@pytest.mark.django_db
@given(
    batches=st.lists(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["", "holdout"])),
            max_size=4,
        ),
        max_size=4,
    )
)
def test_every_series_has_one_newest_point_however_it_came_in(
    batches: list[list[tuple[int, int, str]]],
) -> None:
    run = new_run()
    places: dict[str, tuple[int, int]] = {}
    for number, batch in enumerate(batches):
        points = []
        for step, at, dataset in batch:
            digest = "d" if dataset else ""
            points.append(point(number, step, at, dataset=dataset, dataset_digest=digest))
            places[dataset] = max(places.get(dataset, (0, 0)), (step, at))
        record(run, *points)

    last = RunMetric.objects.filter(run=run, is_last=True)
    assert {row.dataset: (row.step, row.measured_ms) for row in last} == places
    assert len(last) == len(places)


@pytest.mark.django_db
def test_each_dataset_has_a_series_of_its_own() -> None:
    run = new_run()

    record(run, point(1.0, 5), point(2.0, 0, dataset="holdout", dataset_digest="abc"))

    assert newest(run).value == 1.0
    assert newest(run, "holdout").dataset_digest == "abc"


# -- the same again


@pytest.mark.django_db
def test_a_batch_sent_again_changes_nothing() -> None:
    run = new_run()
    again = Batch([point(math.nan), point(2.0, 1)], [("depth", "3")], [("team", "red")])

    log_batch(run, again, by=developer())
    before = revision(run)
    log_batch(run, again, by=developer())

    assert revision(run) == before
    assert (run.metrics.count(), run.parameters.count()) == (2, 1)


@pytest.mark.django_db
def test_a_point_twice_in_one_batch_is_one_point() -> None:
    run = new_run()

    record(run, point(), point())

    assert run.metrics.count() == 1


@pytest.mark.django_db
def test_a_point_that_is_there_gets_the_logged_model_it_is_sent_with() -> None:
    run = new_run()
    assert run.experiment is not None
    first, second = (
        logged_models.create_logged_model(run.experiment, by=developer(), run=run) for _ in range(2)
    )
    record(run, point())
    before = revision(run)

    record(run, point(model=first.uid))
    record(run, point(model=first.uid), point())
    assert [row.logged_model for row in run.metrics.all()] == [first]
    assert revision(run) == before

    record(run, point(model=second.uid))
    assert {row.logged_model for row in run.metrics.all()} == {first, second}
    assert newest(run).logged_model == second


@pytest.mark.django_db
def test_a_logged_model_that_is_not_here_leaves_the_point_without_one() -> None:
    run = new_run()

    record(run, point(model="m-" + "0" * 32))

    assert newest(run).logged_model is None


# -- values


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "kept"), [(math.inf, LARGEST), (-math.inf, -LARGEST), (1e308, 1e308), (-0.5, -0.5)]
)
def test_what_is_infinite_is_kept_as_the_largest_number(value: float, kept: float) -> None:
    run = new_run()

    record(run, point(value))

    assert newest(run).number == kept


@pytest.mark.django_db
def test_what_is_no_number_stays_none() -> None:
    run = new_run()

    record(run, point(math.nan))

    assert math.isnan(newest(run).number)


# -- parameters


@pytest.mark.django_db
def test_another_value_of_a_parameter_is_refused_and_nothing_of_the_batch_is_kept() -> None:
    run = new_run()
    record(run, parameters=[("depth", "3")])
    before = revision(run)

    with pytest.raises(InputRefused, match=r"not allowed: depth was recorded as '3'"):
        record(run, point(), parameters=[("width", "1"), ("depth", "4")], tags=[("a", "b")])

    assert revision(run) == before
    assert dict(run.parameters.values_list("key", "value")) == {"depth": "3"}
    assert not run.metrics.exists()
    assert not run.tags.filter(key="a").exists()


@pytest.mark.django_db
def test_a_run_takes_so_many_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_PARAMETERS", 2)
    run = new_run()
    record(run, parameters=[("a", "1"), ("b", "2")])

    with pytest.raises(InputRefused, match="has at most 2"):
        record(run, parameters=[("c", "3")])


@pytest.mark.django_db
def test_the_revision_rises_with_facts_and_not_with_tags() -> None:
    run = new_run()
    started = revision(run)

    record(run, tags=[("a", "b")])
    assert revision(run) == started
    record(run, point())
    assert revision(run) == started + 1
    record(run, parameters=[("depth", "3")])
    assert revision(run) == started + 2
    runs.update_run(run, by=developer(), status=Run.Status.FINISHED)
    assert revision(run) == started + 2


# -- limits


TOO_MUCH = {
    "metrics": Batch([point(step=step) for step in range(1001)]),
    "parameters": Batch(parameters=[(f"p{number}", "") for number in range(101)]),
    "tags": Batch(tags=[(f"t{number}", "") for number in range(101)]),
    "all together": Batch(
        [point(step=step) for step in range(900)],
        [(f"p{number}", "") for number in range(51)],
        [(f"t{number}", "") for number in range(50)],
    ),
    "a parameter twice": Batch(parameters=[("a", "1"), ("a", "1")]),
    "a parameter too long": Batch(parameters=[("a", "x" * 6001)]),
    "a tag too long": Batch(tags=[("a", "x" * 8001)]),
    "a key too long": Batch(tags=[("a" * 251, "")]),
    "no key": Batch([point(key="")]),
    "a key that moves": Batch([point(key="a/../b")]),
    "a key from the root": Batch(parameters=[("/a", "")]),
    "a key of other letters": Batch(parameters=[("a;b", "")]),
    "a reserved key": Batch(tags=[("signet.model_inputs", "{}")]),
    "a step too large": Batch([point(step=2**63)]),
    "a time before 1970": Batch([point(at=-1)]),
    "half a dataset": Batch([point(dataset="holdout")]),
    "a digest too long": Batch([point(dataset="holdout", dataset_digest="d" * 37)]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_may_not_be_is_refused_in_words_and_leaves_nothing(what: str) -> None:
    run = new_run()
    tags = run.tags.count()

    with pytest.raises(InputRefused) as refusal:
        log_batch(run, TOO_MUCH[what], by=developer())

    assert len(str(refusal.value)) > 20
    assert (run.metrics.count(), run.parameters.count(), run.tags.count()) == (0, 0, tags)


@pytest.mark.django_db
def test_as_much_as_may_be_is_recorded_at_once() -> None:
    run = new_run()

    log_batch(
        run,
        Batch(
            [point(step=step) for step in range(800)],
            [(f"p{number}", "x" * 6000) for number in range(100)],
            [(f"t{number}", "ü" * 8000) for number in range(100)],
        ),
        by=developer(),
    )

    assert (run.metrics.count(), run.parameters.count()) == (800, 100)
    assert newest(run).step == 799


@pytest.mark.django_db
def test_a_run_takes_so_many_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_TAGS", 2)
    run = new_run()
    record(run, tags=[("a", "")])

    with pytest.raises(InputRefused, match="at most 2"):
        record(run, tags=[("b", "")])


@pytest.mark.django_db
def test_a_deleted_run_takes_nothing() -> None:
    run = new_run()
    runs.delete_run(run, by=developer())

    with pytest.raises(RuleBroken, match="Restore it to write"):
        record(run, point())


# -- at the same moment


def record_steps(run: Run, steps: range) -> str:
    """Record in a thread, and say what went wrong."""
    try:
        for step in steps:
            batch = Batch([point(step=step, at=MS + step)], [(f"p{step}", "1"), ("same", "1")])
            if step % 10:
                batch = Batch(batch.points, batch.parameters[:1])
            log_batch(run, batch, by=developer())
    except Exception as error:
        return repr(error)
    finally:
        connection.close()
    return ""


@pytest.mark.django_db(transaction=True)
def test_many_writers_of_one_run_lose_nothing_and_leave_one_newest_point() -> None:
    run = new_run()
    record(run, parameters=[("same", "1")])
    before = revision(run)

    with ThreadPoolExecutor(4) as writers:
        parts = [range(first, 40, 4) for first in range(4)]
        outcomes = list(writers.map(record_steps, [run] * 4, parts))

    assert outcomes == [""] * 4
    assert run.metrics.count() == 40
    assert newest(run).step == 39
    assert run.parameters.count() == 41
    assert revision(run) == before + 40
