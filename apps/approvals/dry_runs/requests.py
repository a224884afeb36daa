"""What another policy would do to open requests: to their gates, sign-offs and signers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.approvals import cases, judgment
from apps.approvals.cases import Case
from apps.approvals.dry_runs import gates
from apps.approvals.dry_runs.gates import Facts
from apps.approvals.dry_runs.people import People
from apps.approvals.dry_runs.report import Report
from apps.approvals.facts import context
from apps.approvals.facts.context import Evidence
from apps.approvals.models import PromotionRequest
from apps.approvals.obligations import Obligation
from apps.approvals.policies import Gate, Policy, SlotRule
from apps.approvals.policies.duties import Person
from apps.approvals.readiness import VerdictState


@dataclass
class OnRequests:
    """Holds open requests against the policy in force and another one, batch by batch."""

    after: Policy
    people: People
    report: Report
    at: datetime

    def judge(self, requests: Sequence[PromotionRequest]) -> None:
        """Judge open requests, their sign-offs, and who may sign them."""
        judged = cases.complete(requests, at=self.at)
        evidence = Evidence.about([case.request.version for case in judged], self.after)
        held = self.people.held_on({case.request.version.model_id for case in judged})
        for case in judged:
            facts = context.of_request(case.request, evidence, at=self.at)
            owed = evidence.obligations(case.request.version, facts, at=self.at)
            people = self.people.holding_on(held.get(case.request.version.model_id, {}))
            self._of_request(case, facts, people, owed)

    def _of_request(
        self, case: Case, facts: Facts, people: Sequence[Person], owed: Sequence[Obligation]
    ) -> None:
        request = case.request
        self.report.requests += 1
        gate = gates.met(self.after, request.transition, facts, case.gate.mode)
        was = {one.condition for one in case.readiness.with_state(VerdictState.BLOCKED)}
        unsigned = {**facts, "sign_offs": case.facts["sign_offs"]}
        now = gates.shut(gate, unsigned) | gates.kept_shut(gate, self.after, unsigned, owed)
        self.report.know(owed)
        named = {"name": str(request), "url": request.get_absolute_url()}
        if newly := now - was:
            self.report.requests_blocked.add(**named, conditions=self.report.named(newly))
        if was and not now:
            self.report.requests_opened.add(**named, conditions=self.report.named(was))
        if why := self._why_void(case, gate, facts, owed):
            for given in case.given:
                if given.counts:
                    self.report.void.add(**named, signer=given.signer_name, why=why)
        self._of_signers(case, gate, unsigned, people)

    def _why_void(
        self, case: Case, gate: Gate | None, facts: Facts, owed: Sequence[Obligation]
    ) -> str:
        """Say why the sign-offs of a request would not count any more, or nothing."""
        if gate is None:
            return "The policy has no gate for this move."
        if gate.digest != case.gate.digest:
            return "What the policy asks here changes."
        unsigned = judgment.judge(
            self.after,
            case.request.transition,
            facts,
            (),
            mode=case.gate.mode,
            obligations=owed,
        )
        if sorted(unsigned.accepted) != sorted(case.dossier.accepted):
            return "The conditions that are not met become other ones."
        return ""

    def _of_signers(
        self, case: Case, gate: Gate | None, facts: Facts, people: Sequence[Person]
    ) -> None:
        """Note who may sign in a slot now and could not any more."""
        for slot in (state.rule for state in case.readiness.slots):
            new = gate.slot_or_none(slot.role) if gate else None
            if gate is not None and slot.is_added:
                new = new or slot
            for person in people:
                if slot.role not in person.roles or self._refused(case, case.policy, slot, person):
                    continue
                why = self._why_stopped(case, new, facts, person)
                if why:
                    self.report.people_stopped.add(person.id)
                    self.report.cannot_sign.add(
                        person=person.name, role=slot.title, name=str(case.request), why=why,
                        url=case.request.get_absolute_url(),
                    )  # fmt: skip

    def _refused(self, case: Case, policy: Policy, slot: SlotRule, person: Person) -> bool:
        return bool(
            judgment.refusals(
                policy,
                case.request.transition,
                case.facts,
                person.facts,
                slot,
                mode=case.gate.mode,
            )
        )

    def _why_stopped(self, case: Case, slot: SlotRule | None, facts: Facts, person: Person) -> str:
        if slot is None:
            return "The slot is gone."
        refusals = judgment.refusals(
            self.after, case.request.transition, facts, person.facts, slot, mode=case.gate.mode
        )
        return " ".join(refusals)
