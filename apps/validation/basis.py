"""What a check was judged by beside the bytes, as digests: when one changes, results are stale."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q

from apps.catalog import training
from apps.catalog.inventory import sheets
from apps.catalog.lifecycle import Stage
from apps.catalog.models import LineageEdge, ModelVersion, VersionSheet
from apps.core.digests import digest_of
from apps.validation import checks, parameters
from apps.validation.checks.contract import Check, Source
from apps.validation.documents import standing
from apps.validation.models import Attestation, CheckRun, EvidenceItem, ReferenceList

CANDIDATES = frozenset({Stage.DEVELOPMENT, Stage.STAGING})
"""Stages in which a version is held against the one in production; later ones were, once."""

NOTHING = "none"
"""The digest of a source that holds nothing."""

Digests = Mapping[int, str]
"""One digest a version, by its id."""


@dataclass(frozen=True)
class Basis:
    """What the checks of some versions are judged by now, read once for all of them."""

    digests: Mapping[Source, Digests]
    given: parameters.Given

    @classmethod
    def of(cls, versions: Sequence[ModelVersion], ran: Iterable[str]) -> "Basis":
        """Read what some checks of some versions are judged by, in a bounded number of queries."""
        known = filter(None, map(checks.named_or_none, set(ran)))
        wanted = frozenset[Source]().union(*(check.sources for check in known))
        return cls(
            {source: _READERS[source](versions) for source in sorted(wanted)},
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


def of_run(run: CheckRun) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the parameters and the digests a run is judged by when it is claimed now."""
    check = checks.named_or_none(run.check_name)
    if check is None:
        return {}, {}
    now = Basis.of([run.version], [check.name])
    return now.given.record(run.version.model_id, check), now.of_check(check, run.version)


def _records(versions: Sequence[ModelVersion]) -> Digests:
    sheets = VersionSheet.objects.filter(version__in=versions)
    licenses = {
        pk: values.get("license", "") for pk, values in sheets.values_list("version", "values")
    }
    return {
        version.pk: digest_of(
            {"facts": training.facts_now(version), "license": licenses.get(version.pk, "")}
        )
        for version in versions
    }


def _champions(versions: Sequence[ModelVersion]) -> Digests:
    serving: dict[int, ModelVersion] = {}
    models = {version.model_id for version in versions}
    found = ModelVersion.objects.filter(model__in=models, stage=Stage.PRODUCTION)
    for champion in found.select_related("run").order_by("pk"):
        serving[champion.model_id] = champion
    return {
        version.pk: _of_champion(champion)
        for version in versions
        if (champion := serving.get(version.model_id)) is not None and champion.pk != version.pk
    }


def _of_champion(champion: ModelVersion) -> str:
    facts = training.facts_now(champion)
    return digest_of({"content": champion.content_digest, "facts": facts})


def _lineages(versions: Sequence[ModelVersion]) -> Digests:
    ids = {version.pk for version in versions}
    ends: dict[int, list[str]] = defaultdict(list)
    edges = LineageEdge.objects.filter(
        Q(origin_version__in=ids) | Q(target_version__in=ids), ended_at=None
    )
    for pk, *touched in edges.order_by("pk").values_list("pk", "origin_version", "target_version"):
        for version in ids.intersection(touched):
            ends[version].append(str(pk))
    return {version: digest_of({"edges": found}) for version, found in ends.items()}


def _documents(versions: Sequence[ModelVersion]) -> Digests:
    """Digest how the documents about each version, and about its model, stand and what they say.

    What nobody writes in them is read from the registry, and so are the conditions of what they
    have to hold, so that what these come from counts as well.
    """
    about: dict[int | None, list[list[str]]] = defaultdict(list)
    of_models: dict[int, list[list[str]]] = defaultdict(list)
    for document in standing.documents_of(versions):
        state = [
            document.template_id,
            str(document.revision),
            document.status,
            digest_of({"values": document.values}),
        ]
        kept = about[document.version_id] if document.version_id else of_models[document.model_id]
        kept.append(state)
    documented = [one for one in versions if about[one.pk] or of_models[one.model_id]]
    filled_from = [read(documented) for read in _FILLED_FROM] if documented else []
    return {
        version.pk: digest_of(
            {
                "version": about[version.pk],
                "model": of_models[version.model_id],
                "filled_from": [digests.get(version.pk, NOTHING) for digests in filled_from],
            }
        )
        for version in documented
    }


def _evidence(versions: Sequence[ModelVersion]) -> Digests:
    """Digest the evidence that stands about each version and its model, verified or not."""
    items = EvidenceItem.objects.filter(
        model__in={version.model_id for version in versions},
        use_case=None,
        declined_at=None,
        withdrawn_at=None,
    ).order_by("pk")
    found: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    for model, about, pk, verified_at in items.values_list("model", "version", "pk", "verified_at"):
        found[model, about].append(f"{pk} {'verified' if verified_at else 'submitted'}")
    return {
        version.pk: digest_of(
            {"evidence": found[version.model_id, None] + found[version.model_id, version.pk]}
        )
        for version in versions
    }


def _attached(versions: Sequence[ModelVersion]) -> Digests:
    """Return what is attached and was not withdrawn: what it is, and since when."""
    counting = Attestation.objects.filter(version__in=versions, withdrawn_at=None).order_by("pk")
    found: dict[int, list[str]] = defaultdict(list)
    for version, pk, kind, digest in counting.values_list("version", "pk", "kind", "file_digest"):
        found[version].append(f"{pk} {kind} {digest}")
    return {version: digest_of({"attached": lines}) for version, lines in found.items()}


def _newest_list(kind: str) -> Callable[[Sequence[ModelVersion]], Digests]:
    def read(versions: Sequence[ModelVersion]) -> Digests:
        newest = ReferenceList.objects.filter(kind=kind).aggregate(pk=Max("pk"))["pk"]
        digest = ReferenceList.objects.values_list("digest", flat=True).filter(pk=newest).first()
        return {version.pk: digest for version in versions} if digest else {}

    return read


_FILLED_FROM: tuple[Callable[[Sequence[ModelVersion]], Digests], ...] = (
    sheets.inventory_digests,
    _evidence,
    _records,
    _lineages,
)
"""What documents are filled in from."""

_READERS: dict[Source, Callable[[Sequence[ModelVersion]], Digests]] = {
    Source.RECORD: _records,
    Source.CHAMPION: _champions,
    Source.LINEAGE: _lineages,
    Source.DOCUMENTS: _documents,
    Source.ATTESTATIONS: _attached,
    Source.ADVISORIES: _newest_list(ReferenceList.Kind.ADVISORIES),
    Source.SIGNERS: _newest_list(ReferenceList.Kind.SIGNERS),
}
