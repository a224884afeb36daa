"""Doors through which evidence is attached to an answer, and taken off again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import ActorRequest, signed_in
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk import offered
from apps.risk.assessment_forms import AttachForm
from apps.risk.models import Assessment
from apps.risk.operations import attachments as operations
from apps.risk.pages.asking import Asked
from apps.risk.pages.assessments import frame, may_answer
from apps.risk.views.acting import FORM
from apps.risk.views.assessments import assessment_or_404


@signed_in
@require_http_methods(FORM)
def attach(request: ActorRequest, pk: int, key: str) -> HttpResponse:
    """Show what is attached to the answer to a question, and attach an item of the model."""
    found = assessment_or_404(request, pk)
    items = {str(item.pk): item for item in operations.usable_items(found)}
    form = AttachForm(sent_values(request))
    form.offer(list(items.values()))
    if form.is_valid():
        item = items[form.cleaned_data["item"]]
        try:
            operations.attach_evidence(found, key, item, by=request.actor)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{item} was attached.")
            return redirect("risk:attach_evidence", pk, key)
    return _show(request, found, key, form)


@signed_in
@require_POST
def remove(request: ActorRequest, pk: int, attached: int) -> HttpResponse:
    """Take an item off an answer."""
    found = assessment_or_404(request, pk)
    held = get_object_or_404(found.attached.select_related("item"), pk=attached)
    try:
        operations.remove_evidence(held, by=request.actor)
    except DomainError as refusal:
        form = AttachForm()
        form.offer(operations.usable_items(found))
        return _show(request, found, held.key, form, refusal=str(refusal))
    messages.success(request, f"{held.item} was taken off.")
    return redirect("risk:attach_evidence", pk, held.key)


def _show(
    request: ActorRequest, found: Assessment, key: str, form: AttachForm, *, refusal: str = ""
) -> HttpResponse:
    questionnaire = offered.asked_of(found.questionnaire)
    if key not in questionnaire.question_keys:
        raise Http404
    framed = frame(found, now().date())
    held = found.attached.filter(key=key, removed_at=None)
    is_draft = found.state == Assessment.State.DRAFT
    page = {
        **framed,
        "question": questionnaire.question(key).text,
        "attached": list(
            held.select_related("item__model", "attached_by").order_by("pk"),
        ),
        "crumbs": [*framed["crumbs"], (found.questionnaire.title, found.get_absolute_url())],
        "here": "Evidence",
        "form": form,
        "refusal": refusal,
        "has_items": form.has_items,
        "back": _section_of(found, key),
        "may_change": is_draft and may_answer(found, request.actor, questionnaire),
    }
    status = 422 if form.errors or refusal else 200
    return render(request, "risk/assessments/attach.html", page, status=status)


def _section_of(found: Assessment, key: str) -> str:
    """Return the address of the section that asks a question now, or of the assessment."""
    asked = Asked.of(found, now().date())
    sections = (
        one.url for one in asked.sections if any(shown.key == key for shown in one.questions)
    )
    address = next(sections, None)
    return f"{address}#question-{key}" if address else found.get_absolute_url()
