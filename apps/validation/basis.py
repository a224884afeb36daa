"""What a check was judged by beside the bytes, as digests: when one changes, results are stale."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, Value

from apps.catalog import training
from apps.catalog.inventory import sheets
from apps.catalog.lifecycle import Stage
from apps.catalog.models import LineageEdge, ModelVersion, VersionSheet
from apps.core.digests import digest_of
from apps.validation import checks, parameters
from apps.validation.checks.contract import Check, Source
from apps.validation.documents import standing
from apps.validation.models import (
    Attestation,
    CheckRun,
    Document,
    EvidenceItem,
    ReferenceList,
)

CANDIDATES = frozenset({Stage.DEVELOPMENT, Stage.STAGING})
"""Stages in which a version is held against the one in production; later ones were, once."""

NOTHING = "none"
"""The digest of a source that holds nothing."""

Digests = Mapping[int, str]
"""One digest a version, by its id."""

FilledFrom = Callable[[Sequence[ModelVersion]], Sequence[Digests]]
"""Returns the digests of inventory, evidence, records and lineage, which documents show."""


@dataclass(frozen=True)
class Basis:
    """What the checks of some versions are judged by now, read once for all of them."""

    digests: Mapping[Source, Digests]
    given: parameters.Given

    @classmethod
    def of(
        cls,
        versions: Sequence[ModelVersion],
        ran: Iterable[str],
        known: Mapping[Source, Digests] | None = None,
    ) -> "Basis":
        """Read what some checks of some versions are judged by, in a bounded number of queries.

        ``known`` are the digests of sources the caller has read already.
        """
        wanted = sources_of(ran)
        held = {**(known or {}), **_beside(versions, wanted)}
        return cls(
            {
                source: held[source] if source in held else _READERS[source](versions)
                for source in sorted(wanted)
            },
            parameters.Given.to({version.model_id for version in versions}),
        )

    def of_check(self, check: Check, version: ModelVersion) -> dict[str, str]:
        """Return what one check of one version is judged by, by the name of the source."""
        return {
            source.value: self.digests[source].get(version.pk, NOTHING)
            for source in sorted(check.sources)
        }

    def moved(self, run: CheckRun, version: ModelVersion) -> list[str]:
        """Return the names of what a run was judged by and is otherwise now."""
        changed = [] if run.examined_digest == version.content_digest else ["content"]
        check = checks.named_or_none(run.check_name)
        if check is None:
            return changed
        if run.tool_version != check.version:
            changed.append("check")
        now = self.of_check(check, version)
        if version.stage not in CANDIDATES:
            now.pop(Source.CHAMPION.value, None)
        changed += [source for source, digest in now.items() if run.basis.get(source) != digest]
        if run.parameters != self.given.record(version.model_id, check):
            changed.append("parameters")
        return changed


def sources_of(ran: Iterable[str]) -> frozenset[Source]:
    """Return what some checks are judged by beside the bytes."""
    asked = filter(None, map(checks.named_or_none, set(ran)))
    return frozenset[Source]().union(*(check.sources for check in asked))


def of_run(run: CheckRun) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the parameters and the digests a run is judged by when it is claimed now."""
    check = checks.named_or_none(run.check_name)
    if check is None:
        return {}, {}
    now = Basis.of([run.version], [check.name])
    return now.given.record(run.version.model_id, check), now.of_check(check, run.version)


def record_digests(
    versions: Iterable[ModelVersion], sheets: Mapping[int, Mapping[str, Any]]
) -> Digests:
    """Digest what came with each version and the license recorded in its sheet."""
    return {
        version.pk: digest_of(
            {
                "facts": training.facts_now(version),
                "license": sheets.get(version.pk, {}).get("license", ""),
            }
        )
        for version in versions
    }


def champion_digests(
    versions: Iterable[ModelVersion], serving: Mapping[int, ModelVersion]
) -> Digests:
    """Digest the version in production of each version's model, where it is another one."""
    digests = {model_id: _of_champion(champion) for model_id, champion in serving.items()}
    return {
        version.pk: digests[version.model_id]
        for version in versions
        if version.model_id in serving and serving[version.model_id].pk != version.pk
    }


def lineage_digests(edges: Mapping[int, Iterable[int]]) -> Digests:
    """Digest the live edges of each version, given their ids in order."""
    return {version: digest_of({"edges": list(map(str, ids))}) for version, ids in edges.items()}


def document_digests(
    versions: Iterable[ModelVersion],
    documents: Iterable[Document],
    filled_from: FilledFrom | None = None,
) -> Digests:
    """Digest how the documents about each version, and about its model, stand and what they say.

    What nobody writes in them is read from the registry, and so are the conditions of what they
    have to hold, so that what these come from counts as well. ``filled_from`` digests that from
    what the caller has read already.
    """
    about: dict[int | None, list[list[str]]] = defaultdict(list)
    of_models: dict[int, list[list[str]]] = defaultdict(list)
    for document in documents:
        state = [
            document.template_id,
            str(document.revision),
            document.status,
            digest_of({"values": document.values}),
        ]
        kept = about[document.version_id] if document.version_id else of_models[document.model_id]
        kept.append(state)
    documented = [one for one in versions if about[one.pk] or of_models[one.model_id]]
    sources = (filled_from or _filled_from)(documented) if documented else ()
    return {
        version.pk: digest_of(
            {
                "version": about[version.pk],
                "model": of_models[version.model_id],
                "filled_from": [digests.get(version.pk, NOTHING) for digests in sources],
            }
        )
        for version in documented
    }


def evidence_digests(
    versions: Sequence[ModelVersion], items: Iterable[tuple[int, int | None, int, datetime | None]]
) -> Digests:
    """Digest the evidence that stands about each version and its model, verified or not.

    An item is given by its model, its version, its id and when it was verified, in order of ids.
    """
    found: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    for model, about, pk, verified_at in items:
        found[model, about].append(f"{pk} {'verified' if verified_at else 'submitted'}")
    return {
        version.pk: digest_of(
            {"evidence": found[version.model_id, None] + found[version.model_id, version.pk]}
        )
        for version in versions
    }


def _evidence(versions: Sequence[ModelVersion]) -> Digests:
    items = EvidenceItem.objects.filter(
        model__in={version.model_id for version in versions},
        use_case=None,
        declined_at=None,
        withdrawn_at=None,
    ).order_by("pk")
    return evidence_digests(versions, items.values_list("model", "version", "pk", "verified_at"))


def _records(versions: Sequence[ModelVersion]) -> Digests:
    sheets = VersionSheet.objects.filter(version__in=versions).values_list("version", "values")
    return record_digests(versions, dict(sheets))


def _champions(versions: Sequence[ModelVersion]) -> Digests:
    models = {version.model_id for version in versions}
    found = ModelVersion.objects.filter(model__in=models, stage=Stage.PRODUCTION)
    serving = {one.model_id: one for one in found.select_related("run").order_by("pk")}
    return champion_digests(versions, serving)


def _of_champion(champion: ModelVersion) -> str:
    facts = training.facts_now(champion)
    return digest_of({"content": champion.content_digest, "facts": facts})


def _lineages(versions: Sequence[ModelVersion]) -> Digests:
    ids = {version.pk for version in versions}
    ends: dict[int, list[int]] = defaultdict(list)
    edges = LineageEdge.objects.filter(
        Q(origin_version__in=ids) | Q(target_version__in=ids), ended_at=None
    )
    for pk, *touched in edges.order_by("pk").values_list("pk", "origin_version", "target_version"):
        for version in ids.intersection(touched):
            ends[version].append(pk)
    return lineage_digests(ends)


def _documents(versions: Sequence[ModelVersion]) -> Digests:
    return document_digests(versions, standing.documents_of(versions))


def _beside(
    versions: Sequence[ModelVersion], wanted: Collection[Source]
) -> Mapping[Source, Digests]:
    """Digest what is attached to versions, and the lists in force, as far as wanted, in one query.

    Of what is attached and was not withdrawn it says what it is, and since when.
    """
    if not {Source.ATTESTATIONS, *_LISTS}.intersection(wanted):
        return {}
    counting = Attestation.objects.filter(version__in=versions, withdrawn_at=None).order_by()
    attached = counting.values_list("version", "pk", "kind", "file_digest")
    newest = ReferenceList.objects.order_by().values("kind").annotate(newest=Max("pk"))
    lists = ReferenceList.objects.filter(pk__in=newest.values("newest"))
    in_force = lists.values_list(Value(_NO_VERSION), "pk", "kind", "digest")
    found: dict[int, list[str]] = defaultdict(list)
    listed: dict[str, str] = {}
    for version, pk, kind, digest in sorted(attached.union(in_force)):
        if version == _NO_VERSION:
            listed[kind] = digest
        else:
            found[version].append(f"{pk} {kind} {digest}")
    told = {version: digest_of({"attached": lines}) for version, lines in found.items()}
    of_lists = {
        source: {version.pk: listed[kind] for version in versions} if kind in listed else {}
        for source, kind in _LISTS.items()
    }
    return {Source.ATTESTATIONS: told, **of_lists}


_NO_VERSION = 0
_LISTS: Mapping[Source, str] = {
    Source.ADVISORIES: ReferenceList.Kind.ADVISORIES,
    Source.SIGNERS: ReferenceList.Kind.SIGNERS,
}


def _filled_from(versions: Sequence[ModelVersion]) -> Sequence[Digests]:
    """Read what documents are filled in from: inventory, evidence, records and lineage."""
    return [read(versions) for read in (sheets.inventory_digests, _evidence, _records, _lineages)]


_READERS: dict[Source, Callable[[Sequence[ModelVersion]], Digests]] = {
    Source.RECORD: _records,
    Source.CHAMPION: _champions,
    Source.LINEAGE: _lineages,
    Source.DOCUMENTS: _documents,
}
