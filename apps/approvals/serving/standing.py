"""How deployments stand: what is to run, what is seen, and whether it may; read for many at once.

Whatever their number, a fixed number of queries. ``drift`` judges, ``admission`` says what may run.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from apps.approvals.models import Authorization
from apps.approvals.serving import admission
from apps.approvals.serving.admission import Candidate, Code, Reason
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.deployments import drift, sighting_queries
from apps.deployments.drift import Authority, Drift, Point, Spotted, Terms, Wanted
from apps.deployments.models import Deployment, Environment, Placement, Rollout, Sighting
from apps.deployments.sighting_queries import terms_of

ANOTHER_MODEL = "A version of another model"
NOT_ADMISSIBLE = "It may not run here."
_OVER = frozenset({Code.EXPIRED, Code.ENDED})


@dataclass(frozen=True)
class Standing:
    """How one deployment stands, and what that was judged by."""

    deployment: Deployment
    """As it is now, with its model, environment and rollouts: desired, and in effect."""
    placements: Sequence[Placement]
    """What is to run."""
    sightings: Sequence[Sighting]
    """What is seen, or was when somebody looked last."""
    drift: Drift
    against: Mapping[str, Sequence[Reason]] = field(default_factory=dict)
    """What speaks against each content that is seen and may not run."""


@dataclass(frozen=True)
class Stray:
    """A content that is seen in an environment where no deployment is known of it."""

    sighting: Sighting
    point: Point


def of_deployments(deployments: Iterable[Deployment], *, at: datetime) -> Mapping[int, Standing]:
    """Say of each deployment how it stands, by its id, in four queries."""
    keys = [one.pk for one in deployments]
    rows = Deployment.objects.filter(pk__in=keys).select_related(
        "environment", "model", "desired", "in_effect"
    )
    placed, seen = _placed(keys), _seen(keys)
    granted = _granted(one for some in seen.values() for one in some)
    return {row.pk: _stands(row, placed[row.pk], seen[row.pk], granted, at) for row in rows}


def of_one(deployment: Deployment, *, at: datetime) -> Standing:
    """Say how a deployment stands."""
    return of_deployments([deployment], at=at)[deployment.pk]


def strays_of(environments: Sequence[Environment], *, at: datetime) -> list[Stray]:
    """Return what is seen in some environments and belongs to no deployment, in two queries.

    What nobody registered has no model either: it is an open question of its environment.
    """
    places = {place.pk: place for place in environments}
    rows = sighting_queries.going_on().filter(environment__in=places, deployment=None)
    seen = list(rows.order_by("environment", "endpoint", "pk"))
    granted = _granted(seen)
    found = []
    for one in seen:
        place = places[one.environment_id]
        terms = terms_of(place, at)
        if terms.is_live(one.last_seen_at):
            spotted, _ = _spotted(one, place, granted, at, model_id=None)
            found.append(Stray(one, drift.judge_stray(spotted, terms)))
    return found


# -- one deployment --------------------------------------------------------------------------------


def _stands(
    deployment: Deployment,
    placements: Sequence[Placement],
    sightings: Sequence[Sighting],
    granted: Mapping[int, Authorization],
    at: datetime,
) -> Standing:
    against: dict[str, Sequence[Reason]] = {}
    spotted = []
    for one in sightings:
        found, reasons = _spotted(
            one, deployment.environment, granted, at, model_id=deployment.model_id
        )
        spotted.append(found)
        if reasons:
            against[found.key] = reasons
    judged = drift.judge([_wanted(one) for one in placements], spotted, _terms(deployment, at))
    return Standing(deployment, placements, sightings, judged, against)


def _terms(deployment: Deployment, at: datetime) -> Terms:
    usual, desired = terms_of(deployment.environment, at), deployment.desired
    if desired is None:
        return usual
    return Terms(
        at,
        usual.seen_within,
        is_under_way=desired.state in Rollout.WAITING,
        since=desired.finished_at or desired.asked_at,
    )


def _wanted(placement: Placement) -> Wanted:
    return Wanted(
        placement.version_id,
        placement.content_digest,
        str(placement.version),
        must_be_seen=placement.share > 0 or placement.role == Placement.Role.SHADOW,
    )


def _spotted(
    one: Sighting,
    environment: Environment,
    granted: Mapping[int, Authorization],
    at: datetime,
    *,
    model_id: int | None,
) -> tuple[Spotted, Sequence[Reason]]:
    """Return a sighting as drift is judged by it, and what speaks against its content.

    A version of another model than the deployment's is not named: who sees this one may not know
    of that.
    """
    plain = Spotted(one.endpoint, one.digest, one.called, one.last_seen_at)
    version = one.version
    if version is None:
        return plain, ()
    newest = granted.get(version.pk)
    reasons = _reasons(version, newest, environment, at)
    authority, over_since = _authority(version, newest, reasons)
    is_own = model_id is None or version.model_id == model_id
    told = " ".join(str(reason) for reason in reasons) if is_own else NOT_ADMISSIBLE
    spotted = replace(
        plain,
        version_id=version.pk,
        content=version.content_digest,
        name=str(version) if is_own else ANOTHER_MODEL,
        authority=authority,
        why=told if reasons else "",
        over_since=over_since,
    )
    return spotted, reasons


def _reasons(
    version: ModelVersion, newest: Authorization | None, environment: Environment, at: datetime
) -> Sequence[Reason]:
    return admission.judge(
        Candidate.of(version, newest),
        environment,
        digest=version.content_digest,
        at=at,
        holds=timedelta(),
    ).reasons


def _authority(
    version: ModelVersion, newest: Authorization | None, reasons: Sequence[Reason]
) -> tuple[Authority, datetime | None]:
    """Say whether a version may run, or might once, and since when not any more.

    What left production in good order, or went on to it from where this place admits, did no
    wrong; that it still runs has to be seen to, and there is time to.
    """
    if not reasons:
        return Authority.HOLDS, None
    codes, states = {reason.code for reason in reasons}, Authorization.State
    if newest is None or newest.state in {states.SUSPENDED, states.REVOKED}:
        return Authority.MISSING, None
    if codes == {Code.EXPIRED}:
        return Authority.OVER, None
    if codes == {Code.STAGE_NOT_ADMITTED} and version.stage == Stage.PRODUCTION:
        return Authority.OVER, newest.granted_at
    has_left = version.stage == Stage.ARCHIVED and newest.state == states.ENDED
    if codes <= _OVER or (codes == {Code.STAGE_NOT_ADMITTED} and has_left):
        return Authority.OVER, newest.changed_at
    return Authority.MISSING, None


# -- reading many ----------------------------------------------------------------------------------


def _placed(keys: Sequence[int]) -> Mapping[int, Sequence[Placement]]:
    """Return what is to run of some deployments, by deployment."""
    found: dict[int, list[Placement]] = defaultdict(list)
    rows = sighting_queries.wanted_placements().filter(rollout__deployment__in=keys)
    for one in rows.select_related("rollout").order_by("pk"):
        found[one.rollout.deployment_id].append(one)
    return found


def _seen(keys: Sequence[int]) -> Mapping[int, Sequence[Sighting]]:
    """Return what goes on of some deployments, by deployment."""
    found: dict[int, list[Sighting]] = defaultdict(list)
    rows = sighting_queries.going_on().filter(deployment__in=keys)
    for one in rows.order_by("endpoint", "pk"):
        assert one.deployment_id is not None
        found[one.deployment_id].append(one)
    return found


def _granted(sightings: Iterable[Sighting]) -> Mapping[int, Authorization]:
    """Return the newest authorization of each version that is seen, in one query."""
    versions = {one.version_id for one in sightings if one.version_id is not None}
    if not versions:
        return {}
    rows = Authorization.objects.filter(version__in=versions).order_by("pk")
    return {one.version_id: one for one in rows}  # the last one of each stays
