"""Rollouts that failed: told to who asked for them, and who answers for the place and the model."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from apps.approvals.serving.operations.rollouts import RECORD_BY_HAND
from apps.audit.models import AuditEvent
from apps.deployments.models import Drill, Rollout
from apps.integrations.notices.due import Due, in_one_line
from apps.integrations.notices.kinds import ROLLOUT, TROUBLE
from apps.integrations.notices.sources.people import but_not_who_did, in_charge

Tell = Callable[[AuditEvent], Iterable[Due]]

_Kind = Rollout.Kind
_WAYS_OUT = frozenset({_Kind.ROLL_BACK, _Kind.WITHDRAW})
"""What people ask for to get something out: it may run on when that fails."""
_FAILED: Mapping[str, str] = {
    _Kind.DEPLOY: "Putting {model} into {place} failed",
    _Kind.SHIFT: "Shifting the traffic of {model} in {place} failed",
    _Kind.ROLL_BACK: "Rolling back {model} in {place} failed",
    _Kind.WITHDRAW: "Withdrawing {model} from {place} failed",
    _Kind.DRILL: "A rollback drill of {model} in {place} failed",
}
_NEXT = "See what runs there before you ask again."
_NEXT_AT_ONCE = "What was to be left may still run: see to it at once."
_MOST_QUOTED = 500


def failed(event: AuditEvent) -> Iterator[Due]:
    """Tell of the rollouts that failed with an event, whatever else it did."""
    states = Rollout.history.filter(event=event.uid, state=Rollout.State.FAILED)
    found = Rollout.objects.filter(pk__in=states.order_by().values("id")).select_related(
        "deployment__model", "deployment__environment", "asked_by"
    )
    for rollout in found.order_by("pk"):
        yield _told(event, rollout)


def and_failed(tell: Tell) -> Tell:
    """Return what tells of an event, and then of the rollouts that failed with it."""

    def telling(event: AuditEvent) -> Iterator[Due]:
        yield from tell(event)
        yield from failed(event)

    return telling


def _told(event: AuditEvent, rollout: Rollout) -> Due:
    deployment = rollout.deployment
    model, place = deployment.model, deployment.environment
    people, is_way_out = {model.owner_id, place.owner_id}, rollout.kind in _WAYS_OUT
    if is_way_out:
        people |= in_charge(model)
    if (asker := _asker_or_none(rollout)) is not None:
        people.add(asker)
    return Due(
        but_not_who_did(event, *people),
        f"rollout:{rollout.record_id}:failed",
        TROUBLE if is_way_out else ROLLOUT,
        _FAILED[rollout.kind].format(model=model.name, place=place),
        f"{_asked(rollout)} {_why(event, rollout)} {_NEXT_AT_ONCE if is_way_out else _NEXT}",
        rollout.get_absolute_url(),
        model.pk,
    )


def _asker_or_none(rollout: Rollout) -> int | None:
    """Return who asked for a rollout: of a drill on its way forth, who began the drill."""
    if rollout.asked_by_id is not None:
        return rollout.asked_by_id
    drill: Drill | None = Drill.objects.filter(back=rollout).first()
    return drill.started_by_id if drill is not None else None


def _asked(rollout: Rollout) -> str:
    return f"{rollout.asked_by or 'Signet'} asked for rollout {rollout.number}."


def _why(event: AuditEvent, rollout: Rollout) -> str:
    """Return what the deployer or Signet said of the failure; a person's words stay on the page."""
    if event.action == RECORD_BY_HAND.name:
        return "It was recorded by hand, and its page says why."
    told = in_one_line(rollout.told, _MOST_QUOTED)
    return f"This was said of it: “{told}”" if told else "Nothing was said of the reason."
