"""Rollouts that failed: what is to run somewhere may not, and people have to look."""

from collections.abc import Iterator

from apps.audit.models import AuditEvent
from apps.deployments.models import Rollout
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import TROUBLE
from apps.integrations.notices.sources.decisions import detail_of, row_id
from apps.integrations.notices.sources.people import but_not_who_did, those_who_may

_DEPLOY = "catalog.deploy_version"
_LINES = {
    Rollout.Kind.ROLL_BACK: "The rollback of {place} failed",
    Rollout.Kind.WITHDRAW: "{place} could not be withdrawn",
    Rollout.Kind.DRILL: "The rollback drill of {place} failed",
}
"""What is said of rollouts that are more than another version."""
_LINE = "Rollout {number} of {place} failed"


def failed(event: AuditEvent) -> Iterator[Due]:
    """Tell who asked, who answers for the place and the model, and who can do something about it.

    Its event says so, unless it is that of one nobody confirmed: others end well, are awaited, or
    are tried again.
    """
    failure = Rollout.State.FAILED
    if detail_of(event).get("outcome", failure) == failure:
        found = Rollout.objects.select_related("deployment__model", "deployment__environment")
        rollout = found.get(pk=row_id(event.subject_id))
        place, model = rollout.deployment, rollout.root
        asker = [rollout.asked_by_id] if rollout.asked_by_id else []
        people = {*asker, place.environment.owner_id, model.owner_id}
        line = _LINES.get(Rollout.Kind(rollout.kind), _LINE)
        yield Due(
            but_not_who_did(event, *people, *those_who_may(_DEPLOY, model)),
            f"rollout:{rollout.record_id}",
            TROUBLE,
            line.format(number=rollout.number, place=place),
            "What is to run there may not run, and something else may. The page of the deployment "
            "says how far it came, and what is seen there now.",
            rollout.get_absolute_url(),
            model.pk,
        )
