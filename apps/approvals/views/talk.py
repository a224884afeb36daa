"""The talk about a request: comments, warnings and dissent answered, conditions said to be met."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import operations, queries
from apps.approvals.models import Comment, PromotionRequest, SignOff, SignOffCondition
from apps.approvals.pages.conversation import SAY
from apps.approvals.talk_forms import AnswerForm, CommentForm, MeetForm, NoteForm, ReplyForm
from apps.approvals.views.acting import FORM, answered
from apps.approvals.views.showing import find, show
from apps.core.errors import DomainError
from apps.core.formats import calendar_day
from apps.core.sent import sent_values


@signed_in
@require_POST
def comment(request: ActorRequest, pk: int) -> HttpResponse:
    """Say something about a section of the page."""
    asked = find(request, pk)
    say = partial(operations.comment, asked, by=request.actor)
    return _said(request, asked, CommentForm(request.POST, prefix=SAY), say)


@signed_in
@require_POST
def reply(request: ActorRequest, pk: int) -> HttpResponse:
    """Answer a comment."""
    written = _comment(request, pk)
    asked = written.request
    say = partial(operations.comment, asked, by=request.actor, answers=written)
    return _said(request, asked, ReplyForm(request.POST, prefix=f"reply-{written.pk}"), say)


@signed_in
@require_POST
def resolve(request: ActorRequest, pk: int) -> HttpResponse:
    """Mark a comment as resolved."""
    written = _comment(request, pk)
    try:
        operations.resolve_comment(written, by=request.actor)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return show(request, written.request, status=422)
    messages.success(request, "Marked as resolved.")
    return redirect(f"{written.request.get_absolute_url()}#conversation")


@signed_in
@require_POST
def note(request: ActorRequest, pk: int) -> HttpResponse:
    """Say why a transition may go on although its gate warns."""
    asked = find(request, pk)
    form = NoteForm(request.POST, prefix="note")
    carry_out = partial(operations.note_warnings, asked, by=request.actor)
    return _done(request, asked, form, carry_out, "The warnings are answered.")


@signed_in
@require_POST
def answer(request: ActorRequest, pk: int) -> HttpResponse:
    """Answer somebody who declined or asked for changes."""
    signed = get_object_or_404(
        SignOff.objects.select_related("request__version__model"),
        pk=pk,
        request__in=queries.requests_visible_to(request.actor),
    )
    form = AnswerForm(request.POST, prefix=f"answer-{signed.pk}")
    carry_out = partial(operations.answer_dissent, signed, by=request.actor)
    return _done(request, signed.request, form, carry_out, "Your answer is on record.")


@signed_in
@require_http_methods(FORM)
def meet_condition(request: ActorRequest, pk: int) -> HttpResponse:
    """Say that a condition of a sign-off is met: its owner does."""
    asked = get_object_or_404(
        SignOffCondition.objects.select_related("sign_off__request__version__model"),
        pk=pk,
        sign_off__request__in=queries.requests_visible_to(request.actor),
        owner=request.user,
    )
    promotion = asked.sign_off.request
    page = {
        "title": "Say that it is met",
        "lead": "The sign-off it belongs to stands only while its conditions are met in time.",
        "crumbs": [(str(promotion), promotion.get_absolute_url())],
        "here": "Condition",
        "button": "It is met",
        "back": promotion.get_absolute_url(),
        "facts": [
            {"term": "Condition", "value": asked.text},
            {"term": "Asked by", "person": asked.sign_off.signer_name},
            {"term": "Due", "value": calendar_day(asked.due)},
        ],
    }
    form = MeetForm.on(asked.root, sent_values(request))
    carry_out = partial(operations.meet_condition, asked, by=request.actor)
    return answered(request, form, carry_out, page, done="The condition is met.", to=promotion)


def _comment(request: ActorRequest, pk: int) -> Comment:
    found: Comment = get_object_or_404(
        Comment.objects.select_related("request__version__model"),
        pk=pk,
        request__in=queries.requests_visible_to(request.actor),
    )
    return found


def _said(
    request: ActorRequest,
    asked: PromotionRequest,
    form: forms.Form,
    say: Callable[..., Comment],
) -> HttpResponse:
    if form.is_valid():
        try:
            written = say(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(f"{asked.get_absolute_url()}#comment-{written.pk}")
    return show(request, asked, form)


def _done(
    request: ActorRequest,
    asked: PromotionRequest,
    form: forms.Form,
    carry_out: Callable[..., object],
    done: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            carry_out(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(asked)
    return show(request, asked, form)
