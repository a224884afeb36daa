"""Reads about check runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom, ModelVersion
from apps.core.actors import Actor
from apps.validation import checks
from apps.validation.basis import Basis
from apps.validation.checks import signature
from apps.validation.documents import standing
from apps.validation.models import Attestation, CheckRun, CheckRunQuerySet, Document, ReferenceList

UNCLAIMED_AFTER = timedelta(seconds=5)
MOST_SENT = 200
"""How many unclaimed runs of a weight one sweep sends, so that sweeps cannot flood the broker."""

Facts = dict[str, object]


def runs_visible_to(actor: Actor) -> CheckRunQuerySet:
    """Return the runs on versions the actor may see."""
    return CheckRun.objects.filter(version__in=catalog.versions_visible_to(actor))


def newest_runs(version: ModelVersion) -> dict[str, CheckRun]:
    """Return the newest run of each check on a version, by the name of the check."""
    runs = version.check_runs.newest().select_related("lease")
    return {run.check_name: run for run in runs.order_by("check_name", "pk")}


def attestations_of(version: ModelVersion) -> list[Attestation]:
    """Return what is attached to a version, the newest first, withdrawn ones included."""
    attached = version.attestations.select_related("artifact", "attached_by", "withdrawn_by")
    found = list(attached.order_by("-pk"))
    for attestation in found:
        attestation.version = version
    return found


def signature_status(version: ModelVersion) -> str:
    """Return valid, invalid or missing, as the newest run of the signature check has it.

    One that is out of date says nothing; an expired or untrusted signature is not valid.
    """
    check = signature.CHECK.name
    run = version.check_runs.filter(check_name=check).order_by("-pk").first()
    if run is None or run.state not in CheckRun.RESULTS:
        return "missing"
    stands = not Basis.of([version], [check]).moved(run, version)
    return signature_found(run if stands else None)


def signature_found(fresh: CheckRun | None) -> str:
    """Return valid, invalid or missing, as a run of the signature check that is fresh has it."""
    found = fresh.facts.get("status", "missing") if fresh else "missing"
    return found if found in {"valid", "missing"} else "invalid"


def documents_visible_to(actor: Actor) -> QuerySet[Document, Document]:
    """Return the documents about what the actor may see, as far as it is still there."""
    found = Document.objects.filter(
        Q(version__in=catalog.versions_visible_to(actor, part=ExamRoom.Part.DOCUMENTS))
        | Q(
            version=None,
            model__in=catalog.models_visible_to(actor, part=ExamRoom.Part.DOCUMENTS),
        )
    )
    return found.select_related("model__owner", "version__run", "version__base_version__model")


def document_facts(version: ModelVersion, tier: int) -> dict[str, Facts]:
    """Return what policies read about the documents of a version and its model, by template."""
    found = standing.standings(version, tier=tier)
    return {one.template.id: dict(one.facts) for one in found}


def checks_facts(
    version: ModelVersion, runs: Mapping[str, CheckRun], *, judged_by: Basis, at: datetime
) -> dict[str, Facts]:
    """Return what policies read about a version's checks, given the newest run of each.

    There is one entry for every check there is, whether it ran or not.
    """
    names = {check.name for check in checks.ALL} | runs.keys()
    return {
        name: run_facts(runs.get(name), version, judged_by=judged_by, at=at)
        for name in sorted(names)
    }


def run_facts(
    run: CheckRun | None, version: ModelVersion, *, judged_by: Basis, at: datetime
) -> Facts:
    """Return what policies read about one check.

    Fresh means that it came to a result, on the present digest, judged by what holds now.
    """
    if run is None:
        return {"status": "none", "age_days": -1, "fresh": False}
    return {
        "status": run.state if run.is_final else "running",
        "age_days": (at - run.finished_at).days if run.finished_at else -1,
        "fresh": run.state in CheckRun.RESULTS and not judged_by.moved(run, version),
    }


@dataclass(frozen=True)
class CheckCounts:
    """How the newest runs of a version's checks stand."""

    passed: int = 0
    failed: int = 0
    errored: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.errored + self.waiting


def counts_by_version(versions: Iterable[ModelVersion]) -> Mapping[int, CheckCounts]:
    """Return the counts of many versions, by their ids, in one query; none run, no entry."""
    rows = (
        CheckRun.objects.filter(version__in=[version.pk for version in versions])
        .newest()
        .values("version")
        .annotate(
            passed=Count("pk", filter=Q(state=CheckRun.State.PASSED)),
            failed=Count("pk", filter=Q(state=CheckRun.State.FAILED)),
            errored=Count("pk", filter=Q(state=CheckRun.State.ERRORED)),
            waiting=Count("pk", filter=Q(state__in=CheckRun.WAITING)),
        )
    )
    return {row.pop("version"): CheckCounts(**row) for row in rows}


def lists_in_force() -> dict[str, ReferenceList]:
    """Return the newest list of each kind that was loaded, by its kind, in one query."""
    newest = ReferenceList.objects.values("kind").annotate(newest=Max("pk")).values("newest")
    found = ReferenceList.objects.filter(pk__in=newest).select_related("artifact")
    return {one.kind: one for one in found.order_by("kind", "pk")}


def unclaimed(now: datetime) -> dict[int, str]:
    """Return the runs that no worker took within seconds, each with the name of its check.

    Those that wait longest come first; many heavy ones never keep the light ones back. Nobody can
    change anything of a deleted model, so its runs are left as they are.
    """
    waiting = CheckRun.objects.filter(
        state=CheckRun.State.QUEUED,
        queued_at__lt=now - UNCLAIMED_AFTER,
        version__model__deleted_at=None,
    ).order_by("queued_at", "pk")
    heavy = Q(check_name__in=checks.heavy())
    lanes = (waiting.filter(~heavy), waiting.filter(heavy))
    return {
        pk: name for lane in lanes for pk, name in lane.values_list("pk", "check_name")[:MOST_SENT]
    }


def stalled(now: datetime) -> CheckRunQuerySet:
    """Return the running runs whose worker let its lease expire, or that have none."""
    without_lease = Q(lease=None) | Q(lease__until__lt=now)
    running = CheckRun.objects.filter(without_lease, state=CheckRun.State.RUNNING)
    return running.filter(version__model__deleted_at=None).order_by("pk")


def is_stalled(run: CheckRun, now: datetime) -> bool:
    """Say whether a run is under way without a lease that holds."""
    return stalled(now).filter(pk=run.pk).exists()
