"""What was in production at a moment, under which approvals, for all models of one reader."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.approvals.models import (
    Authorization,
    Emergency,
    PromotionRequest,
    Ratification,
    SignOff,
)
from apps.approvals.past.named import Applied, Names, policies_of, sees_findings
from apps.audit import past
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.risk.models import Finding
from apps.risk.past import open_findings_at, tiers_at
from apps.risk.tiers import CurrentTier

STANDING = (Authorization.State.VALID, Authorization.State.SUSPENDED)
BY_NAME = Order(("known_as", "id"), least_first=True)
BATCH = 200


@dataclass(frozen=True)
class Entered:
    """When a version entered production the last time, and by which event."""

    at: datetime
    event: UUID


@dataclass(frozen=True)
class Serving:
    """A version in production at a moment, and by what right it was there."""

    model: RegisteredModel
    version: ModelVersion
    known_as: str
    """What the model is called today, by which its pages are found."""
    owner: str
    owner_username: str
    entered: Entered | None
    tier: CurrentTier
    authorization: Authorization | None
    request: PromotionRequest | None
    sign_offs: Sequence[SignOff]
    emergency: Emergency | None
    emergency_by: str
    ratifications: Sequence[Ratification]
    policy: Applied | None
    findings: Counter[str] | None
    """Open findings of the model, by severity; nothing where the reader is shown none."""


def in_production(actor: Actor, at: datetime) -> QuerySet[Any, Any]:
    """Return the states of the versions that were in production, on models the actor may see."""
    seen = catalog.models_visible_to(actor).order_by().values("pk")
    such = Q(stage=Stage.PRODUCTION)
    found = past.states(ModelVersion, at, Q(model__in=seen), such)
    named: QuerySet[Any, Any] = found.annotate(known_as=F("model__name"))
    return named.order_by("known_as", "id")


def all_serving(actor: Actor, at: datetime) -> Iterator[Serving]:
    """Return everything that was in production, by the name of the model, some at a time."""
    page = BY_NAME.page(in_production(actor, at), size=BATCH)
    yield from serving(page.rows, at, actor)
    while page.older:
        page = BY_NAME.page(in_production(actor, at), size=BATCH, mark=page.older)
        yield from serving(page.rows, at, actor)


def serving(states: Sequence[Any], at: datetime, reader: Actor) -> list[Serving]:
    """Return some versions that were in production with their approvals, in a fixed number of
    queries."""
    versions = {state.id: past.row_of(ModelVersion, state) for state in states}
    known_as = {state.id: state.known_as for state in states}
    model_ids = {version.model_id for version in versions.values()}
    models = {one.pk: one for one in _rows(RegisteredModel, at, "id", model_ids)}
    granted = {one.version_id: one for one in authorizations_at(versions, at)}
    approvals = _Approvals.of(list(granted.values()), at)
    tiers = tiers_at(model_ids, at)
    findings = open_findings_at(model_ids, at) if sees_findings(reader) else None
    entered = _entered(versions, at)
    names = Names.of([*(one.owner_id for one in models.values()), *approvals.people])
    found = []
    for pk, version in versions.items():
        model, authorization = models[version.model_id], granted.get(pk)
        found.append(
            Serving(
                model=model,
                version=version,
                known_as=known_as[pk],
                owner=names.person(model.owner_id),
                owner_username=names.username(model.owner_id),
                entered=entered.get(pk),
                tier=tiers[model.pk],
                authorization=authorization,
                findings=_counted(findings, model.pk),
                **approvals.of_one(authorization, names),
            )
        )
    return found


def _counted(findings: Mapping[int, Sequence[Finding]] | None, pk: int) -> Counter[str] | None:
    return None if findings is None else Counter(one.severity for one in findings.get(pk, ()))


def authorizations_at(version_ids: Collection[int], at: datetime) -> list[Authorization]:
    """Return the authorizations of versions that stood at a moment, valid or suspended."""
    within, such = Q(version_id__in=version_ids), Q(state__in=STANDING)
    return past.as_they_were(Authorization, at, within, such)


@dataclass(frozen=True)
class _Approvals:
    """What some authorizations rest on, as it was at a moment."""

    requests: Mapping[int, PromotionRequest]
    sign_offs: Mapping[str, SignOff]
    emergencies: Mapping[int, Emergency]
    ratifications: Mapping[int, Sequence[Ratification]]
    policies: Mapping[str, Applied]

    @classmethod
    def of(cls, authorizations: Sequence[Authorization], at: datetime) -> "_Approvals":
        requests = _rows(PromotionRequest, at, "id", {one.request_id for one in authorizations})
        signed = {int(one.rpartition("_")[2]) for row in authorizations for one in row.sign_off_ids}
        sign_offs = _rows(SignOff, at, "id", signed)
        emergencies = _rows(Emergency, at, "authorization_id", {one.pk for one in authorizations})
        ratified: dict[int, list[Ratification]] = defaultdict(list)
        for one in _rows(Ratification, at, "emergency_id", {one.pk for one in emergencies}):
            ratified[one.emergency_id].append(one)
        return cls(
            {one.pk: one for one in requests},
            {one.record_id: one for one in sign_offs},
            {one.authorization_id: one for one in emergencies},
            ratified,
            policies_of({one.policy_digest for one in authorizations}),
        )

    @property
    def people(self) -> list[int]:
        return [one.acted_by_id for one in self.emergencies.values()]

    def of_one(self, authorization: Authorization | None, names: Names) -> dict[str, Any]:
        if authorization is None:
            return {
                "request": None,
                "sign_offs": (),
                "emergency": None,
                "emergency_by": "",
                "ratifications": (),
                "policy": None,
            }
        emergency = self.emergencies.get(authorization.pk)
        signed = authorization.sign_off_ids
        return {
            "request": self.requests.get(authorization.request_id or 0),
            "sign_offs": [self.sign_offs[one] for one in signed if one in self.sign_offs],
            "emergency": emergency,
            "emergency_by": names.person(emergency.acted_by_id) if emergency else "",
            "ratifications": self.ratifications.get(emergency.pk, ()) if emergency else (),
            "policy": self.policies[authorization.policy_digest],
        }


def _rows(
    rows: type[past.Governed], at: datetime, column: str, ids: Collection[int | None]
) -> list[past.Governed]:
    """Return the rows that have one of some ids in a column that never changes."""
    known = {one for one in ids if one is not None}
    return past.as_they_were(rows, at, Q(**{f"{column}__in": known}))


def _entered(version_ids: Collection[int], at: datetime) -> Mapping[int, Entered]:
    """Return since when versions were in production without a break, in one query."""
    history = ModelVersion.history.filter(id__in=version_ids, history_date__lte=at)
    found: dict[int, Entered] = {}
    told = history.order_by("history_id").values_list("id", "stage", "history_date", "event_id")
    for pk, stage, date, event in told:
        if stage != Stage.PRODUCTION:
            found.pop(pk, None)
        else:
            found.setdefault(pk, Entered(date, event))
    return found
