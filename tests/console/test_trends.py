"""What a model's versions measured, one after the other."""

import re

import pytest
from django.urls import reverse

from apps.catalog.models import ModelVersion, RunMetric
from apps.catalog.training import MetricFacts, RunFacts
from apps.console.plots import HEIGHT, WIDTH, LinePlot, WhiskerPlot
from tests import scenarios
from tests.console.conftest import Answer, Reads

pytestmark = pytest.mark.django_db


def trained(auc: float, lower: float | None = None, upper: float | None = None) -> RunFacts:
    return RunFacts(metrics=(MetricFacts("auc", auc, "holdout", lower=lower, upper=upper),))


def metrics_page(opens: Reads, version: ModelVersion) -> Answer:
    path = reverse("models:version_metrics", args=[version.model.name, version.number])
    return opens(scenarios.auditor(), path)


def test_a_measure_is_drawn_over_the_versions_up_to_this_one(opens: Reads) -> None:
    model = scenarios.registered_model()
    _, version = (
        scenarios.registered_version(model, run=trained(auc, lower=auc - 0.1, upper=0.95))
        for auc in (0.7, 0.8)
    )
    scenarios.registered_version(model, run=trained(0.9))

    answer = metrics_page(opens, version)

    assert "Over versions auc holdout" in answer.words
    assert "v1 0.7 0.6 to 0.95 v2 0.8 0.7 to 0.95" in answer.words
    assert answer.source.count('class="interval"') == 2
    assert "v3" not in answer.words


def test_a_first_version_has_no_trend(opens: Reads) -> None:
    version = scenarios.registered_version(run=trained(0.7))

    assert "Over versions" not in metrics_page(opens, version).words


def test_a_value_that_is_no_number_is_said_and_not_drawn(opens: Reads) -> None:
    model = scenarios.registered_model()
    scenarios.registered_version(model, run=trained(0.7))
    version = scenarios.registered_version(model, run=trained(0.8))
    RunMetric.objects.filter(run=version.run_id).update(is_nan=True, value=0)

    words = metrics_page(opens, version).words

    assert "auc all nan" in words
    assert "Over versions" not in words


def test_a_series_with_intervals_is_drawn_with_a_band(opens: Reads) -> None:
    steps = tuple(
        MetricFacts("loss", 1 / (step + 1), step=step, lower=0.1, upper=1.1) for step in range(3)
    )
    version = scenarios.registered_version(run=RunFacts(metrics=steps))

    assert metrics_page(opens, version).source.count('class="band"') == 1


# -- the drawings


def test_a_band_goes_around_the_line_inside_the_frame() -> None:
    plot = LinePlot.of([(0, 0.5), (1, 0.6)], [(0.4, 0.7), (0.5, 0.8)])

    corners = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", plot.band)]
    assert len(corners) == 4
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners)


@pytest.mark.parametrize("bounds", [(), [(0.4, 0.7)], [(0.4, 0.7), (None, 0.8)]])
def test_no_band_is_drawn_when_some_intervals_are_not_known(
    bounds: list[tuple[float | None, float | None]],
) -> None:
    assert LinePlot.of([(0, 0.5), (1, 0.6)], bounds).band == ""


def test_whiskers_stand_side_by_side_and_the_one_shown_is_marked() -> None:
    plot = WhiskerPlot.of(
        [("v1", 0.7, (0.6, 0.8)), ("v2", 0.8, None), ("v3", float("nan"), None)], "v2"
    )

    first, second = plot.whiskers
    assert float(first.x) < float(second.x)
    assert float(first.top) < float(first.y) < float(first.bottom)
    assert (second.top, second.bottom, second.is_here) == ("", "", True)
    assert plot.words == "Rises from 0.7 to 0.8 over 2 versions"


def test_whiskers_without_any_value_draw_nothing() -> None:
    assert WhiskerPlot.of([], "v1").whiskers == []
