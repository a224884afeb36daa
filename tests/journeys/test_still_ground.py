"""While a decision is being taken, nothing it goes by can change: whatever would, waits.

THREATS hazards 2 and 3. The decision stops after its gate was judged, the other side is begun, and
only then does the decision go on.
"""

import io
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.accounts import operations as accounts
from apps.accounts.models import Duty
from apps.approvals import cases
from apps.approvals import operations as approvals
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import VerdictState
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import operations as validation
from apps.validation import tasks
from tests import scenarios
from tests.factories import HOST, actor
from tests.journeys import record
from tests.journeys.racing import Step, case_of, failing, publishing, signing
from tests.journeys.test_decision_races import measuring
from tests.journeys.test_race import PATIENCE, at_once, newest, promotion
from tests.validation.test_lists import ONE

WHY = "Seen meanwhile"
PAUSE = 0.3
"""For how long a decision stands still; what does not wait for it is done by then."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

Rival = Callable[[PromotionRequest], Step]


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


def officer() -> Actor:
    return actor(scenarios.risk_officer())


def ends_the_owners_duty(request: PromotionRequest) -> Step:
    duty = Duty.objects.get(user=scenarios.owner(), role="model_owner", until=None)
    return partial(accounts.end_duty, duty, by=HOST, reason=WHY)


def fails_a_check(request: PromotionRequest) -> Step:
    return failing(request.version, "artifact-integrity")


def begins_a_document(request: PromotionRequest) -> Step:
    by = actor(scenarios.developer())
    return partial(validation.start_document, request.version, "model-card", by=by)


def puts_another_policy_in_force(request: PromotionRequest) -> Step:
    return publishing(1)


def requires_a_field(request: PromotionRequest) -> Step:
    asked: dict[str, Any] = {"entity": "model", "key": "aliases", "tiers": [1]}
    return partial(catalog.require_field, by=officer(), reason=WHY, **asked)


def sets_a_check_for_all(request: PromotionRequest) -> Step:
    set_for_all = partial(validation.set_parameters, None, "champion-comparison")
    return partial(set_for_all, {"slices_fail": True}, by=officer(), reason=WHY)


def loads_a_list(request: PromotionRequest) -> Step:
    source = io.BytesIO(ONE)
    return partial(validation.load_reference, "advisories", source, by=officer(), reason=WHY)


def measures_more(request: PromotionRequest) -> Step:
    return measuring(request, 1)


RIVALS: tuple[Rival, ...] = (
    fails_a_check,
    begins_a_document,
    measures_more,
    loads_a_list,
    sets_a_check_for_all,
    requires_a_field,
    puts_another_policy_in_force,
    ends_the_owners_duty,
)
"""The last one takes the right to sign away, so nothing comes after it."""


def promotes(request: PromotionRequest) -> Step:
    return promotion(request)


def signs(request: PromotionRequest) -> Step:
    return signing(request, scenarios.owner(), "model_owner")


DECISIONS: dict[str, tuple[Callable[[], PromotionRequest], Rival]] = {
    "version.promote": (scenarios.signed_off, promotes),
    "request.sign_off": (scenarios.requested, signs),
}


@pytest.mark.parametrize("action", DECISIONS)
def test_what_a_decision_goes_by_stands_still_until_it_is_taken(
    action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, decide = DECISIONS[action]
    for rival in RIVALS:
        request = ask()
        step = decide(request)
        other = Other(rival(request), rival.__name__)
        require_wait(action, request, step, other, monkeypatch)
    record.require_whole_record()


def retires_an_asset(version: ModelVersion) -> Step:
    by = actor(scenarios.developer())
    asset = catalog.declare_asset(by=by, kind="feature_view", name=f"Features {version.pk}")
    catalog.declare_edge(asset, version, "reads", by=by)
    return partial(catalog.retire_asset, asset, by=by, reason=WHY)


def sets_its_base_aside(version: ModelVersion) -> Step:
    by = actor(scenarios.developer())
    base = scenarios.checked()
    catalog.declare_edge(base, version, "derived_from", by=by)
    return partial(approvals.set_aside, base, by=by, reason=WHY)


@pytest.mark.parametrize("retire", [retires_an_asset, sets_its_base_aside])
@pytest.mark.parametrize("action", DECISIONS)
def test_what_a_version_is_made_from_is_retired_before_a_decision_or_after_it(
    action: str, retire: Callable[[ModelVersion], Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, decide = DECISIONS[action]
    version = scenarios.checked()
    rival = retire(version)
    request = scenarios.requested(version=version)
    if action == "version.promote":
        scenarios.sign(request, scenarios.owner(), "model_owner")

    step = decide(request)
    require_wait(action, request, step, Other(rival, retire.__name__), monkeypatch)
    record.require_whole_record()


def test_decisions_about_versions_made_from_each_other_are_taken_in_turn() -> None:
    chance, by = random.Random(20261126), actor(scenarios.developer())
    for _ in range(5):
        base, derived = scenarios.checked(), scenarios.checked()
        catalog.declare_edge(base, derived, "derived_from", by=by)
        requests = [scenarios.requested(version=version) for version in (base, derived)]
        for request in requests:
            scenarios.sign(request, scenarios.owner(), "model_owner")
        results = at_once([promotion(request) for request in requests], chance)
        assert results == [request.version for request in requests]
    record.require_whole_record()


def require_wait(
    action: str,
    request: PromotionRequest,
    decide: Step,
    other: "Other",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fail unless what is begun in the middle of a decision happens after it."""
    blocked = case_of(request).readiness.with_state(VerdictState.BLOCKED)
    assert not blocked, [f"{each.title}: {each.reason}" for each in blocked]
    with monkeypatch.context() as during:
        during.setattr(cases, "complete", other.begun_after(cases.complete))
        decide()
    other.end()

    assert other.waited, f"{other.name} went on in the middle of the decision"
    taken = newest(action, request.record_id)
    assert taken.outcome == AuditEvent.Outcome.DONE
    assert not other.left_before(taken), other.name


class Other:
    """What is begun while a decision stands still, in a thread of its own, and must wait."""

    def __init__(self, step: Step, name: str) -> None:
        self.step = step
        self.name = name
        self.before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
        self.waited = False
        self.trouble: Exception | None = None
        self.thread = threading.Thread(target=self._act)

    def begun_after(self, judge: Callable[..., list[Case]]) -> Callable[..., list[Case]]:
        """Return what judges as before, then begins this, and gives it the time it would need."""

        def judge_and_wait(*args: Any, **kwargs: Any) -> list[Case]:
            found = judge(*args, **kwargs)
            if self.thread.ident is None:
                self.thread.start()
                self.thread.join(PAUSE)
                self.waited = self.thread.is_alive()
            return found

        return judge_and_wait

    def end(self) -> None:
        """Wait until it is done, which it can be now."""
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        if self.trouble is not None:
            raise self.trouble

    def left_before(self, taken: record.Kept) -> list[record.Kept]:
        """Return the events it left before the decision's own."""
        return record.kept(pk__gt=self.before, pk__lt=taken.pk)

    def _act(self) -> None:
        try:
            self.step()
        except Exception as error:
            self.trouble = error
        finally:
            connection.close()
