"""What was decided about some versions: authorizations, waivers, retention and legal holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Value

from apps.approvals import waiver_facts
from apps.approvals.models import (
    Authorization,
    Emergency,
    LegalHold,
    PromotionRequest,
    Retention,
    Waiver,
)
from apps.approvals.policies import Policy
from apps.approvals.waiver_rules import Rules
from apps.catalog import facts as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion

Facts = dict[str, object]
_ON_HOLD, _IN_DEBT = -1, -2


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

    @classmethod
    def about(cls, versions: Mapping[int, ModelVersion]) -> "Decided":
        """Read the decisions about versions in three queries, or five where some are old."""
        models = {version.model_id for version in versions.values()}
        newest = Authorization.objects.filter(version__in=versions).order_by("pk")
        authorizations = {one.version_id: one for one in newest}
        kept, held, indebted = _kept(models)
        return cls(
            authorizations,
            _suspended(authorizations.values()),
            _promoted(versions, authorizations),
            waiver_facts.granted_to(versions),
            kept,
            held,
            indebted,
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
            "target_withdrawn_for_cause": catalog.is_withdrawn_for_cause(version)
            or (newest is not None and _is_revoked_away(version, newest)),
        }

    def _lasts(self, newest: Authorization, at: datetime) -> bool:
        """Say whether a version is authorized, or would be had it not left production."""
        if newest.state != Authorization.State.ENDED:
            return newest.holds(at)
        is_over = newest.valid_until is not None and at >= newest.valid_until
        return not is_over and newest.pk not in self.suspended

    def waived(self, version: ModelVersion, policy: Policy, tier: int, at: datetime) -> Facts:
        """Return the facts about waivers, which count only on the terms asked for at a tier."""
        return {
            "waivers": waiver_facts.waivers_of(
                self.waivers.get(version.pk, ()),
                self.authorizations.get(version.pk),
                Rules.at(policy, tier),
                on=at.date(),
            )
        }

    def still_relied_on(self, version: ModelVersion, policy: Policy, known: Facts) -> Facts:
        """Return the facts about waivers again, once it is known which conditions are met."""
        return waiver_facts.still_relied_on(
            self.waivers.get(version.pk, ()), self.authorizations.get(version.pk), policy, known
        )


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


def _kept(
    model_ids: Collection[int],
) -> tuple[Mapping[int, int], Collection[int], Collection[int]]:
    """Read the years the records of models are kept, the models on hold, and those in debt of a
    look back at an emergency, in one query."""
    held = LegalHold.objects.filter(model__in=model_ids, lifted_at=None)
    kept = Retention.objects.filter(model__in=model_ids).values_list("model_id", "years")
    owed = Emergency.objects.filter(
        authorization__version__model__in=model_ids, reviewed_at=None
    ).order_by()
    rows = list(
        kept.union(
            held.values_list("model_id", Value(_ON_HOLD)),
            owed.values_list("authorization__version__model_id", Value(_IN_DEBT)),
        )
    )
    marked = {
        mark: frozenset(model_id for model_id, count in rows if count == mark)
        for mark in (_ON_HOLD, _IN_DEBT)
    }
    years = {model_id: count for model_id, count in rows if count not in marked}
    return years, marked[_ON_HOLD], marked[_IN_DEBT]
