"""Writing a questionnaire: a draft begun, changed, proposed, dropped."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.signing.statements import StaleForm
from apps.catalog.receiving import takes_files
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk import questionnaire_queries
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import QuestionnaireVersion
from apps.risk.operations import questionnaires as operations
from apps.risk.pages import questionnaire_list
from apps.risk.questionnaire_forms import SHIPPED, WRITTEN, StartForm, TextForm
from apps.risk.questionnaire_standing import text_digest
from apps.risk.questionnaires import QuestionnaireRefused
from apps.risk.views.questionnaires import found, show

_FORM = ["GET", "HEAD", "POST"]


@signed_in
@takes_files
@require_http_methods(_FORM)
def begin(request: ActorRequest) -> HttpResponse:
    """Begin a draft with a text, or with that of another questionnaire."""
    start = {"start": request.GET.get("from", WRITTEN)}
    form = StartForm(
        sent_values(request), request.FILES if request.method == "POST" else None, initial=start
    )
    form.offer(questionnaire_list.texts_to_begin_with(request.actor))
    if form.is_valid():
        try:
            draft = _begin(request, form)
        except QuestionnaireRefused as refusal:
            form.refuse(refusal)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The draft was begun.")
            return redirect(draft)
    page = {"form": form, "may_write": request.actor.may(questionnaire_queries.WRITE)}
    status = 422 if form.errors else 200
    return render(request, "risk/questionnaires/begin.html", page, status=status)


@signed_in
@require_http_methods(_FORM)
def edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change the text of a draft; what is refused stays in the form, with all that is wrong."""
    draft = found(request, pk)
    may_write = request.actor.may(questionnaire_queries.WRITE)
    if draft.state != QuestionnaireVersion.State.DRAFT or not may_write:
        raise Http404
    opened = {"text": draft.text, "edited": text_digest(draft.text)}
    form = TextForm(sent_values(request), initial=opened)
    theirs = ""
    if form.is_valid():
        try:
            operations.change_draft(draft, by=request.actor, **form.cleaned_data)
        except QuestionnaireRefused as refusal:
            form.refuse(refusal)
        except StaleForm as refusal:
            draft = found(request, pk)
            theirs = draft.text
            form.open_again(text_digest(theirs))
            form.add_error(None, str(refusal))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The draft was saved.")
            return redirect(draft)
    page = {"version": draft, "form": form, "theirs": theirs}
    status = 422 if form.errors else 200
    return render(request, "risk/questionnaires/edit.html", page, status=status)


@signed_in
@require_POST
def drop(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    draft, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.drop_draft(draft, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The draft was dropped.")
            return redirect("risk:questionnaires")
    return show(request, draft, reason_form=form, asked="drop")


@signed_in
@require_POST
def propose(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask for the signatures of a draft."""
    draft, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.propose_questionnaire(draft, by=request.actor, **form.cleaned_data)
        except QuestionnaireRefused as refusal:
            for problem in refusal.problems:
                form.add_error(None, problem)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The questionnaire waits for its signatures.")
            return redirect(draft)
    return show(request, draft, reason_form=form, asked="propose")


def _begin(request: ActorRequest, form: StartForm) -> QuestionnaireVersion:
    given = form.cleaned_data
    start = given["start"]
    is_shipped = start.startswith(SHIPPED)
    is_other = start != WRITTEN and not is_shipped
    return operations.draft_questionnaire(
        by=request.actor,
        reason=given["reason"],
        text=given["text"] if start == WRITTEN else "",
        shipped=start.removeprefix(SHIPPED) if is_shipped else "",
        own_id=given["own_id"],
        based_on=_version(request, start) if is_other else None,
    )


def _version(request: ActorRequest, start: str) -> QuestionnaireVersion:
    """Return the version a draft begins with."""
    if not start.isdecimal() or len(start) >= 12:
        raise Http404
    return found(request, int(start))
