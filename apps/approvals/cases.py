"""Promotion requests with all that is needed to judge them, read for many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from apps.approvals import in_force, judgment, papers
from apps.approvals.dossier import Dossier
from apps.approvals.facts import context
from apps.approvals.facts.people import Lines
from apps.approvals.judgment import sign_off_facts
from apps.approvals.models import TO_PRODUCTION, Emergency, PromotionRequest, SignOff, Waiver
from apps.approvals.papers import Papers
from apps.approvals.policies import Gate, Mode, Policy, SlotRule, gate_of
from apps.approvals.readiness import Closed, GivenSignOff, Readiness
from apps.catalog.duties import RolesHeld, roles_held
from apps.catalog.facts import Records, with_records
from apps.catalog.models import ModelVersion
from apps.validation.basis import Basis
from apps.validation.models import CheckRun


@dataclass(frozen=True)
class Case:
    """One request as of a moment: its dossier, facts, sign-offs and what the gate says."""

    request: PromotionRequest
    policy: Policy
    gate: Gate
    dossier: Dossier
    facts: context.Facts
    runs: Mapping[str, CheckRun]
    judged_by: Basis
    replaces: ModelVersion | None
    sign_offs: tuple[SignOff, ...]
    given: tuple[GivenSignOff, ...]
    readiness: Readiness
    waivers: Sequence[Waiver]
    """Every waiver ever granted to the version."""
    at: datetime

    @property
    def why_void(self) -> Mapping[int, str]:
        """Why each sign-off that does not count is void, by its id."""
        return {
            sign_off.pk: given.why_void
            for sign_off, given in zip(self.sign_offs, self.given, strict=True)
            if not given.valid
        }


def complete(
    requests: Sequence[PromotionRequest],
    *,
    at: datetime,
    executor: str = "",
    policy: Policy | None = None,
) -> list[Case]:
    """Return the cases of some requests, in a number of queries that does not grow with them.

    ``executor`` is the id of whoever carries them out now, ``policy`` the one in force when it was
    read already.
    """
    loaded = _loaded([request.pk for request in requests])
    around = _Around.of(loaded.values(), policy or in_force.policy(), at, executor)
    requests = [loaded[request.pk] for request in requests]
    return [_case(request, around) for request in requests]


def _loaded(ids: Sequence[int]) -> Mapping[int, PromotionRequest]:
    """Read requests with their versions and sign-offs, and the conditions of those tied to any."""
    people = ("signer", "on_behalf_of", "withdrawal", "answer")
    sign_offs = SignOff.objects.select_related(*people).order_by("id")
    rows = with_records(PromotionRequest.objects.all(), "version__")
    found: Mapping[int, PromotionRequest] = (
        rows.select_related("requested_by", "replaced__model", "closed_by")
        .prefetch_related(Prefetch("sign_offs", queryset=sign_offs))
        .in_bulk(ids)
    )
    given = (sign_off for request in found.values() for sign_off in request.sign_offs.all())
    with_conditions = SignOff.Decision.APPROVE_WITH_CONDITIONS
    tied = [sign_off for sign_off in given if sign_off.decision == with_conditions]
    prefetch_related_objects(tied, "conditions")
    return found


@dataclass(frozen=True)
class _Around:
    """What is read once for all requests that are judged together."""

    policy: Policy
    evidence: context.Evidence
    papers: Mapping[int, Papers]
    debts: Mapping[int, Emergency]
    roles: RolesHeld
    lines: Lines
    at: datetime
    executor: str

    @classmethod
    def of(
        cls,
        requests: Collection[PromotionRequest],
        policy: Policy,
        at: datetime,
        executor: str,
    ) -> "_Around":
        versions = {request.version_id: request.version for request in requests}
        models = {version.model_id for version in versions.values()}
        given = [sign_off for request in requests for sign_off in request.sign_offs.all()]
        people = {pk for one in given for pk in (one.signer_id, one.right_of.pk)}
        evidence = context.Evidence(policy, Records.around(versions), beside=frozenset(people))
        return cls(
            policy,
            evidence,
            papers.of(evidence, on=at.date()),
            debts_of(models) if evidence.has_debts else {},
            roles_held({sign_off.right_of.pk for sign_off in given}, models),
            evidence.lines,
            at,
            executor,
        )


def _case(request: PromotionRequest, around: _Around) -> Case:
    policy, evidence, pk = around.policy, around.evidence, request.version_id
    mode = Mode(request.mode)
    facts = context.of_request(request, evidence, at=around.at, executor=around.executor)
    gate = gate_of(policy, request.transition, judgment.effective_tier(policy, facts), mode)
    replaces = evidence.replaced_by(request.version, request.target)
    owed = evidence.obligations(request.version, facts, at=around.at)
    unsigned = judgment.judge(policy, request.transition, facts, (), mode=mode, obligations=owed)
    dossier = Dossier.of(
        request,
        gate=gate.digest,
        runs=evidence.runs.get(pk, {}),
        replaces=replaces,
        inventory=evidence.records.inventory_digest(request.version),
        papers={**around.papers.get(pk, {}), **papers.of_obligations(owed, request.transition)},
        accepted=unsigned.accepted,
    )
    sign_offs = tuple(request.sign_offs.all())
    asked = tuple(slot.rule for slot in unsigned.slots)
    given = _Bench(request, gate, asked, dossier, facts, around).given(sign_offs)
    facts["sign_offs"] = sign_off_facts(given)
    readiness = judgment.judge(
        policy,
        request.transition,
        facts,
        given,
        mode=mode,
        obligations=owed,
        note=request.note,
        debts=_debts(request, around.debts),
    )
    return Case(
        request,
        policy,
        gate,
        dossier,
        facts,
        evidence.runs.get(pk, {}),
        evidence.judged_by,
        replaces,
        sign_offs,
        tuple(given),
        readiness,
        evidence.waivers.get(pk, ()),
        around.at,
    )


def debts_of(model_ids: Collection[int]) -> Mapping[int, Emergency]:
    """Return the oldest emergency of each model that nobody reviewed yet."""
    unsettled = Emergency.objects.filter(
        authorization__version__model__in=model_ids, reviewed_at=None
    ).select_related("authorization__version")
    found = list(unsettled.order_by("-pk"))
    return {emergency.authorization.version.model_id: emergency for emergency in found}


def _debts(request: PromotionRequest, debts: Mapping[int, Emergency]) -> tuple[Closed, ...]:
    """Return what an emergency keeps shut: the next promotion to production, until reviewed."""
    emergency = debts.get(request.version.model_id)
    if emergency is None or request.transition != TO_PRODUCTION:
        return ()
    return (
        Closed(
            "emergency",
            "Emergency to review",
            f"{emergency.authorization.version} was put into production in an emergency on "
            f"{emergency.acted_at:%Y-%m-%d}, and nobody has looked back at it.",
            "A validator or a model risk officer reviews it.",
        ),
    )


@dataclass(frozen=True)
class _Bench:
    """Holds each sign-off of a request against everything as it stands now."""

    request: PromotionRequest
    gate: Gate
    asked: Sequence[SlotRule]
    """The slots that apply, with those that obligations added."""
    dossier: Dossier
    facts: context.Facts
    around: _Around

    def given(self, sign_offs: Sequence[SignOff]) -> list[GivenSignOff]:
        """Judge sign-offs in the order they were given, each beside those before it."""
        given: list[GivenSignOff] = []
        last = {sign_off.signer_id: sign_off.pk for sign_off in sign_offs}
        for sign_off in sign_offs:
            why_void = self._why_void(sign_off, given)
            given.append(
                GivenSignOff(
                    id=sign_off.record_id,
                    role=sign_off.role,
                    signer_id=sign_off.signer.record_id,
                    decision=sign_off.decision,
                    valid=why_void == "",
                    why_void=why_void,
                    signed_at=sign_off.signed_at,
                    signer_name=sign_off.signer_name,
                    is_answered=hasattr(sign_off, "answer")
                    or last[sign_off.signer_id] != sign_off.pk,
                )
            )
        return given

    def _why_void(self, sign_off: SignOff, earlier: Sequence[GivenSignOff]) -> str:
        """Say why a sign-off does not count, or nothing when it does."""
        if hasattr(sign_off, "withdrawal"):
            return "Withdrawn by the signer."
        if sign_off.decision in SignOff.DISSENT:
            return ""
        if sign_off.dossier_digest != self.dossier.digest:
            changes = self.dossier.changes_since(Dossier.from_text(sign_off.dossier))
            return " ".join(changes) or "It was given for something else."
        if self.around.at >= sign_off.expires_at:
            return "It lapsed and must be given again."
        if missed := sign_off.missed_condition(self.around.at.date()):
            return f"Its condition was not met by {missed.due:%Y-%m-%d}: {missed.text}"
        return self._not_by_right(sign_off, earlier)

    def _not_by_right(self, sign_off: SignOff, earlier: Sequence[GivenSignOff]) -> str:
        """Say why the signer has no right to sign, as of now, or nothing."""
        if not sign_off.signer.is_active:
            return "The signer's account is closed."
        held_by = sign_off.right_of
        place = (held_by.pk, self.request.version.model_id)
        roles = self.around.roles.get(place, frozenset())
        if sign_off.role not in roles:
            who = "The signer" if held_by == sign_off.signer else str(held_by)
            return f"{who} no longer holds this role."
        slot = self._slot(sign_off.role)
        if slot is None:
            return "The policy asks for no sign-off in this role any more."
        facts = self.facts | {"sign_offs": sign_off_facts(earlier)}
        refused = (
            refusal
            for person in dict.fromkeys((sign_off.signer, held_by))
            for refusal in judgment.refusals(
                self.around.policy,
                self.request.transition,
                facts,
                context.of_signer(person, roles, self.around.lines),
                slot,
                mode=self.gate.mode,
            )
        )
        return " ".join(dict.fromkeys(refused))

    def _slot(self, role: str) -> SlotRule | None:
        """Return the slot a role signs in: one that is asked now, or that the gate has at all."""
        asked = next((slot for slot in self.asked if slot.role == role), None)
        return asked or self.gate.slot_or_none(role)
