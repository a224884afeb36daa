"""Digests of what a decision relies on beside checks: documents, evidence, lineage, waivers.

They go into the dossier, so that a sign-off is void once one of them is another.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from apps.approvals.facts.context import Evidence
from apps.approvals.models import Waiver
from apps.approvals.obligations import Obligation
from apps.catalog.models import LineageEdge, ModelVersion
from apps.core.digests import digest_of
from apps.validation.basis import document_digests, lineage_digests
from apps.validation.evidence.queries import Items

Papers = Mapping[str, str]

TITLES = {
    "documents": "documents",
    "evidence": "evidence",
    "lineage": "lineage",
    "waivers": "waivers",
    "obligations": "obligations from assessments",
}
"""What a dossier holds digests of, and how each is called in words."""


def of(evidence: Evidence, *, on: date) -> Mapping[int, Papers]:
    """Return the digests of each version, by its id, as it was read; nothing there, no entry."""
    versions = list(evidence.records.versions.values())
    readings = evidence.readings
    read = {
        "documents": document_digests(versions, readings.papers.documents, readings.filled_from),
        "evidence": _evidence(versions, readings.items),
        "lineage": _lineage(evidence.records.edges),
        "waivers": _waivers(evidence.waivers, on),
    }
    return {
        version.pk: {name: found[version.pk] for name, found in read.items() if version.pk in found}
        for version in versions
    }


def of_obligations(owed: Sequence[Obligation], transition: str) -> Papers:
    """Return the digest of the open obligations at the gate of a transition, where there are any.

    That one begins to bind is no other obligation: what it does then is among the conditions.
    """
    named = [
        [one.id, one.kind.value, one.role, one.count, one.condition, _day(one.applies_from)]
        for one in sorted(owed, key=lambda one: one.id)
        if one.names(transition)
    ]
    return {"obligations": digest_of({"obligations": named})} if named else {}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _evidence(versions: Sequence[ModelVersion], items: Items) -> Mapping[int, str]:
    """Digest the items that somebody verified and nobody withdrew, of the version or its model."""
    return {
        version.pk: digest_of({"items": kept})
        for version in versions
        if (
            kept := [
                item.record_id
                for item in (
                    *items.of_models.get(version.model_id, ()),
                    *items.of_versions.get(version.pk, ()),
                )
                if item.verified_at is not None and item.withdrawn_at is None
            ]
        )
    }


def _lineage(edges: Mapping[int, Sequence[LineageEdge]]) -> Mapping[int, str]:
    """Digest what each version was made from."""
    made_from = {
        pk: [edge.pk for edge in found if edge.target_version_id == pk]
        for pk, found in edges.items()
    }
    return lineage_digests({pk: ids for pk, ids in made_from.items() if ids})


def _waivers(waivers: Mapping[int, Sequence[Waiver]], on: date) -> Mapping[int, str]:
    held = {
        pk: [waiver.record_id for waiver in found if waiver.holds(on)]
        for pk, found in waivers.items()
    }
    return {pk: digest_of({"waivers": kept}) for pk, kept in held.items() if kept}
