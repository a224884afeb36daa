"""What a check gets: for one model, and for every model."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.validation import checks, operations, setting_history
from apps.validation.checks.contract import Check
from apps.validation.described import in_words, parameters_of
from apps.validation.models import CheckSetting
from apps.validation.setting_forms import SettingForm
from apps.validation.views.frame import Crumbs, crumbs

WAYS = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(WAYS)
def model_settings(request: ActorRequest, name: str, check: str) -> HttpResponse:
    """Set what a check gets for one model."""
    model = get_object_or_404(catalog.models_visible_to(request.actor), name=name)
    return _settings(request, _known(check), model)


@signed_in
@require_http_methods(WAYS)
def settings_for_all(request: ActorRequest, check: str) -> HttpResponse:
    """Set what a check gets for every model."""
    return _settings(request, _known(check), None)


def _known(name: str) -> Check:
    known = checks.named_or_none(name)
    if known is None:
        raise Http404
    return known


def _settings(request: ActorRequest, check: Check, model: RegisteredModel | None) -> HttpResponse:
    setting = CheckSetting.objects.filter(model=model, check_name=check.name).first()
    held: Mapping[str, Any] = setting.parameters if setting else {}
    form = SettingForm(sent_values(request), check=check, held=held)
    if form.is_valid():
        try:
            operations.set_parameters(model, check.name, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The parameters of {check.title} are set.")
            return redirect(request.path)
    page = {
        "check": check,
        "model": model,
        "form": form,
        "crumbs": _crumbs(check, model),
        "lead": _lead(model),
        "may_set": _may_set(request, model),
        "why_not": _action(model).refusal,
        "home": _home(check, model),
        "for_all": _for_all(check) if model else [],
        "for_all_url": reverse("validation:settings_for_all", args=[check.name]) if model else "",
        "changes": setting_history.changes(setting) if setting else [],
    }
    return render(request, "validation/settings.html", page, status=422 if form.errors else 200)


def _action(model: RegisteredModel | None) -> Any:
    return operations.SET_FOR_ALL if model is None else operations.SET_PARAMETERS


def _may_set(request: ActorRequest, model: RegisteredModel | None) -> bool:
    return request.actor.may(_action(model).permission, model)


def _lead(model: RegisteredModel | None) -> str:
    if model is None:
        return "What is set here holds for every model that does not set it itself."
    return "What is set here holds for this model, over what holds for every model."


def _home(check: Check, model: RegisteredModel | None) -> str:
    return model.get_absolute_url() if model else f"{reverse('validation:reference')}#{check.name}"


def _crumbs(check: Check, model: RegisteredModel | None) -> Crumbs:
    if model is None:
        return [("Checks", reverse("validation:reference")), (check.title, _home(check, None))]
    return crumbs(model)


def _for_all(check: Check) -> list[dict[str, str]]:
    """Return what holds for every model: what was set for all, else the check's own default."""
    setting = CheckSetting.objects.filter(model=None, check_name=check.name).first()
    held: Mapping[str, Any] = setting.parameters if setting else {}
    return [
        {"term": one.label, "value": in_words(held.get(one.name, one.default))}
        for one in parameters_of(check)
    ]
