"""How long a version may be in production: granted, suspended, revoked and ended inside changes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from apps.approvals import waiver_facts
from apps.approvals.models import Authorization, PromotionRequest
from apps.approvals.policies import Gate, Policy
from apps.approvals.serving import stopping
from apps.approvals.waiver_rules import Rules
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion

DAYS = "authorization_valid_days"
"""The setting that says for how many days production is authorized."""

TAKEN_AWAY = (Authorization.State.SUSPENDED, Authorization.State.REVOKED)
STANDING = (Authorization.State.VALID, Authorization.State.SUSPENDED)


def of(version: ModelVersion) -> Authorization | None:
    """Return the authorization that stands, valid or suspended."""
    return version.authorizations.filter(state__in=STANDING).first()


def may_be_rolled_out(version: ModelVersion, at: datetime) -> bool:
    """Say whether a version is in production and authorized for it, with just this content.

    One that was promoted before there were authorizations is authorized without end.
    """
    if version.stage != Stage.PRODUCTION:
        return False
    newest: Authorization | None = version.authorizations.order_by("-pk").first()
    if newest is None:
        return version.authorized_at is not None
    return newest.holds(at) and newest.content_digest == version.content_digest


def grant(
    version: ModelVersion,
    *,
    policy: Policy,
    gate: Gate,
    at: datetime,
    request: PromotionRequest | None = None,
    until: datetime | None = None,
    waived: Collection[str] = (),
    signed_by: Sequence[str] = (),
) -> Authorization:
    """Authorize a version for production, from a moment on; an earlier authorization ends.

    Without ``until`` it lasts as long as the policy says at the tier, or without end. It relies on
    the waivers that stand in for the ``waived`` conditions, and on the sign-offs that counted.
    """
    end(version, at=at, why="Renewed.")
    authorization = Authorization(
        version=version,
        request=request,
        content_digest=version.content_digest,
        policy_digest=policy.digest,
        tier=gate.tier,
        granted_at=at,
        valid_until=until or lasts_until(gate, at),
        waiver_ids=_standing_in(version, waived, Rules.at(policy, gate.tier), at) if waived else [],
        sign_off_ids=list(signed_by),
        changed_at=at,
    )
    authorization.save()
    return authorization


def end(
    version: ModelVersion,
    *,
    at: datetime,
    why: str,
    state: Authorization.State = Authorization.State.ENDED,
) -> None:
    """End, suspend or revoke what stands of a version's authorization, and say why."""
    standing = of(version)
    if standing is not None and standing.state != state:
        standing.state, standing.why, standing.changed_at = state, why[:500], at
        standing.save()
        if state in TAKEN_AWAY:
            stopping.stop_waiting(version, at=at, why=why)


def _standing_in(
    version: ModelVersion, waived: Collection[str], rules: Rules | None, at: datetime
) -> list[int]:
    granted = waiver_facts.granted_to([version.pk]).get(version.pk, ())
    counted = waiver_facts.counting(granted, rules, on=at.date())
    return [waiver.pk for waiver in counted if waiver.condition in waived]


def lasts_until(gate: Gate, at: datetime) -> datetime | None:
    """Return when an authorization from a moment on runs out, or nothing when it does not."""
    days = gate.settings.get(DAYS)
    return at + timedelta(days=int(str(days))) if days is not None else None
