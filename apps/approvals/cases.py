"""Promotion requests with all that is needed to judge them, read for many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from apps.approvals import context, judgment, policies
from apps.approvals.dossier import Dossier
from apps.approvals.judgment import sign_off_facts
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.policies import Policy, SlotRule
from apps.approvals.readiness import GivenSignOff, Readiness
from apps.catalog.duties import RolesHeld, roles_held
from apps.catalog.inventory.sheets import inventory_digests
from apps.catalog.models import ModelVersion
from apps.validation.basis import Basis
from apps.validation.models import CheckRun


@dataclass(frozen=True)
class Case:
    """One request as of a moment: its dossier, facts, sign-offs and what the gate says."""

    request: PromotionRequest
    policy: Policy
    dossier: Dossier
    facts: context.Facts
    runs: Mapping[str, CheckRun]
    judged_by: Basis
    replaces: ModelVersion | None
    sign_offs: tuple[SignOff, ...]
    given: tuple[GivenSignOff, ...]
    readiness: Readiness

    @property
    def why_void(self) -> Mapping[int, str]:
        """Why each sign-off that does not count is void, by its id."""
        return {
            sign_off.pk: given.why_void
            for sign_off, given in zip(self.sign_offs, self.given, strict=True)
            if not given.valid
        }


def complete(requests: Sequence[PromotionRequest], *, at: datetime) -> list[Case]:
    """Return the cases of some requests, in a number of queries that does not grow with them."""
    loaded = _loaded([request.pk for request in requests])
    requests = [loaded[request.pk] for request in requests]
    versions = [request.version for request in requests]
    evidence, inventory = context.Evidence.about(versions), inventory_digests(versions)
    signers = {sign_off.signer_id for request in requests for sign_off in request.sign_offs.all()}
    roles = roles_held(signers, {request.version.model_id for request in requests})
    return [
        _case(request, evidence, inventory.get(request.version_id), roles, at)
        for request in requests
    ]


def _loaded(ids: Sequence[int]) -> Mapping[int, PromotionRequest]:
    sign_offs = SignOff.objects.select_related("signer", "withdrawal").order_by("id")
    return (
        PromotionRequest.objects.select_related(
            "version__model__owner",
            "version__run",
            "requested_by",
            "replaced__model",
            "closed_by",
        )
        .prefetch_related(Prefetch("sign_offs", queryset=sign_offs))
        .in_bulk(ids)
    )


def _case(
    request: PromotionRequest,
    evidence: context.Evidence,
    inventory: str | None,
    roles: RolesHeld,
    at: datetime,
) -> Case:
    policy = policies.built_in()
    runs = evidence.runs.get(request.version_id, {})
    replaces = evidence.replaced_by(request.version, request.target)
    dossier = Dossier.of(request, policy, runs, replaces, inventory)
    facts = context.of_request(request, evidence, at=at)
    sign_offs = tuple(request.sign_offs.all())
    given = _Bench(request, policy, dossier, facts, roles, at).given(sign_offs)
    facts["sign_offs"] = sign_off_facts(given)
    readiness = judgment.judge(policy, request.transition, facts, given)
    return Case(
        request,
        policy,
        dossier,
        facts,
        runs,
        evidence.judged_by,
        replaces,
        sign_offs,
        tuple(given),
        readiness,
    )


@dataclass(frozen=True)
class _Bench:
    """Holds each sign-off of a request against everything as it stands now."""

    request: PromotionRequest
    policy: Policy
    dossier: Dossier
    facts: context.Facts
    roles: RolesHeld
    at: datetime

    def given(self, sign_offs: Sequence[SignOff]) -> list[GivenSignOff]:
        """Judge sign-offs in the order they were given, each beside those before it."""
        given: list[GivenSignOff] = []
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
                )
            )
        return given

    def _why_void(self, sign_off: SignOff, earlier: Sequence[GivenSignOff]) -> str:
        """Say why a sign-off does not count, or nothing when it does."""
        if hasattr(sign_off, "withdrawal"):
            return "Withdrawn by the signer."
        if sign_off.dossier_digest != self.dossier.digest:
            return " ".join(self.dossier.changes_since(Dossier.from_text(sign_off.dossier)))
        if self.at >= sign_off.expires_at:
            return "It lapsed and must be given again."
        if not sign_off.signer.is_active:
            return "The signer's account is closed."
        roles = self.roles.get((sign_off.signer_id, self.request.version.model_id), frozenset())
        if sign_off.role not in roles:
            return "The signer no longer holds this role."
        return self._may_not_sign(sign_off, roles, earlier)

    def _may_not_sign(
        self, sign_off: SignOff, roles: frozenset[str], earlier: Sequence[GivenSignOff]
    ) -> str:
        """Say why the signer may not sign by the rules on separation of duties, as of now."""
        slot = slot_or_none(self.policy, self.request.transition, self.facts, sign_off.role)
        if slot is None:
            return "The policy asks for no sign-off in this role any more."
        facts = self.facts | {"sign_offs": sign_off_facts(earlier)}
        signer = context.of_signer(sign_off.signer, roles)
        refusals = judgment.refusals(self.policy, self.request.transition, facts, signer, slot)
        return judgment.in_sentences(slot, refusals)


def slot_or_none(
    policy: Policy, transition: str, facts: context.Facts, role: str
) -> SlotRule | None:
    """Return the slot of a gate that a role signs in, if there is one."""
    tier = judgment.effective_tier(policy, facts)
    rules = policy.transition(transition).sign_offs[tier]
    return next((rule for rule in rules if rule.role == role), None)
