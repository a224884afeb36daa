"""What the worker notices and raises a finding for: breaches of monitoring, and failed checks.

Each is looked for without a lock and decided under it, so that two workers at once raise one.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.lifecycle import Stage
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.sweeping import NotDue, batches, sweeping
from apps.risk import finding_queries
from apps.risk.models import Finding, Severity
from apps.risk.operations import finding_answers
from apps.risk.operations.findings import Found, is_earlier, raise_automatically
from apps.validation.models import Breach, CheckRun

WORSEN_FINDING = Action("finding.worsen", permission=BY_WORKER)

IN_USE = (Stage.STAGING, Stage.PRODUCTION)
"""The stages in which a failed check is a finding; before them it only keeps a gate shut."""
BY_BAND = {Breach.Level.RED.value: Severity.HIGH, Breach.Level.AMBER.value: Severity.MEDIUM}
_MOST_TOLD = 20

Place = tuple[int, str]
"""A model and a cause."""


def notice_findings() -> int:
    """Raise what there is to raise; return how much was new."""
    return notice_breaches() + notice_failed_checks()


def notice_breaches() -> int:
    """Raise a finding for every breach of monitoring nobody answered for."""
    waiting = Breach.objects.filter(acknowledged_at=None).select_related(
        "series__model", "series__version"
    )
    with sweeping() as sweep:
        for batch in batches(waiting):
            raised = _raised((one.series.model_id, cause_of_breach(one)) for one in batch)
            known = {one: raised.get((one.series.model_id, cause_of_breach(one))) for one in batch}
            sweep.each([one for one in batch if known[one] is None], notice_breach)
            sweep.each([one for one in batch if _has_grown(one, known[one])], worsen_breach)
    return sweep.done


def notice_breach(breach: Breach) -> Finding:
    """Raise the finding of a breach, once for as long as there is one, closed or not."""
    series = breach.series

    def still() -> bool:
        breach.refresh_from_db()
        known = Finding.objects.filter(model=series.model_id, cause=cause_of_breach(breach))
        return breach.acknowledged_at is None and not known.exists()

    found = Found(
        cause_of_breach(breach),
        Finding.Source.BREACH,
        BY_BAND[breach.band],
        f"{series} is past its {breach.get_band_display().lower()} threshold",
        f"A value of {breach.value:.4g}, measured from "
        f"{breach.started_at:%Y-%m-%d %H:%M} UTC on, put it there.",
    )
    return raise_automatically(series.version or series.model, found, still=still)


def worsen_breach(breach: Breach) -> None:
    """Take the finding of a breach to be as grave as the breach grew since."""
    known = finding_queries.standing_or_none(breach.series.model, cause_of_breach(breach))
    if known is None:
        raise NotDue("Its finding was closed meanwhile.")
    with change(WORSEN_FINDING, known, by=SYSTEM) as record:
        breach.refresh_from_db()
        severity = BY_BAND[breach.band]
        if not _has_grown(breach, known):
            raise NotDue("It is as grave already, or was closed.")
        record.note(was=known.severity, severity=severity.value)
        finding_answers.set_severity(known, severity, at=record.time)


def notice_failed_checks() -> int:
    """Raise a finding for every check whose newest run failed on a version in use."""
    with sweeping() as sweep:
        for batch in batches(_failed()):
            raised = _raised(map(_place, batch))
            news = [run for run in batch if _is_news(run, raised.get(_place(run)))]
            sweep.each(news, notice_failed_check)
    return sweep.done


def notice_failed_check(run: CheckRun) -> Finding:
    """Raise the finding of a failed check, once until it is closed and the check fails anew."""

    def still() -> bool:
        known = _raised([_place(run)]).get(_place(run))
        return _failed().filter(pk=run.pk).exists() and _is_news(run, known)

    found = Found(
        cause_of_check(run),
        Finding.Source.CHECK,
        _severity(run.problems),
        f"The check {run.check_name} failed on {run.version}",
        _told(run),
    )
    return raise_automatically(run.version, found, still=still)


def cause_of_breach(breach: Breach) -> str:
    """Return the cause under which a breach has its finding."""
    return f"breach:{breach.record_id}"


def cause_of_check(run: CheckRun) -> str:
    """Return the cause under which a check of a model has its finding, whatever the run."""
    return f"check:{run.check_name}"


def _failed() -> QuerySet[CheckRun]:
    """Return the failed runs that are the newest of their check, on versions in use."""
    newer = CheckRun.objects.filter(
        version=OuterRef("version"), check_name=OuterRef("check_name"), pk__gt=OuterRef("pk")
    )
    found: QuerySet[CheckRun] = CheckRun.objects.filter(
        ~Exists(newer),
        state=CheckRun.State.FAILED,
        version__stage__in=IN_USE,
        version__deleted_at=None,
    )
    return found.select_related("version__model")


def _place(run: CheckRun) -> Place:
    return run.version.model_id, cause_of_check(run)


def _raised(places: Iterable[Place]) -> Mapping[Place, Finding]:
    """Return the newest finding of each cause on its model, in one query."""
    wanted = set(places)
    found = Finding.objects.filter(
        model__in={model_id for model_id, _ in wanted}, cause__in={cause for _, cause in wanted}
    )
    rows = found.select_related("version").order_by("pk")
    return {(one.model_id, one.cause): one for one in rows}


def _has_grown(breach: Breach, known: Finding | None) -> bool:
    """Say whether a breach is graver by now than the finding of it that stands ever was.

    A person who took a finding to be milder, knowing how grave it was, is not overruled.
    """
    if known is None or known.state not in Finding.STANDING:
        return False
    severity = BY_BAND[breach.band]
    if not finding_answers.is_graver(severity, known.severity):
        return False
    been = known.history.order_by().values_list("severity", flat=True).distinct()
    return all(finding_answers.is_graver(severity, one) for one in been)


def _is_news(run: CheckRun, known: Finding | None) -> bool:
    """Say whether a failed run is news to the finding of its check, if there is one."""
    if known is None:
        return True
    if known.closed_at is None:
        return is_earlier(run.version, known)
    return run.finished_at is not None and run.finished_at > known.closed_at


def _severity(problems: Sequence[Mapping[str, object]]) -> Severity:
    """Return the gravest severity among problems; a check that failed without one is high."""
    there = {str(one.get("severity")) for one in problems}
    return next((one for one in Severity if one.value in there), Severity.HIGH)


def _told(run: CheckRun) -> str:
    lines = [run.summary] if run.summary else []
    lines += [str(one.get("text", "")) for one in run.problems[:_MOST_TOLD]]
    return "\n".join(line for line in lines if line) or "It says no more."
