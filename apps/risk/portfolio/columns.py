"""The columns by which models are counted and listed: what the database finds out about each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import In

from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase
from apps.core.months import first_reaching
from apps.risk import subjects
from apps.risk.models import Assessment, OwnerAttestation
from apps.risk.policy_says import PolicySays
from apps.risk.questionnaires import Questionnaire
from apps.risk.registers.world import STAGES
from apps.risk.schedules import SETTINGS, What

LIVE = frozenset({Stage.STAGING.value, Stage.PRODUCTION.value})
NO_VERSION = "none"
EU_CLASS = KeyTextTransform("eu_ai_act_class", "values")
"""The class of a use under the EU AI Act, as its sheet says it."""
APPROVED = "approved_{}"
"""The column that says whether all is approved that a questionnaire asks about, by its place."""
Row = Mapping[str, Any]
Columns = Mapping[str, Any]
_ASKED = ("tier", "kind", "flags", "origin", "supplied", *subjects.TRAITS)
"""What says which questionnaires apply to a model."""
_NEEDED = {
    "tier": ("tier",),
    "tiered": ("tier",),
    "stage": ("stage",),
    "live": ("live",),
    "attested": ("attested",),
    "asked": _ASKED,
}


def read_for(
    names: Iterable[str], on: date, says: PolicySays, known: Sequence[Questionnaire]
) -> Columns:
    """Return the columns that what is asked under some names follows from, by their names."""
    names = list(names)
    wanted = dict.fromkeys(one for name in names for one in _NEEDED.get(name, _ASKED))
    read = {f"told_{one}": _column(one, on, says) for one in wanted}
    if any(name not in _NEEDED for name in names):
        read |= {APPROVED.format(at): _is_approved(one, on) for at, one in enumerate(known)}
    return read


def live(models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    """Keep the models with a version in staging or production."""
    return models.filter(_live())


def _column(name: str, on: date, says: PolicySays) -> Any:
    if name == "attested":
        return _attested(on, says)
    return _OF_ROWS[name]() if name in _OF_ROWS else KeyTextTransform(name, "sheet__values")


def _versions() -> QuerySet[ModelVersion]:
    rows: QuerySet[ModelVersion] = ModelVersion.objects.filter(
        model=OuterRef("pk"), deleted_at=None
    )
    return rows


def _stage() -> Case:
    """Return the most advanced stage of a model's versions; the first that one is in."""
    found = (When(Exists(_versions().filter(stage=one)), then=Value(one.value)) for one in STAGES)
    return Case(*found, default=Value(NO_VERSION), output_field=TextField())


def _live() -> Exists:
    return Exists(_versions().filter(stage__in=LIVE))


def _supplied() -> Exists:
    return Exists(ThirdParty.objects.filter(model=OuterRef("pk"), ended_at=None))


_OF_ROWS: Mapping[str, Callable[[], Any]] = {
    "kind": partial(Cast, "kind", TextField()),
    "flags": partial(Cast, "flags", TextField()),
    "stage": _stage,
    "live": _live,
    "supplied": _supplied,
}
"""What is found beside the sheet of a model, which holds all else."""


def _attested(on: date, says: PolicySays) -> Any:
    """Return whether a model's owner attested it in the time its tier leaves."""
    tier = Cast(KeyTextTransform("tier", "sheet__values"), IntegerField())
    strictest = _months(says, 0)
    others: dict[int, list[int]] = defaultdict(list)
    for one in says.tiers:
        if _months(says, one) != strictest:
            others[_months(says, one)].append(one)
    by_tier = (When(In(tier, held), then=_since(months, on)) for months, held in others.items())
    return Case(*by_tier, default=_since(strictest, on), output_field=BooleanField())


def _months(says: PolicySays, tier: int) -> int:
    return says.at(tier).months(SETTINGS[What.ATTESTATION])


def _since(months: int, on: date) -> Exists:
    """Return whether a model was attested in so many months; where none are set, whether at all."""
    given = OwnerAttestation.objects.filter(model=OuterRef("pk"))
    if not months:
        return Exists(given)
    first = datetime.combine(first_reaching(on, months), time.min, UTC)
    return Exists(given.filter(signed_at__gte=first))


def _is_approved(questionnaire: Questionnaire, on: date) -> Case:
    """Return whether everything a questionnaire is asked of has an approved answer in force."""
    in_force = Assessment.objects.filter(
        kind=questionnaire.id,
        state=Assessment.State.APPROVED,
        stale_at=None,
        valid_until__gte=on,
    )
    return Case(
        When(_all_covered(questionnaire, in_force), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def _all_covered(questionnaire: Questionnaire, in_force: QuerySet[Assessment]) -> Q:
    if questionnaire.subject == "use_case":
        asked: QuerySet[Any] = UseCase.objects.filter(model=OuterRef("pk"), ended_at=None)
        answered = Exists(in_force.filter(model=OuterRef("model"), use_case=OuterRef("pk")))
    elif questionnaire.subject == "version":
        asked = _versions().filter(stage__in=LIVE)
        answered = Exists(in_force.filter(model=OuterRef("model"), version=OuterRef("pk")))
    else:
        return Q(Exists(in_force.filter(model=OuterRef("pk"), version=None, use_case=None)))
    return Q(Exists(asked), ~Exists(asked.filter(~answered)))
