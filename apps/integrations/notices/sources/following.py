"""What the policy has follow a move: who is told, and of whom it asks something."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from apps.approvals import onlookers
from apps.approvals.policies.following import (
    INCIDENT,
    ROOT_CAUSE,
    SEAL_RECORDS,
    TELL_CONSUMERS,
    TELL_SUBSCRIBERS,
)
from apps.audit.models import AuditEvent
from apps.catalog.models import LineageEdge, ModelVersion
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import FOLLOW_UP
from apps.integrations.notices.sources import decisions
from apps.integrations.notices.sources.asked import done
from apps.integrations.notices.sources.decisions import detail_of, request_of, row_id
from apps.integrations.notices.sources.people import (
    but_not_who_did,
    in_charge,
    those_who_may,
)

_SUBSCRIBED = "The policy has everybody told who holds a role on this model."
_CONSUMES = "The policy has you told, since you answer for something that is built on it."
_ASKS = {
    SEAL_RECORDS: (
        "catalog.manage_retention",
        "Seal the records of {version}",
        (
            "It was decommissioned, and the policy asks for it: export its records, have the "
            "export verified by somebody else, and keep both as your schedule says."
        ),
    ),
    ROOT_CAUSE: (
        "catalog.review_emergencies",
        "Look for the root cause: {model} was rolled back to {version}",
        (
            "The policy asks for a review of what went wrong with the version that was left. The "
            "reason of the rollback is on record."
        ),
    ),
    INCIDENT: (
        "catalog.roll_back_version",
        "Open an incident, or link one: {model} was rolled back to {version}",
        (
            "The policy asks for it. Signet keeps no incidents yet, so open it where yours are "
            "kept, with a link to this version."
        ),
    ),
}
"""What the policy asks for beside Signet: of whom, by what they may do, and in which words."""


def carried_out(event: AuditEvent) -> Iterator[Due]:
    """Tell that a request was carried out, and what follows."""
    told = list(decisions.promoted(event))
    yield from told
    request, replaced = request_of(event), detail_of(event)["replaced"]
    others = [row_id(replaced)] if replaced else []
    yield from _Move(event, request.version, others, done(request), told).following()


def rolled_back(event: AuditEvent) -> Iterator[Due]:
    """Tell that a model was rolled back, and what follows."""
    told = list(decisions.rolled_back(event))
    yield from told
    target, origin = (row_id(detail_of(event)[key]) for key in ("target", "origin"))
    version = ModelVersion.objects.select_related("model").get(pk=target)
    line = f"{version.model} was rolled back to {version}"
    yield from _Move(event, version, [origin], line, told).following()


@dataclass(frozen=True)
class _Move:
    """A move that was made: of which version, away from which others, told to whom already."""

    event: AuditEvent
    version: ModelVersion
    others: Collection[int]
    line: str
    told: Collection[Due]

    def following(self) -> Iterator[Due]:
        """Yield what the event noted to follow."""
        for step in detail_of(self.event).get("follows", ()):
            if step == TELL_SUBSCRIBERS:
                people = {one.pk for one in onlookers.who_serve(self.version.model)}
                yield self._news(step, people, _SUBSCRIBED)
            elif step == TELL_CONSUMERS:
                people = _consumers([self.version.pk, *self.others])
                yield self._news(step, people, _CONSUMES)
            elif step in _ASKS:
                yield self._ask(step)

    def _news(self, step: str, people: Collection[int], text: str) -> Due:
        """Tell of the move who was not told of it already, and did not make it."""
        knows = {pk for due in self.told for pk in due.people}
        others = but_not_who_did(self.event, *people) - knows
        return self._due(step, others, self.line, text)

    def _ask(self, step: str) -> Due:
        """Ask something, also of who made the move."""
        permission, asked, text = _ASKS[step]
        model = self.version.model
        people = those_who_may(permission, model)
        if step != SEAL_RECORDS:
            people |= in_charge(model)
        return self._due(step, people, asked.format(version=self.version, model=model), text)

    def _due(self, step: str, people: Collection[int], line: str, text: str) -> Due:
        key, path = f"follows:{self.event.uid}:{step}", self.version.get_absolute_url()
        return Due(people, key, FOLLOW_UP, line, text, path, self.version.model_id)


def _consumers(version_ids: Collection[int]) -> set[int]:
    """Return who answers for what is made from some versions, or uses them."""
    edges = LineageEdge.objects.filter(origin_version__in=version_ids, ended_at=None)
    owners = edges.values_list("target_version__model__owner", "target_asset__owner")
    return {pk for found in owners for pk in found if pk is not None}
