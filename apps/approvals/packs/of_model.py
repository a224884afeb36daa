"""The files about one model as a whole: its card, assessments, findings, reviews, and its chain."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Q

from apps.accounts.models import User
from apps.approvals.packs import chains, of_papers, of_version
from apps.approvals.packs.chains import Chain
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.enclosed import Enclosed
from apps.approvals.packs.of_evidence import OfEvidence
from apps.approvals.packs.rows import last_states, record_of, rows_as_left
from apps.approvals.packs.scope import OfModel, Orderer
from apps.approvals.packs.told import ToldEvent, ToldFact, ToldFinding, ToldModel, ToldSection
from apps.audit.timeline import TimelineEntry
from apps.catalog.models import RegisteredModel
from apps.core.digests import utc_text
from apps.risk.facts.judged import Judged
from apps.risk.models import Assessment, Finding, Incident, Review

MOST_TOLD = 30
"""How many entries of a timeline the front page shows."""
Step = Callable[[], None]


def add(
    contents: Contents,
    of: OfModel,
    chain: Chain,
    enclosed: Enclosed,
    *,
    as_of: datetime,
    orderer: Orderer,
    step: Step,
) -> tuple[ToldModel, set[str]]:
    """Add the files about a model and its versions.

    Returns what the front page says of it, and the digests of the policies it was judged by.
    """
    model, folder = of.model, of.folder
    contents.add_json(f"{folder}/model.json", _card(model))
    rows = rows_as_left(model, last_states(chain.entries))
    left = chains.add(contents, chain, folder, texts=chain.texts(), rows=rows)
    evidence = OfEvidence.read(of, enclosed)
    evidence.enclose(of, left.rows, may_take=model.pk in orderer.takes_files_of)
    step()
    sections = (
        of_papers.add_assessments(contents, _assessments(of), folder),
        of_papers.add_documents(
            contents, model.documents.filter(version=None).order_by("pk"), folder
        ),
        _reviews(contents, model, folder),
        _incidents(contents, model, folder),
    )
    findings = list(Finding.objects.filter(model=model).order_by("pk"))
    contents.add_json(f"{folder}/findings.json", [record_of(one) for one in findings])
    step()
    versions, policies = [], set(left.policies)
    for version in of.versions:
        told, decided = of_version.add(
            contents, version, of, chain, evidence, as_of=as_of, shows_assets=orderer.sees_assets
        )
        versions.append(told)
        policies |= {one.policy.digest for one in decided}
        step()
    return (
        ToldModel(
            name=model.shown_title,
            folder=folder,
            facts=tuple(_facts(model, as_of)),
            versions=tuple(versions),
            findings=tuple(map(_finding, findings)),
            sections=tuple(one for one in sections if one is not None),
            timeline=tuple(_timeline(chain)),
            timeline_of=len(chain.events),
            timeline_file=f"{folder}/timeline.jsonl",
        ),
        policies,
    )


def steps_of(of: OfModel) -> int:
    """Return how many steps a model takes."""
    return 2 + len(of.versions)


def _card(model: RegisteredModel) -> dict[str, object]:
    return record_of(model) | {
        "description": model.description,
        "created_at": utc_text(model.created_at),
    }


def _facts(model: RegisteredModel, as_of: datetime) -> Iterator[ToldFact]:
    told = (
        ("Name", model.name),
        ("Tier", Judged.of([model.pk]).tier(model.pk, as_of).in_words),
        ("Kind", model.get_kind_display()),
        ("Owner", model.owner.record_id),
        ("Domain", model.domain),
        ("Method", model.method),
        ("Intended use", model.intended_use),
        ("Uses out of scope", model.out_of_scope_uses),
        ("Limitations", model.limitations),
    )
    return (ToldFact(name, value) for name, value in told if value)


def _assessments(of: OfModel) -> list[Assessment]:
    """Return the assessments of a model, and of those versions the pack tells of."""
    about = Q(version=None) | Q(version__in=[version.pk for version in of.versions])
    found = Assessment.objects.filter(about, model=of.model)
    found = found.exclude(state=Assessment.State.DROPPED).select_related("questionnaire")
    return list(found.order_by("pk"))


def _reviews(contents: Contents, model: RegisteredModel, folder: str) -> ToldSection | None:
    reviews = list(Review.objects.filter(model=model).order_by("pk"))
    if not reviews:
        return None
    rows = tuple(
        (
            one.get_kind_display(),
            one.get_state_display(),
            one.done_at.date().isoformat() if one.done_at else "",
            one.get_conclusion_display(),
        )
        for one in reviews
    )
    path = contents.add_json(f"{folder}/reviews.json", [record_of(one) for one in reviews])
    columns = ("Review", "State", "Done", "Conclusion")
    return ToldSection("Reviews", columns=columns, rows=rows, files=(path,))


def _incidents(contents: Contents, model: RegisteredModel, folder: str) -> ToldSection | None:
    incidents = list(Incident.objects.filter(model=model).order_by("pk"))
    if not incidents:
        return None
    rows = tuple(
        (one.title, one.get_severity_display(), one.get_state_display()) for one in incidents
    )
    path = contents.add_json(f"{folder}/incidents.json", [record_of(one) for one in incidents])
    columns = ("Incident", "Severity", "State")
    return ToldSection("Incidents", columns=columns, rows=rows, files=(path,))


def _finding(finding: Finding) -> ToldFinding:
    return ToldFinding(
        id=finding.record_id,
        title=finding.title,
        severity=finding.get_severity_display(),
        state=finding.get_state_display(),
        owner=User.RECORD.id_of(finding.owner_id),
        due=finding.due.isoformat(),
        is_open=finding.is_unsettled,
    )


def _timeline(chain: Chain) -> Iterator[ToldEvent]:
    for event in reversed(chain.events[-MOST_TOLD:]):
        entry = TimelineEntry.of(event)
        assert entry.chain is not None  # refusals join no chain, so each of these was done
        yield ToldEvent(
            at=entry.time,
            words=f"{entry.sentence} {entry.subject['id']}",
            actor=entry.actor["id"],
            reason=entry.reason,
            entry=entry.chain["rev"],
        )
