"""Doors through which a document is begun, written by section, submitted, signed and returned."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import ActorRequest, signed_in
from apps.core.errors import DomainError, NotFound
from apps.core.sent import sent_values
from apps.validation import operations
from apps.validation.documents.origins import origin_in_words
from apps.validation.documents.reading import Binding, Section, template_named
from apps.validation.models import Document
from apps.validation.operations import SectionRefused, WrittenMeanwhile
from apps.validation.views.document_forms import ReturnForm, SectionForm
from apps.validation.views.documents import (
    crumbs_of,
    document_or_404,
    list_page,
    page_of,
)
from apps.validation.views.frame import find


@signed_in
@require_POST
def start_document(request: ActorRequest, name: str, number: int, template: str) -> HttpResponse:
    """Begin a document about a version, or about its model where the template says so."""
    version = find(request, name, number)
    try:
        form = template_named(template)
        subject = version if form.binds_to is Binding.VERSION else version.model
        found = operations.start_document(subject, form.id, by=request.actor)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        page = list_page(request, version) | {"refusal": str(refusal)}
        return render(request, "validation/documents/list.html", page, status=422)
    return redirect(found)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit_section(request: ActorRequest, pk: int, section: str) -> HttpResponse:
    """Show the form of a section, and write what is sent unless it was written meanwhile."""
    found = document_or_404(request, pk)
    asked = _section_or_404(found, section)
    form = SectionForm(sent_values(request), section=asked, values=found.values)
    if form.is_valid() and _is_saved(request, found, asked, form):
        messages.success(request, f"{asked.title}: saved.")
        return redirect(f"{found.get_absolute_url()}#{asked.id}")
    page = {
        "document": found,
        "section": asked,
        "form": form,
        "others": [
            (field.label, origin_in_words(field)) for field in asked.fields if not field.is_written
        ],
        "crumbs": [*crumbs_of(found), (found.template.title, found.get_absolute_url())],
    }
    status = 422 if form.errors else 200
    return render(request, "validation/documents/edit.html", page, status=status)


@signed_in
@require_POST
def submit_document(request: ActorRequest, pk: int) -> HttpResponse:
    """Freeze a document and ask for its signatures."""
    return _done(
        request,
        pk,
        lambda found: operations.submit_document(found, by=request.actor),
        "It is in review now. Its text stands until it is signed or returned.",
    )


@signed_in
@require_POST
def approve_document(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign a document in one role."""
    return _done(
        request,
        pk,
        lambda found: operations.approve_document(
            found,
            by=request.actor,
            role=request.POST.get("role", ""),
            digest=request.POST.get("digest", ""),
        ),
        "Your signature is recorded.",
    )


@signed_in
@require_POST
def revise_document(request: ActorRequest, pk: int) -> HttpResponse:
    """Open an approved document to be written again."""
    return _done(
        request,
        pk,
        lambda found: operations.new_revision(found, by=request.actor),
        "A new revision is begun. The signed one stays as it is.",
    )


@signed_in
@require_POST
def return_document(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a document back with what has to change."""
    found = document_or_404(request, pk)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            operations.return_document(found, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It is a draft again. What was submitted is kept.")
            return redirect(found)
    found = document_or_404(request, pk)
    words = " ".join(str(error) for error in form.non_field_errors())
    page = page_of(request, found, refusal=words, return_form=form)
    return render(request, "validation/documents/document.html", page, status=422)


def _done(
    request: ActorRequest, pk: int, carry_out: Callable[[Document], object], words: str
) -> HttpResponse:
    """Carry an operation out on a document, and show it with the refusal when there is one."""
    try:
        carry_out(document_or_404(request, pk))
    except DomainError as refusal:
        found = document_or_404(request, pk)
        page = page_of(request, found, refusal=str(refusal))
        return render(request, "validation/documents/document.html", page, status=422)
    messages.success(request, words)
    return redirect("validation:document", pk)


def _section_or_404(found: Document, section_id: str) -> Section:
    try:
        return found.template.section(section_id)
    except NotFound:
        raise Http404 from None


def _is_saved(request: ActorRequest, found: Document, asked: Section, form: SectionForm) -> bool:
    try:
        operations.save_section(
            found, asked.id, form.values(), by=request.actor, shown=form.cleaned_data["shown"]
        )
    except WrittenMeanwhile as refusal:
        fresh = document_or_404(request, found.pk)
        newer = SectionForm(None, section=asked, values=fresh.values)
        form.refuse({}, str(refusal))
        form.show_again(sorted(refusal.keys), fresh.values, newer.initial["shown"])
        return False
    except SectionRefused as refusal:
        form.refuse(refusal.problems, str(refusal))
        return False
    except DomainError as refusal:
        form.refuse({}, str(refusal))
        return False
    return True
