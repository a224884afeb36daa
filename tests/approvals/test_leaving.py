"""How versions leave: archived, decommissioned, sent back to be worked on, or set aside."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import IntegrityError

from apps.accounts.models import User
from apps.approvals import authorizing, operations
from apps.approvals.models import (
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    Authorization,
    PromotionRequest,
    Retirement,
)
from apps.approvals.readiness import GatesClosed
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.exceptions import archived, records_manager, retain
from tests.approvals.walk import WHY, break_the_record, entries, overwrite, refusals
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


# -- by a request: archived, decommissioned


@dataclass(frozen=True)
class Way:
    """One way out that needs a request: what it is called, from where, and who signs."""

    action: str
    transition: str
    target: Stage
    start: Callable[[], ModelVersion]
    carry_out: Callable[..., ModelVersion]
    signers: dict[str, Callable[[], User]]

    def asked(self, *, is_signed: bool = True) -> PromotionRequest:
        request = scenarios.requested(self.target, version=self.start())
        for role, signer in self.signers.items() if is_signed else ():
            scenarios.sign(request, signer(), role)
        return request

    def go(
        self, request: PromotionRequest, by: User | None = None, reason: str = WHY
    ) -> ModelVersion:
        return self.carry_out(request, by=actor(by or scenarios.operator()), reason=reason)


def serving() -> ModelVersion:
    version: ModelVersion = scenarios.promoted(Stage.PRODUCTION).version
    version.refresh_from_db()
    return version


def kept_and_archived() -> ModelVersion:
    version = archived()
    retain(version.model)
    return version


WAYS = {
    "archive": Way(
        "version.archive",
        TO_ARCHIVED,
        Stage.ARCHIVED,
        serving,
        operations.archive,
        {"model_owner": scenarios.owner},
    ),
    "decommission": Way(
        "version.decommission",
        TO_DECOMMISSIONED,
        Stage.DECOMMISSIONED,
        kept_and_archived,
        operations.decommission,
        {"model_owner": scenarios.owner, "records_manager": records_manager},
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_what_leaves_by_a_request_is_one_event_that_names_the_judgment(name: str) -> None:
    way = WAYS[name]
    request = way.asked()

    version = way.go(request)

    assert version.stage == way.target
    request.refresh_from_db()
    assert (request.state, request.closed_by) == (
        PromotionRequest.State.PROMOTED,
        scenarios.operator(),
    )
    [entry] = entries(way.action)
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert entry["actor"]["id"] == scenarios.operator().record_id
    assert (entry["detail"]["origin"], entry["detail"]["target"]) == (request.origin, way.target)
    assert entry["detail"]["readiness"]["transition"] == way.transition
    assert {version.record_ref, request.record_ref} <= {row["row"] for row in entry["rows"]}


@pytest.mark.parametrize("name", WAYS)
def test_what_leaves_by_a_request_waits_for_its_sign_offs(name: str) -> None:
    way = WAYS[name]
    request = way.asked(is_signed=False)

    with pytest.raises(GatesClosed) as refusal:
        way.go(request)

    assert {closed.gate for closed in refusal.value.closed} == {"sign-off"}
    assert refusals(way.action) == ["gates_closed"]
    assert _stage(request.version) == request.origin


@pytest.mark.parametrize("name", WAYS)
def test_leaving_by_a_request_is_refused_in_words(name: str) -> None:
    way = WAYS[name]
    request, other = way.asked(), scenarios.signed_off()

    with pytest.raises(RuleBroken, match="Give a reason"):
        way.go(request, reason=" ")
    with pytest.raises(NotAllowed, match="Only an operator of this model"):
        way.go(request, by=scenarios.owner())
    with pytest.raises(NotAllowed, match="Only an operator of this model"):
        way.go(request, by=person("root", administrator=True))
    with pytest.raises(RuleBroken, match="asks for something else"):
        way.go(other)
    overwrite(request.version, stage=Stage.STAGING)
    with pytest.raises(RuleBroken, match="is in Staging by now"):
        way.go(request)

    assert len(refusals(way.action)) == 5
    assert not entries(way.action)
    request.refresh_from_db()
    assert request.is_open


@pytest.mark.parametrize("name", WAYS)
def test_leaving_that_cannot_be_recorded_leaves_everything(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = WAYS[name]
    request = way.asked()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        way.go(request)

    request.refresh_from_db()
    assert request.is_open
    assert _stage(request.version) == request.origin
    assert not Retirement.objects.exists()


def test_what_is_archived_is_authorized_no_more_and_nobodys_champion() -> None:
    way = WAYS["archive"]
    request = way.asked()
    granted = authorizing.of(request.version)
    assert granted is not None

    version = way.go(request)

    granted.refresh_from_db()
    assert (granted.state, granted.why) == (Authorization.State.ENDED, "Archived.")
    assert champion.of(version.model) is None


def test_nothing_is_decommissioned_before_it_is_said_how_long_its_records_stay() -> None:
    request = scenarios.requested(Stage.DECOMMISSIONED, version=archived())

    with pytest.raises(GatesClosed) as refusal:
        WAYS["decommission"].go(request)

    assert "retention_assigned" in {closed.gate for closed in refusal.value.closed}


# -- without a request: sent back, set aside


@dataclass(frozen=True)
class Step:
    """One step out of the way to production that needs no request."""

    action: str
    target: Stage
    take: Callable[..., None]

    def go(self, version: ModelVersion, by: User | None = None, reason: str = WHY) -> None:
        self.take(version, by=actor(by or scenarios.developer()), reason=reason)


STEPS = {
    "send back": Step("version.send_back", Stage.DEVELOPMENT, operations.send_back),
    "set aside": Step("version.set_aside", Stage.ARCHIVED, operations.set_aside),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_candidate_leaves_with_the_request_that_was_open_for_it(name: str) -> None:
    step, request = STEPS[name], scenarios.signed_off(Stage.PRODUCTION)

    step.go(request.version)

    request.refresh_from_db()
    assert _stage(request.version) == step.target
    assert (request.state, request.closed_by) == (
        PromotionRequest.State.WITHDRAWN,
        scenarios.developer(),
    )
    [entry] = entries(step.action)
    assert entry["subject"] == {"type": "version", "id": request.version.record_id}
    assert entry["detail"] == {"origin": "staging", "target": step.target}
    assert {row["row"] for row in entry["rows"]} == {
        request.version.record_ref,
        request.record_ref,
    }


@pytest.mark.parametrize("name", STEPS)
def test_leaving_without_a_request_is_refused_in_words(name: str) -> None:
    step, candidate = STEPS[name], scenarios.checked(Stage.PRODUCTION)
    live, ended = serving(), archived()
    for version in (live, ended):
        with pytest.raises(RuleBroken, match="leaves it by a request with sign-offs"):
            step.go(version)
    with pytest.raises(RuleBroken, match="Give a reason"):
        step.go(candidate, reason=" ")
    root = person("root", administrator=True)
    for other in (scenarios.operator(), scenarios.auditor(), scenarios.stranger(), root):
        with pytest.raises(NotAllowed, match="Only the model's developers and owner"):
            step.go(candidate, by=other)

    assert len(refusals(step.action)) == 7
    stages = [_stage(version) for version in (candidate, live, ended)]
    assert stages == [Stage.STAGING, Stage.PRODUCTION, Stage.ARCHIVED]


@pytest.mark.parametrize("name", STEPS)
def test_leaving_without_a_request_that_cannot_be_recorded_leaves_everything(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        STEPS[name].go(request.version)

    request.refresh_from_db()
    assert request.is_open
    assert _stage(request.version) == Stage.STAGING


def test_what_is_in_development_already_is_not_sent_back() -> None:
    version = scenarios.checked()

    with pytest.raises(RuleBroken):
        STEPS["send back"].go(version)


def _stage(version: ModelVersion) -> str:
    found: str = ModelVersion.objects.get(pk=version.pk).stage
    return found
