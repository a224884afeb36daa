"""Carries drills on: away, forth again, and what they showed as evidence. The worker calls it."""

import json
from datetime import datetime

from apps.approvals.serving import admission
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.catalog import ingest, places
from apps.catalog.store.contract import StoredBytes
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.digests import utc_text
from apps.core.sweeping import NotDue, sweeping
from apps.deployments import rolling
from apps.deployments.models import Drill, Rollout
from apps.deployments.rolling import Terms
from apps.validation.evidence.recording import recorded

RETURN = Action("drill.return", permission=BY_WORKER)
CONCLUDE = Action("drill.conclude", permission=BY_WORKER)

EVIDENCE = "rollback_test_record"
MOST_BYTES = 2**20


def carry_on() -> int:
    """Take every drill a step further whose rollout has ended; return how many went on."""
    under_way = Drill.objects.filter(
        state__in=Drill.UNDER_WAY, deployment__model__deleted_at=None
    ).select_related("away", "back")
    with sweeping() as sweep:
        leaving = [one for one in under_way if one.state == Drill.State.LEAVING]
        sweep.each([one for one in leaving if one.away.is_final], come_back)
        returning = [one for one in under_way if one.state == Drill.State.RETURNING]
        sweep.each([one for one in returning if one.back and one.back.is_final], conclude)
    return sweep.done


def come_back(drill: Drill) -> Rollout:
    """Bring back what ran when the drill began, however the way away ended.

    Raises:
        NotDue: when the way away has not ended, or somebody asked for something else meanwhile.
    """
    with change(RETURN, drill, by=SYSTEM) as record:
        if drill.state != Drill.State.LEAVING or not drill.away.is_final:
            raise NotDue("The way away has not ended.")
        deployment = drill.deployment
        if deployment.desired_id != drill.away_id:
            _end(drill, Drill.State.FAILED, "Somebody asked for something else.", record)
            return drill.away
        record.lock(deployment.environment)
        parts = rolling.parts_of(drill.left)
        answers = admission.answers(
            [part.version for part in parts], deployment.environment, at=record.time
        )
        noted = [answers[part.version.pk].as_note() for part in parts]
        terms = Terms(Rollout.Kind.DRILL, at=record.time, admission=noted, restores=drill.left)
        drill.back = rolling.begin(deployment, parts, terms)
        drill.state = Drill.State.RETURNING
        drill.save()
        record.note(away=drill.away.state, number=drill.back.number)
    return drill.back


def conclude(drill: Drill) -> Drill:
    """Say whether both ways were gone, and keep it as evidence of a tested way back if so."""
    kept = ingest.keep([_told(drill)], most=MOST_BYTES)
    with change(CONCLUDE, drill, by=SYSTEM) as record:
        if drill.state != Drill.State.RETURNING or drill.back is None or not drill.back.is_final:
            raise NotDue("The way forth has not ended.")
        if drill.away.state == drill.back.state == Rollout.State.DONE:
            _end(drill, Drill.State.PASSED, _sentence(drill), record)
            _keep(drill, kept, record.time)
        else:
            _end(drill, Drill.State.FAILED, _trouble(drill), record)
    return drill


def _end(drill: Drill, state: Drill.State, told: str, record: Record) -> None:
    drill.state, drill.finished_at, drill.told = state, record.time, told
    drill.save()
    record.note(outcome=state.value)


def _keep(drill: Drill, kept: StoredBytes, at: datetime) -> None:
    artifact = places.artifact_of(kept, at=at)
    item = recorded(
        drill.root,
        EVIDENCE,
        artifact,
        title=f"Rollback drill in {drill.deployment.environment}",
        file_name=f"{drill.record_id}.json",
        note=drill.told,
        submitted_by_id=drill.started_by_id,
        at=at,
    )
    drill.root.touch()
    assert item.pk


def _told(drill: Drill) -> bytes:
    """Return what both ways were and how long they took, as the file of the evidence."""
    ways = [way for way in (drill.away, drill.back) if way is not None]
    told = {
        "drill": drill.record_id,
        "model": drill.root.name,
        "environment": drill.deployment.environment.name,
        "started_at": utc_text(drill.started_at),
        "ways": [_way(way) for way in ways],
    }
    return json.dumps(told, indent=2, sort_keys=True).encode()


def _way(rollout: Rollout) -> dict[str, object]:
    return {
        "rollout": rollout.number,
        "state": rollout.state,
        "asked_at": utc_text(rollout.asked_at),
        "finished_at": utc_text(rollout.finished_at) if rollout.finished_at else None,
        "seconds": _seconds(rollout),
        "versions": [
            {"number": one.version.number, "digest": one.content_digest, "share": one.share}
            for one in rollout.placements.select_related("version").order_by("pk")
        ],
    }


def _seconds(rollout: Rollout) -> int:
    return round(((rollout.finished_at or rollout.asked_at) - rollout.asked_at).total_seconds())


def _sentence(drill: Drill) -> str:
    assert drill.back is not None
    return (
        f"Went back to rollout {_restored(drill.away)} in {_seconds(drill.away)} s, "
        f"and forth to rollout {_restored(drill.back)} in {_seconds(drill.back)} s."
    )


def _restored(rollout: Rollout) -> int:
    assert rollout.restores is not None
    return rollout.restores.number


def _trouble(drill: Drill) -> str:
    ways = [("The way back", drill.away), ("The way forth", drill.back)]
    failed = [(said, way) for said, way in ways if way and way.state != Rollout.State.DONE]
    return " ".join(f"{said} failed. {way.told}" for said, way in failed)[:2000]
