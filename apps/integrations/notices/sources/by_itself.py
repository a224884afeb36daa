"""What happened by itself: rules broken in production, conditions missed, requests lapsed."""

from collections.abc import Iterator

from apps.approvals.models import PromotionRequest, RuleBreach, SignOffCondition
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due, in_one_line
from apps.integrations.notices.kinds import DECISION, TROUBLE
from apps.integrations.notices.sources.asked import asked_for
from apps.integrations.notices.sources.decisions import row_id
from apps.integrations.notices.sources.people import all_in_charge, in_charge

_MOST_QUOTED = 300


def broken(event: AuditEvent) -> Iterator[Due]:
    """Tell that a version in production breaks a rule, until it does not any more.

    An escalation goes to those in charge and the committee, anything else to the owner; that an
    authorization is suspended is told when it is.
    """
    found = RuleBreach.objects.select_related("version__model")
    breach = found.get(pk=row_id(event.subject_id))
    if breach.until is not None or breach.action == RuleBreach.Action.SUSPEND:
        return
    version = breach.version
    is_escalated = breach.action == RuleBreach.Action.ESCALATE
    people = all_in_charge(version.model) if is_escalated else {version.model.owner_id}
    yield Due(
        people,
        f"rule:{breach.record_id}",
        TROUBLE,
        in_one_line(f"{version}: {breach.title}", _MOST_QUOTED),
        f"The policy in force watches for this, and takes it to be {breach.severity}. "
        "It stays on record until it is settled.",
        version.get_absolute_url(),
        version.model_id,
    )


def suspended(event: AuditEvent) -> Iterator[Due]:
    """Tell those in charge that a version may not be rolled out anew, though it goes on running."""
    version = ModelVersion.objects.select_related("model").get(pk=row_id(event.subject_id))
    standing = version.authorizations.order_by("-pk").first()
    yield Due(
        all_in_charge(version.model),
        f"suspended:{event.uid}",
        TROUBLE,
        f"The authorization of {version} for production is suspended",
        in_one_line(f"{standing.why if standing else ''} It goes on running.", _MOST_QUOTED),
        version.get_absolute_url(),
        version.model_id,
    )


def missed(event: AuditEvent) -> Iterator[Due]:
    """Tell everybody a condition of a sign-off is about that it was not met in time."""
    found = SignOffCondition.objects.select_related("sign_off__request__version__model")
    asked = found.get(pk=row_id(event.subject_id))
    given = asked.sign_off
    request = given.request
    model = request.version.model
    yield Due(
        {asked.owner_id, given.signer_id, request.requested_by_id, *in_charge(model)},
        f"missed:{asked.record_id}",
        TROUBLE,
        f"A condition on {request.version} was not met by {calendar_day(asked.due)}",
        f"The sign-off by {given.signer_name} does not count any more, nor what was authorized "
        f"by it. They asked: “{in_one_line(asked.text, _MOST_QUOTED)}”",
        request.get_absolute_url(),
        model.pk,
    )


def lapsed(event: AuditEvent) -> Iterator[Due]:
    """Tell who asked for something, and who owns the model, that nobody went on with it."""
    found = PromotionRequest.objects.select_related("version__model")
    request = found.get(pk=row_id(event.subject_id))
    model = request.version.model
    yield Due(
        {request.requested_by_id, model.owner_id},
        f"lapsed:{request.record_id}",
        DECISION,
        f"{asked_for(request)} lapsed",
        "Nobody went on with the request for a long time. Ask again if it is still wanted.",
        request.get_absolute_url(),
        model.pk,
    )
