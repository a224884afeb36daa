"""What is begun beside a decision at the same moment, and who of the two came first."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from apps.accounts.models import User
from apps.approvals import cases
from apps.approvals import operations as approvals
from apps.approvals.cases import Case
from apps.approvals.models import PolicyVersion, PromotionRequest, SignOff
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.conclusions import Conclusion
from apps.validation.models import CheckRun
from tests import scenarios
from tests.approvals import policy_walk
from tests.approvals.policy_texts import Document
from tests.factories import actor
from tests.journeys import record
from tests.journeys.test_race import at_once, newest, require_before

WHY = "Seen meanwhile"
Step = Callable[[], object]


@dataclass(frozen=True)
class Race:
    """A decision and what goes against it, begun at the same moment: their results and events."""

    decided: object
    other: object
    decision: record.Kept
    rival: record.Kept

    @classmethod
    def run(
        cls,
        decide: Step,
        rival: Step,
        chance: random.Random,
        *,
        named: tuple[str, PromotionRequest],
        against: str,
    ) -> "Race":
        """Run both; ``named`` is the action of the decision and its request, ``against`` the
        action of the first event the other leaves."""
        since = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
        decided, other = at_once([decide, rival], chance)
        action, request = named
        first = record.kept(action=against, pk__gt=since)[0]
        return cls(decided, other, newest(action, request.record_id), first)

    @property
    def is_decided(self) -> bool:
        """Whether the decision was taken, which is right only when it came first."""
        return self.decision.outcome == AuditEvent.Outcome.DONE

    def require_in_turn(self) -> None:
        """Fail unless the decision was taken before the other, or refused after it."""
        assert self.rival.outcome == AuditEvent.Outcome.DONE
        if self.is_decided:
            require_before(self.decision, self.rival)
        else:
            assert self.decision.outcome == AuditEvent.Outcome.REFUSED
            require_before(self.rival, self.decision)


def case_of(request: PromotionRequest) -> Case:
    """Return a request as it stands now."""
    [case] = cases.complete([request], at=database_now())
    return case


def signing(request: PromotionRequest, signer: User, role: str) -> Step:
    """Return the approval of what a page shows now."""
    by = actor(signer)
    return partial(
        approvals.sign_off,
        PromotionRequest.objects.get(pk=request.pk),
        by=by,
        role=role,
        decision=SignOff.Decision.APPROVE,
        reason="Looked at it closely",
        ticket=scenarios.ticket(request, by),
        confirmed=scenarios.confirmation(by),
    )


def claimed(version: ModelVersion, check: str) -> tuple[CheckRun, int]:
    """Return a new run of a check that a worker is at, with its attempt."""
    [run] = validation.start_checks(version, by=actor(scenarios.developer()), names=[check])
    return run, runner.claim(run, worker="tests")


def concluding(version: ModelVersion, check: str) -> Step:
    """Return the end of a run that a worker is at by now."""
    run, attempt = claimed(version, check)
    return partial(runner.conclude, run, attempt, Conclusion(CheckRun.State.PASSED, "All is well."))


def failing(version: ModelVersion, check: str) -> Step:
    """Return a new run of a check that begins, and ends with a failure."""

    def fail() -> CheckRun:
        run, attempt = claimed(version, check)
        runner.conclude(run, attempt, Conclusion(CheckRun.State.FAILED, "The bytes are others."))
        return run

    return fail


def publishing(round_: int) -> Step:
    """Return the publication of a policy whose gates last otherwise than those in force now."""

    def otherwise(document: Document) -> None:
        for tier in document["tiers"]:
            tier["settings"]["approval_valid_days"] = 20 + round_ % 2

    proposed = policy_walk.proposed(otherwise, number=f"1.0.{round_ + 1}")
    policy_walk.tried(proposed)
    policy_walk.signed_by_both(proposed)
    mine = PolicyVersion.objects.get(pk=proposed.pk)
    return partial(approvals.publish_policy, mine, by=actor(policy_walk.writer()), reason=WHY)
