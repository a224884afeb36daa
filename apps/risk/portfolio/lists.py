"""The rows behind a number of the portfolio: the same condition, listed page by page."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from apps.catalog.inventory.shown import choice_in_words
from apps.catalog.models import RegisteredModel, UseCase
from apps.core.actors import Actor
from apps.core.errors import NotFound
from apps.risk import questionnaires
from apps.risk.models import Severity
from apps.risk.portfolio import due
from apps.risk.portfolio.columns import EU_CLASS
from apps.risk.portfolio.tables import (
    AGE_WORDS,
    BAND_WORDS,
    SPAN_WORDS,
    STAGE_WORDS,
    TIERS,
)
from apps.risk.portfolio.taken import Taken
from apps.risk.registers import reading

_YES_NO = {"yes": "yes", "no": "no"}
_NAMES = {
    "tier": ("Tier", TIERS),
    "stage": ("Stage", STAGE_WORDS),
    "materiality": ("Materiality", BAND_WORDS),
    "complexity": ("Complexity", BAND_WORDS),
    "live": ("In staging or production", _YES_NO),
    "tiered": ("Has a tier", _YES_NO),
    "attested": ("Attested in time", _YES_NO),
    "severity": ("Severity", {one.value: str(one.label) for one in Severity}),
    "age": ("Age", AGE_WORDS),
    "due": ("Due", SPAN_WORDS),
}
_OF_MODELS = frozenset(
    {"tier", "stage", "materiality", "complexity", "live", "tiered", "attested"}
    | {"eu", "asked", "approved", "open"}
)
_BY_QUESTIONNAIRE = {"asked": "Applies", "approved": "In force", "open": "Not in force"}


@dataclass(frozen=True)
class Listed:
    """One row: what it is, where it is, and what stands beside it."""

    title: str
    url: str
    cells: Sequence[object]


@dataclass(frozen=True)
class Rows:
    """One page of rows, how many there are in all, and what they were asked by, in words."""

    kind: str
    columns: Sequence[str]
    rows: Sequence[Listed]
    total: int
    asked: Sequence[tuple[str, str]]


def listed(
    kind: str, asked: Mapping[str, str], actor: Actor, on: date, *, start: int, size: int
) -> Rows:
    """Return some of the rows behind a number.

    Raises:
        NotFound: when there is no such list, or nothing can be asked of it so.
    """
    if kind not in _LISTS:
        raise NotFound(f"There is no list of {kind!a:.40}.")
    words = [_in_words(kind, name, value) for name, value in asked.items()]
    return _LISTS[kind](asked, actor, on, words, slice(start, start + size))


def _in_words(kind: str, name: str, value: str) -> tuple[str, str]:
    """Return one part of what is asked, in words."""
    if name not in _ALLOWED[kind]:
        raise NotFound(f"{kind} are not asked by {name!a:.40}.")
    if name == "eu":
        known = {one: choice_in_words(one) for one in _classes()}
        label = "EU class"
    elif name in _BY_QUESTIONNAIRE:
        known, label = {value: _title(value)}, _BY_QUESTIONNAIRE[name]
    else:
        label, known = _NAMES[name]
    if value not in known:
        raise NotFound(f"{label} never is {value!a:.40}.")
    return label, known[value]


def _classes() -> Sequence[str]:
    return reading.fields()["use_case.eu_ai_act_class"].choices


def _title(questionnaire: str) -> str:
    if questionnaire in questionnaires.SHIPPED:
        return questionnaires.shipped(questionnaire).title
    return questionnaire


Words = Sequence[tuple[str, str]]


def _models(asked: Mapping[str, str], actor: Actor, on: date, words: Words, part: slice) -> Rows:
    taken = Taken.of(actor, on)
    found = taken.matching(asked)
    shown = found[part]
    rows = RegisteredModel.objects.select_related("owner").in_bulk(shown)
    told, classes = taken.told(shown, "tier", "stage"), _classes_of(shown)
    columns = ("Model", "Owner", "Tier", "Stage", "EU classes")
    listed = [_model(rows[pk], told[pk], classes[pk]) for pk in shown]
    return Rows("models", columns, listed, len(found), words)


def _model(model: RegisteredModel, told: Mapping[str, str], classes: set[str]) -> Listed:
    tier, stage = TIERS.get(told["tier"], ""), STAGE_WORDS[told["stage"]]
    cells = (model.owner, tier, stage, ", ".join(map(choice_in_words, sorted(classes))))
    return Listed(model.name, model.get_absolute_url(), cells)


def _classes_of(ids: Sequence[int]) -> Mapping[int, set[str]]:
    """Return the classes of the uses of some models, by model, in one query."""
    found: dict[int, set[str]] = defaultdict(set)
    uses = UseCase.objects.filter(ended_at=None, model__in=ids).order_by()
    for pk, one in uses.values_list("model", EU_CLASS):
        found[pk] |= {one} if one else set()
    return found


def _findings(asked: Mapping[str, str], actor: Actor, on: date, words: Words, part: slice) -> Rows:
    rows = due.findings(actor)
    if "severity" in asked:
        rows = rows.filter(severity=asked["severity"])
    rows = _narrowed(rows, asked, on, {"age": due.aged, "due": due.settled_by})
    shown = [
        Listed(
            one.title,
            one.get_absolute_url(),
            (one.model.name, one.get_severity_display(), one.owner, one.raised_at, one.due),
        )
        for one in rows.order_by("due", "pk")[part]
    ]
    columns = ("Finding", "Model", "Severity", "Owner", "Raised", "Due")
    return Rows("findings", columns, shown, rows.count(), words)


def _assessments(
    asked: Mapping[str, str], actor: Actor, on: date, words: Words, part: slice
) -> Rows:
    rows = _narrowed(due.assessments(actor), asked, on, {"due": due.expiring})
    shown = [
        Listed(
            one.questionnaire.title,
            one.get_absolute_url(),
            (one.model.name, one.subject_name, one.approved_at, one.valid_until),
        )
        for one in rows.order_by("valid_until", "pk")[part]
    ]
    columns = ("Assessment", "Model", "About", "Approved", "Counts until")
    return Rows("assessments", columns, shown, rows.count(), words)


def _obligations(
    asked: Mapping[str, str], actor: Actor, on: date, words: Words, part: slice
) -> Rows:
    rows = _narrowed(due.obligations(actor), asked, on, {"due": due.binding})
    shown = [
        Listed(
            one.title,
            one.assessment.get_absolute_url(),
            (
                one.model.name,
                one.subject_name,
                one.get_kind_display(),
                one.deferred_until or one.applies_from or "now",
            ),
        )
        for one in rows.select_related("assessment").order_by("applies_from", "pk")[part]
    ]
    columns = ("Obligation", "Model", "Asked of", "Kind", "From")
    return Rows("obligations", columns, shown, rows.count(), words)


def _narrowed(
    rows: QuerySet[Any],
    asked: Mapping[str, str],
    on: date,
    conditions: Mapping[str, Callable[[str, date], Q]],
) -> QuerySet[Any]:
    for name, condition in conditions.items():
        if name in asked:
            rows = rows.filter(condition(asked[name], on))
    return rows


_LISTS: Mapping[str, Callable[..., Rows]] = {
    "models": _models,
    "findings": _findings,
    "assessments": _assessments,
    "obligations": _obligations,
}
_ALLOWED: Mapping[str, frozenset[str]] = {
    "models": _OF_MODELS,
    "findings": frozenset({"severity", "age", "due"}),
    "assessments": frozenset({"due"}),
    "obligations": frozenset({"due"}),
}
