"""A promotion request as it was: its state, its signatures, and what was judged when decided."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.approvals import policies
from apps.approvals.models import (
    Authorization,
    PolicyVersion,
    PromotionRequest,
    SignOff,
    SignOffCondition,
    SignOffWithdrawal,
)
from apps.approvals.past.named import Applied, Names, policies_of
from apps.audit import past
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel


@dataclass(frozen=True)
class Signed:
    """A sign-off that was given by a moment, and what had become of it."""

    row: SignOff
    withdrawal: SignOffWithdrawal | None
    conditions: Sequence[SignOffCondition]


@dataclass(frozen=True)
class Verdict:
    """One condition as it was judged when the request was carried out."""

    condition: str
    title: str
    state: str


@dataclass(frozen=True)
class Decision:
    """What the record keeps of the judgment a request was carried out by."""

    event: UUID
    at: datetime
    verdicts: Sequence[Verdict]
    tier: int | None
    counted: frozenset[str]
    """The ids of the sign-offs that filled the slots."""


@dataclass(frozen=True)
class PastPromotion:
    """A promotion request at a moment; people bear today's names, signers those they signed by."""

    row: PromotionRequest
    version: ModelVersion
    model: RegisteredModel
    signed: Sequence[Signed]
    closed_event: UUID | None
    decision: Decision | None
    """Nothing until it was carried out: only then a judgment goes into the record."""
    authorizations: Sequence[Authorization]
    policy: Applied
    replaced_number: int | None
    names: Names


def promotion_at(request: PromotionRequest, at: datetime) -> PastPromotion | None:
    """Return a request as it was at a moment, or nothing when nobody had made it yet."""
    row = past.as_it_was(PromotionRequest, request.pk, at)
    version = past.as_it_was(ModelVersion, request.version_id, at)
    if row is None or version is None:
        return None
    model = past.as_it_was(RegisteredModel, version.model_id, at)
    assert model is not None  # a version is registered after its model
    version.model, row.version = model, version
    signed = signed_at([row], at)
    closed = _closed_by(row, at)
    people = [row.requested_by_id, row.closed_by_id, *(one.row.on_behalf_of_id for one in signed)]
    tied = (tie.owner_id for one in signed for tie in one.conditions)
    return PastPromotion(
        row=row,
        version=version,
        model=model,
        signed=signed,
        closed_event=closed.uid if closed else None,
        decision=_decision(row, closed),
        authorizations=past.as_they_were(Authorization, at, Q(request_id=row.pk)),
        policy=policies_of([row.policy_digest])[row.policy_digest],
        replaced_number=_number(row.replaced_id, at),
        names=Names.of([*people, *tied]),
    )


def signed_at(requests: Collection[PromotionRequest], at: datetime) -> list[Signed]:
    """Return the sign-offs some requests had, the first given first, in three queries."""
    given = past.as_they_were(SignOff, at, Q(request_id__in=[one.pk for one in requests]))
    ids = [one.pk for one in given]
    of_one = Q(sign_off_id__in=ids)
    withdrawn = {one.sign_off_id: one for one in past.as_they_were(SignOffWithdrawal, at, of_one)}
    tied: dict[int, list[SignOffCondition]] = defaultdict(list)
    for one in past.as_they_were(SignOffCondition, at, of_one):
        tied[one.sign_off_id].append(one)
    return [Signed(one, withdrawn.get(one.pk), tied.get(one.pk, ())) for one in given]


def _closed_by(row: PromotionRequest, at: datetime) -> AuditEvent | None:
    """Return the event that decided a request, or nothing while it is open."""
    if row.is_open:
        return None
    history = PromotionRequest.history.filter(id=row.pk, state=row.state, history_date__lte=at)
    first = history.order_by("history_id").select_related("event").first()
    return first.event if first is not None else None


def _decision(row: PromotionRequest, closed: AuditEvent | None) -> Decision | None:
    if closed is None:
        return None
    entry = json.loads(bytes(closed.entry))
    readiness = entry["detail"].get("readiness")
    if not isinstance(readiness, Mapping):
        return None  # declined, withdrawn or lapsed: nothing was judged for the record
    titles = _titles(row.policy_digest, str(readiness.get("policy_digest", "")))
    slots = readiness.get("slots", [])
    return Decision(
        event=closed.uid,
        at=datetime.fromisoformat(entry["time"]),
        verdicts=[
            Verdict(one, titles.get(one, one), state)
            for state, conditions in readiness.get("conditions", {}).items()
            for one in conditions
        ],
        tier=readiness.get("tier"),
        counted=frozenset(one for slot in slots for one in slot["sign_offs"]),
    )


def _titles(*digests: str) -> dict[str, str]:
    """Return what conditions are called in the policies of some digests, the last one's first."""
    found: dict[str, str] = {}
    shipped: dict[str, Any] = {one.digest: one for one in map(policies.shipped, policies.SHIPPED)}
    texts = PolicyVersion.objects.filter(digest__in=digests).order_by("pk")
    published = {one.digest: one.text for one in texts.only("digest", "text")}
    for digest in digests:
        text = published.get(digest)
        policy = policies.parsed(text) if text is not None else shipped.get(digest)
        if policy is not None:
            found |= {one.id: one.title for one in policy.conditions}
    return found


def _number(version_id: int | None, at: datetime) -> int | None:
    found = past.as_it_was(ModelVersion, version_id, at) if version_id is not None else None
    return found.number if found is not None else None
