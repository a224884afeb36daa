"""What policies read about the transition itself: who asks, why, and what changed since."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from apps.accounts.models import User
from apps.approvals.models import PromotionRequest
from apps.approvals.policies import Gate
from apps.catalog.facts import Records
from apps.validation.evidence.queries import Items

Facts = dict[str, object]

NOT_ASKED: Facts = {
    "id": "",
    "mode": "standard",
    "requested_by": "",
    "executor_id": "",
    "justification": "",
    "evidence_changed_since_request": 0,
    "evidence_submitters": [],
}
"""The transition of a version nobody asks to move."""


def transition_facts(
    request: PromotionRequest, items: Items, records: Records, gate: Gate, at: datetime
) -> Facts:
    """Return the facts of the transition a request asks for, under the gate it would pass.

    Who answers for a service account asked for what it asks for, and submitted what it submits.
    """
    version = records.versions[request.version_id]
    submitters = items.submitters(version, evidence_types(gate), at)
    submitter_ids = [User.RECORD.id_of(pk) for pk in sorted(submitters)]
    return {
        "id": request.transition,
        "mode": request.mode,
        "requested_by": request.requested_by.answerable_id,
        "executor_id": "",
        "justification": request.justification,
        "evidence_changed_since_request": items.changed_since(version, request.requested_at),
        "evidence_submitters": records.with_who_answers(submitter_ids),
    }


def evidence_types(gate: Gate) -> Collection[str]:
    """Return the types of evidence whose items the conditions of a gate count."""
    return _types(_ByDigest(gate))


class _ByDigest:
    """A gate as the key of a cache: two with one digest ask the same."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.gate.digest == self.gate.digest

    def __hash__(self) -> int:
        return hash(self.gate.digest)


@lru_cache(maxsize=512)
def _types(held: _ByDigest) -> frozenset[str]:
    expressions = (asked.condition.expression for asked in held.gate.conditions)
    paths = (path.split(".") for read in expressions for path, _ in read.reads)
    return frozenset(path[1] for path in paths if path[0] == "evidence" and len(path) > 1)
