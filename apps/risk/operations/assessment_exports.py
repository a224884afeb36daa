"""An assessment leaves Signet in a form others read, once it is recorded who took it."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.timezone import now

from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.core.actors import Actor
from apps.core.errors import NotFound
from apps.risk import papers
from apps.risk.models import Assessment
from apps.validation.documents.exports import typesetting

EXPORT = Action(
    "assessment.export",
    permission="catalog.view_registeredmodel",
    refusal="You do not have the right to see this model.",
    sealing=Sealing.FIRST,
)


class Form(StrEnum):
    """What an assessment can be exported as."""

    PDF = "pdf"
    JSON = "json"

    @property
    def in_words(self) -> str:
        """What the form is called."""
        return self.upper()


@dataclass(frozen=True)
class ExportedAssessment:
    """A file that says what an assessment says."""

    name: str
    media_type: str
    content: bytes


def export_assessment(assessment: Assessment, form: str, *, by: Actor) -> ExportedAssessment:
    """Return an assessment in a form, with its digests and signatures.

    Raises:
        NotFound: when there is no such form.
        NotTypeset: when the PDF cannot be made.
    """
    if form not in set(Form):
        raise NotFound(f"An assessment has no form {form!a:.40}.")
    record_access(EXPORT, assessment, by=by, facts={"form": form})
    found = papers.Paper.of(assessment, now().date())
    name = f"{assessment.model.name}-{assessment.kind}-{assessment.record_id}.{form}"
    if form == Form.JSON:
        return ExportedAssessment(name, "application/json", found.as_json().encode())
    return ExportedAssessment(name, "application/pdf", typesetting.as_pdf(found.told()))
