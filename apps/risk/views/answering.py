"""Doors through which an assessment is answered: by section, all at once, on a newer version."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk.answering import Sheet
from apps.risk.assessment_forms import NOTE, ImportForm, SectionForm
from apps.risk.models import Assessment
from apps.risk.operations import answers as operations
from apps.risk.operations import assessments as assessments_operations
from apps.risk.operations.answers import NotAllKept
from apps.risk.operations.attachments import usable_items
from apps.risk.pages import assessments as pages
from apps.risk.pages import sections
from apps.risk.pages.asking import Asked
from apps.risk.questionnaires import Question
from apps.risk.views.acting import FORM, answered
from apps.risk.views.assessments import assessment_or_404, show

GO_ON, ATTACH = "go_on", "attach"
"""The buttons that lead on: to the next section with something left to do, and to evidence."""


@signed_in
@require_http_methods(FORM)
def section(request: ActorRequest, pk: int, section: str) -> HttpResponse:
    """Show the questions of a section, and keep what is answered unless somebody else just did."""
    found = assessment_or_404(request, pk)
    asked = _asked(found)
    if asked.section(section) is None and request.method != "POST":
        return redirect(found) if _is_known(asked.sheet, section) else _nowhere()
    if not sections.is_open(found, request.actor, asked):
        return _closed(request, found)
    form = _form(request, asked, section)
    refusal: NotAllKept | None = None
    if form.is_valid():
        refusal = _save(request, found, form)
        if refusal is None and not form.errors:
            return _onward(request, found, section)
        if refusal is not None:
            asked = _asked(assessment_or_404(request, pk))
            form.refuse(refusal)
            form.show_again(asked.sheet, refusal)
    page = sections.page_of(found, asked, section, form, refusal.conflicts if refusal else ())
    status = 422 if form.errors else 200
    return render(request, "risk/assessments/section.html", page, status=status)


@signed_in
@require_http_methods(FORM)
def import_answers(request: ActorRequest, pk: int) -> HttpResponse:
    """Take a whole set of answers over."""
    found = assessment_or_404(request, pk)
    row = found.questionnaire
    page = _page(
        found,
        "Take answers over",
        lead=f"A whole set for {row.questionnaire_id} {row.number}. It replaces what was answered "
        "to the same questions; one answer that cannot be kept, and none is.",
        button="Take over",
    )
    carry_out = partial(operations.import_answers, found, by=request.actor)
    form = ImportForm(sent_values(request))
    done = "The answers were taken over."
    return answered(request, form, carry_out, page, done=done, to=found)


@signed_in
@require_http_methods(FORM)
def move(request: ActorRequest, pk: int) -> HttpResponse:
    """Show what a newer questionnaire asks otherwise, and let the draft go on with it."""
    found = assessment_or_404(request, pk)
    refusal = ""
    if request.method == "POST":
        try:
            assessments_operations.move_to_newer(
                found, to=request.POST.get("to", ""), by=request.actor
            )
        except DomainError as refused:
            refusal = str(refused)
        else:
            messages.success(
                request, f"It is answered on version {found.questionnaire.number} now."
            )
            return redirect(found)
    found = assessment_or_404(request, pk)
    page = sections.moving(found, refusal)
    return render(request, "risk/assessments/move.html", page, status=422 if refusal else 200)


def _asked(found: Assessment) -> Asked:
    return Asked.of(found, now().date(), usable_items(found))


def _form(request: ActorRequest, asked: Asked, section_id: str) -> SectionForm:
    """Return the form of what is asked now, and of what was when the page was opened."""
    shown = asked.section(section_id)
    visible = {one.key for one in shown.questions} if shown else set[str]()
    sent = sent_values(request)
    questions = [
        question
        for question in _questions(asked.sheet, section_id)
        if question.key in visible or (sent is not None and NOTE + question.key in sent)
    ]
    return SectionForm(sent, sheet=asked.sheet, questions=questions, items=asked.items)


def _questions(sheet: Sheet, section_id: str) -> tuple[Question, ...]:
    found = next((one for one in sheet.questionnaire.sections if one.id == section_id), None)
    if found is None:
        raise Http404
    return found.questions


def _is_known(sheet: Sheet, section_id: str) -> bool:
    return any(one.id == section_id for one in sheet.questionnaire.sections)


def _nowhere() -> HttpResponse:
    raise Http404


def _closed(request: ActorRequest, found: Assessment) -> HttpResponse:
    """Show the assessment to one who cannot answer it, saying so."""
    if request.method != "POST":
        return redirect(found)
    words = "Nothing was saved: it is not answered now, or not by you."
    return show(request, found, refusal=words)


def _save(request: ActorRequest, found: Assessment, form: SectionForm) -> NotAllKept | None:
    """Keep what was answered; return what was not kept."""
    try:
        operations.answer(found, by=request.actor, confirmed=form.confirmed, **form.answers)
    except NotAllKept as refusal:
        return refusal
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return None


def _onward(request: ActorRequest, found: Assessment, section_id: str) -> HttpResponse:
    """Go on where something is left to do: here, in a later section, or nowhere."""
    asked = _asked(found)
    here = asked.section(section_id)
    further = asked.after(section_id)
    if (key := request.POST.get(ATTACH)) and key in asked.sheet.questionnaire.question_keys:
        return redirect("risk:attach_evidence", found.pk, key)
    messages.success(request, "Saved.")
    if GO_ON not in request.POST:
        return redirect(here.url if here else found)
    return redirect(further.url if further else found)


def _page(found: Assessment, title: str, **words: str) -> dict[str, Any]:
    framed = pages.frame(found, now().date())
    address = found.get_absolute_url()
    return {
        "title": title,
        "crumbs": [*framed["crumbs"], (found.questionnaire.title, address)],
        "here": title,
        "back": address,
        **words,
    }
