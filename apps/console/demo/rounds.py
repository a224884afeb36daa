"""What comes round for the demo's models: reviews, and the attestations of a campaign."""

from apps.catalog.models import RegisteredModel
from apps.console.demo.judging import Judging
from apps.console.demo.people import RISK_OFFICER, VALIDATOR


def reviews(judging: Judging, triage: RegisteredModel, wine: RegisteredModel) -> None:
    """One review was carried out and left a finding; three are planned."""
    judging.carry_out_review(
        wine,
        VALIDATOR,
        kind="event",
        conclusion="continue_with_findings",
        reason="Looked at the rollback, at the incident behind it and at what the laboratory "
        "sends. Version 1 does what it is for; nothing checks the units of what it is given.",
        title_1="Units of laboratory values are not checked",
        severity_1="high",
        description_1="Two values came in other units for days, and the model took them as they "
        "were. A check of their range would have refused them.",
    )
    judging.plan_review(
        triage,
        RISK_OFFICER,
        "event",
        12,
        "The incident of this week and the weeks in red are looked at together.",
    )
    judging.plan_review(
        triage, VALIDATOR, "revalidation", 50, "Version 3 runs elsewhere, on new machines."
    )
    judging.plan_review(
        wine, VALIDATOR, "periodic", 85, "A season after its way back, with the new harvest."
    )


def campaign(
    judging: Judging,
    *,
    right: tuple[RegisteredModel, ...],
    wrong: RegisteredModel,
) -> None:
    """Every owner is asked; some records are attested, one is corrected, the others wait."""
    judging.begin_campaign(
        "Year-end attestation",
        24,
        "Owners say before the year ends whether the records of their models are right.",
    )
    for model in right:
        judging.attest(model)
    judging.correct(
        wrong,
        "The record still names the cellar as its readers. The purchasing office reads it, too.",
        "low",
    )
