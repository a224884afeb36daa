"""How a use stands: each is approved on its own, as it is described then."""

from collections.abc import Mapping

from apps.catalog.inventory.values import Value
from apps.catalog.models import UseCase

FIELD = "approval_status"
ALLOWED = frozenset({"approved", "restricted"})
"""How a use stands when it may go on."""
APPROVED: Mapping[str, Value] = {FIELD: "approved"}
ASKED_ANEW: Mapping[str, Value] = {FIELD: "requested"}
"""What is kept of an approval when what was approved is changed."""


def is_approved(use: UseCase) -> bool:
    """Say whether a use was approved as it is described now."""
    return use.values.get(FIELD) in ALLOWED
