"""Tiers: told when what was recorded of a model would bring it to another one."""

from collections.abc import Iterator

from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import REMINDER, TROUBLE
from apps.integrations.notices.sources.decisions import row_id
from apps.integrations.notices.sources.people import in_charge
from apps.risk.facts import Judged
from apps.risk.tier_previews import preview

FOLLOWED = (
    "inventory.record",
    "inventory.record_assessed",
    "model.describe",
    "third_party.add",
    "third_party.end",
)
"""What changes a fact of a model that a tiering may have depended on."""


def would_be_another(event: AuditEvent) -> Iterator[Due]:
    """Tell those in charge that a model would be at another tier now: once for each tier."""
    model = RegisteredModel.objects.select_related("owner").get(pk=row_id(event.chain_root or ""))
    now = database_now()
    current = Judged.of([model.pk]).tier(model.pk, now)
    found = preview(model, current, now)
    if found is None or current.tiering is None:
        return
    yield Due(
        in_charge(model),
        f"tier:{current.tiering.record_id}:{found.tier}",
        TROUBLE if found.is_stricter else REMINDER,
        f"{model.name} would be at another tier: assess it anew",
        "What its tiering was answered from changed. Its page says to which tier, and why.",
        reverse("risk:tier", args=[model.name]),
        model.pk,
    )
