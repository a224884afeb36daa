"""Assembles what a policy reads: one reader per app, each a bounded number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.approvals.models import PromotionRequest
from apps.catalog import facts as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.validation import queries as validation
from apps.validation.basis import Basis
from apps.validation.models import CheckRun

Facts = dict[str, object]
RunsByCheck = Mapping[str, CheckRun]


@dataclass(frozen=True)
class Evidence:
    """What the apps below know about some versions, read once for all of them."""

    metrics: Mapping[int, int]
    runs: Mapping[int, RunsByCheck]
    serving: Mapping[int, ModelVersion]
    judged_by: Basis

    @classmethod
    def about(cls, versions: Sequence[ModelVersion]) -> "Evidence":
        """Read the evidence on many versions in a bounded number of queries."""
        runs: dict[int, dict[str, CheckRun]] = defaultdict(dict)
        newest = CheckRun.objects.filter(version__in=versions).newest().select_related("lease")
        for run in newest.order_by("pk"):
            runs[run.version_id][run.check_name] = run
        return cls(
            catalog.metrics_with_dataset(versions),
            runs,
            serving({version.model_id for version in versions}),
            Basis.of(versions, {name for found in runs.values() for name in found}),
        )

    def of(self, version: ModelVersion, *, at: datetime) -> Facts:
        """Return the facts about one version that no request adds to."""
        return {
            "now": at,
            "model": catalog.model_facts(version),
            "version": catalog.version_facts(
                version, metrics_with_dataset=self.metrics.get(version.pk, 0)
            ),
            "checks": validation.checks_facts(
                version, self.runs.get(version.pk, {}), judged_by=self.judged_by, at=at
            ),
            "production": {"target_previously_authorized": False, "target_digest": ""},
            "sign_offs": [],
        }

    def replaced_by(self, version: ModelVersion, target: str) -> ModelVersion | None:
        """Return the version a promotion of this one to a stage would take the place of."""
        if target != Stage.PRODUCTION or version.model.runs_several:
            return None
        current = self.serving.get(version.model_id)
        return current if current != version else None


def serving(model_ids: Collection[int]) -> Mapping[int, ModelVersion]:
    """Return the version in production of each model that has one; of several, the newest."""
    found = ModelVersion.objects.filter(model__in=model_ids, stage=Stage.PRODUCTION)
    return {version.model_id: version for version in found.select_related("model").order_by("pk")}


def of_request(request: PromotionRequest, evidence: Evidence, *, at: datetime) -> Facts:
    """Return the facts of a promotion request."""
    return evidence.of(request.version, at=at) | {
        "transition": {
            "id": request.transition,
            "requested_by": request.requested_by.record_id,
            "justification": request.justification,
        }
    }


def of_rollback(target: ModelVersion, *, asked_by: str, reason: str, at: datetime) -> Facts:
    """Return the facts of going back to a version that was in production before."""
    authorization = (
        PromotionRequest.objects.filter(
            version=target, target=Stage.PRODUCTION, state=PromotionRequest.State.PROMOTED
        )
        .order_by("-id")
        .first()
    )
    authorized = authorization is not None and target.authorized_at is not None
    return Evidence.about([target]).of(target, at=at) | {
        "transition": {"id": "rollback", "requested_by": asked_by, "justification": reason},
        "production": {
            "target_previously_authorized": authorized,
            "target_digest": authorization.content_digest if authorization else "",
        },
    }


def of_signer(user: User, roles: Collection[str]) -> Facts:
    """Return the facts about a person who would sign, with the roles held on the model."""
    return {
        "id": user.record_id,
        "roles": sorted(roles),
        "is_service_account": user.is_service_account,
        "is_platform_admin": user.is_superuser,
    }
