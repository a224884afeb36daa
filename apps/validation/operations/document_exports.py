"""A document leaves Signet in a form others read, once it is recorded who took it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.core.actors import Actor
from apps.core.errors import NotFound
from apps.validation.documents.exports import bill, card, printed, texts, typesetting
from apps.validation.documents.exports.gathered import Gathered
from apps.validation.models import Document, DocumentRevision

EXPORT_DOCUMENT = Action(
    "document.export",
    permission="catalog.view_registeredmodel",
    refusal="You do not have the right to see this model.",
    sealing=Sealing.FIRST,
)


class Form(StrEnum):
    """What a document can be exported as, by the names templates use."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    HUGGING_FACE = "huggingface_readme"
    CYCLONEDX = "cyclonedx_json"

    @property
    def in_words(self) -> str:
        """What the form is called."""
        return _TITLES[self]


_TITLES: Mapping[Form, str] = {
    Form.MARKDOWN: "Markdown",
    Form.HTML: "HTML",
    Form.PDF: "PDF",
    Form.JSON: "JSON",
    Form.HUGGING_FACE: "Hugging Face README",
    Form.CYCLONEDX: "CycloneDX",
}


@dataclass(frozen=True)
class ExportedDocument:
    """A file that says what a document says."""

    name: str
    media_type: str
    content: bytes


def export_document(
    document: Document, form: str, *, by: Actor, revision: DocumentRevision | None = None
) -> ExportedDocument:
    """Return a document, or one of its revisions, in a form its template has.

    Raises:
        NotFound: when the template has no such form.
        NotTypeset: when a PDF cannot be made of it.
    """
    if form not in document.template.exports or form not in set(Form):
        raise NotFound(f"A {document.template.title.lower()} has no form {form!a:.40}.")
    facts = {"form": form, "revision": revision.number if revision else None}
    record_access(EXPORT_DOCUMENT, document, by=by, facts=facts)
    return as_form(Gathered.of(document, revision), Form(form))


def as_form(found: Gathered, form: Form) -> ExportedDocument:
    """Return what was read of a document in one form; recording who takes it is the caller's.

    Raises:
        NotTypeset: when a PDF cannot be made of it.
    """
    ending, media_type, make = _MAKERS[form]
    return ExportedDocument(f"{found.file_name}.{ending}", media_type, make(found))


def _cyclonedx(found: Gathered) -> bytes:
    return json.dumps(bill.as_bill(found), indent=2, ensure_ascii=False).encode()


_MARKDOWN = "text/markdown; charset=utf-8"
_MAKERS: Mapping[Form, tuple[str, str, Callable[[Gathered], bytes]]] = {
    Form.MARKDOWN: ("md", _MARKDOWN, lambda found: texts.as_markdown(found).encode()),
    Form.HTML: ("html", "text/html; charset=utf-8", lambda found: texts.as_page(found).encode()),
    Form.PDF: ("pdf", "application/pdf", lambda found: typesetting.as_pdf(printed.told(found))),
    Form.JSON: ("json", "application/json", lambda found: texts.as_json(found).encode()),
    Form.HUGGING_FACE: ("README.md", _MARKDOWN, lambda found: card.as_readme(found).encode()),
    Form.CYCLONEDX: ("cdx.json", "application/vnd.cyclonedx+json; version=1.6", _cyclonedx),
}
