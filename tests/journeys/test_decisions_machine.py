"""All of decisions at random: every transition, decision, waiver, policy and beat, by anybody.

It goes on from the crowd of the lifecycle: the clock moves, policies change, duties end, people
stand in for each other. Whatever comes of it, production is gated and the record is whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as play

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.approvals.models import (
    Delegation,
    Emergency,
    PromotionRequest,
    SignOff,
    SignOffCondition,
    Waiver,
    WaiverSignOff,
)
from apps.approvals.pages import transitions
from apps.approvals.statements import Ticket
from apps.audit import changes
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.errors import DomainError
from tests import scenarios
from tests.approvals import exceptions, policy_walk
from tests.approvals.policy_texts import Document, move
from tests.factories import actor
from tests.journeys import decided, record
from tests.journeys.test_lifecycle_machine import (
    LONG,
    REASON,
    ROLES,
    Crowd,
    anything,
    crowd,
    models,
    open_requests,
    people,
    pick,
    recorded,
    requests,
    sign_offs,
    versions,
    when,
)

SAID = "It came to mind, and it is long enough"
TARGETS = st.sampled_from((Stage.STAGING, Stage.PRODUCTION, Stage.ARCHIVED, Stage.DECOMMISSIONED))
DECISIONS = st.sampled_from(tuple(SignOff.Decision))
WAIVABLE = st.sampled_from(("artifact_scan_clean", "metrics_recorded", "owner_assigned"))
DAYS = st.sampled_from((1, 11, 40, 70, 400))
SIGNERS = {
    "development_to_staging": ("model_owner",),
    "staging_to_production": ("validator", "risk_officer"),
    "reauthorization": ("risk_officer",),
    "production_to_archived": ("model_owner",),
    "archived_to_decommissioned": ("model_owner", "records_manager"),
    "rollback": (),
}


def conditions() -> list[SignOffCondition]:
    return list(SignOffCondition.objects.order_by("pk"))


def waivers() -> list[Waiver]:
    return list(Waiver.objects.order_by("pk"))


def delegations() -> list[Delegation]:
    return list(Delegation.objects.order_by("pk"))


def emergencies() -> list[Emergency]:
    return list(Emergency.objects.order_by("pk"))


def automatic(document: Document) -> None:
    """Let two moves happen by themselves, and a rule suspend what nobody owns."""
    for name in ("development_to_staging", "reauthorization"):
        move(document, name)["carried_out_by"] = "policy"
    rule_of_owners = document["continuous_rules"][1]
    rule_of_owners["action"] = "suspend_authorization"


def with_emergency(document: Document) -> None:
    """Let an operator go back at once."""
    nobody = dict.fromkeys(("1", "2", "3", "4"), 0)
    way_back = move(document, "rollback")
    way_back["modes"] = ["standard", "emergency"]
    way_back["emergency"] = {
        "distinct_approvers": nobody,
        "sod_exempt": [],
        "ratification": {tier: ["model_owner"] for tier in nobody},
        "ratify_within_hours": "settings.emergency_ratification_hours",
        "if_not_ratified": "escalate_and_open_critical_finding",
    }


def quieter(document: Document) -> None:
    """Let sign-offs and requests lapse sooner."""
    for tier in document["tiers"]:
        tier["settings"]["approval_valid_days"] = 10


CHANGES = (automatic, with_emergency, quieter)


class Decisions(Crowd):
    """What people try beside the lifecycle, and what happens by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.passed, self.published = timedelta(0), 0
        self.patch.setattr(changes, "database_now", lambda: database_now() + self.passed)
        self.crowd |= {"records_manager": exceptions.records_manager()}
        self.people = list(self.crowd.values())

    def teardown(self) -> None:
        self.patch.undo()
        super().teardown()

    # -- asking and deciding

    @rule(who=people, which=anything, to=TARGETS)
    def ask_for_any_move(self, who: int, which: int, to: Stage) -> None:
        version = pick(versions(), which)
        role = "operator" if version.stage == Stage.ARCHIVED else "model_developer"
        with recorded():
            approvals.request_promotion(
                version, by=actor(self.one_for(role, who)), target=to, reason=SAID
            )

    @when(requests)
    @rule(who=people, which=anything, role=ROLES, decision=DECISIONS)
    def decide(self, who: int, which: int, role: str, decision: SignOff.Decision) -> None:
        request, signer = pick(requests(), which), self.one_for(role, who)
        self._sign(request, signer, role, decision, scenarios.ticket(request, actor(signer)))

    @when(sign_offs)
    @rule(who=people, which=anything)
    def answer(self, who: int, which: int) -> None:
        by = actor(self.one_for("model_developer", who))
        with recorded():
            approvals.answer_dissent(pick(sign_offs(), which), by=by, reason=REASON)

    @when(conditions)
    @rule(who=people, which=anything)
    def meet(self, who: int, which: int) -> None:
        by = actor(self.one_for("model_developer", who))
        with recorded():
            approvals.meet_condition(pick(conditions(), which), by=by, reason=REASON)

    @when(requests)
    @rule(who=people, which=anything)
    def note(self, who: int, which: int) -> None:
        request = pick(requests(), which)
        with recorded():
            approvals.note_warnings(
                request, by=actor(self.one_for("model_developer", who)), reason=REASON
            )
        with recorded():
            approvals.comment(request, by=actor(self.one_for("operator", who)), text=REASON)

    @when(open_requests)
    @rule(which=anything)
    def go_all_the_way(self, which: int) -> None:
        """Let whoever was made for it sign what was asked for, and carry it out if that does."""
        request = pick(open_requests(), which)
        for role in SIGNERS[request.transition]:
            signer = self.crowd[role]
            ticket = scenarios.ticket(request, actor(signer))
            self._sign(request, signer, role, SignOff.Decision.APPROVE, ticket)
        self._carry_out(request, scenarios.operator())

    @when(requests)
    @rule(who=people, which=anything)
    def carry_out(self, who: int, which: int) -> None:
        self._carry_out(pick(requests(), which), self.one_for("operator", who))

    @rule(who=people, which=anything, leaves=st.booleans())
    def take_away(self, who: int, which: int, leaves: bool) -> None:
        away = approvals.set_aside if leaves else approvals.send_back
        by = actor(self.one_for("model_developer", who))
        with recorded():
            away(pick(versions(), which), by=by, reason=REASON)

    @rule(who=people, which=anything)
    def roll_back_at_once(self, who: int, which: int) -> None:
        model, by = pick(models(), which), actor(self.one_for("operator", who))
        with recorded():
            approvals.roll_back_at_once(
                model,
                by=by,
                reason=SAID,
                confirmed=exceptions.confirmed(by),
                typed_name=model.name,
            )

    @when(emergencies)
    @rule(which=anything, who=people)
    def look_back(self, which: int, who: int) -> None:
        by = actor(self.one_for("validator", who))
        with recorded():
            approvals.review_emergency(pick(emergencies(), which), by=by, reason=SAID)

    # -- waivers, delegations, retention, policies

    @rule(who=people, which=anything, condition=WAIVABLE)
    def ask_for_waiver(self, who: int, which: int, condition: str) -> None:
        today = exceptions.moment_of_changes().date()
        with recorded():
            approvals.ask_for_waiver(
                pick(versions(), which),
                by=actor(self.one_for("model_developer", who)),
                condition=condition,
                reason=REASON,
                terms=exceptions.terms(ends_on=today + timedelta(days=30)),
            )

    @when(waivers)
    @rule(which=anything, who=people, declines=st.booleans())
    def sign_waiver(self, which: int, who: int, declines: bool) -> None:
        waiver, signer = pick(waivers(), which), self.one_for("risk_officer", who)
        decision = WaiverSignOff.Decision.DECLINE if declines else WaiverSignOff.Decision.APPROVE
        with tried():
            exceptions.sign_waiver(waiver, signer, decision=decision)

    @when(waivers)
    @rule(which=anything, who=people)
    def revoke_waiver(self, which: int, who: int) -> None:
        by = actor(self.one_for("risk_officer", who))
        with recorded():
            approvals.revoke_waiver(pick(waivers(), which), by=by, reason=REASON)

    @rule(who=people, other=people, role=ROLES)
    def delegate(self, who: int, other: int, role: str) -> None:
        person, today = self.one_for(role, who), exceptions.moment_of_changes().date()
        with recorded():
            approvals.delegate(
                person,
                by=actor(person),
                to=self.one_for("validator", other),
                role=role,
                starts_on=today,
                ends_on=today + timedelta(days=20),
                reason=REASON,
            )

    @when(delegations)
    @rule(which=anything)
    def end_delegation(self, which: int) -> None:
        made = pick(delegations(), which)
        with recorded():
            approvals.end_delegation(made, by=actor(made.delegator))

    @rule(which=anything, who=people)
    def keep_records(self, which: int, who: int) -> None:
        by = actor(self.one_for("records_manager", who))
        with recorded():
            approvals.set_retention(pick(models(), which), by=by, name="All", years=7, basis=REASON)

    @precondition(lambda self: self.published < len(CHANGES) and not self.passed)
    @rule()
    def publish_policy(self) -> None:
        """Put another policy in force, the whole way."""
        change = CHANGES[self.published]
        self.published += 1
        with tried():
            policy_walk.published(change, number=f"1.0.{self.published}")

    # -- what happens by itself

    @rule(days=DAYS)
    def wait(self, days: int) -> None:
        self.passed += timedelta(days=days)
        self.sweep()

    @rule()
    def sweep(self) -> None:
        """Let the clock do all it does, and then nothing more."""
        for act in (
            approvals.lapse_emergencies,
            approvals.end_authorizations,
            approvals.end_waivers,
            approvals.miss_conditions,
            approvals.lapse_requests,
            approvals.watch_production,
            approvals.carry_out_what_may,
        ):
            act(exceptions.moment_of_changes())
            assert act(exceptions.moment_of_changes()) == 0, act

    # -- what must hold after every step

    @invariant()
    def production_is_gated(self) -> None:
        decided.require_gated_production()

    @invariant()
    def decisions_are_consistent(self) -> None:
        decided.require_consistent_authorizations()
        decided.require_consistent_requests()

    def _sign(
        self,
        request: PromotionRequest,
        signer: User,
        role: str,
        decision: SignOff.Decision,
        ticket: Ticket,
    ) -> None:
        by = actor(signer)
        due = exceptions.moment_of_changes().date() + timedelta(days=10)
        is_tied = decision == SignOff.Decision.APPROVE_WITH_CONDITIONS
        asked = [approvals.Asked("Document it", scenarios.developer(), due)] if is_tied else []
        with recorded():
            approvals.sign_off(
                request,
                by=by,
                role=role,
                decision=decision,
                reason=REASON,
                ticket=ticket,
                confirmed=exceptions.confirmed(by),
                conditions=asked,
            )

    def _promote(self, request: PromotionRequest, operator: User) -> None:
        self._carry_out(request, operator)

    def _carry_out(self, request: PromotionRequest, operator: User) -> None:
        with recorded():
            transitions.of(request).carry_out(request, by=actor(operator), reason=SAID)


@contextmanager
def tried() -> Iterator[None]:
    """Let somebody try what takes several steps, and be refused at any of them."""
    try:
        yield
    except DomainError:
        record.require_whole_record()


@pytest.mark.django_db
@pytest.mark.long
@pytest.mark.timeout(3 * 3600 if LONG else 300)
def test_whatever_is_decided_and_however_time_passes_production_is_gated() -> None:
    crowd()
    busy, fresh = scenarios.registered_model("busy"), scenarios.registered_model("fresh")
    scenarios.promoted(Stage.PRODUCTION, busy)
    scenarios.promoted(Stage.PRODUCTION, busy)
    scenarios.signed_off(Stage.PRODUCTION, busy)
    scenarios.requested(Stage.STAGING, fresh)

    play(
        Decisions,
        settings=settings(
            max_examples=200 if LONG else 8,
            stateful_step_count=60 if LONG else 14,
            deadline=None,
            derandomize=not LONG,
            # Looking for the shortest way to a failure takes minutes, so only the long run does.
            phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
            # A step asks a real database and reads the whole record again: seconds, not millis.
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
