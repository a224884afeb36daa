"""Writing a policy: a draft begun, changed, proposed, dropped."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.signing.statements import StaleForm
from apps.approvals import operations, policy_queries
from apps.approvals.forms import ReasonForm
from apps.approvals.models import PolicyVersion
from apps.approvals.pages import policy_list
from apps.approvals.policies import PolicyRefused
from apps.approvals.policy_forms import IN_FORCE, SHIPPED, DraftForm, TextForm
from apps.approvals.policy_statements import text_digest
from apps.approvals.views.policies import found, show
from apps.core.errors import DomainError
from apps.core.sent import sent_values

_FORM = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(_FORM)
def begin(request: ActorRequest) -> HttpResponse:
    """Begin a draft with the text of another policy."""
    form = DraftForm(sent_values(request), initial={"start": request.GET.get("from", IN_FORCE)})
    form.offer(policy_list.texts_to_begin_with(request.actor))
    if form.is_valid():
        start, reason = form.cleaned_data["start"], form.cleaned_data["reason"]
        try:
            draft = operations.draft_policy(
                by=request.actor,
                reason=reason,
                based_on=_version(request, start),
                shipped=start.removeprefix(SHIPPED) if start.startswith(SHIPPED) else "",
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The draft was begun.")
            return redirect("approvals:edit_policy", pk=draft.pk)
    may_write = request.actor.may(policy_queries.WRITE)
    status = 422 if form.errors else 200
    page = {"form": form, "may_write": may_write}
    return render(request, "approvals/policies/begin.html", page, status=status)


@signed_in
@require_http_methods(_FORM)
def edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change the text of a draft; what is refused stays in the form, with all that is wrong."""
    draft = found(request, pk)
    if draft.state != PolicyVersion.State.DRAFT or not request.actor.may(policy_queries.WRITE):
        raise Http404
    opened = {"text": draft.text, "edited": text_digest(draft.text)}
    form = TextForm(sent_values(request), initial=opened)
    theirs = ""
    if form.is_valid():
        try:
            operations.change_draft(draft, by=request.actor, **form.cleaned_data)
        except PolicyRefused as refusal:
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
    return render(request, "approvals/policies/edit.html", page, status=status)


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
            return redirect("approvals:policies")
    return show(request, draft, reason_form=form, asked="drop")


@signed_in
@require_POST
def propose(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask for the signatures of a draft."""
    draft, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.propose_policy(draft, by=request.actor, **form.cleaned_data)
        except PolicyRefused as refusal:
            for problem in refusal.problems:
                form.add_error(None, problem)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The policy waits for its signatures.")
            return redirect(draft)
    return show(request, draft, reason_form=form, asked="propose")


def _version(request: ActorRequest, start: str) -> PolicyVersion | None:
    """Return the version a draft begins with, when one was chosen."""
    if start == IN_FORCE or start.startswith(SHIPPED):
        return None
    return found(request, int(start)) if start.isdecimal() and len(start) < 12 else _none()


def _none() -> PolicyVersion:
    raise Http404
