"""What the worker notices of what runs, and raises a finding for: once per cause while it stands.

Each is looked for without a lock and decided under it, so that two workers at once raise one. A
finding stays for people to close when the drift is over; one that is closed comes back only for
what was seen since. What an environment let through knowingly is no drift of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

from django.db.models import F, Q, QuerySet

from apps.approvals.serving import standing
from apps.approvals.serving.standing import Standing
from apps.audit.governed import GovernedRow
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.core.sweeping import batches, sweeping
from apps.deployments.drift import CALM, Point, State
from apps.deployments.models import Deployment, Environment, Rollout
from apps.risk.models import Finding, Severity
from apps.risk.operations.findings import Found, raise_automatically

SEVERITY = {
    State.UNKNOWN: Severity.CRITICAL,
    State.UNAPPROVED: Severity.HIGH,
    State.EXPIRED: Severity.MEDIUM,
    State.WRONG_VERSION: Severity.MEDIUM,
    State.NOT_SEEN: Severity.LOW,
}
STAYS = "This stays open until somebody closes it, also once it is not so any more."
_UNLAWFUL = frozenset({State.UNAPPROVED, State.EXPIRED})
_LOOKED_BACK = timedelta(days=1)
"""How long ago a rollout was asked for that is noticed though another took its place."""
_NEVER_RAN = (Rollout.State.FAILED, Rollout.State.SUPERSEDED)

Place = tuple[int, str]
"""A model and a cause."""


@dataclass(frozen=True)
class Noticed:
    """One thing that should have a finding: where it was noticed, and the model it hangs on."""

    origin: GovernedRow
    cause: str
    model_id: int
    severity: Severity
    title: str
    text: str
    as_of: datetime
    """The newest moment of which it is known."""
    version_id: int | None = None

    @property
    def place(self) -> Place:
        return self.model_id, self.cause


Look = Callable[[Sequence[Any], datetime], list[Noticed]]
"""Says what is to be noticed of some rows at a moment, as they are now."""


def notice_drift() -> int:
    """Raise a finding for all drift that has none; return how much was new."""
    now = database_now()
    looks: tuple[tuple[QuerySet[Any], Look], ...] = (
        (_watched(), drifting),
        (Environment.objects.filter(closed_at=None), straying),
        (_let_through(now), let_through),
    )
    with sweeping() as sweep:
        for rows, look in looks:
            for batch in batches(rows):
                found = sweep.judged(batch, partial(_looked, look=look, at=now))
                for one in _news(found):
                    sweep.each([one.origin], partial(notice, noticed=one, look=look))
    return sweep.done


def _looked(rows: Sequence[Any], *, look: Look, at: datetime) -> list[Noticed]:
    return look(rows, at)


def notice(origin: GovernedRow, *, noticed: Noticed, look: Look) -> Finding:
    """Raise the finding of one thing that was noticed, if under the lock it is still so.

    Raises:
        NotDue: when it is not so any more, or a finding of this cause stands.
    """

    def still() -> bool:
        return noticed.place in {one.place for one in _news(look([origin], database_now()))}

    found = Found(
        noticed.cause, Finding.Source.DRIFT, noticed.severity, noticed.title, noticed.text
    )
    return raise_automatically(_subject(noticed), found, still=still)


# -- what there is to notice -----------------------------------------------------------------------


def drifting(deployments: Sequence[Deployment], at: datetime) -> list[Noticed]:
    """Return what is wrong about some deployments."""
    stand = standing.of_deployments(deployments, at=at).values()
    return [
        _of_deployment(each.deployment, points)
        for each in stand
        for points in _by_cause(_unexcused(each))
    ]


def straying(environments: Sequence[Environment], at: datetime) -> list[Noticed]:
    """Return which registered versions are seen where no deployment is known, and may not run."""
    keys = [place.pk for place in environments]
    places = {one.pk: one for one in Environment.objects.filter(pk__in=keys, closed_at=None)}
    return [
        _of_stray(places[stray.sighting.environment_id], stray)
        for stray in standing.strays_of(list(places.values()), at=at)
        if stray.point.state in _UNLAWFUL
    ]


def let_through(rollouts: Sequence[Rollout], at: datetime) -> list[Noticed]:
    """Return what was put where everything is allowed, though it may not run there."""
    rows = _let_through(at).filter(pk__in=[rollout.pk for rollout in rollouts])
    return [_of_rollout(row, said) for row in rows for said in _inadmissible(row)]


def _watched() -> QuerySet[Deployment]:
    found: QuerySet[Deployment] = Deployment.objects.filter(
        environment__closed_at=None, model__deleted_at=None
    )
    return found


def _let_through(at: datetime) -> QuerySet[Rollout]:
    is_new = Q(asked_at__gt=at - _LOOKED_BACK)
    found: QuerySet[Rollout] = Rollout.objects.filter(
        is_new | Q(pk=F("deployment__desired")),
        deployment__environment__enforcement=Environment.Enforcement.ALLOW,
        deployment__environment__closed_at=None,
        deployment__model__deleted_at=None,
    ).exclude(state__in=_NEVER_RAN)
    found = found.select_related("deployment__model", "deployment__environment")
    return found.prefetch_related("placements")


def _unexcused(each: Standing) -> Iterator[Point]:
    """Yield what is wrong, but what the environment let through for no other reason than now."""
    prevents = each.deployment.environment.prevents
    desired = each.deployment.desired
    known = {} if prevents or desired is None else _codes_noted(desired)
    for point in each.drift.points:
        codes = {reason.code.value for reason in each.against.get(point.key, ())}
        is_excused = point.state in _UNLAWFUL and codes <= known.get(point.key, frozenset())
        if point.state not in CALM and not is_excused:
            yield point


def _codes_noted(rollout: Rollout) -> Mapping[str, frozenset[str]]:
    """Return what was known to speak against each content when a rollout was asked for."""
    return {
        said["digest"]: frozenset(reason["code"] for reason in said["reasons"])
        for said in _inadmissible(rollout)
    }


def _inadmissible(rollout: Rollout) -> list[dict[str, Any]]:
    return [said for said in rollout.admission if not said["admissible"]]


def _by_cause(points: Iterable[Point]) -> list[list[Point]]:
    """Return points of the same state and content together: they are one thing at many places."""
    found: dict[tuple[State, str], list[Point]] = {}
    for point in points:
        found.setdefault((point.state, point.key), []).append(point)
    return list(found.values())


# -- in words --------------------------------------------------------------------------------------


def _of_deployment(deployment: Deployment, points: Sequence[Point]) -> Noticed:
    first = points[0]
    return Noticed(
        deployment,
        _cause(deployment, first.state, first.key),
        deployment.model_id,
        SEVERITY[first.state],
        f"{deployment}: {first.state.label.lower()}",
        _text([point.text for point in points], first),
        max(point.as_of for point in points),
        first.version_id,
    )


def _of_stray(place: Environment, stray: standing.Stray) -> Noticed:
    point, version = stray.point, stray.sighting.version
    assert version is not None
    return Noticed(
        place,
        _cause(place, point.state, point.key),
        version.model_id,
        SEVERITY[point.state],
        f"{version.model.name} in {place}: {point.state.label.lower()}",
        _text([point.text, "No deployment says that it is to run there."], point),
        point.as_of,
        version.pk,
    )


def _of_rollout(rollout: Rollout, said: Mapping[str, Any]) -> Noticed:
    deployment = rollout.deployment
    version = f"{said['model']} v{said['version']}"
    reasons = " ".join(reason["text"] for reason in said["reasons"])
    placed = {one.content_digest: one.version_id for one in rollout.placements.all()}
    return Noticed(
        rollout,
        _cause(deployment, State.UNAPPROVED, said["digest"]),
        deployment.model_id,
        SEVERITY[State.UNAPPROVED],
        f"{version} was put into {deployment.environment}, though it may not run there",
        f"Rollout {rollout.number}, asked for on {_moment(rollout.asked_at)}, places it. "
        f"{reasons} This environment lets it through, and takes it for a finding.",
        rollout.asked_at,
        placed.get(said["digest"]),
    )


def _cause(origin: GovernedRow, state: State, key: str) -> str:
    return f"drift:{origin.record_id}:{state.value}:{key}"


def _text(said: Iterable[str], point: Point) -> str:
    return "\n".join([*said, f"So it was on {_moment(point.as_of)}.", STAYS])


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


# -- findings --------------------------------------------------------------------------------------


def _news(noticed: Iterable[Noticed]) -> list[Noticed]:
    """Keep what no finding stands for, and none was closed since it was so, in one query.

    Of one cause the latest counts: what was put somewhere twice was put there when it was last.
    """
    wanted = {one.place: one for one in sorted(noticed, key=attrgetter("as_of"))}
    rows = Finding.objects.filter(
        model__in={model_id for model_id, _ in wanted}, cause__in={cause for _, cause in wanted}
    )
    known = {(row.model_id, row.cause): row for row in rows.order_by("pk")}
    return [one for place, one in wanted.items() if _is_news(one, known.get(place))]


def _is_news(one: Noticed, known: Finding | None) -> bool:
    if known is None:
        return True
    return known.closed_at is not None and one.as_of > known.closed_at


def _subject(noticed: Noticed) -> RegisteredModel | ModelVersion:
    """Return what the finding is about: the version, where it is one of this model."""
    if noticed.version_id is not None:
        own = ModelVersion.objects.filter(pk=noticed.version_id, model=noticed.model_id)
        version: ModelVersion | None = own.first()
        if version is not None:
            return version
    return RegisteredModel.objects.get(pk=noticed.model_id)
