"""How a document stands: what it says now, what it last said, and how far it is filled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.accounts import queries as accounts
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.validation.documents import needs, reading
from apps.validation.documents.autofill import Registry
from apps.validation.documents.content import Content
from apps.validation.documents.needs import Facts, Filled
from apps.validation.documents.reading import Binding, Template
from apps.validation.models import Document, DocumentRevision

MISSING = "missing"
UNASSESSED = 0


def documents_about(
    model: RegisteredModel, version: ModelVersion | None
) -> QuerySet[Document, Document]:
    """Return the documents about a version or, without one, about the model itself."""
    return Document.objects.filter(model=model, version=version, use_case=None)


def tier_of(_document: Document) -> int:
    """Return the tier a document is held to: no tier is assessed yet, so the strictest."""
    return needs.tier_in_force(UNASSESSED)


def facts_of(document: Document, registry: Registry | None = None) -> Facts:
    """Return what the conditions of a document read about its model."""
    known = registry or registry_of(document)
    return needs.facts_of(known.answers, tier=tier_of(document))


def registry_of(document: Document) -> Registry:
    """Return what the registry knows about what a document is about."""
    return Registry(document.model, document.version)


def live(document: Document, registry: Registry | None = None) -> Content:
    """Return what a document says now: what is written, and what the registry knows."""
    return Content.of(document.template, document.values, registry or registry_of(document))


def said(revision: DocumentRevision) -> Content:
    """Return what a revision said when it was submitted, with its signatures so far."""
    content = Content.thawed(revision.document.template, revision.values)
    signed = revision.signatures.order_by("pk")
    return content.with_signatures(one.printed for one in signed)


def written(document: Document) -> dict[str, Any]:
    """Return what people wrote in a document, to be copied to the next version's."""
    return dict(document.values)


def version_digest(document: Document) -> str:
    """Return the digest of the version a document is about; a model has none."""
    return document.version.content_digest if document.version else ""


def authors(revision: DocumentRevision) -> frozenset[str]:
    """Return the ids of everybody whose words stand in a revision."""
    return frozenset(told["by"] for told in revision.values.values() if told.get("by"))


def is_author(revision: DocumentRevision, person_id: str) -> bool:
    """Say whether words of a person stand in a revision, or of a service they answer for."""
    wrote = authors(revision)
    if person_id in wrote:
        return True
    answering = accounts.answering_for_services()
    return any(person_id in answering.get(one, ()) for one in wrote)


@dataclass(frozen=True)
class Standing:
    """How one template stands for a version: its document, if any, and how far it is filled.

    A revision that is approved counts until the next one is, so beginning to write takes nothing
    away; one in review is judged by what was submitted, a draft by what it says now.
    """

    template: Template
    status: str
    filled: Filled
    document: Document | None = None
    is_asked: bool = True
    """Whether the template applies to the model at all."""

    @property
    def facts(self) -> Mapping[str, object]:
        """What policies read."""
        return {
            "status": self.status,
            "completeness": self.filled.completeness if self.document else 0.0,
            "missing_required": [field.key for field in self.filled.missing],
        }


def standings(
    version: ModelVersion, *, tier: int = UNASSESSED, registry: Registry | None = None
) -> list[Standing]:
    """Return how every document about a version or its model stands, in a fixed count of reads."""
    known = registry or Registry(version.model, version)
    of_model = Registry(version.model)
    found = _documents([version])
    held = needs.tier_in_force(tier)
    facts = needs.facts_of(known.answers, tier=held)
    return [
        standing_of(
            template,
            found.get((template.id, version.pk if template.binds_to is Binding.VERSION else None)),
            known if template.binds_to is Binding.VERSION else of_model,
            facts,
            held,
        )
        for template in reading.shipped().values()
        if template.binds_to is not Binding.USE_CASE
    ]


def standing_of(
    template: Template, document: Document | None, registry: Registry, facts: Facts, tier: int
) -> Standing:
    """Return how one document stands at a tier, or that it is missing."""
    is_asked = needs.applies(template, facts)
    if document is None:
        nothing = Content.thawed(template, {}).filled(tier=tier, facts=facts)
        return Standing(template, MISSING, nothing, is_asked=is_asked)
    counted = in_force(document)
    if counted is None:
        content, status = live(document, registry), document.status
    else:
        content, status = Content.thawed(template, counted.values), counted.state
    return Standing(template, status, content.filled(tier=tier, facts=facts), document, is_asked)


def in_force(document: Document) -> DocumentRevision | None:
    """Return the revision a document counts by: the last approved one, else one in review."""
    states = DocumentRevision.State
    standing = [one for one in document.revisions.all() if one.state != states.RETURNED]
    standing.sort(key=lambda one: (one.state == states.APPROVED, one.number))
    return standing[-1] if standing else None


def _documents(
    versions: Sequence[ModelVersion],
) -> Mapping[tuple[str, int | None], Document]:
    """Return the documents about some versions and their models by template and version."""
    found = documents_of(versions).prefetch_related("revisions")
    return {(one.template_id, one.version_id): one for one in found}


def documents_of(versions: Collection[ModelVersion]) -> QuerySet[Document, Document]:
    """Return the documents about some versions and about the models of these."""
    models = {version.model_id for version in versions}
    about_versions = Document.objects.filter(version__in=[version.pk for version in versions])
    about_models = Document.objects.filter(model__in=models, version=None, use_case=None)
    return (about_versions | about_models).order_by("pk")
