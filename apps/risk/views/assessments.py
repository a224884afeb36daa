"""Pages of assessments: those of a model, one in full, and what leaves Signet."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.errors import DomainError, NotFound
from apps.risk import assessment_queries as queries
from apps.risk.assessment_forms import ReviewForm
from apps.risk.models import Assessment
from apps.risk.operations import assessment_exports
from apps.risk.operations import assessments as operations
from apps.risk.pages import assessment_lists
from apps.risk.pages import assessments as pages


@signed_in
@require_safe
def listed(request: ActorRequest, name: str) -> HttpResponse:
    """List the assessments of a model, and what of them is not started."""
    model = _model_or_404(request, name)
    page = assessment_lists.listing(model, request.actor)
    return render(request, "risk/assessments/list.html", page)


@signed_in
@require_POST
def start(request: ActorRequest, name: str) -> HttpResponse:
    """Start an assessment of a model, a version or a use, and go to its first questions."""
    model = _model_or_404(request, name)
    subject = assessment_lists.subject_named(model, request.POST.get("about", ""))
    if subject is None:
        raise Http404
    try:
        started = operations.start_assessment(
            subject, request.POST.get("kind", ""), by=request.actor
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        page = assessment_lists.listing(model, request.actor, refusal=str(refusal))
        return render(request, "risk/assessments/list.html", page, status=422)
    return redirect(pages.first_section(started, now().date()))


@signed_in
@require_safe
def assessment(request: ActorRequest, pk: int) -> HttpResponse:
    """Show an assessment: how far it is, what was answered, what it came to, who signed."""
    found = assessment_or_404(request, pk)
    return show(request, found)


@signed_in
@require_safe
def export(request: ActorRequest, pk: int, form: str) -> HttpResponse:
    """Send an assessment as a file, once it is recorded who takes it."""
    found = assessment_or_404(request, pk)
    try:
        file = assessment_exports.export_assessment(found, form, by=request.actor)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    answer = HttpResponse(file.content, content_type=file.media_type)
    answer.headers["Content-Disposition"] = content_disposition_header(True, file.name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def show(
    request: ActorRequest, found: Assessment, *, sent: ReviewForm | None = None, refusal: str = ""
) -> HttpResponse:
    """Show an assessment, with what was refused when something was."""
    page = {
        **pages.page_of(found, request.actor, sent=sent, refusal=refusal),
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    status = 422 if sent or refusal else 200
    return render(request, "risk/assessments/one.html", page, status=status)


def assessment_or_404(request: ActorRequest, pk: int) -> Assessment:
    """Return an assessment the person may see, or answer as for one that is not there."""
    return get_object_or_404(queries.assessments_visible_to(request.actor), pk=pk)


def _model_or_404(request: ActorRequest, name: str) -> RegisteredModel:
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    return model
