"""Five people do what comes to their mind; nothing reaches production ungated all the same.

Each example plays on from the same world, inside a savepoint that is rolled back. Refusals are part
of the game; any other error, or a record that does not add up after a step, is a failure.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as play

from apps.accounts import operations as accounts
from apps.accounts.models import Duty, User
from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest, SignOff, SignOffWithdrawal
from apps.approvals.statements import Ticket
from apps.audit.models import AuditEvent
from apps.catalog import champion
from apps.catalog.duties import roles_on
from apps.catalog.lifecycle import PROMOTIONS, Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import DomainError, NotAllowed
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.models import CheckRun
from tests import scenarios
from tests.factories import HOST, actor
from tests.journeys import record

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
FORBIDDEN = {**scenarios.MODEL_FILES, "model.pkl": b"cos\nsystem\n(S'true'\ntR."}
ROLES = st.sampled_from(("model_developer", "model_owner", "validator", "risk_officer", "operator"))
REASON = "It came to mind"

T = TypeVar("T")
Step = TypeVar("Step", bound=Callable[..., None])
people = st.integers(0, 9)
anything = st.integers(0, 99)


# -- what there is to draw from, always in the same order


def pick(things: Sequence[T], which: int) -> T:
    """Return a thing by its place, the newest first, beginning again at the end."""
    return things[-1 - which % len(things)]


def models() -> list[RegisteredModel]:
    return list(RegisteredModel.objects.order_by("pk"))


def versions() -> list[ModelVersion]:
    return list(ModelVersion.objects.order_by("pk"))


def waiting() -> list[CheckRun]:
    return list(CheckRun.objects.waiting().order_by("pk"))


def requests() -> list[PromotionRequest]:
    return list(PromotionRequest.objects.order_by("pk"))


def open_requests() -> list[PromotionRequest]:
    return list(PromotionRequest.objects.filter(state="open").order_by("pk"))


def sign_offs() -> list[SignOff]:
    return list(SignOff.objects.order_by("pk"))


def duties() -> list[Duty]:
    return list(Duty.objects.order_by("pk"))


def next_stage(version: ModelVersion) -> Stage:
    return PROMOTIONS.get(Stage(version.stage), Stage.STAGING)


def when(there_are: Callable[[], Sequence[object]]) -> Callable[[Step], Step]:
    """Let a rule be played only when there is something it can be about."""
    return precondition(lambda self: bool(there_are()))


def crowd() -> dict[str, User]:
    """Return the five people, by the role each was made for."""
    return {
        "model_developer": scenarios.developer(),
        "model_owner": scenarios.owner(),
        "validator": scenarios.validator(),
        "risk_officer": scenarios.risk_officer(),
        "operator": scenarios.operator(),
    }


class Crowd(RuleBasedStateMachine):
    """Rules are what people try; people and things are drawn by their place in a list."""

    def __init__(self) -> None:
        super().__init__()
        self._world = transaction.atomic()
        self._world._from_testcase = True  # type: ignore[attr-defined]  # a change is the outermost transaction, as it must be
        self._world.__enter__()
        self.crowd = crowd()
        self.people = list(self.crowd.values())
        self.tickets: list[tuple[Ticket, str]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._world.__exit__(None, None, None)

    # -- what developers do

    @rule(who=people, which=anything, is_forbidden=st.booleans())
    def register(self, who: int, which: int, is_forbidden: bool) -> None:
        """Register a version, sometimes one whose pickle calls a shell."""
        by, model = actor(self.one_for("model_developer", who)), pick(models(), which)
        files = FORBIDDEN if is_forbidden else scenarios.MODEL_FILES
        try:
            upload = scenarios.uploaded(files, by=by)
        except NotAllowed:
            return  # an upload is no governed change, so its refusal leaves no event
        with recorded():
            validation.register_and_check(
                model,
                by=by,
                upload=upload,
                signature=scenarios.SIGNATURE,
                input_example=scenarios.INPUT_EXAMPLE,
                run=scenarios.RUN,
            )

    @rule(who=people, which=anything)
    def ask_for_checks(self, who: int, which: int) -> None:
        with recorded():
            validation.start_checks(
                pick(versions(), which), by=actor(self.one_for("model_developer", who))
            )

    @when(waiting)
    @rule(fewer=st.integers(0, 2))
    def work(self, fewer: int) -> None:
        """Carry out the checks that wait, or most of them."""
        for run in waiting()[fewer:]:
            runner.execute(run.pk, worker="a worker")

    @rule(who=people, which=anything, skips=st.booleans())
    def ask_for_promotion(self, who: int, which: int, skips: bool) -> None:
        version = pick(versions(), which)
        target = Stage.PRODUCTION if skips else next_stage(version)
        with recorded():
            approvals.request_promotion(
                version,
                by=actor(self.one_for("model_developer", who)),
                target=target,
                reason=REASON,
            )

    @when(requests)
    @rule(who=people, which=anything)
    def withdraw_request(self, who: int, which: int) -> None:
        with recorded():
            approvals.withdraw_request(
                pick(requests(), which),
                by=actor(self.one_for("model_developer", who)),
                reason=REASON,
            )

    # -- what signers do

    @when(requests)
    @rule(who=people, which=anything, role=ROLES)
    def open_page(self, who: int, which: int, role: str) -> None:
        """Open the page of a request, to sign it later."""
        request = pick(requests(), which)
        self.tickets.append((scenarios.ticket(request, actor(self.one_for(role, who))), role))

    @precondition(lambda self: bool(self.tickets))
    @rule(which=anything, who=people, is_own=st.booleans())
    def sign_what_was_shown(self, which: int, who: int, is_own: bool) -> None:
        """Sign by a page opened before, perhaps somebody else's, perhaps once more."""
        ticket, role = pick(self.tickets, which)
        shown_to = next(user for user in self.people if user.record_id == ticket.signer)
        signer = shown_to if is_own else self.one_for("risk_officer", who)
        request = next(one for one in requests() if one.record_id == ticket.request)
        self._sign(request, signer, role, SignOff.Decision.APPROVE, ticket)

    @when(requests)
    @rule(who=people, which=anything, role=ROLES, declines=anything)
    def sign(self, who: int, which: int, role: str, declines: int) -> None:
        """Sign, or now and then decline, what the page shows now."""
        request, signer = pick(requests(), which), self.one_for(role, who)
        decision = SignOff.Decision.DECLINE if declines >= 80 else SignOff.Decision.APPROVE
        self._sign(request, signer, role, decision, scenarios.ticket(request, actor(signer)))

    @when(sign_offs)
    @rule(which=anything, who=people, is_own=st.booleans())
    def withdraw_sign_off(self, which: int, who: int, is_own: bool) -> None:
        signed = pick(sign_offs(), which)
        by = actor(signed.signer if is_own else self.one_for("validator", who))
        before = SignOffWithdrawal.objects.count()
        with recorded():
            approvals.withdraw_sign_off(signed, by=by, reason=REASON)
        taken_back = SignOffWithdrawal.objects.count() - before
        assert taken_back == 0 or by.user_id == signed.signer_id

    # -- what operators do

    @when(requests)
    @rule(who=people, which=anything)
    def promote(self, who: int, which: int) -> None:
        self._promote(pick(requests(), which), self.one_for("operator", who))

    @rule(who=people, which=anything)
    def roll_back(self, who: int, which: int) -> None:
        model = pick(models(), which)
        with recorded():
            approvals.roll_back(model, by=actor(self.one_for("operator", who)), reason=REASON)

    # -- what happens around them

    @rule(who=people, role=ROLES)
    def appoint(self, who: int, role: str) -> None:
        with recorded():
            accounts.grant_duty(self.one_for(role, who), role, by=HOST, reason=REASON)

    @rule(which=anything)
    def dismiss(self, which: int) -> None:
        with recorded():
            accounts.end_duty(pick(duties(), which), by=HOST, reason=REASON)

    @when(open_requests)
    @rule(which=anything)
    def go_on(self, which: int) -> None:
        """Let whoever was made for it sign an open request, and carry it out if that does."""
        request = pick(open_requests(), which)
        for role, signer in scenarios.SIGNERS[Stage(request.target)].items():
            ticket = scenarios.ticket(request, actor(signer()))
            self._sign(request, signer(), role, SignOff.Decision.APPROVE, ticket)
        self._promote(request, scenarios.operator())

    def one_for(self, role: str, who: int) -> User:
        """Return one of the five, or, every other time, the one made for a role."""
        return self.people[who] if who < len(self.people) else self.crowd[role]

    # -- what must hold after every step

    @invariant()
    def the_record_is_whole(self) -> None:
        record.require_whole_record()

    @invariant()
    def production_is_gated(self) -> None:
        record.require_gated_production()

    @invariant()
    def each_model_has_one_champion(self) -> None:
        record.require_one_champion()

    def _sign(
        self,
        request: PromotionRequest,
        signer: User,
        role: str,
        decision: SignOff.Decision,
        ticket: Ticket,
    ) -> None:
        by = actor(signer)
        before = SignOff.objects.count()
        with recorded():
            approvals.sign_off(
                request,
                by=by,
                role=role,
                decision=decision,
                reason=REASON,
                ticket=ticket,
                confirmed=scenarios.confirmation(by),
            )
        if SignOff.objects.count() > before:
            assert role in roles_on(signer.pk, request.version.model_id)
            assert ticket.signer == by.id

    def _promote(self, request: PromotionRequest, operator: User) -> None:
        """Try to promote; when it is done, each who signed holds the role they signed in."""
        with recorded():
            version = approvals.promote(request, by=actor(operator), reason=REASON)
            *_, promotion = record.kept(action="version.promote", subject_id=request.record_id)
            for signed in record.counted(promotion):
                assert signed.role in roles_on(signed.signer_id, version.model_id)


@contextmanager
def recorded() -> Iterator[None]:
    """Let somebody try, and be refused, provided that the newest event tells which."""
    before, expected = newest_event(), AuditEvent.Outcome.DONE
    try:
        yield
    except DomainError:
        expected = AuditEvent.Outcome.REFUSED
    event = newest_event()
    assert event != before, "nothing records what was tried"
    assert event is not None
    assert event.outcome == expected


def newest_event() -> AuditEvent | None:
    return AuditEvent.objects.order_by("-pk").first()


# -- the game


@pytest.mark.django_db
@pytest.mark.long
@pytest.mark.timeout(3 * 3600 if LONG else 300)
def test_whatever_five_people_do_production_is_gated_and_the_record_is_whole() -> None:
    crowd()
    busy, fresh = scenarios.registered_model("busy"), scenarios.registered_model("fresh")
    scenarios.promoted(Stage.PRODUCTION, busy)
    scenarios.promoted(Stage.PRODUCTION, busy)
    scenarios.signed_off(Stage.PRODUCTION, busy)
    scenarios.requested(Stage.STAGING, fresh)
    assert champion.of(busy) is not None

    play(
        Crowd,
        settings=settings(
            max_examples=200 if LONG else 12,
            stateful_step_count=50 if LONG else 14,
            deadline=None,
            derandomize=not LONG,
            # Looking for the shortest way to a failure takes minutes, so only the long run does.
            phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
            # A step asks a real database and reads the whole record again: seconds, not millis.
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
