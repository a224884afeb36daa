"""What the portfolio counts about each model, read in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Max
from django.db.models.fields.json import KT, KeyTextTransform

from apps.catalog import queries as catalog
from apps.catalog.inventory.facts import FLAGS, is_third_party
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase
from apps.core.actors import Actor
from apps.core.months import in_months
from apps.risk import offered, questionnaires, subjects
from apps.risk.models import Assessment, OwnerAttestation
from apps.risk.policy_says import PolicySays, policy
from apps.risk.questionnaires import Questionnaire
from apps.risk.registers.world import STAGES
from apps.risk.schedules import SETTINGS, What

TIERING = "bank-model-risk-tiering"
"""The questionnaire whose sections are the axes of materiality and complexity."""
LIVE = frozenset({Stage.STAGING.value, Stage.PRODUCTION.value})
NO_VERSION = "none"
BANDS = (("low", 34.0), ("medium", 67.0), ("high", 101.0))
"""A band ends below its number, of a hundred."""
_TOLD = ("tier", "origin", *subjects.TRAITS)
Subject = tuple[int | None, int | None]


@dataclass(frozen=True)
class Held:
    """One model as the portfolio counts it."""

    pk: int
    tier: int
    stage: str
    """The most advanced stage of its versions."""
    materiality: str
    complexity: str
    eu: frozenset[str]
    """The classes of its uses under the EU AI Act."""
    asked: frozenset[str]
    """The questionnaires that apply to it."""
    approved: frozenset[str]
    """Those of them approved and in force for everything they are asked of."""
    is_attested: bool

    @property
    def is_live(self) -> bool:
        """Whether a version of it is in staging or production."""
        return self.stage in LIVE

    @cached_property
    def traits(self) -> frozenset[tuple[str, str]]:
        """Everything it can be asked by, with the values that are true of it."""
        plain = {
            ("tier", str(self.tier)),
            ("stage", self.stage),
            ("materiality", self.materiality),
            ("complexity", self.complexity),
            ("live", _yes_no(self.is_live)),
            ("attested", _yes_no(self.is_attested)),
            ("tiered", _yes_no(bool(self.tier))),
        }
        several = {
            "eu": self.eu,
            "asked": self.asked,
            "approved": self.asked & self.approved,
            "open": self.asked - self.approved,
        }
        return frozenset(plain | {(name, one) for name, held in several.items() for one in held})


@dataclass(frozen=True)
class Taken:
    """Every model one reader may see."""

    models: tuple[Held, ...]
    questionnaires: tuple[Questionnaire, ...]

    @classmethod
    def of(cls, actor: Actor, on: date) -> "Taken":
        """Read every model an actor may see, as it stands on a day."""
        return _Reading(actor, on).taken()


class _Reading:
    """What was read of all models at once, by their ids."""

    def __init__(self, actor: Actor, on: date) -> None:
        self.on, self.says = on, policy()
        self._applying: dict[tuple[tuple[str, bool | int], ...], list[Questionnaire]] = {}
        visible = catalog.models_visible_to(actor)
        self.rows = list(visible.values_list("pk", "kind", "flags", *map(_kept, _TOLD)))
        self.within = {"model__in": visible.order_by().values("pk")}
        self.stages = self._stages()
        self.versions = self._live_versions()
        self.uses = self._uses()
        parties = ThirdParty.objects.filter(ended_at=None, **self.within)
        self.supplied = set(parties.order_by().values_list("model_id", flat=True).distinct())
        given = OwnerAttestation.objects.filter(**self.within).order_by().values("model_id")
        self.attested = dict(given.annotate(last=Max("signed_at")).values_list("model_id", "last"))
        self.approved, self.scores = self._approved()

    def taken(self) -> Taken:
        known = offered.offered()
        return Taken(tuple(self._held(row, known) for row in self.rows), known)

    def _held(self, row: tuple[Any, ...], known: tuple[Questionnaire, ...]) -> Held:
        pk, kind, flags, *values = row
        told = dict(zip(_TOLD, values, strict=True))
        tier = int(told["tier"]) if str(told["tier"] or "").isdigit() else 0
        answers = {name: _is_yes(told[name]) or name in FLAGS & set(flags) for name in _TOLD[2:]}
        answers["is_third_party"] = pk in self.supplied or is_third_party(
            RegisteredModel(kind=kind), {"origin": told["origin"]}, ()
        )
        facts = subjects.from_answers(answers, tier=tier)
        asked = self._asked(facts, known)
        materiality, complexity = self.scores.get(pk, ("", ""))
        return Held(
            pk=pk,
            tier=tier,
            stage=self._most_advanced(pk),
            materiality=materiality,
            complexity=complexity,
            eu=frozenset(found for _, found in self.uses.get(pk, ()) if found),
            asked=frozenset(one.id for one in asked),
            approved=frozenset(one.id for one in asked if self._is_approved(pk, one)),
            is_attested=self._is_attested(pk, tier, self.says),
        )

    def _asked(
        self, facts: Mapping[str, bool | int], known: tuple[Questionnaire, ...]
    ) -> list[Questionnaire]:
        """Return the questionnaires that apply: models have few facts, and many have the same."""
        same = tuple(facts.items())
        if same not in self._applying:
            found = [one for one in known if questionnaires.applies(one, facts)]
            self._applying[same] = found
        return self._applying[same]

    def _most_advanced(self, pk: int) -> str:
        there = self.stages.get(pk, set())
        return next((stage.value for stage in STAGES if stage.value in there), NO_VERSION)

    def _is_approved(self, pk: int, asked: Questionnaire) -> bool:
        """Say whether everything a questionnaire is asked of has an approved answer in force."""
        about: list[Subject] = [(None, None)]
        if asked.subject == "use_case":
            about = [(None, use) for use, _ in self.uses.get(pk, ())]
        elif asked.subject == "version":
            about = [(version, None) for version in self.versions.get(pk, ())]
        approved = self.approved.get((pk, asked.id), set())
        return bool(about) and approved.issuperset(about)

    def _is_attested(self, pk: int, tier: int, says: PolicySays) -> bool:
        last, months = self.attested.get(pk), says.at(tier).months(SETTINGS[What.ATTESTATION])
        return last is not None and (not months or in_months(last.date(), months) >= self.on)

    def _stages(self) -> Mapping[int, set[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        rows = ModelVersion.objects.filter(deleted_at=None, **self.within).order_by()
        for pk, stage in rows.values_list("model_id", "stage").distinct():
            found[pk].add(stage)
        return found

    def _live_versions(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        rows = ModelVersion.objects.filter(deleted_at=None, stage__in=LIVE, **self.within)
        for pk, version in rows.order_by().values_list("model_id", "pk"):
            found[pk].append(version)
        return found

    def _uses(self) -> Mapping[int, list[tuple[int, str]]]:
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        rows = UseCase.objects.filter(ended_at=None, **self.within).order_by()
        for pk, use, told in rows.values_list(
            "model_id", "pk", KeyTextTransform("eu_ai_act_class", "values")
        ):
            found[pk].append((use, told or ""))
        return found

    def _approved(
        self,
    ) -> tuple[Mapping[tuple[int, str], set[Subject]], Mapping[int, tuple[str, str]]]:
        approved: dict[tuple[int, str], set[Subject]] = defaultdict(set)
        scores: dict[int, tuple[str, str]] = {}
        rows = Assessment.objects.filter(state=Assessment.State.APPROVED, **self.within)
        axes = [KT(f"result__sections__{one}__pct") for one in ("materiality", "complexity")]
        for pk, kind, version, use, until, stale, *pcts in rows.order_by("pk").values_list(
            "model_id", "kind", "version_id", "use_case_id", "valid_until", "stale_at", *axes
        ):
            if kind == TIERING:
                scores[pk] = (band(pcts[0]), band(pcts[1]))
            if stale is None and until >= self.on:
                approved[pk, kind].add((version, use))
        return approved, scores


def band(pct: str | None) -> str:
    """Return in which band a score lies; nothing of one that is not there."""
    if pct is None:
        return ""
    return next(name for name, end in BANDS if float(pct) < end)


def matching(taken: Taken, asked: Mapping[str, str]) -> Iterator[Held]:
    """Yield the models that everything asked for is true of."""
    wanted = frozenset(asked.items())
    return (held for held in taken.models if wanted <= held.traits)


def _kept(name: str) -> KeyTextTransform:
    return KeyTextTransform(name, "sheet__values")


def _yes_no(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _is_yes(text: object) -> bool:
    return text in {True, "1", "true"}
