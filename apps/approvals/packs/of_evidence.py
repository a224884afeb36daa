"""What shows something about a model: check runs, evidence and attestations, with their files."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q

from apps.approvals.dossier import Dossier
from apps.approvals.models import SignOff
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.enclosed import Enclosed, NamedFile, Placed
from apps.approvals.packs.rows import record_of
from apps.approvals.packs.scope import OfModel
from apps.approvals.packs.told import ToldSection
from apps.audit.governed import GovernedRow
from apps.catalog.models import ModelVersion
from apps.risk.models import AnswerEvidence, FindingEvidence
from apps.validation import checks
from apps.validation.conclusions import report_digest
from apps.validation.models import Attestation, CheckRun, EvidenceItem

OF_OTHERS = "It is about a version that this pack is not of."
NOT_AS_LEFT = "Its row is not as the record left it. Have the record verified, with its rows."
NOT_FOR_ORDERER = "Who ordered this pack may not download files of this model."


@dataclass(frozen=True)
class OfEvidence:
    """The evidence on one model, read in a number of queries that does not grow with it."""

    items: Sequence[EvidenceItem]
    attestations: Sequence[Attestation]
    runs: Sequence[CheckRun]
    """The newest of each check of each version, and those that a sign-off binds."""
    newest: Collection[int]
    """The ids of the newest runs."""
    attached: Collection[int]
    """The ids of items that an assessment or a finding in the pack rests on."""
    enclosed: Enclosed

    @classmethod
    def read(cls, of: OfModel, enclosed: Enclosed) -> Self:
        """Read all evidence on a model, and the runs of those versions the pack is of."""
        items = EvidenceItem.objects.filter(model=of.model).select_related("artifact")
        attested = Attestation.objects.filter(version__model=of.model).select_related("artifact")
        runs = CheckRun.objects.filter(version__in=of.versions).select_related("evidence")
        newest = set(runs.newest().values_list("pk", flat=True))
        told = runs.filter(pk__in=newest | set(_bound(of)))
        return cls(
            list(items.order_by("pk")),
            list(attested.order_by("pk")),
            list(told.order_by("check_name", "pk")),
            newest,
            _attached(of),
            enclosed,
        )

    def enclose(self, of: OfModel, left: Collection[str], *, may_take: bool) -> None:
        """Put the files into the pack: those people stand by first, while there is room.

        ``left`` are the rows that are as the chain left them. Every row of the chain that names a
        file is told of, so that whoever checks the pack sees that none is passed over.
        """
        versions = {None, *(version.pk for version in of.versions)}
        for file, version_id in self._named():
            why_not = ""
            is_attached = isinstance(file.row, EvidenceItem) and file.row.pk in self.attached
            if version_id not in versions and not is_attached:
                why_not = OF_OTHERS
            elif file.row.record_ref not in left:
                why_not = NOT_AS_LEFT
            elif not may_take:
                why_not = NOT_FOR_ORDERER
            self.enclosed.add(file, why_not=why_not)
        for item in self.items:
            if item.artifact is None and item.record_ref not in left:
                self.enclosed.pass_over(item, NOT_AS_LEFT)

    def _named(self) -> Iterator[tuple[NamedFile, int | None]]:
        """Yield every file with the version it is about, the ones that count most first."""
        for run in self.runs:
            if run.evidence is not None:
                yield NamedFile(run, run.evidence, "report.json"), run.version_id
        for item in sorted(self.items, key=lambda one: (not _is_bound(one), one.pk)):
            if item.artifact is not None:
                yield NamedFile(item, item.artifact, item.file_name), item.version_id
        for attestation in self.attestations:
            file = NamedFile(attestation, attestation.artifact, attestation.file_name)
            yield file, attestation.version_id


def _is_bound(item: EvidenceItem) -> bool:
    """Say whether sign-offs rest on an item: somebody verified it, and nobody withdrew it."""
    return item.verified_at is not None and item.withdrawn_at is None


def _bound(of: OfModel) -> Iterator[int]:
    """Yield the ids of the check runs that sign-offs of the requests were given for."""
    signed = SignOff.objects.filter(request__in=of.requests).order_by("pk")
    for text in signed.values_list("dossier", flat=True):
        for check in Dossier.from_text(text).checks:
            yield int(check.run.rpartition("_")[2])


def _attached(of: OfModel) -> set[int]:
    """Return the ids of the items attached to assessments and findings that the pack tells of."""
    about = Q(assessment__version=None) | Q(assessment__version__in=of.versions)
    answers = AnswerEvidence.objects.filter(about, assessment__model=of.model)
    findings = FindingEvidence.objects.filter(finding__model=of.model)
    return {pk for rows in (answers, findings) for pk in rows.values_list("item_id", flat=True)}


# -- what the files and the front page say of one version ------------------------------------------


def add(
    contents: Contents, version: ModelVersion, evidence: OfEvidence, folder: str
) -> Iterator[ToldSection]:
    """Add what is told of the evidence about a version, and yield what the front page says."""
    yield from _checks(contents, version, evidence, folder)
    yield from _items(contents, version, evidence, folder)
    yield from _attestations(contents, version, evidence, folder)


def _checks(
    contents: Contents, version: ModelVersion, evidence: OfEvidence, folder: str
) -> Iterator[ToldSection]:
    runs = [run for run in evidence.runs if run.version_id == version.pk]
    told = [
        record_of(run)
        | {
            "is_newest": run.pk in evidence.newest,
            "report_digest": report_digest(run.evidence),
        }
        | _report(evidence.enclosed, run)
        for run in runs
    ]
    rows = tuple(
        (_title(run), run.get_state_display(), run.summary, _where(evidence.enclosed.of(run)))
        for run in runs
        if run.pk in evidence.newest
    )
    if rows:
        yield ToldSection(
            "Checks",
            columns=("Check", "Result", "Summary", "Report"),
            rows=rows,
            files=(contents.add_json(f"{folder}/checks.json", told), *_paths(evidence, runs)),
        )


def _report(enclosed: Enclosed, run: CheckRun) -> dict[str, str | None]:
    told = enclosed.told(run)
    return {"report": told["file"], "left_out": told["left_out"]}


def _title(run: CheckRun) -> str:
    known = checks.named_or_none(run.check_name)
    return known.title if known else run.check_name


def _items(
    contents: Contents, version: ModelVersion, evidence: OfEvidence, folder: str
) -> Iterator[ToldSection]:
    items = [one for one in evidence.items if one.version_id in {None, version.pk}]
    told = [
        record_of(item)
        | {"state": item.state, "size": item.artifact.size if item.artifact else None}
        | evidence.enclosed.told(item)
        for item in items
    ]
    rows = tuple(
        (
            item.type_title,
            item.title,
            item.state.label,
            item.file_digest,
            item.link or _where(evidence.enclosed.of(item)),
        )
        for item in items
    )
    if rows:
        yield ToldSection(
            "Evidence",
            columns=("Type", "Title", "State", "Digest", "File or link"),
            rows=rows,
            files=(contents.add_json(f"{folder}/evidence.json", told), *_paths(evidence, items)),
        )


def _attestations(
    contents: Contents, version: ModelVersion, evidence: OfEvidence, folder: str
) -> Iterator[ToldSection]:
    attested = [one for one in evidence.attestations if one.version_id == version.pk]
    told = [
        record_of(one) | {"size": one.artifact.size} | evidence.enclosed.told(one)
        for one in attested
    ]
    rows = tuple(
        (
            one.get_kind_display(),
            "Withdrawn" if one.is_withdrawn else "Attached",
            one.file_name,
            one.file_digest,
            _where(evidence.enclosed.of(one)),
        )
        for one in attested
    )
    if rows:
        path = contents.add_json(f"{folder}/attestations.json", told)
        yield ToldSection(
            "Attestations",
            columns=("Kind", "State", "Came as", "Digest", "File"),
            rows=rows,
            files=(path, *_paths(evidence, attested)),
        )


def _where(placed: Placed) -> str:
    return placed.path or placed.left_out


def _paths(evidence: OfEvidence, rows: Sequence[GovernedRow]) -> tuple[str, ...]:
    """Return where the files of some rows stand, each once."""
    return tuple(dict.fromkeys(path for row in rows if (path := evidence.enclosed.of(row).path)))
