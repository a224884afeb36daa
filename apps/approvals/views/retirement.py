"""Pages of a model's retirement: retention, legal holds, and disposal by two people."""

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import operations, queries
from apps.approvals.forms import ReasonForm
from apps.approvals.models import Retention, Retirement
from apps.approvals.pages import retirement as pages
from apps.approvals.term_forms import RetentionForm
from apps.approvals.views.acting import FORM, answered
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.sent import sent_values


@signed_in
@require_safe
def retirement(request: ActorRequest, name: str) -> HttpResponse:
    """Show how long a model's records are kept, what holds them, and what was decommissioned."""
    page = pages.of_model(request, _model(request, name))
    return render(request, "approvals/retirement/model.html", page)


@signed_in
@require_http_methods(FORM)
def set_retention(request: ActorRequest, name: str) -> HttpResponse:
    """Say how long a model's records are kept."""
    model = _model(request, name)
    kept = Retention.objects.filter(model=model).first()
    initial = {"name": kept.name, "years": kept.years, "basis": kept.basis} if kept else {}
    page = _page(
        model,
        "Set retention",
        "For how long records stay once a version is decommissioned. What is decommissioned "
        "already is never kept for less than was said then.",
        "Set retention",
    )
    carry_out = partial(operations.set_retention, model, by=request.actor)
    form = RetentionForm(sent_values(request), initial=initial)
    return answered(
        request, form, carry_out, page, done="The retention is set.", to=_address(model)
    )


@signed_in
@require_http_methods(FORM)
def place_hold(request: ActorRequest, name: str) -> HttpResponse:
    """Keep everything of a model as it is."""
    model = _model(request, name)
    page = _page(
        model,
        "Place a legal hold",
        "Until it is lifted, nothing of the model is decommissioned, disposed of or deleted.",
        "Place the hold",
    )
    carry_out = partial(operations.place_hold, model, by=request.actor)
    return _reasoned(request, carry_out, page, done="The legal hold is in force.", model=model)


@signed_in
@require_http_methods(FORM)
def lift_hold(request: ActorRequest, pk: int) -> HttpResponse:
    """End a legal hold."""
    hold = get_object_or_404(queries.holds_visible_to(request.actor), pk=pk)
    lead = f"In force since {hold.placed_at:%Y-%m-%d}: {hold.reason}"
    page = _page(hold.model, "Lift the legal hold", lead, "Lift the hold")
    carry_out = partial(operations.lift_hold, hold, by=request.actor)
    return _reasoned(request, carry_out, page, done="The legal hold is lifted.", model=hold.model)


@signed_in
@require_http_methods(FORM)
def ask_disposal(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask that the files of a version go."""
    found = _retirement(request, pk)
    model = found.root
    page = _page(
        model,
        f"Ask for the disposal of {found.version}",
        "Somebody else with the right carries it out.",
        "Ask for disposal",
    )
    carry_out = partial(operations.ask_disposal, found, by=request.actor)
    return _reasoned(request, carry_out, page, done="The disposal was asked for.", model=model)


@signed_in
@require_http_methods(FORM)
def call_off_disposal(request: ActorRequest, pk: int) -> HttpResponse:
    """Take back that the files of a version should go."""
    found = _retirement(request, pk)
    model = found.root
    page = _page(
        model,
        f"Call off the disposal of {found.version}",
        "Its files stay. The disposal can be asked for again.",
        "Call it off",
    )
    carry_out = partial(operations.call_off_disposal, found, by=request.actor)
    return _reasoned(request, carry_out, page, done="The disposal was called off.", model=model)


@signed_in
@require_http_methods(FORM)
def dispose(request: ActorRequest, pk: int) -> HttpResponse:
    """Let the files of a version go, after another person asked for it."""
    found = _retirement(request, pk)
    model = found.root
    page = _page(
        model,
        f"Dispose of the files of {found.version}",
        "Nobody gets them from now on, and a day later their bytes are gone for good. Files that "
        "another version, evidence or an attestation names stay. So do every row, the manifest and "
        "its digests.",
        "Dispose of the files",
    )
    carry_out = partial(operations.dispose, found, by=request.actor)
    done = "The files were disposed of."
    return _reasoned(request, carry_out, page | {"kind": "danger"}, done=done, model=model)


def _reasoned(
    request: ActorRequest,
    carry_out: Callable[..., object],
    page: dict[str, object],
    *,
    done: str,
    model: RegisteredModel,
) -> HttpResponse:
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done=done, to=_address(model))


def _page(model: RegisteredModel, title: str, lead: str, button: str) -> dict[str, object]:
    address = _address(model)
    crumbs = [
        ("Models", reverse("models:list")),
        (model.name, model.get_absolute_url()),
        ("Retirement", address),
    ]
    return {
        "title": title,
        "lead": lead,
        "button": button,
        "crumbs": crumbs,
        "here": title,
        "back": address,
    }


def _address(model: RegisteredModel) -> str:
    return reverse("approvals:retirement", args=[model.name])


def _model(request: ActorRequest, name: str) -> RegisteredModel:
    found = catalog.model_or_none(request.actor, name)
    if found is None:
        raise Http404
    return found


def _retirement(request: ActorRequest, pk: int) -> Retirement:
    return get_object_or_404(queries.retirements_visible_to(request.actor), pk=pk)
