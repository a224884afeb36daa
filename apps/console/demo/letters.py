"""A prompt, which is a model too: its text is content, checked and signed like any other."""

from apps.catalog import prompts
from apps.catalog.models import ModelVersion
from apps.console.demo.walk import Walk

FIRST = (
    "Write to {{ name }} that a follow-up visit is advised in {{ weeks }} weeks. "
    "Use short sentences and no medical terms."
)
SECOND = (
    "Write a letter to {{ name }} that a follow-up visit is advised in {{ weeks }} weeks.\n"
    "Use short sentences and no medical terms. Say how to move the date: call {{ telephone }}.\n"
    "Name no diagnosis, no estimate and no number but the weeks and the telephone.\n"
    "A nurse reads and signs the letter before it leaves."
)


def write(walk: Walk) -> ModelVersion:
    """Register the prompt and its two texts; return the newer one."""
    model = walk.register_prompt(
        name="visit-letter",
        title="Letter about a follow-up visit",
        description="Drafts the letter that invites a patient to a visit. A nurse signs it.",
        intended_use="Drafts letters on follow-up visits, which a nurse reads and signs.",
        out_of_scope_uses="Letters that nobody reads before they leave.",
        limitations="Tried in Swedish and English only.",
        domain="Clinical correspondence",
        method="Prompt for an instruction-tuned language model.",
        flags=("is_ai", "is_generative", "affects_individuals"),
    )
    walk.add_text(model, {prompts.TEXT: FIRST}, "First wording.")
    return walk.add_text(
        model, {prompts.TEXT: SECOND}, "Says how to move the date, and what not to write."
    )
