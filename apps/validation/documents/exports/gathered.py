"""Everything an export says about a document, read once: its text, how it stands, who signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self

from apps.accounts.roles import role_named
from apps.validation.documents import layout, needs, standing
from apps.validation.documents.content import Content, digest_of_text
from apps.validation.documents.layout import SectionShown
from apps.validation.documents.needs import Facts, Filled
from apps.validation.documents.reading import Template
from apps.validation.models import Document, DocumentRevision

Signed = tuple[str, str, str, str, str]
"""Role, name, moment, meaning and digest."""
SIGNED = ("Role", "Name", "Signed", "Meaning", "Digest signed")
NOT_SIGNED = "not signed"


@dataclass(frozen=True)
class Gathered:
    """A document as it is exported: a draft as it stands, a revision as it was submitted."""

    document: Document
    revision: DocumentRevision | None
    content: Content
    tier: int
    facts: Facts
    digest: str
    at: datetime
    signed: Sequence[Signed]

    @classmethod
    def of(cls, document: Document, revision: DocumentRevision | None = None) -> Self:
        """Read a document, or one of its revisions; the same state gives the same export."""
        registry = standing.registry_of(document)
        tier = revision.tier if revision else standing.tier_of(document)
        content = standing.said(revision) if revision else standing.live(document, registry)
        digest = (
            revision.digest
            if revision
            else digest_of_text(
                document.template, standing.version_digest(document), content.frozen()
            )
        )
        return cls(
            document=document,
            revision=revision,
            content=content,
            tier=tier,
            facts=needs.facts_of(registry.answers, tier=tier),
            digest=digest,
            at=_moment(document, revision),
            signed=_signed(document.template, revision),
        )

    @property
    def template(self) -> Template:
        """The form of the document."""
        return self.document.template

    @property
    def title(self) -> str:
        """What the document is called, and what it is about."""
        return f"{self.template.title}: {self.subject}"

    @property
    def subject(self) -> str:
        """What the document is about."""
        version = self.document.version
        model = self.document.model.shown_title
        return f"{model}, version {version.number}" if version else model

    @property
    def number(self) -> int:
        """The number of the text."""
        return self.revision.number if self.revision else self.document.revision

    @property
    def status(self) -> str:
        """How the text stands, in words."""
        return self.revision.get_state_display() if self.revision else "Draft"

    @property
    def file_name(self) -> str:
        """The name of the file, without its ending."""
        version = self.document.version
        about = (
            f"{self.document.model.name}-v{version.number}"
            if version
            else (self.document.model.name)
        )
        return f"{about}-{self.template.id}-r{self.number}"

    @cached_property
    def sections(self) -> Sequence[SectionShown]:
        """The sections with something to say."""
        shown = layout.laid_out(self.content, tier=self.tier, facts=self.facts)
        return [one for one in shown if one.told]

    @cached_property
    def filled(self) -> Filled:
        """How far the document is filled."""
        return self.content.filled(tier=self.tier, facts=self.facts)

    @property
    def manifest(self) -> Sequence[tuple[str, str]]:
        """What identifies the text: its form, number, state and digests."""
        version = self.document.version
        return [
            ("Document", self.document.record_id),
            ("Template", f"{self.template.id} {self._template_version}"),
            ("Revision", f"{self.number}, {self.status.lower()}"),
            ("As of", self.at.isoformat(timespec="seconds")),
            ("Completeness", f"{self.filled.percent} % at tier {self.tier}"),
            ("Digest of the version", version.content_digest if version else "none"),
            ("Digest of this text", self.digest),
        ]

    @property
    def _template_version(self) -> str:
        return (self.revision or self.document).template_version


def _moment(document: Document, revision: DocumentRevision | None) -> datetime:
    if revision is None:
        return document.changed_at
    return revision.concluded_at or revision.submitted_at


def _signed(template: Template, revision: DocumentRevision | None) -> list[Signed]:
    """Return one line for each role that signs, in the template's order."""
    given = revision.signatures.all() if revision else ()
    by_role = {one.role: one for one in given}
    return [
        by_role[role].printed
        if role in by_role
        else (role_named(role).title, NOT_SIGNED, "", "", "")
        for role in template.signer_roles
    ]
