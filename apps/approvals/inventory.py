"""Which inventory fields are missing: their conditions, held against what a policy would read."""

from collections.abc import Mapping
from datetime import datetime

from apps.approvals import in_force
from apps.approvals.facts.context import Evidence
from apps.approvals.facts.gaps import (
    Asked,
    Conditions,
    Facts,
    Missing,
    missing_beside,
    with_traits,
    yes_or_no,
)
from apps.approvals.judgment import effective_tier
from apps.approvals.policies import Policy
from apps.catalog.inventory import facts as catalog
from apps.catalog.inventory import fields
from apps.catalog.inventory.reading import EntityId
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.risk.facts import Judged

__all__ = ["Conditions", "Missing", "conditions", "conditions_of", "missing_fields"]


def conditions(
    answers: Mapping[str, object], known: Facts | None = None, policy: Policy | None = None
) -> Conditions:
    """Return what a model's fields are held against where no version is at hand.

    ``answers`` is what is known of the model, ``known`` what policies read about it otherwise.
    """
    told = with_traits(answers, known or _recorded(answers))
    return Conditions(effective_tier(policy or in_force.policy(), told), told)


def conditions_of(
    version: ModelVersion | None, answers: Mapping[str, object], *, at: datetime
) -> Conditions:
    """Return what the fields of a model and a version are held against, reading what it takes.

    The tier follows from the model and what was assessed of it, unless a floor of the policy reads
    more.
    """
    policy = in_force.policy()
    read = {path for floor in policy.floors for path, _ in floor.when.reads}
    more = {path for path in read if not path.startswith("assessments.")} - _of_model()
    if version is None:
        return conditions(answers, policy=policy)
    if not more:
        uses = catalog.live_use_cases(version.model)
        judged = Judged.of([version.model_id]).facts(version, uses, at)
        return conditions(answers, judged, policy)
    return Evidence.about([version], policy).conditions(version, at=at)


def _recorded(answers: Mapping[str, object]) -> Facts:
    """Return the facts of a model no version is at hand of: its tier, as the inventory says it.

    What was assessed of its uses is not read, and a floor that asks for it holds.
    """
    return {"model": {"tier": answers.get("tier", 0)}}


def _of_model() -> frozenset[str]:
    return frozenset({"model.tier", *(f"model.{name}" for name in yes_or_no())})


def missing_fields(
    model: RegisteredModel, version: ModelVersion | None, *, at: datetime
) -> list[Missing]:
    """Return what is missing about a model, one version of it, its uses and its suppliers."""
    if version is not None:
        return Evidence.about([version]).missing(version, at=at)
    parties = catalog.live_third_parties(model)
    answers = catalog.of_model(model, parties)
    asked, held = Asked(fields.in_force()), conditions(answers)
    return held.missing(model.record_ref, asked.of(EntityId.MODEL, held), answers) + missing_beside(
        asked,
        held,
        [(use.record_ref, catalog.of_use_case(use)) for use in catalog.live_use_cases(model)],
        [(party.record_ref, catalog.of_third_party(party)) for party in parties],
    )
