"""What history says of each moment of a walk is what live rows said at that moment."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from apps.approvals import operations as approvals
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.risk.models import Finding
from apps.risk.operations import finding_answers
from tests import scenarios
from tests.console.as_of.live import told_now, told_then
from tests.console.as_of.moment import newest
from tests.factories import actor
from tests.risk.found import raised

pytestmark = pytest.mark.django_db

Step = Callable[[RegisteredModel], Any]


def by_owner() -> Any:
    return actor(scenarios.owner())


def reader() -> Any:
    return actor(scenarios.risk_officer())


def granted(model: RegisteredModel) -> None:
    held = ModelDuty.objects.filter(model=model, role="peer_reviewer", until=None).first()
    if held is not None:
        catalog.end_model_duty(held, by=by_owner(), reason="Moved on")
        return
    catalog.grant_model_duty(
        model, scenarios.stranger(), "peer_reviewer", by=by_owner(), reason="Asked"
    )


def labeled(model: RegisteredModel) -> None:
    version = model.versions.order_by("-number").first()
    if version is None or model.aliases.filter(name="best").exists():
        catalog.set_model_tag(model, "area", "retail", by=by_owner())
    else:
        catalog.set_alias(model, "best", version, by=by_owner())


def unlabeled(model: RegisteredModel) -> None:
    if model.aliases.filter(name="best").exists():
        catalog.remove_alias(model, "best", by=by_owner())
    elif model.tags.filter(key="area").exists():
        catalog.delete_model_tag(model, "area", by=by_owner())


def found_something(model: RegisteredModel) -> None:
    open_one = Finding.objects.filter(model=model, state=Finding.State.OPEN).first()
    if open_one is None:
        raised(model)
    else:
        finding_answers.plan_finding(open_one, by=by_owner(), plan="Train on nights, too")


LIGHT: tuple[Step, ...] = (
    lambda model: catalog.describe_model(model, by=by_owner(), title=f"Title {newest()}"),
    lambda model: catalog.record_values(model, {"business_line": f"{newest()}"}, by=by_owner()),
    granted,
    labeled,
    unlabeled,
    found_something,
)
"""What is done to a model beside its promotions, in an order that chance chooses."""


def promotions() -> Iterator[tuple[RegisteredModel, int]]:
    """Walk two versions of a model through production, and a request to its end, step by step.

    With each step comes how much is done beside it: nothing, while worlds are remembered.
    """
    credit = scenarios.registered_model("credit")
    scenarios.promoted(to=Stage.PRODUCTION, model=credit)
    yield credit, 0
    scenarios.promoted(to=Stage.PRODUCTION, model=credit)
    yield credit, 2
    fraud = scenarios.registered_model("fraud")
    request = approvals.request_promotion(
        scenarios.registered_version(fraud),
        by=actor(scenarios.developer()),
        target=Stage.STAGING,
        reason="Planned release",
    )
    yield fraud, 2
    approvals.withdraw_request(request, by=actor(scenarios.developer()), reason="Not yet")
    yield fraud, 0
    catalog.rename_model(credit, "lending", by=by_owner())
    yield credit, 2


def test_the_past_says_what_the_present_said() -> None:
    chance, told = random.Random(7), dict[datetime, Any]()

    for model, beside in promotions():
        told[newest()] = told_now(reader(), newest())
        for step in chance.sample(LIGHT, beside):
            model.refresh_from_db()
            step(model)
            told[newest()] = told_now(reader(), newest())

    assert len(told) > 8
    for at, live in told.items():
        assert told_then(reader(), at) == live
