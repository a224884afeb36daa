"""What the page of a document shows: its text, what is missing, its signatures and revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from apps.accounts.roles import role_named
from apps.core import formats
from apps.validation.documents import layout, standing
from apps.validation.documents.autofill import Registry
from apps.validation.documents.content import Answer, Content, Difference, differences
from apps.validation.documents.layout import FieldShown, SectionShown
from apps.validation.documents.needs import Facts, Filled
from apps.validation.models import Document, DocumentRevision, DocumentSignature

TONES = {
    Document.Status.DRAFT: "idle",
    Document.Status.IN_REVIEW: "info",
    Document.Status.APPROVED: "good",
    standing.MISSING: "idle",
    DocumentRevision.State.RETURNED: "warn",
}
MOST_WORDS = 400


@dataclass(frozen=True)
class Slot:
    """One role that signs, and whether it has."""

    role: str
    title: str
    signature: DocumentSignature | None = None

    @property
    def person(self) -> str:
        """Who signed, by the name of then."""
        return self.signature.signer_name if self.signature else ""


@dataclass
class Board:
    """One text of a document as a page shows it: the draft, or a revision that was submitted."""

    document: Document
    revision: DocumentRevision | None = None

    @classmethod
    def of(cls, document: Document) -> "Board":
        """Return the board of what a document says now: while it is in review, what was sent."""
        if document.status == Document.Status.DRAFT:
            return cls(document)
        revision = document.revisions.get(number=document.revision)
        revision.document = document
        return cls(document, revision)

    @cached_property
    def registry(self) -> Registry:
        """What the registry knows now."""
        return standing.registry_of(self.document)

    @cached_property
    def now(self) -> Content:
        """What the document would say if it were submitted now."""
        return standing.live(self.document, self.registry)

    @cached_property
    def content(self) -> Content:
        """What is shown."""
        return standing.said(self.revision) if self.revision else self.now

    @property
    def tier(self) -> int:
        """The tier the text is held to."""
        return self.revision.tier if self.revision else standing.tier_of(self.document)

    @cached_property
    def facts(self) -> Facts:
        """What conditions read."""
        return standing.facts_of(self.document, self.registry)

    @cached_property
    def filled(self) -> Filled:
        """How far the text is filled."""
        return self.content.filled(tier=self.tier, facts=self.facts)

    @cached_property
    def sections(self) -> Sequence[SectionShown]:
        """The sections, in order."""
        return layout.laid_out(self.content, tier=self.tier, facts=self.facts)

    @property
    def tier_words(self) -> str:
        """The tier as text."""
        return str(self.tier)

    @property
    def percent_words(self) -> str:
        """How far the text is filled, as text."""
        return f"{self.filled.percent} %"

    @property
    def missing_words(self) -> str:
        """How many required fields are empty, in words."""
        count = len(self.filled.missing)
        return "1 field" if count == 1 else f"{count} fields"

    @property
    def gaps(self) -> Sequence[tuple[SectionShown, Sequence[FieldShown]]]:
        """The sections in which something is missing, with what is."""
        return [(one, one.missing) for one in self.sections if one.missing]

    @cached_property
    def changes(self) -> Sequence[Difference]:
        """What the registry says otherwise since the text was submitted."""
        if self.revision is None or self.document.status == Document.Status.DRAFT:
            return []
        return differences(self.content, self.now)

    @cached_property
    def carried(self) -> Sequence[Difference]:
        """What is otherwise than in the document about the version before it was copied from."""
        origin = self.document.origin
        if origin is None or self.revision is not None:
            return []
        counted = standing.in_force(origin)
        before = (
            Content.thawed(origin.template, counted.values) if counted else standing.live(origin)
        )
        return differences(before, self.now)

    @cached_property
    def slots(self) -> Sequence[Slot]:
        """The roles that sign this text, in the order of the template."""
        given = self.revision.signatures.all() if self.revision else ()
        by_role = {one.role: one for one in given}
        return [
            Slot(role, role_named(role).title, by_role.get(role))
            for role in self.document.template.signer_roles
        ]

    @cached_property
    def revisions(self) -> Sequence[DocumentRevision]:
        """Every text that was submitted, the newest first."""
        return list(self.document.revisions.select_related("submitted_by").order_by("-number"))

    @property
    def remark(self) -> DocumentRevision | None:
        """The text that was returned last, while it is written anew."""
        newest = next(iter(self.revisions), None)
        is_draft = self.document.status == Document.Status.DRAFT
        returned = newest and newest.state == DocumentRevision.State.RETURNED
        return newest if is_draft and self.revision is None and returned else None


def diff_rows(found: Sequence[Difference]) -> list[dict[str, str | None]]:
    """Return differences in words, as the component for them takes them."""
    return [
        {
            "name": one.field.label,
            "before": answer_in_words(one.before),
            "after": answer_in_words(one.after),
        }
        for one in found
    ]


def answer_in_words(answer: Answer) -> str | None:
    """Return what stands in a field on a few lines, or None when nothing does."""
    value = answer.value
    if answer.reason:
        return f"Not applicable: {answer.reason}"[:MOST_WORDS]
    if isinstance(value, list):
        rows = [" | ".join(one) if isinstance(one, list) else str(one) for one in value]
        value = "; ".join(rows)
    return formats.short_reference(value)[:MOST_WORDS] or None
