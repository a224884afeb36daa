"""How the demo's models were judged: what was answered, at which tier, and what that obliges to."""

from apps.catalog.models import RegisteredModel
from apps.console.demo.judging import EU, GENAI, TIERING, Judging, in_days
from apps.console.demo.people import (
    COMMITTEE,
    COMPLIANCE,
    COUNSEL,
    DEVELOPER,
    OWNER,
    RISK_OFFICER,
    SECOND_OFFICER,
    VALIDATOR,
    Part,
)
from apps.validation import operations as validation

_CLASSIFIED = b"""Why the score is high-risk

It evaluates the creditworthiness of natural persons (Annex III, point 5(b)), and is no tool to
detect fraud. It profiles, so no derogation of Art. 6(3) is open to it.
"""


def tumor_triage(judging: Judging, model: RegisteredModel) -> None:
    """Tier 2 by a floor; compliance has signed the class of its use, and counsel has not yet."""
    judging.tier(
        model,
        "Answers hold against the validation file. Reliance is as logged: one order in nine is "
        "changed by hand.",
        "Safety sets the floor, and nothing speaks for tier 1 while every sample is read. Tier 2.",
    )
    judging.scope(model)
    use = model.use_cases.get()
    classified = judging.submit(use, EU)
    judging.review(
        classified,
        COMPLIANCE,
        "compliance_officer",
        "Medical device software under Annex I, section A. In-house use is for counsel to judge.",
    )
    judging.owe(
        model,
        "validated_before_use",
        "meet",
        RISK_OFFICER,
        reason="Versions 1 and 2 were validated before release; see what the validator signed.",
    )


def diabetes_progression(judging: Judging, model: RegisteredModel) -> None:
    """Tier 3; the developer sees to the papers it asks for."""
    judging.tier(
        model,
        "Coefficients and exposure are as stated; the visit shows every error in the end.",
        "Moderate: it moves a visit and decides no treatment. Tier 3.",
    )
    judging.owe(model, "development_documented", "assign", OWNER, owner=_pk(judging, DEVELOPER))


def digit_reader(judging: Judging, model: RegisteredModel) -> None:
    """Answered and submitted; it waits for both who review it."""
    judging.submit(model, TIERING)


def wine_grade(judging: Judging, model: RegisteredModel) -> None:
    """Tier 4, since nothing depends on it; treated at tier 3 until its interface is mended."""
    judging.tier(
        model,
        "Immaterial. The panel tastes each sample whatever it says.",
        "No patient and no account depends on it. Tier 4; to be looked at when its use changes.",
    )
    judging.treat_at(
        model,
        3,
        180,
        "Values in other units went unnoticed for days. Until the interface refuses them, it is "
        "watched and reviewed as a tier 3 model.",
        {SECOND_OFFICER: "risk_officer", COMMITTEE: "governance_committee"},
    )


def visit_letter(judging: Judging, model: RegisteredModel) -> None:
    """Limited risk in the Union; the sheet on generative AI is half answered."""
    use = judging.walk.add_use(model, "Drafting letters on follow-up visits")
    judging.scope(model)
    judging.classify(
        use,
        "No listed use. It writes text, so the duty to mark it applies; a nurse edits each letter.",
        "Agreed. The mark may stand in the file as long as the nurse signs for the text.",
    )
    judging.answer(use, GENAI, DEVELOPER)


def instalment_plan_score(judging: Judging) -> None:
    """A credit model that a bureau runs: high-risk in the Union, tier 1, and much to be done."""
    walk = judging.walk
    model = walk.register_bought(
        name="instalment-plan-score",
        title="Score of patients who ask to pay in instalments",
        description="The score of a credit bureau, asked for each request to pay in instalments.",
        intended_use="Grants small payment plans; the finance office looks at the others.",
        out_of_scope_uses="Deciding on treatments, deposits, or who is admitted.",
        limitations="The bureau shows no method, and few applicants are younger than twenty-five.",
        domain="Patient finance",
        method="Credit score of a bureau, of undisclosed method.",
        flags=("is_ai", "affects_individuals"),
        tags={"readers": "finance"},
    )
    walk.add_supplier(model, "Credit bureau")
    use = walk.add_use(model, "Granting payment plans")
    judging.scope(model)
    judging.classify(
        use,
        "Creditworthiness of natural persons: Annex III, point 5(b). It profiles: no derogation.",
        "Agreed; the exception for fraud does not reach it. The impact assessment comes first.",
    )
    judging.tier(
        model,
        "Opaque, outside our control and relied on. The challenge is limited to its outcomes.",
        "Critical for who may pay how. Tier 1, and no use before the supplier has answered.",
    )
    item = walk.give(
        use,
        "classification_rationale",
        COMPLIANCE,
        title="Why the score is high-risk",
        file=validation.SentFile("classification.txt", [_CLASSIFIED]),
    )
    walk.verify(item, COUNSEL)
    judging.owe(
        model,
        "supplier_documentation",
        "defer",
        RISK_OFFICER,
        until=in_days(60).isoformat(),
        reason="The bureau sends its documentation with the contract that is signed in January.",
    )
    judging.owe(model, "ai_literacy", "assign", OWNER, owner=_pk(judging, COMPLIANCE))
    judging.owe(model, "fairness_evidence", "assign", OWNER, owner=_pk(judging, VALIDATOR))


def _pk(judging: Judging, part: Part) -> int:
    return judging.walk.person(part).pk
