"""Metrics are watched: series begin and end, points come in once, breaches are answered."""

import itertools
import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts import operations as accounts
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor, Auth, Door
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import operations
from apps.validation.models import Breach, MonitoringPoint, MonitoringSeries
from apps.validation.monitoring import queries
from apps.validation.monitoring.bands import Bands
from apps.validation.operations import measurements
from apps.validation.operations import monitoring as rules
from apps.validation.operations.measurements import Measured
from apps.validation.operations.monitoring import Watched
from tests import scenarios
from tests.factories import HOST, actor
from tests.validation.monitoring.conftest import AUC, START, Posts, measured
from tests.validation.records import detail, events, outcomes

pytestmark = pytest.mark.django_db


def breaches() -> list[tuple[str, int, int | None]]:
    """Return the breaches there are: band, first day, last day."""
    return [
        (
            one.band,
            (one.started_at - START).days,
            None if one.ended_at is None else (one.ended_at - START).days,
        )
        for one in Breach.objects.order_by("started_at")
    ]


# -- series ----------------------------------------------------------------------------------------


def test_a_series_is_begun_and_recorded(series: MonitoringSeries, otis: Actor) -> None:
    [event] = events("monitoring.start", series)
    assert detail(event)["metric"] == "auc"
    assert detail(event)["red_least"] == "0.80"
    assert series.history.get().event.uid == event.uid


def test_what_cannot_be_watched_is_refused_in_words(
    series: MonitoringSeries, version: ModelVersion, otis: Actor
) -> None:
    gone = scenarios.account("gone", "Gone Owner", "model_owner")
    accounts.close_account(gone, by=HOST, reason="Left")
    watched = Watched("psi", "lower")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"watched": Watched("", "lower")}, "Name the metric"),
        ({"watched": Watched("x" * 121, "lower")}, "at most 120"),
        ({"watched": Watched("a\nb", "lower")}, "cannot be shown"),
        ({"watched": replace(watched, unit="x" * 31)}, "at most 30"),
        ({"watched": replace(watched, direction="sideways")}, "no direction"),
        ({"watched": replace(watched, version=scenarios.registered_version())}, "no version of"),
        ({"watched": Watched("auc", "higher", environment="EU"), "bands": AUC}, "watched already"),
        ({"bands": AUC}, "Lower is better"),
        ({"watched": Watched("f1", "higher"), "bands": Bands(red_most="1")}, "Higher is better"),
        ({"bands": Bands(amber_most="x")}, "is a number"),
        ({"interval_days": 0}, "1 to 366"),
        ({"interval_days": 367}, "1 to 366"),
        ({"owner": gone}, "is closed"),
    ]
    for changed, words in refused:
        asked: dict[str, Any] = {
            "watched": watched,
            "bands": Bands(),
            "owner": scenarios.owner(),
            "interval_days": 7,
            **changed,
        }
        with pytest.raises(RuleBroken, match=words):
            operations.start_series(
                version.model, asked.pop("watched"), asked.pop("bands"), by=otis, **asked
            )
    assert MonitoringSeries.objects.get() == series


def test_a_model_has_a_bounded_number_of_series(
    series: MonitoringSeries, otis: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_SERIES", 1)
    asked = {"by": otis, "owner": series.owner, "interval_days": 1}
    with pytest.raises(RuleBroken, match="at most 1 series"):
        operations.start_series(series.model, Watched("psi", "lower"), Bands(), **asked)


def test_bands_change_with_a_reason_and_hold_for_what_comes(
    series: MonitoringSeries, otis: Actor, posts: Posts
) -> None:
    posts(0.9, 0.9)

    operations.change_bands(
        series, Bands(amber_least="0.95"), by=otis, reason="Agreed", interval_days=3
    )

    assert breaches() == []
    posts(0.9, first=2)
    assert breaches() == [("amber", 2, None)]
    assert (series.interval_days, series.amber_least, series.red_least) == (3, "0.95", "")
    with pytest.raises(RuleBroken, match="Nothing would change"):
        operations.change_bands(series, series.bands, by=otis, reason="Again")
    with pytest.raises(RuleBroken, match="reason"):
        operations.change_bands(series, AUC, by=otis, reason="")
    assert outcomes("monitoring.change_bands") == ["done", "refused", "refused"]


def test_a_series_that_has_ended_takes_nothing_and_can_begin_anew(
    series: MonitoringSeries, otis: Actor, posts: Posts
) -> None:
    operations.end_series(series, by=otis, reason="Replaced")

    for refused in (
        lambda: posts(0.9),
        lambda: operations.end_series(series, by=otis, reason="Again"),
        lambda: operations.change_bands(series, Bands(), by=otis, reason="Late"),
    ):
        with pytest.raises(RuleBroken, match="has ended"):
            refused()
    operations.start_series(
        series.model,
        Watched("auc", "higher", environment="EU"),
        AUC,
        by=otis,
        owner=series.owner,
        interval_days=1,
    )
    assert outcomes("monitoring.end") == ["done", "refused"]


def test_monitoring_is_managed_by_who_holds_the_right_and_by_no_token(
    series: MonitoringSeries, posts: Posts
) -> None:
    posts(0.7)
    breach = Breach.objects.get()
    by_token = actor(scenarios.operator(), Door.API, Auth.TOKEN)
    for by in (actor(scenarios.developer()), actor(scenarios.auditor()), by_token):
        for refused in (
            lambda by=by: operations.start_series(
                series.model,
                Watched("psi", "lower"),
                Bands(),
                by=by,
                owner=series.owner,
                interval_days=1,
            ),
            lambda by=by: operations.change_bands(series, Bands(), by=by, reason="No"),
            lambda by=by: operations.end_series(series, by=by, reason="No"),
            lambda by=by: operations.acknowledge_breach(breach, by=by, reason="No"),
        ):
            with pytest.raises(NotAllowed):
                refused()
    with pytest.raises(NotAllowed):
        posts(0.9, first=9, by=actor(scenarios.auditor()))
    assert outcomes("monitoring.post") == ["done", "refused"]


# -- points ----------------------------------------------------------------------------------------


def test_points_are_recorded_once_for_the_call_with_counts_and_digest(
    series: MonitoringSeries, posts: Posts, otis: Actor
) -> None:
    posted = posts(0.9, 0.91, 0.92)

    assert (posted.added, posted.repeated) == (3, 0)
    [event] = events("monitoring.post", series)
    assert detail(event)["points"] == 3
    assert detail(event)["digest"].startswith("sha256:")
    point = MonitoringPoint.objects.earliest("measured_at")
    assert (point.value, point.posted_by_id, point.measured_at) == (0.9, otis.user_id, START)


def test_the_same_value_again_changes_nothing_and_another_is_refused_whole(
    posts: Posts, series: MonitoringSeries, otis: Actor
) -> None:
    posts(0.9, 0.91)

    posted = posts(0.91, 0.92, first=1)
    assert (posted.added, posted.repeated) == (1, 1)
    with pytest.raises(RuleBroken, match=r"another value than 0\.5 is known"):
        posts(0.5, 0.6, first=2)
    twice = [*measured([0.7], first=8), *measured([0.8], first=8)]
    with pytest.raises(RuleBroken, match="never changes"):
        operations.post_points(series, twice, by=otis)
    assert list(series.points.order_by("measured_at").values_list("value", flat=True)) == [
        0.9,
        0.91,
        0.92,
    ]


def test_what_is_no_measurement_is_refused_in_words(
    series: MonitoringSeries, otis: Actor, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Measured(START, 0.9, version=version)
    future = database_now() + timedelta(hours=1)
    refused: tuple[tuple[list[Measured], str], ...] = (
        ([], "no point"),
        ([replace(one, at=START.replace(tzinfo=None))], "no time zone"),
        ([replace(one, at=future)], "in the future"),
        ([replace(one, at=START.replace(year=1900))], "before 1990"),
        ([replace(one, value=math.nan)], "finite"),
        ([replace(one, value=-math.inf)], "finite"),
        ([replace(one, sample_size=-1)], "sample size"),
        ([replace(one, sample_size=2**64)], "sample size"),
        ([replace(one, version=scenarios.registered_version())], "no version of"),
        (measured([0.9] * 1001), "at most 1,000"),
    )
    for points, words in refused:
        with pytest.raises(RuleBroken, match=words):
            operations.post_points(series, points, by=otis)
    monkeypatch.setattr(measurements, "MOST_POINTS", 2)
    operations.post_points(series, [one], by=otis)
    with pytest.raises(RuleBroken, match="at most 2 points"):
        operations.post_points(series, measured([0.9, 0.9], first=1), by=otis)


def test_a_series_of_a_version_takes_points_of_that_version_alone(
    version: ModelVersion, otis: Actor
) -> None:
    other = scenarios.registered_version(version.model, {"a.bin": b"2"})
    series = operations.start_series(
        version.model,
        Watched("auc", "higher", version=version),
        AUC,
        by=otis,
        owner=scenarios.owner(),
        interval_days=1,
    )
    with pytest.raises(RuleBroken, match="is about"):
        operations.post_points(series, [Measured(START, 0.9, version=other)], by=otis)


# -- breaches --------------------------------------------------------------------------------------


def test_a_breach_opens_grows_worse_and_ends_each_with_an_event(posts: Posts) -> None:
    posted = posts(0.9, 0.84)
    assert (posted.opened, posted.ended) == (1, 0)
    posts(0.7, first=2)
    posts(0.83, 0.9, first=3)
    assert breaches() == [("red", 1, None)]
    posted = posts(0.9, first=5)

    assert (posted.opened, posted.ended) == (0, 1)
    breach = Breach.objects.get()
    assert breaches() == [("red", 1, 5)]
    assert breach.value == 0.7
    assert len(events("breach.open", breach)) == len(events("breach.change", breach)) == 1
    [ended] = events("breach.end", breach)
    assert detail(ended)["value"] == "0.7"
    assert breach.history.count() == 3


def test_late_points_make_the_breaches_they_would_have_made(posts: Posts) -> None:
    posts(0.9, 0.9, 0.9, first=10)

    posts(0.7, first=5)
    assert breaches() == [("red", 5, 11)]
    posts(0.82, first=7)
    assert breaches() == [("red", 5, 11)]
    posts(0.82, first=2)
    assert breaches() == [("red", 2, 11)]
    posts(0.9, 0.9, first=3)
    posts(0.82, first=20)
    posts(0.9, first=15)
    assert breaches() == [("red", 2, 11), ("amber", 20, None)]


def test_late_green_points_end_a_breach_before_the_next_bad_one(posts: Posts) -> None:
    posts(0.7)
    posts(0.82, first=10)
    assert breaches() == [("red", 0, None)]

    posts(0.9, 0.9, first=3)

    assert breaches() == [("red", 0, 4), ("amber", 10, None)]


def test_points_in_whatever_order_are_covered_by_breaches_that_never_meet(
    series: MonitoringSeries, otis: Actor
) -> None:
    values = (0.9, 0.82, 0.9, 0.9, 0.7)
    for order in itertools.islice(itertools.permutations(range(5)), 0, 120, 7):
        one = operations.start_series(
            series.model,
            Watched(f"auc {order}", "higher"),
            AUC,
            by=otis,
            owner=series.owner,
            interval_days=1,
        )
        for day in order:
            operations.post_points(one, measured([values[day]], first=day), by=otis)
        spans = [
            (breach.started_at, breach.ended_at) for breach in one.breaches.order_by("started_at")
        ]
        for day, value in enumerate(values):
            at = START + timedelta(days=day)
            covered = any(start <= at and (end is None or at <= end) for start, end in spans)
            assert covered or value >= 0.85, (order, day, spans)
        assert sum(end is None for _, end in spans) <= 1, order
        assert one.breaches.filter(ended_at=None).exists(), order


def test_one_call_makes_a_bounded_number_of_breaches(
    posts: Posts, series: MonitoringSeries
) -> None:
    with pytest.raises(RuleBroken, match="more than 20 breaches"):
        posts(*[0.7, 0.9, 0.9] * 21)
    assert not series.points.exists()
    assert posts(*[0.7, 0.9, 0.9] * 20).opened == 20


def test_a_breach_is_answered_once_with_a_reason(posts: Posts, otis: Actor) -> None:
    posts(0.7)
    breach = Breach.objects.get()

    with pytest.raises(RuleBroken, match="reason"):
        operations.acknowledge_breach(breach, by=otis, reason=" ")
    operations.acknowledge_breach(breach, by=otis, reason="A camera was dirty")

    assert (breach.acknowledged_by_id, breach.remark) == (otis.user_id, "A camera was dirty")
    with pytest.raises(RuleBroken, match="already"):
        operations.acknowledge_breach(breach, by=otis, reason="Again")
    assert outcomes("breach.acknowledge", breach) == ["refused", "done", "refused"]
    posts(0.6, first=1)
    assert Breach.objects.get().acknowledged_at is not None


# -- what policies read ----------------------------------------------------------------------------


def test_policies_read_how_a_version_is_watched(
    version: ModelVersion, otis: Actor, posts: Posts, series: MonitoringSeries
) -> None:
    other = scenarios.registered_version()
    at = START + timedelta(days=10, hours=1)
    nothing = {
        "plan_approved": False,
        "configured": False,
        "metrics_with_thresholds": 0,
        "status": "none",
        "last_report_age_days": -1,
        "open_breaches": 0,
    }
    assert queries.monitoring_facts(other, at) == nothing
    begun = nothing | {"configured": True, "metrics_with_thresholds": 1}
    assert queries.monitoring_facts(version, at) == begun

    posts(0.9)
    assert queries.monitoring_facts(version, at) == begun | {
        "status": "green",
        "last_report_age_days": 10,
    }
    posts(0.84, 0.9, first=1)
    facts = queries.monitoring_facts(version, at)
    assert (facts["status"], facts["open_breaches"]) == ("amber", 1)
    posts(0.7, first=3)
    assert queries.monitoring_facts(version, at)["status"] == "red"
    posts(0.9, 0.9, first=4)
    facts = queries.monitoring_facts(version, at)
    assert (facts["status"], facts["open_breaches"]) == ("green", 1)

    operations.end_series(series, by=otis, reason="Replaced")
    assert queries.monitoring_facts(version, at)["open_breaches"] == 1
    operations.acknowledge_breach(Breach.objects.get(), by=otis, reason="Known")
    assert queries.monitoring_facts(version, at) == nothing


def test_the_plan_is_approved_once_somebody_verified_it(version: ModelVersion, otis: Actor) -> None:
    plan = operations.add_evidence(
        version.model, "monitoring_plan", by=otis, title="Plan", link="https://docs.example/plan"
    )
    assert not queries.monitoring_facts(version, plan.submitted_at)["plan_approved"]

    operations.verify_evidence(plan, by=actor(scenarios.validator()))

    assert queries.monitoring_facts(version, plan.submitted_at)["plan_approved"]
