"""What the registry tells a questionnaire about what it is asked of (questionnaires README 2)."""

from collections.abc import Mapping

from apps.catalog.inventory import facts as inventory
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.core.clock import database_now
from apps.risk.facts.judged import Judged

TRAITS = ("eu_in_scope", "is_ai", "is_generative", "is_agentic", "is_third_party")


def subject_facts(
    model: RegisteredModel,
    *,
    version: ModelVersion | None = None,
    use_case: UseCase | None = None,
) -> Mapping[str, bool | int]:
    """Return what is known of a model, a version or a use; what nobody recorded is absent.

    Traits are the model's, whatever the subject. Every model is asked for its tier: whether it is
    one that has to be tiered is what the questionnaire finds out.
    """
    of = use_case.model if use_case else version.model if version else model
    return from_answers(
        inventory.of_model(of, inventory.live_third_parties(of)),
        tier=current_tier(of),
    )


def current_tier(model: RegisteredModel) -> int:
    """Return the tier a model is at now, 0 without one, in one query."""
    return Judged.of([model.pk]).tier(model.pk, database_now()).tier


def from_answers(answers: Mapping[str, object], *, tier: int) -> Mapping[str, bool | int]:
    """Return the same from what was read of a model before."""
    traits = {name: answers.get(name) is True for name in TRAITS}
    return {**traits, "tiering_required": True, "tier": tier}
