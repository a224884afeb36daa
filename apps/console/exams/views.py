"""Pages of exam rooms: for those who open them, for auditors, and the one of the examiner."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import exams, queries
from apps.catalog import operations as catalog
from apps.catalog.models import ExamRoom
from apps.console.exams import asked, shown
from apps.console.exams.forms import AddModelsForm, OpenExamForm, ReasonForm
from apps.console.exams.visits import Visit
from apps.console.queries.portfolio import Portfolio
from apps.console.queries.seeking import Search
from apps.core.errors import DomainError
from apps.core.sent import sent_values

WAYS = ["GET", "HEAD", "POST"]
LIST = "exams:list"


@signed_in
@require_safe
def mine(request: ActorRequest) -> HttpResponse:
    """Show an examiner what is granted, until when, and where their questions are answered."""
    visit: Visit | None = getattr(request, "exam", None)
    if visit is None:
        raise Http404
    status = 200 if visit.is_open else 403
    page = shown.examiners_page(request, visit)
    return render(request, "console/exams/mine.html", page, status=status)


@signed_in
@require_safe
def requests(request: ActorRequest) -> HttpResponse:
    """Show which page, export or command answers which question examiners ask."""
    if getattr(request, "exam", None) is None:
        _require_reader(request)
    return render(request, "console/exams/requests.html", {"table": asked.table()})


@signed_in
@require_safe
def rooms(request: ActorRequest) -> HttpResponse:
    """List the exam rooms, the newest first."""
    _require_reader(request)
    return render(request, "console/exams/list.html", shown.listing(request))


@signed_in
@require_safe
def room(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one exam room to its hosts: what it grants, and what has been looked at."""
    return render(request, "console/exams/room.html", shown.room(request, _find(request, pk)))


@signed_in
@require_http_methods(WAYS)
def open_room(request: ActorRequest) -> HttpResponse:
    """Open an exam room; a filter of the list of models in the address names the models."""
    _require_host(request)
    form = OpenExamForm(sent_values(request), initial=_chosen(request))
    if form.is_valid():
        given = form.cleaned_data
        try:
            opened = catalog.open_exam(
                given["examiner"], form.exam, by=request.actor, reason=given["reason"]
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{opened}” is open to {opened.examiner}.")
            return redirect(opened)
    page = {"form": form, "has_examiners": exams.examiners().exists()}
    return render(request, "console/exams/open.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def add_models(request: ActorRequest, pk: int) -> HttpResponse:
    """Grant further models."""
    _require_host(request)
    found = _find(request, pk)
    page = _page(found, "Add models", "Add models", "The examiner sees them at once.")
    form = AddModelsForm(sent_values(request))
    return _answered(
        request,
        form,
        lambda names, reason: catalog.add_models(
            found, names.splitlines(), by=request.actor, reason=reason
        ),
        page,
        done="The models are part of the exam.",
        to=found,
    )


@signed_in
@require_http_methods(WAYS)
def withdraw(request: ActorRequest, pk: int, model: int) -> HttpResponse:
    """Take one model out of the examiner's sight."""
    _require_host(request)
    found = _find(request, pk)
    granted = get_object_or_404(
        queries.models_visible_to(request.actor).filter(pk__in=found.granted), pk=model
    )
    page = _page(
        found, f"Withdraw {granted}", "Withdraw the model", "The examiner no longer sees it."
    )
    act = partial(catalog.withdraw_model, found, granted, by=request.actor)
    form = ReasonForm(sent_values(request))
    done = f"{granted} is no longer part of the exam."
    return _answered(request, form, act, page, done=done, to=found)


@signed_in
@require_http_methods(WAYS)
def close(request: ActorRequest, pk: int) -> HttpResponse:
    """Close a room before its time."""
    _require_host(request)
    found = _find(request, pk)
    lead = "The examiner sees nothing from then on. What was looked at stays on record."
    page = _page(found, f"Close “{found}”", "Close the room", lead)
    act = partial(catalog.close_exam, found, by=request.actor)
    form = ReasonForm(sent_values(request))
    return _answered(request, form, act, page, done="The exam room is closed.", to=found)


# -- what these pages share ------------------------------------------------------------------------


def _find(request: ActorRequest, pk: int) -> ExamRoom:
    return get_object_or_404(exams.rooms_visible_to(request.actor), pk=pk)


def _require_reader(request: ActorRequest) -> None:
    if not (exams.may_host(request.actor) or request.actor.may(exams.VIEW_RECORD)):
        raise Http404


def _require_host(request: ActorRequest) -> None:
    if not exams.may_host(request.actor):
        raise Http404


def _chosen(request: ActorRequest) -> dict[str, str]:
    """Return the names of the models that the filter in the address finds, one a line."""
    search = Search.of(request.GET)
    if not search.is_narrow:
        return {}
    return {"names": "\n".join(Portfolio(request.actor, search).names(catalog.MOST_MODELS))}


def _page(room: ExamRoom, title: str, button: str, lead: str) -> dict[str, Any]:
    return {
        "title": title,
        "lead": lead,
        "crumbs": [("Exam rooms", reverse(LIST)), (str(room), room.get_absolute_url())],
        "here": button,
        "button": button,
        "back": room.get_absolute_url(),
    }


def _answered(
    request: ActorRequest,
    form: forms.Form,
    carry_out: Callable[..., object],
    page: Mapping[str, Any],
    *,
    done: str,
    to: ExamRoom,
) -> HttpResponse:
    """Carry out what a form asks and go on; or show the form with what is in the way."""
    if form.is_valid():
        try:
            carry_out(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(to)
    status = 422 if form.errors else 200
    return render(request, "risk/act.html", {**page, "form": form}, status=status)
