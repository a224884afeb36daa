"""The evidence on some versions, read in a bounded number of queries however many there are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from apps.catalog.facts import Records
from apps.catalog.inventory.sheets import recorded
from apps.catalog.models import ModelVersion
from apps.validation import basis, queries
from apps.validation.basis import Basis, Digests, FilledFrom
from apps.validation.checks.contract import Source
from apps.validation.evidence.queries import Counted, Items
from apps.validation.facts import examined
from apps.validation.facts.papers import Papers
from apps.validation.models import CheckRun
from apps.validation.monitoring.queries import PLAN, Watched

Facts = dict[str, object]
RunsByCheck = Mapping[str, CheckRun]
NONE: RunsByCheck = {}


@dataclass(frozen=True)
class Readings:
    """Runs of checks with what they are judged by, evidence items, documents and monitoring."""

    runs: Mapping[int, RunsByCheck]
    judged_by: Basis
    items: Items
    papers: Papers
    watched: Watched
    filled_from: FilledFrom
    """What the documents show of other records, as it was read."""

    @classmethod
    def about(cls, records: Records) -> "Readings":
        """Read the evidence on versions whose records were read before."""
        versions = list(records.versions.values())
        papers = Papers.about(versions)
        runs = _newest_runs(records.versions)
        items = Items.on({version.model_id for version in versions})
        known = _Known(records, items)
        ran = {name for found in runs.values() for name in found}
        return cls(
            runs,
            Basis.of(versions, ran, known.digests(papers, ran)),
            items,
            papers,
            Watched.about(versions),
            known.filled_from,
        )

    def of(self, version: ModelVersion, *, ages: Mapping[str, int], at: datetime) -> Facts:
        """Return what policies read about the evidence on one version.

        ``ages`` are the types of evidence a policy knows, with the days an item of each counts.
        """
        runs = self.runs.get(version.pk, NONE)
        counted = self.items.counted(version, at, ages)
        checks = queries.checks_facts(version, runs, judged_by=self.judged_by, at=at)
        seen = examined.version_facts(runs, checks, at)
        seen["bom_present"] = seen["bom_present"] or _has(counted, "bill_of_materials")
        return {
            "version": seen,
            "checks": checks,
            "evidence": {
                type_id: counted[type_id].as_facts() if type_id in counted else dict(NOTHING)
                for type_id in ages
            },
            "monitoring": {
                "plan_approved": _has(counted, PLAN),
                **self.watched.facts(version, at),
            },
            "dependencies": {"downstream_notified": _has(counted, "consumer_notification_record")},
            "production": {"rollback_test_age_days": _age(counted, "rollback_test_record")},
        }


NOTHING = Counted().as_facts()


def _has(counted: Mapping[str, Counted], type_id: str) -> bool:
    return type_id in counted and counted[type_id].verified > 0


def _age(counted: Mapping[str, Counted], type_id: str) -> int:
    return counted[type_id].newest_age_days if type_id in counted else -1


def _newest_runs(versions: Collection[int]) -> Mapping[int, RunsByCheck]:
    runs: dict[int, dict[str, CheckRun]] = defaultdict(dict)
    newest = CheckRun.objects.filter(version__in=versions).newest().select_related("lease")
    for run in newest.order_by("pk"):
        runs[run.version_id][run.check_name] = run
    return runs


@dataclass(frozen=True)
class _Known:
    """Digests of what was read already, of the sources that checks and documents read."""

    records: Records
    items: Items

    def digests(self, papers: Papers, ran: Collection[str]) -> dict[Source, Digests]:
        """Return those that some checks are judged by."""
        versions = list(self.records.versions.values())
        wanted = basis.sources_of(ran)
        readers: dict[Source, Callable[[], Digests]] = {
            Source.RECORD: lambda: self._recorded(versions),
            Source.CHAMPION: lambda: basis.champion_digests(versions, self.records.serving),
            Source.LINEAGE: self._lineage,
            Source.DOCUMENTS: lambda: basis.document_digests(
                versions, papers.documents, self.filled_from
            ),
        }
        return {source: digests() for source, digests in readers.items() if source in wanted}

    def filled_from(self, versions: Sequence[ModelVersion]) -> Sequence[Digests]:
        """Return the digests of inventory, evidence, records and lineage."""
        told = {version.pk: self.records.inventory_digest(version) for version in versions}
        inventory = {pk: digest for pk, digest in told.items() if digest is not None}
        evidence = basis.evidence_digests(versions, self._standing(versions))
        return inventory, evidence, self._recorded(versions), self._lineage()

    def _recorded(self, versions: Sequence[ModelVersion]) -> Digests:
        sheets = {version.pk: recorded(version) for version in versions}
        return basis.record_digests(versions, sheets)

    def _lineage(self) -> Digests:
        edges = self.records.edges
        return basis.lineage_digests({pk: [one.pk for one in found] for pk, found in edges.items()})

    def _standing(
        self, versions: Sequence[ModelVersion]
    ) -> Iterator[tuple[int, int | None, int, datetime | None]]:
        """Yield the items that stand about versions and their models, but not about uses."""
        of_models = (self.items.of_models.get(pk, ()) for pk in {one.model_id for one in versions})
        of_versions = (self.items.of_versions.get(one.pk, ()) for one in versions)
        for item in chain.from_iterable(chain(of_models, of_versions)):
            if item.declined_at is None and item.withdrawn_at is None and item.use_case_id is None:
                yield item.model_id, item.version_id, item.pk, item.verified_at
