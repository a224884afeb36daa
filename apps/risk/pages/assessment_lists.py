"""The assessments of a model: what is offered, what was started, and how each stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.roles import role_named
from apps.catalog.duties import roles_on
from apps.catalog.inventory.facts import live_use_cases
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.core.actors import Actor
from apps.risk import assessment_queries as queries
from apps.risk import offered, subjects
from apps.risk.answering import Subject
from apps.risk.models import Assessment
from apps.risk.operations.assessments import ANSWERING
from apps.risk.pages import outcomes
from apps.risk.questionnaires import Questionnaire, applies
from apps.risk.standing import TONES, Standing, standing_of

MOST_VERSIONS = 10
"""How many versions are listed where each is assessed by itself; the newest come first."""
Key = tuple[str, int | None, int | None]
_NOUNS = {"model": "the model", "version": "each version", "use_case": "each use"}


@dataclass(frozen=True)
class Row:
    """One subject of a questionnaire, with how it stands."""

    subject: Subject
    title: str
    standing: Standing
    outcome: str
    tone: str
    """Of the outcome."""
    start: Mapping[str, str]
    """What a form sends to start it; empty when this reader cannot, or somebody did."""

    @property
    def approved(self) -> Assessment | None:
        return self.standing.approved

    @property
    def open(self) -> Assessment | None:
        return self.standing.open

    @property
    def status(self) -> dict[str, str]:
        """The state as the mark beside the name."""
        status = self.standing.status
        return {"label": status.in_words, "tone": TONES[status]}


@dataclass(frozen=True)
class Offered:
    """One questionnaire with the subjects it is asked about."""

    questionnaire: Questionnaire
    rows: Sequence[Row]
    respondents: str

    @property
    def about(self) -> str:
        return f"About {_NOUNS[self.questionnaire.subject]} · answered by {self.respondents}"


def listing(model: RegisteredModel, reader: Actor, *, refusal: str = "") -> dict[str, Any]:
    """Return what the list of a model's assessments shows."""
    on = now().date()
    held = queries.assessments_of(model)
    by_key: dict[Key, list[Assessment]] = defaultdict(list)
    for one in held:
        by_key[one.kind, one.version_id, one.use_case_id].append(one)
    roles = _roles(model, reader)
    facts = subjects.subject_facts(model)
    known = offered.offered()
    asked = [one for one in known if applies(one, facts)]
    return {
        "model": model,
        "refusal": refusal,
        "offered": [_offered(one, model, by_key, roles, on) for one in asked],
        "over": [
            row
            for one in _over(held, asked)
            for row in _offered(one, model, by_key, frozenset(), on).rows
            if row.open or row.approved
        ],
        "others": [one for one in known if one not in asked],
        "earlier": [
            (one, outcomes.outcome_label(offered.asked_of(one.questionnaire), one.outcome))
            for one in held
            if one.state == Assessment.State.SUPERSEDED
        ],
        "add_use": reverse("models:add_use_case", args=[model.name]),
        "crumbs": [
            ("Models", reverse("models:list")),
            (model.name, model.get_absolute_url()),
        ],
        "here": "Assessments",
    }


def _over(held: Sequence[Assessment], asked: Sequence[Questionnaire]) -> list[Questionnaire]:
    """Return what is not asked of a model any more and goes on: begun by it, or approved."""
    known = {one.id for one in asked}
    live = [one for one in held if one.is_open or one.state == Assessment.State.APPROVED]
    newest = {one.kind: one for one in reversed(live) if one.kind not in known}
    return [offered.asked_of(one.questionnaire) for one in newest.values()]


def _roles(model: RegisteredModel, reader: Actor) -> frozenset[str]:
    """Return the roles a reader answers in; none of one who may not answer at all."""
    if reader.user_id is None or not reader.may(ANSWERING, model):
        return frozenset()
    return roles_on(reader.user_id, model.pk)


def _offered(
    questionnaire: Questionnaire,
    model: RegisteredModel,
    by_key: Mapping[Key, Sequence[Assessment]],
    roles: frozenset[str],
    on: date,
) -> Offered:
    may_start = not roles.isdisjoint(questionnaire.respondents)
    rows = [
        _row(questionnaire, subject, by_key.get(_key(questionnaire, subject), ()), on, may_start)
        for subject in _subjects(questionnaire, model)
    ]
    titles = [role_named(role).title.lower() for role in questionnaire.respondents]
    return Offered(questionnaire, rows, " or ".join(titles))


def _subjects(questionnaire: Questionnaire, model: RegisteredModel) -> Sequence[Subject]:
    if questionnaire.subject == "model":
        return [model]
    if questionnaire.subject == "use_case":
        return live_use_cases(model)
    versions = model.versions.filter(deleted_at=None).exclude(stage=Stage.DECOMMISSIONED)
    return list(versions.order_by("-number")[:MOST_VERSIONS])


def _key(questionnaire: Questionnaire, subject: Subject) -> Key:
    return (
        questionnaire.id,
        subject.pk if isinstance(subject, ModelVersion) else None,
        subject.pk if isinstance(subject, UseCase) else None,
    )


def _row(
    questionnaire: Questionnaire,
    subject: Subject,
    held: Sequence[Assessment],
    on: date,
    may_start: bool,
) -> Row:
    stands = standing_of(held, on)
    outcome, tone = "", "idle"
    if stands.approved is not None:
        then = offered.asked_of(stands.approved.questionnaire)
        found = then.outcome(stands.outcome)
        outcome, tone = found.label, outcomes.tone_of(then, found)
    start = {"kind": questionnaire.id, "about": about(subject)} if may_start else {}
    return Row(subject, _title(subject), stands, outcome, tone, {} if stands.open else start)


def about(subject: Subject) -> str:
    """Return how a form names a subject of a model."""
    if isinstance(subject, RegisteredModel):
        return "model"
    return f"{'version' if isinstance(subject, ModelVersion) else 'use'}-{subject.pk}"


def subject_named(model: RegisteredModel, named: str) -> Subject | None:
    """Return the subject of a model that a form names, or nothing."""
    word, _, number = named.partition("-")
    if word == "model" and not number:
        return model
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    rows = {"version": model.versions.filter(deleted_at=None), "use": model.use_cases.all()}
    found: Subject | None = rows[word].filter(pk=int(number)).first() if word in rows else None
    return found


def _title(subject: Subject) -> str:
    if isinstance(subject, RegisteredModel):
        return "The model"
    return subject.title if isinstance(subject, UseCase) else f"Version {subject.number}"
