"""Questionnaires to be read: the list, one of them, what differs, what it would come to."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.core.sent import sent_values
from apps.risk import questionnaire_queries, questionnaires
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import QuestionnaireVersion
from apps.risk.offered import asked_of
from apps.risk.pages import previews, questionnaire_desk, questionnaire_list
from apps.risk.pages.questionnaires import readable
from apps.risk.questionnaire_forms import PreviewForm
from apps.risk.questionnaires import Questionnaire

_FORM = ["GET", "HEAD", "POST"]


@signed_in
@require_safe
def listed(request: ActorRequest) -> HttpResponse:
    """List what is asked now, and every version there is or was."""
    page = questionnaire_list.on_page(request)
    return render(request, "risk/questionnaires/list.html", page)


@signed_in
@require_safe
def shipped(request: ActorRequest, shipped: str) -> HttpResponse:
    """Show a questionnaire that comes with Signet."""
    return show_shipped(request, shipped)


@signed_in
@require_safe
def shipped_text(request: ActorRequest, shipped: str) -> HttpResponse:  # noqa: ARG001 - Django's
    """Give the text of a questionnaire that comes with Signet."""
    read = _shipped(shipped)
    return _as_file(read.text, read.id, read.version)


@signed_in
@require_http_methods(_FORM)
def preview_shipped(request: ActorRequest, shipped: str) -> HttpResponse:
    """Try a questionnaire that comes with Signet; nothing is saved."""
    return _preview(request, _shipped(shipped), {"name": shipped})


@signed_in
@require_safe
def questionnaire(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one version: what it asks, who signed it, what is left to do."""
    return show(request, found(request, pk))


@signed_in
@require_safe
def text(request: ActorRequest, pk: int) -> HttpResponse:
    """Give the text of a version, as it was signed."""
    version = found(request, pk)
    return _as_file(version.text, version.questionnaire_id, version.number)


@signed_in
@require_safe
def comparison(request: ActorRequest, pk: int) -> HttpResponse:
    """Show what a version says otherwise than the one before it, in words."""
    page = questionnaire_desk.comparison(found(request, pk))
    return render(request, "risk/questionnaires/comparison.html", page)


@signed_in
@require_http_methods(_FORM)
def preview(request: ActorRequest, pk: int) -> HttpResponse:
    """Try a version; nothing is saved."""
    version = found(request, pk)
    return _preview(request, asked_of(version), {"version": version})


# -- shared with the views of drafts and of signing


def found(request: ActorRequest, pk: int) -> QuestionnaireVersion:
    """Return a version the reader may see, or answer as for none."""
    visible = questionnaire_queries.questionnaires_visible_to(request.actor)
    return get_object_or_404(visible, pk=pk)


def show(request: ActorRequest, version: QuestionnaireVersion, **refused: Any) -> HttpResponse:
    """Show a version, with a form that was refused if one was."""
    page = {
        **questionnaire_desk.page(version, request.actor, **refused),
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    status = 422 if refused else 200
    return render(request, "risk/questionnaires/one.html", page, status=status)


def show_shipped(
    request: ActorRequest, name: str, refused: ReasonForm | None = None
) -> HttpResponse:
    """Show a text that comes with Signet, with the form that was refused if one was."""
    page = {
        **readable(_shipped(name)),
        "name": name,
        "may_write": request.actor.may(questionnaire_queries.WRITE),
        **questionnaire_desk.retiring(name, request.actor, refused),
    }
    status = 422 if refused else 200
    return render(request, "risk/questionnaires/shipped.html", page, status=status)


def _preview(request: ActorRequest, tried: Questionnaire, origin: dict[str, Any]) -> HttpResponse:
    form = PreviewForm(sent_values(request), tried)
    page = {**previews.preview(tried, form), **origin}
    status = 422 if form.errors else 200
    return render(request, "risk/questionnaires/preview.html", page, status=status)


def _shipped(name: str) -> Questionnaire:
    if name not in questionnaires.SHIPPED:
        raise Http404
    return questionnaires.shipped(name)


def _as_file(text: str, name: str, number: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{number}.yaml"'
    return answer
