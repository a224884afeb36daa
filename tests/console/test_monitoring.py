"""Monitoring pages: what is watched, how it stands, and who answered for its breaches."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.catalog.models import RegisteredModel
from apps.validation import operations
from apps.validation.models import Breach, MonitoringSeries
from apps.validation.monitoring.bands import Bands
from apps.validation.operations.measurements import Measured
from apps.validation.operations.monitoring import Watched
from tests import scenarios
from tests.console.conftest import Reads
from tests.factories import actor, signed_in
from tests.validation.records import detail, events, outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> RegisteredModel:
    return scenarios.registered_version(scenarios.registered_model("tumor-triage")).model


@pytest.fixture
def breach(model: RegisteredModel) -> Breach:
    return scenarios.breach(model)


def address(name: str, *more: object) -> str:
    return reverse(f"models:{name}", args=["tumor-triage", *more])


def typed(**said: Any) -> dict[str, Any]:
    return {
        "metric": "psi of income",
        "direction": "lower",
        "amber_most": "0.1",
        "red_most": "0.25",
        "owner": scenarios.owner().pk,
        "interval_days": 30,
        **said,
    }


def test_a_model_nobody_watches_says_what_to_do_and_how_to_post(
    opens: Reads, model: RegisteredModel
) -> None:
    page = opens(scenarios.operator(), address("monitoring"))

    assert "No metric is watched yet" in page.words
    assert "curl -X POST http://testserver/api/v1/models/tumor-triage/monitoring/1/points" in (
        page.words
    )
    assert page.has_link(address("start_series"))
    assert opens(scenarios.operator(), model.get_absolute_url()).has_link(address("monitoring"))


def test_a_metric_is_watched_by_page(opens: Reads, model: RegisteredModel) -> None:
    page = opens(scenarios.operator(), address("start_series"), typed(version=1, unit="bits"))

    series = MonitoringSeries.objects.get()
    assert page.response.headers["Location"] == series.get_absolute_url()
    assert (series.metric, series.red_most, series.version) == (
        "psi of income",
        "0.25",
        model.versions.get(),
    )
    words = opens(scenarios.operator(), address("monitoring")).words
    assert "No value has come yet." in words
    assert (
        "Amber above 0.1; red above 0.25. A breach ends once 2 values in a row are green." in words
    )
    assert "Version 1 · lower is better · a value at least every 30 days · Olivia Owner" in words


def test_what_is_refused_stays_typed_and_is_said_in_words(
    opens: Reads, model: RegisteredModel
) -> None:
    for sent, words in (
        (typed(metric=""), "This field is required."),
        (typed(amber_most="much"), "A threshold is a number such as 0.85"),
        (typed(amber_most="0.3"), "The most of red is not above"),
        (typed(direction="higher"), "Higher is better here"),
        (typed(interval_days=0), "greater than or equal to 1"),
        (typed(version=7), "Select a valid choice"),
        ({}, "This field is required."),
    ):
        page = opens(scenarios.operator(), address("start_series"), sent)
        assert (page.status, words in page.words) == (422, True), (sent, page.words)
    assert not MonitoringSeries.objects.exists()


def test_a_series_shows_its_newest_value_its_line_and_its_breach(
    opens: Reads, breach: Breach
) -> None:
    page = opens(scenarios.auditor(), address("monitoring"))

    assert "auc, EU" in page.words
    assert "In red" in page.words
    assert "0.7, measured" in page.words
    assert "Red breach 2 Mar 2026, 00:00 UTC, goes on · 0.7" in page.words
    assert "A value was due by 10 Mar 2026." in page.words
    assert "1 breach that nobody answered for." in page.words
    assert 'aria-label="auc: Falls from 0.9 to 0.7 over 3 values"' in page.source
    assert 'class="band"' in page.source
    assert ">Measured</th>" in page.source
    assert page.has_link(address("acknowledge_breach", breach.pk))
    assert not page.has_link(address("change_bands", breach.series_id))


def test_a_breach_is_answered_for_with_a_reason(opens: Reads, breach: Breach) -> None:
    path = address("acknowledge_breach", breach.pk)

    assert "Give a reason." in opens(scenarios.operator(), path, {}).words
    refused = opens(scenarios.developer(), path, {"reason": "Mine"})
    assert refused.status == 422
    assert "manage its monitoring" in refused.words
    opens(scenarios.operator(), path, {"reason": "A camera was dirty"})

    assert "A camera was dirty" in opens(scenarios.auditor(), path).words
    assert "Otis Operator: A camera was dirty" in (
        opens(scenarios.auditor(), address("monitoring")).words
    )
    again = opens(scenarios.operator(), path, {"reason": "Again"})
    assert (again.status, "acknowledged already" in again.words) == (422, True)
    assert outcomes("breach.acknowledge", breach) == ["refused", "done", "refused"]


def test_bands_change_and_a_series_ends_by_page(opens: Reads, breach: Breach) -> None:
    series = breach.series
    bands = address("change_bands", series.pk)

    assert 'value="0.85"' in opens(scenarios.operator(), bands).source
    sent = {
        "amber_least": "0.6",
        "owner": series.owner_id,
        "interval_days": 7,
        "reason": "Agreed",
    }
    opens(scenarios.operator(), bands, sent)
    series.refresh_from_db()
    assert (series.amber_least, series.red_least) == ("0.6", "")
    assert "Nothing would change." in opens(scenarios.operator(), bands, sent).words

    opens(scenarios.operator(), address("end_series", series.pk), {"reason": "Replaced"})
    words = opens(scenarios.operator(), address("monitoring")).words
    assert "Series that have ended" in words
    assert "has ended" in opens(scenarios.operator(), bands, sent).words


def test_a_stale_form_does_not_take_other_bands_back(opens: Reads, breach: Breach) -> None:
    series = breach.series
    path = address("change_bands", series.pk)
    page = opens(scenarios.operator(), path).source
    [shown] = re.findall(r'name="shown" value="(sha256:[0-9a-f]{64})"', page)
    sent = {"owner": series.owner_id, "interval_days": 7, "reason": "Agreed", "shown": shown}
    opens(scenarios.operator(), path, {**sent, "red_least": "0.5"})

    refused = opens(scenarios.operator(), path, {**sent, "red_least": "0.8", "interval_days": 3})

    assert refused.status == 422
    assert "Somebody changed this series meanwhile." in refused.words
    series.refresh_from_db()
    assert (series.red_least, series.interval_days) == ("0.5", 7)


def test_points_leave_as_csv_once_it_is_recorded_who_takes_them(
    client: Client, model: RegisteredModel
) -> None:
    by = actor(scenarios.operator())
    series = operations.start_series(
        model, Watched("=cmd", "lower"), Bands(), by=by, owner=scenarios.owner(), interval_days=1
    )
    at = series.started_at - timedelta(days=1)
    version = model.versions.get()
    operations.post_points(series, [Measured(at, -1.5, 7, version)], by=by)

    answer = signed_in(client, scenarios.auditor()).get(address("points_csv", series.pk))
    text = b"".join(answer).decode()

    assert text.splitlines()[0] == "\ufeffMeasured,Value,Sample size,Version,Posted"
    assert text.splitlines()[1].startswith(f"{at.isoformat()},-1.5,7,1,")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    [event] = events("monitoring.export", series)
    assert detail(event) == {"points": 1}


def test_who_does_not_see_the_model_finds_nothing(opens: Reads, breach: Breach) -> None:
    for path in (
        address("monitoring"),
        address("start_series"),
        address("change_bands", breach.series_id),
        address("end_series", breach.series_id),
        address("points_csv", breach.series_id),
        address("acknowledge_breach", breach.pk),
    ):
        assert opens(scenarios.stranger(), path).status == 404, path
    other = scenarios.registered_model("other")
    for name, pk in (("change_bands", breach.series_id), ("acknowledge_breach", breach.pk)):
        path = reverse(f"models:{name}", args=[other.name, pk])
        assert opens(scenarios.operator(), path).status == 404, path


def test_the_page_costs_the_same_for_2_and_20_series(
    client: Client, model: RegisteredModel
) -> None:
    web, by = signed_in(client, scenarios.operator()), actor(scenarios.operator())

    def watch(number: int) -> None:
        series = operations.start_series(
            model,
            Watched(f"auc {number}", "higher", version=model.versions.get()),
            Bands(red_least="0.5"),
            by=by,
            owner=scenarios.owner(),
            interval_days=1,
        )
        at = series.started_at - timedelta(days=1)
        operations.post_points(series, [Measured(at, 0.4, 7)], by=by)

    few = _cost(web, 2, watch)
    assert _cost(web, 18, lambda number: watch(number + 2)) == few


def _cost(web: Client, more: int, watch: Callable[[int], None]) -> int:
    for number in range(more):
        watch(number)
    with CaptureQueriesContext(connection) as asked:
        assert web.get(address("monitoring")).status_code == 200
    return len(asked)
