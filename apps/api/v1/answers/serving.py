"""Environments, deployments, rollouts, and what is seen."""

from datetime import datetime

from django.urls import reverse

from apps.api.v1.answers.admission import Against
from apps.api.v1.answers.base import Answer
from apps.approvals.serving.standing import Standing
from apps.deployments.drift import Point
from apps.deployments.models import Drill, Environment, Placement, Rollout, Sighting
from apps.deployments.operations import Reported
from apps.deployments.sighting_queries import Coverage


class EnvironmentAnswer(Answer):
    """A place where versions run, and how much of what is to run there is seen."""

    id: str
    """What a token is narrowed to it by, after ``environment:``."""
    name: str
    title: str
    description: str
    admits: list[str]
    enforcement: str
    region: str
    owner: str
    uses: list[str]
    deployer: str
    seen_within_minutes: int | None
    closed_at: datetime | None
    seen: int
    expected: int
    url: str
    page: str

    @classmethod
    def of(cls, environment: Environment, coverage: Coverage) -> "EnvironmentAnswer":
        return cls(
            id=environment.record_id,
            name=environment.name,
            title=environment.title,
            description=environment.description,
            admits=environment.admits,
            enforcement=environment.enforcement,
            region=environment.region,
            owner=environment.owner.username,
            uses=environment.uses,
            deployer=environment.deployer,
            seen_within_minutes=environment.seen_within_minutes,
            closed_at=environment.closed_at,
            seen=coverage.seen,
            expected=coverage.expected,
            url=reverse("v1:environment", args=[environment.name]),
            page=environment.get_absolute_url(),
        )


class EnvironmentPage(Answer):
    """Some environments, by name; ``next`` leads on, or is nothing."""

    environments: list[EnvironmentAnswer]
    next: str | None


class PlacementAnswer(Answer):
    """A version that a rollout places."""

    version: int
    digest: str
    role: str
    share: int

    @classmethod
    def of(cls, placement: Placement) -> "PlacementAnswer":
        return cls(
            version=placement.version.number,
            digest=placement.content_digest,
            role=placement.role,
            share=placement.share,
        )


class AdmissionNote(Answer):
    """What was said of a version when a rollout was asked for."""

    digest: str
    model: str | None
    version: int | None
    stage: str | None
    admissible: bool
    reasons: list[Against]


class RolloutAnswer(Answer):
    """One asked-for state of a deployment, and how it ended; ``told`` is the deployer's word."""

    deployment: int
    number: int
    kind: str
    state: str
    versions: list[PlacementAnswer]
    admission: list[AdmissionNote]
    restores: int | None
    deployer: str
    reason: str
    asked_by: str | None
    asked_at: datetime
    finished_at: datetime | None
    told: str
    url: str
    page: str

    @classmethod
    def of(cls, rollout: Rollout) -> "RolloutAnswer":
        return cls(
            deployment=rollout.deployment_id,
            number=rollout.number,
            kind=rollout.kind,
            state=rollout.state,
            versions=[PlacementAnswer.of(one) for one in rollout.placements.all()],
            admission=[AdmissionNote(**said) for said in rollout.admission],
            restores=rollout.restores.number if rollout.restores else None,
            deployer=rollout.deployer,
            reason=rollout.reason,
            asked_by=rollout.asked_by.username if rollout.asked_by else None,
            asked_at=rollout.asked_at,
            finished_at=rollout.finished_at,
            told=rollout.told,
            url=reverse("v1:rollout", args=[rollout.deployment_id, rollout.number]),
            page=rollout.get_absolute_url(),
        )


class RolloutPage(Answer):
    """Some rollouts, the newest first; ``next`` leads on, or is nothing."""

    rollouts: list[RolloutAnswer]
    next: str | None


class DriftPoint(Answer):
    """One thing that is not as it should be; it bears no moment, so that it stays the same."""

    state: str
    text: str
    endpoint: str

    @classmethod
    def of(cls, point: Point) -> "DriftPoint":
        return cls(state=point.state.value, text=point.text, endpoint=point.endpoint)


class SightingAnswer(Answer):
    """One content seen at one endpoint, and who saw it first; nobody where Signet looked itself."""

    endpoint: str
    model: str
    version: int | None
    digest: str
    called: str
    source: str
    seen_by: str | None
    share: int | None
    requests: int | None
    first_seen_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    ended_why: str

    @classmethod
    def of(cls, sighting: Sighting) -> "SightingAnswer":
        version = sighting.version
        return cls(
            endpoint=sighting.endpoint,
            model=version.model.name if version else "",
            version=version.number if version else None,
            digest=sighting.digest,
            called=sighting.called,
            source=sighting.source,
            seen_by=sighting.seen_by.username if sighting.seen_by else None,
            share=sighting.share,
            requests=sighting.requests,
            first_seen_at=sighting.first_seen_at,
            last_seen_at=sighting.last_seen_at,
            ended_at=sighting.ended_at,
            ended_why=sighting.ended_why,
        )


class SightingPage(Answer):
    """Some of what is seen, the newest first; ``next`` leads on, or is nothing."""

    sightings: list[SightingAnswer]
    next: str | None


class ReportedSightings(Answer):
    """What became of a report: nothing a caller who may only report does not know."""

    begun: int
    again: int
    ended: int
    late: int
    unknown: int

    @classmethod
    def of(cls, reported: Reported) -> "ReportedSightings":
        return cls(
            begun=reported.begun,
            again=reported.again,
            ended=reported.ended,
            late=reported.late,
            unknown=reported.unknown,
        )


class DeploymentAnswer(Answer):
    """A model in an environment: what is to run, and how what is seen stands to it."""

    number: int
    model: str
    environment: str
    service: str
    desired: int | None
    """The number of the newest rollout that was asked for."""
    in_effect: int | None
    """The number of the newest rollout that was carried out."""
    versions: list[PlacementAnswer]
    drift: str
    points: list[DriftPoint]
    seen: int
    expected: int
    url: str
    page: str

    @classmethod
    def of(cls, standing: Standing) -> "DeploymentAnswer":
        one, drift = standing.deployment, standing.drift
        return cls(
            number=one.pk,
            model=one.model.name,
            environment=one.environment.name,
            service=one.service,
            desired=one.desired.number if one.desired else None,
            in_effect=one.in_effect.number if one.in_effect else None,
            versions=[PlacementAnswer.of(placed) for placed in standing.placements],
            drift=drift.state.value,
            points=[DriftPoint.of(point) for point in drift.points],
            seen=drift.seen,
            expected=drift.expected,
            url=reverse("v1:deployment", args=[one.pk]),
            page=one.get_absolute_url(),
        )


class DeploymentPage(Answer):
    """Some deployments, the oldest first; ``next`` leads on, or is nothing."""

    deployments: list[DeploymentAnswer]
    next: str | None


class DrillAnswer(Answer):
    """A test of the way back: rollout ``left`` was in effect, and comes back by ``back``."""

    deployment: int
    state: str
    left: int
    away: int
    back: int | None
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    told: str

    @classmethod
    def of(cls, drill: Drill) -> "DrillAnswer":
        return cls(
            deployment=drill.deployment_id,
            state=drill.state,
            left=drill.left.number,
            away=drill.away.number,
            back=drill.back.number if drill.back else None,
            started_by=drill.started_by.username,
            started_at=drill.started_at,
            finished_at=drill.finished_at,
            told=drill.told,
        )


class DrillPage(Answer):
    """Some drills, the newest first; ``next`` leads on, or is nothing."""

    drills: list[DrillAnswer]
    next: str | None
