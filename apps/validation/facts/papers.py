"""Documents about some versions and their models, each with the revision it counts by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Max, Prefetch, QuerySet

from apps.catalog.facts import Records
from apps.catalog.inventory.reading import Inventory
from apps.catalog.models import ModelVersion
from apps.validation.documents import needs, reading, standing
from apps.validation.documents.content import Content
from apps.validation.documents.glance import glance
from apps.validation.documents.reading import Binding, Template
from apps.validation.evidence.queries import Items
from apps.validation.facts.reports import REPORT, Report
from apps.validation.models import Document, DocumentRevision, DocumentSignature

Facts = dict[str, object]
Assessments = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Papers:
    """Documents by template and the version they are about, read once for many versions."""

    documents: Sequence[Document]
    of_versions: Mapping[tuple[str, int], Document] = field(default_factory=dict)
    of_models: Mapping[tuple[str, int], Document] = field(default_factory=dict)

    @classmethod
    def about(cls, versions: Sequence[ModelVersion]) -> "Papers":
        """Read the documents about versions and their models, in at most three queries."""
        signed = DocumentSignature.objects.filter(revision__document__template_id=REPORT)
        revisions = _counting().prefetch_related(Prefetch("signatures", signed.order_by("pk")))
        found = list(
            standing.documents_of(versions).prefetch_related(Prefetch("revisions", revisions))
        )
        return cls(
            found,
            {(one.template_id, one.version_id): one for one in found if one.version_id is not None},
            {(one.template_id, one.model_id): one for one in found if one.version_id is None},
        )

    def report(self, version: ModelVersion) -> Report:
        """Return the validation report of a version."""
        document = self.of_versions.get((REPORT, version.pk))
        return Report(document, standing.in_force(document) if document else None)

    def facts(
        self,
        version: ModelVersion,
        *,
        tier: int,
        records: Records,
        items: Items,
        ours: Inventory,
        assessments: Assessments,
    ) -> dict[str, Facts]:
        """Return what policies read about each document of a version at a tier, by template.

        ``ours`` are the inventory's fields in force.
        """
        held = needs.tier_in_force(tier)
        told = needs.facts_of(records.answers(version), tier=held, assessments=assessments)
        found: dict[str, Facts] = {}
        for template in reading.shipped().values():
            document = self._document(template, version)
            if document is None:
                found[template.id] = _nothing(template, held, told)
            else:
                known = glance(template, version, records, items, ours)
                stands = standing.standing_of(template, document, known, told, held)
                found[template.id] = dict(stands.facts)
        return found

    def _document(self, template: Template, version: ModelVersion) -> Document | None:
        if template.binds_to is Binding.VERSION:
            return self.of_versions.get((template.id, version.pk))
        return self.of_models.get((template.id, version.model_id))


def _counting() -> QuerySet[DocumentRevision]:
    """Keep the newest revision of each document that is approved, and the one in review."""
    counting = DocumentRevision.objects.exclude(state=DocumentRevision.State.RETURNED)
    newest = counting.order_by().values("document", "state").annotate(newest=Max("pk"))
    found: QuerySet[DocumentRevision] = DocumentRevision.objects.filter(
        pk__in=newest.values("newest")
    )
    return found


def _nothing(template: Template, tier: int, told: needs.Facts) -> Facts:
    """Return what is read about a document nobody has begun: all it has to hold is missing."""
    model, assessments = told["model"], told["assessments"]
    assert isinstance(model, Mapping)
    assert isinstance(assessments, Mapping)
    traits = tuple(name for name, value in model.items() if value is True)
    assessed = tuple((name, one["outcome"], *one["flags"]) for name, one in assessments.items())
    missing = _asked(template.id, tier, traits, assessed)
    return {"status": standing.MISSING, "completeness": 0.0, "missing_required": list(missing)}


@lru_cache(maxsize=4096)
def _asked(
    template_id: str,
    tier: int,
    traits: tuple[str, ...],
    assessed: tuple[tuple[str, ...], ...],
) -> tuple[str, ...]:
    """Return the fields an empty document has to hold, worked out once for all models alike."""
    template = reading.template_named(template_id)
    told = needs.facts_of(
        dict.fromkeys(traits, True),
        tier=tier,
        assessments={
            name: {"outcome": outcome, "flags": flags} for name, outcome, *flags in assessed
        },
    )
    nothing = Content.thawed(template, {}).filled(tier=tier, facts=told)
    return tuple(one.key for one in nothing.missing)
