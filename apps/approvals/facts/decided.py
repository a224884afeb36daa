"""What was decided about some versions: authorizations, waivers, retention, holds, traffic."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from apps.approvals import waiver_facts
from apps.approvals.judgment import effective_tier
from apps.approvals.models import (
    Authorization,
    Emergency,
    LegalHold,
    PromotionRequest,
    Retention,
    Waiver,
)
from apps.approvals.obligations import Obligation
from apps.approvals.policies import Policy
from apps.approvals.waiver_rules import Rules
from apps.catalog import facts as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.deployments import queries as deployments
from apps.deployments.models import Sighting
from apps.risk.facts import as_one

Facts = dict[str, object]
_OF_TRAFFIC = ("version_id", "share")
Beside = Sequence[tuple[str, int, Mapping[str, Any]]]
_KEPT, _ON_HOLD, _IN_DEBT = "retention", "legal_hold", "emergency"
_WANTED, _SEEN = "placement", "sighting"
_WHOLE = 100
"""Percent of the traffic that something seen is taken to have while nobody says how much."""


@dataclass(frozen=True)
class Decided:
    """Decisions about some versions and their models, read once for all of them."""

    authorizations: Mapping[int, Authorization]
    """The newest authorization of each version."""
    suspended: Collection[int]
    """Those among them that were suspended and then ended as they were."""
    promoted: Mapping[int, str]
    """The content of each version that was promoted before promotions left authorizations."""
    waivers: Mapping[int, Sequence[Waiver]]
    retention: Mapping[int, int]
    """For how many years the records of a model are kept, by its id."""
    held: Collection[int]
    """The models a legal hold is in force on."""
    indebted: Collection[int]
    """The models that had an emergency nobody has looked back at yet."""
    traffic: Mapping[int, int]
    """The greatest share of live traffic of each version, as ordered or seen, in percent."""

    @classmethod
    def about(cls, versions: Mapping[int, ModelVersion], read: Beside) -> "Decided":
        """Read the decisions about versions in two queries, or four where some are old.

        ``read`` is what ``beside`` asked for, read along with what is judged of the models.
        """
        newest = Authorization.objects.filter(version__in=versions).order_by("pk")
        authorizations = {one.version_id: one for one in newest}
        return cls(
            authorizations,
            _suspended(authorizations.values()),
            _promoted(versions, authorizations),
            waiver_facts.granted_to(versions),
            {model_id: told["years"] for said, model_id, told in read if said == _KEPT},
            _marked(read, _ON_HOLD),
            _marked(read, _IN_DEBT),
            _shares(read),
        )

    def of(self, version: ModelVersion, serving: ModelVersion | None, at: datetime) -> Facts:
        """Return what a policy reads of decisions; ``serving`` is the model's in production."""
        return {
            "production": self._production(version, serving, at),
            "retention": {
                "class_assigned": version.model_id in self.retention,
                "years": self.retention.get(version.model_id, 0),
                "legal_hold": version.model_id in self.held,
            },
        }

    def _production(
        self, version: ModelVersion, serving: ModelVersion | None, at: datetime
    ) -> Facts:
        newest = self.authorizations.get(version.pk)
        is_other = serving is not None and serving.pk != version.pk
        was_promoted = version.pk in self.promoted and version.authorized_at is not None
        return {
            "replacement_version_id": serving.record_id if serving and is_other else "",
            "target_previously_authorized": newest is not None or was_promoted,
            "target_digest": newest.content_digest if newest else self.promoted.get(version.pk, ""),
            "target_authorization_valid": self._lasts(newest, at) if newest else was_promoted,
            "traffic_share": float(self.traffic.get(version.pk, 0)),
            "target_withdrawn_for_cause": catalog.is_withdrawn_for_cause(version)
            or (newest is not None and _is_revoked_away(version, newest)),
        }

    def _lasts(self, newest: Authorization, at: datetime) -> bool:
        """Say whether a version is authorized, or would be had it not left production."""
        if newest.state != Authorization.State.ENDED:
            return newest.holds(at)
        is_over = newest.valid_until is not None and at >= newest.valid_until
        return not is_over and newest.pk not in self.suspended

    def covered(
        self, version: ModelVersion, policy: Policy, known: Facts, at: datetime
    ) -> Mapping[str, frozenset[str]]:
        """Return for which conditions waivers that count cover each obligation, by its id."""
        granted = self.waivers.get(version.pk, ())
        if not any(one.covered for one in granted):
            return {}
        rules = Rules.at(policy, effective_tier(policy, known))
        return waiver_facts.covered_by(waiver_facts.counting(granted, rules, on=at.date()))

    def waived(
        self,
        version: ModelVersion,
        policy: Policy,
        known: Facts,
        owed: Sequence[Obligation],
        at: datetime,
    ) -> Facts:
        """Return the facts about waivers, which count only on the terms asked for at the tier.

        ``known`` are the other facts about the version, ``owed`` what is counted in them as
        blocking.
        """
        granted = self.waivers.get(version.pk, ())
        tier = effective_tier(policy, known)
        counted = waiver_facts.counting(granted, Rules.at(policy, tier), on=at.date())
        waived = waiver_facts.waived(counted, policy, owed)
        newest = self.authorizations.get(version.pk)
        missed = waiver_facts.lapsed(granted, newest, counted, owed)
        told = {"active": len(waived), "waived_conditions": waived, "expired_in_use": len(missed)}
        if missed:
            settled = known | {"waivers": told, "settings": policy.tier(tier).settings}
            told["expired_in_use"] = waiver_facts.unmet(policy, missed, settled)
        return {"waivers": told}


def _suspended(authorizations: Iterable[Authorization]) -> Collection[int]:
    ended = [one.pk for one in authorizations if one.state == Authorization.State.ENDED]
    if not ended:
        return ()
    states = Authorization.history.filter(id__in=ended, state=Authorization.State.SUSPENDED)
    return frozenset(states.values_list("id", flat=True))


def _is_revoked_away(version: ModelVersion, newest: Authorization) -> bool:
    is_archived = version.stage == Stage.ARCHIVED
    return is_archived and newest.state == Authorization.State.REVOKED


def _promoted(
    versions: Mapping[int, ModelVersion], authorizations: Collection[int]
) -> Mapping[int, str]:
    old = [
        pk
        for pk, version in versions.items()
        if version.authorized_at is not None and pk not in authorizations
    ]
    if not old:
        return {}
    promoted = PromotionRequest.objects.filter(
        version__in=old, target=Stage.PRODUCTION, state=PromotionRequest.State.PROMOTED
    )
    return dict(promoted.order_by("pk").values_list("version_id", "content_digest"))


def beside(model_ids: Collection[int]) -> "list[QuerySet[Any, Any]]":
    """Return what is read along with what is judged of models: retention, holds, debts, traffic."""
    kept = Retention.objects.filter(model__in=model_ids)
    held = LegalHold.objects.filter(model__in=model_ids, lifted_at=None)
    owed = Emergency.objects.filter(authorization__version__model__in=model_ids, reviewed_at=None)
    of_version = "authorization__version__model_id"
    wanted = _where_it_is_live(deployments.running_placements(), "rollout__deployment__environment")
    seen = _where_it_is_live(Sighting.objects.filter(ended_at=None), "environment")
    there = {"version__model__in": model_ids}
    return [
        as_one(_KEPT, kept, ("years",)),
        as_one(_ON_HOLD, held, ("id",)),
        as_one(_IN_DEBT, owed, ("id",), of_model=of_version),
        as_one(_WANTED, wanted.filter(**there), _OF_TRAFFIC, of_model="version__model_id"),
        as_one(_SEEN, seen.filter(**there), _OF_TRAFFIC, of_model="version__model_id"),
    ]


def _where_it_is_live(rows: "QuerySet[Any, Any]", environment: str) -> "QuerySet[Any, Any]":
    """Keep rows of environments that versions in production run in."""
    admitted = Cast(f"{environment}__admits", TextField())
    kept: QuerySet[Any, Any] = rows.annotate(admitted=admitted).filter(
        admitted__contains=f'"{Stage.PRODUCTION}"'
    )
    return kept


def _shares(read: Beside) -> Mapping[int, int]:
    """Return the greatest share of each version among what was read of placements and sightings."""
    found: dict[int, int] = {}
    for said, _, told in read:
        if said in {_WANTED, _SEEN}:
            share = told["share"] if told["share"] is not None else _WHOLE
            found[told["version_id"]] = max(share, found.get(told["version_id"], 0))
    return found


def _marked(read: Beside, word: str) -> frozenset[int]:
    return frozenset(model_id for said, model_id, _ in read if said == word)
