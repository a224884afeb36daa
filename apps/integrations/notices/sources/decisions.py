"""What was decided: promotions carried out or declined, and the way back."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from apps.approvals.models import PromotionRequest, SignOff
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import DECISION, TROUBLE
from apps.integrations.notices.sources.asked import asked_for, done
from apps.integrations.notices.sources.people import but_not_who_did, in_charge, who_did

EMERGENCY_ROLLBACK = "model.roll_back_at_once"
_DISSENT: Mapping[SignOff.Decision, tuple[str, str]] = {
    SignOff.Decision.DECLINE: ("declined", "The request is closed; the reason is on its page."),
    SignOff.Decision.ASK_FOR_CHANGES: (
        "asks for changes",
        "What has to change is on the page of the request, where you can answer.",
    ),
}


def row_id(record_id: str) -> int:
    """Return the key of the row an id in an event names: 7 for ``req_7``."""
    return int(record_id.rpartition("_")[2])


def promoted(event: AuditEvent) -> Iterator[Due]:
    """Tell who asked for a promotion, and who owns the model, that it was carried out."""
    request = request_of(event)
    text = f"{who_did(event)} carried out what was asked for."
    yield _decided(event, request, done(request), text)


def signed(event: AuditEvent) -> Iterator[Due]:
    """Tell who asked for something, and who owns the model, that a signer does not agree."""
    given = SignOff.objects.get(pk=row_id(detail_of(event)["sign_off"]))
    if given.decision in SignOff.DISSENT:
        request = request_of(event)
        verb, next_step = _DISSENT[SignOff.Decision(given.decision)]
        line = f"{asked_for(request)}: {given.signer_name} {verb}"
        text = f"Signed as {given.get_role_display().lower()}. {next_step}"
        yield _decided(event, request, line, text)


def rolled_back(event: AuditEvent) -> Iterator[Due]:
    """Tell who is in charge of a model that it went back to the version before."""
    found = ModelVersion.objects.select_related("model")
    version = found.get(pk=row_id(detail_of(event)["target"]))
    model: RegisteredModel = version.model
    how = " in an emergency" if event.action == EMERGENCY_ROLLBACK else ""
    yield Due(
        but_not_who_did(event, *in_charge(model)),
        f"rolled_back:{event.uid}",
        TROUBLE,
        f"{model} was rolled back to {version}{how}",
        f"{who_did(event)} put the version before in production again. The reason is on record.",
        model.get_absolute_url(),
        model.pk,
    )


def _decided(event: AuditEvent, request: PromotionRequest, line: str, text: str) -> Due:
    model = request.version.model
    return Due(
        but_not_who_did(event, request.requested_by_id, model.owner_id),
        f"decided:{event.uid}",
        DECISION,
        line,
        text,
        request.get_absolute_url(),
        model.pk,
    )


def request_of(event: AuditEvent) -> PromotionRequest:
    """Return the request an event is about."""
    found = PromotionRequest.objects.select_related("version__model")
    request: PromotionRequest = found.get(pk=row_id(event.subject_id))
    return request


def detail_of(event: AuditEvent) -> dict[str, Any]:
    """Return what an event noted."""
    noted: dict[str, Any] = json.loads(bytes(event.entry))["detail"]
    return noted
