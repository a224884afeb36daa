"""Documents: listed, begun, read, written by section, and taken away as JSON.

Submitting, signing and returning them needs a person in a browser.
"""

from django.http import Http404, HttpResponse
from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.describing import DOSSIER
from apps.api.v1 import found
from apps.api.v1.answers.documents import DocumentAnswer, Documents
from apps.api.v1.asked.documents import NewDocument, NewSection
from apps.audit.actions import Action
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion
from apps.validation import operations
from apps.validation.documents import standing
from apps.validation.documents.board import Board
from apps.validation.documents.reading import Binding, shipped, template_named
from apps.validation.models import Document
from apps.validation.operations import documents as rules

router = Router(tags=["documents"])
_DOCUMENTS = "/models/{name}/versions/{int:number}/documents"
_DOCUMENT = f"{_DOCUMENTS}/{{template}}"


@router.get(_DOCUMENTS, url_name="documents", response=Documents)
def list_documents(request: Call, name: str, number: int) -> Documents:
    """List how every document about a version and its model stands, begun or not."""
    version = found.version(request.actor, name, number)
    return Documents.of(standing.standings(version), version)


@router.post(_DOCUMENTS, url_name="documents", response={201: DocumentAnswer})
def start_document(request: Call, name: str, number: int, asked: NewDocument) -> DocumentAnswer:
    """Begin a document about a version, or about its model where the template says so."""
    version = found.version(request.actor, name, number, to=rules.START)
    is_about = template_named(asked.template).binds_to
    subject = version if is_about is Binding.VERSION else version.model
    document = operations.start_document(subject, asked.template, by=request.actor)
    return _written(request, document)


@router.get(_DOCUMENT, url_name="document", response=DocumentAnswer)
def show_document(request: Call, name: str, number: int, template: str) -> DocumentAnswer:
    """Show a document: all its fields with where each comes from, and who signed."""
    return DocumentAnswer.of(Board.of(_found(request, name, number, template)))


@router.patch(
    f"{_DOCUMENT}/sections/{{section}}", url_name="document_section", response=DocumentAnswer
)
def save_section(
    request: Call, name: str, number: int, *, template: str, section: str, asked: NewSection
) -> DocumentAnswer:
    """Write fields of one section of a draft, all or none."""
    document = _found(request, name, number, template, to=rules.SAVE_SECTION)
    with unless_changed(request, lambda: show_document(request, name, number, template)):
        operations.save_section(document, section, asked.values, by=request.actor)
    return _written(request, document)


@router.get(f"{_DOCUMENT}/export", url_name="document_export", openapi_extra=DOSSIER)
def export_document(request: Call, name: str, number: int, template: str) -> HttpResponse:
    """Give a document as JSON with its signatures and digests, once it is recorded who takes it."""
    document = _found(request, name, number, template)
    revision = Board.of(document).revision
    taken = operations.export_document(document, "json", by=request.actor, revision=revision)
    return HttpResponse(taken.content, content_type=taken.media_type)


def _written(request: Call, document: Document) -> DocumentAnswer:
    """Show a document to who wrote in it; who may not read it learns only how it stands."""
    answer = DocumentAnswer.of(Board.of(document))
    is_reader = catalog.model_or_none(request.actor, document.model.name) is not None
    return answer if is_reader else answer.model_copy(update={"sections": [], "signatures": []})


def _found(
    request: Call, name: str, number: int, template: str, *, to: Action | None = None
) -> Document:
    """Return a document about a version, or its model, that the actor may see or write."""
    version = found.version(request.actor, name, number, to=to)
    document = _documents(version).get(template)
    if document is None:
        raise Http404
    return document


def _documents(version: ModelVersion) -> dict[str, Document]:
    held = standing.documents_of([version]).select_related(
        "model__owner", "version__run", "version__base_version__model"
    )
    return {one.template_id: one for one in held if one.template_id in shipped()}
