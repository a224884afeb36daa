"""The files of documents as they were approved, in every form, and of assessments."""

from collections.abc import Iterable

from apps.approvals.packs.contents import Contents
from apps.approvals.packs.rows import record_of, signature_of
from apps.approvals.packs.told import ToldSection
from apps.risk.models import Assessment
from apps.validation.documents.exports.gathered import Gathered
from apps.validation.models import Document, DocumentRevision
from apps.validation.operations.document_exports import Form, as_form

_FORMS = (Form.MARKDOWN, Form.HTML, Form.PDF, Form.JSON)


def add_documents(
    contents: Contents, documents: Iterable[Document], folder: str
) -> ToldSection | None:
    """Add the newest approved text of each document; what nobody approved is no evidence."""
    rows, files = [], []
    for document in documents:
        approved = document.revisions.filter(state=DocumentRevision.State.APPROVED)
        revision = approved.order_by("-number").first()
        if revision is None:
            continue
        found = Gathered.of(document, revision)
        stem = f"{folder}/documents/{document.record_id}-r{revision.number}"
        for form in _FORMS:
            if form in document.template.exports:
                made = as_form(found, form)
                ending = made.name.rpartition(".")[2]
                files.append(contents.add(f"{stem}.{ending}", made.content))
        rows.append((document.template.title, str(revision.number), found.digest))
    if not rows:
        return None
    return ToldSection(
        "Documents",
        columns=("Document", "Revision", "Digest of the text"),
        rows=tuple(rows),
        files=tuple(files),
    )


def add_assessments(
    contents: Contents, assessments: Iterable[Assessment], folder: str
) -> ToldSection | None:
    """Add each assessment with its answers, its outcome and who signed it."""
    rows, files = [], []
    for assessment in assessments:
        asked = assessment.questionnaire
        told = record_of(assessment) | {
            "questionnaire_text": {
                "id": asked.questionnaire_id,
                "number": asked.number,
                "title": asked.title,
                "digest": asked.digest,
            },
            "answers": [record_of(one) for one in assessment.answers.order_by("key", "pk")],
            "attached": [record_of(one) for one in assessment.attached.order_by("pk")],
            "sign_offs": [
                signature_of(one, folder)
                for one in assessment.sign_offs.select_related("signer").order_by("pk")
            ],
        }
        path = f"{folder}/assessments/{assessment.record_id}.json"
        files.append(contents.add_json(path, told))
        rows.append(
            (
                asked.title,
                assessment.get_state_display(),
                assessment.outcome.replace("_", " ") or "None yet",
                assessment.valid_until.isoformat() if assessment.valid_until else "",
            )
        )
    if not rows:
        return None
    return ToldSection(
        "Assessments",
        columns=("Questionnaire", "State", "Outcome", "Counts until"),
        rows=tuple(rows),
        files=tuple(files),
    )
