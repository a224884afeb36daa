"""What was said: comments, mentions, answers to a signer, conditions met, and delegations."""

from collections.abc import Iterator

from django.urls import reverse

from apps.approvals.models import Comment, Delegation, PromotionRequest, SignOff, SignOffCondition
from apps.audit.models import AuditEvent
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import CONVERSATION, DELEGATION
from apps.integrations.notices.sources.asked import asked_for
from apps.integrations.notices.sources.decisions import row_id
from apps.integrations.notices.sources.people import but_not_who_did, who_did

_ON_PAGE = "What was said is on the page of the request."


def commented(event: AuditEvent) -> Iterator[Due]:
    """Tell who is mentioned, who asked for it, and who is answered; each of them once."""
    found = Comment.objects.select_related("request__version__model", "answers")
    comment = found.get(pk=row_id(event.subject_id))
    request, who = comment.request, who_did(event)
    mentioned = but_not_who_did(event, *comment.mentioned)
    concerned = {request.requested_by_id}
    if comment.answers is not None:
        concerned.add(comment.answers.author_id)
    others = but_not_who_did(event, *concerned) - mentioned
    yield _said(event, request, mentioned, f"{who} mentioned you: {asked_for(request)}")
    yield _said(event, request, others, f"{who} commented: {asked_for(request)}")


def answered(event: AuditEvent) -> Iterator[Due]:
    """Tell a signer who did not agree that somebody answered."""
    found = SignOff.objects.select_related("request__version__model")
    given = found.get(pk=row_id(event.subject_id))
    line = f"{who_did(event)} answered you: {asked_for(given.request)}"
    yield _said(event, given.request, but_not_who_did(event, given.signer_id), line)


def met(event: AuditEvent) -> Iterator[Due]:
    """Tell a signer that a condition of theirs is said to be met."""
    found = SignOffCondition.objects.select_related("sign_off__request__version__model")
    given = found.get(pk=row_id(event.subject_id)).sign_off
    line = f"{who_did(event)} met a condition of yours: {asked_for(given.request)}"
    yield _said(event, given.request, but_not_who_did(event, given.signer_id), line)


def delegated(event: AuditEvent) -> Iterator[Due]:
    """Tell somebody that they sign for another person, and for how long."""
    found = Delegation.objects.select_related("delegator", "model")
    made = found.get(pk=row_id(event.subject_id))
    where = f"on {made.model}" if made.model else "on every model"
    until = f"{calendar_day(made.starts_on)} to {calendar_day(made.ends_on)}"
    yield Due(
        (made.delegate_id,),
        f"delegation:{made.record_id}",
        DELEGATION,
        f"You sign for {made.delegator} as {made.get_role_display().lower()} {where}",
        f"From {until}. What you may not sign for yourself, you may not sign for them either.",
        reverse("console:inbox"),
        made.model_id,
    )


def _said(event: AuditEvent, request: PromotionRequest, people: set[int], line: str) -> Due:
    key = f"said:{event.uid}"
    path = request.get_absolute_url()
    return Due(people, key, CONVERSATION, line, _ON_PAGE, path, request.version.model_id)
