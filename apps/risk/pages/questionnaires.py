"""A questionnaire as people read it, from top to bottom: what is asked, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.inventory import fields
from apps.core.shapes import listed
from apps.risk import policy_says
from apps.risk.models import QuestionnaireVersion
from apps.risk.pages.conditions import in_words
from apps.risk.policy_says import PolicySays
from apps.risk.questionnaires import (
    Obligation,
    ObligationKind,
    Option,
    Outcome,
    Question,
    Questionnaire,
    QuestionType,
    number_text,
)
from apps.risk.questionnaires.references import evidence_types
from apps.validation.documents import reading as documents

State = QuestionnaireVersion.State
TONES = {
    State.DRAFT: "idle",
    State.PROPOSED: "info",
    State.PUBLISHED: "good",
    State.REPLACED: "idle",
    State.RETIRED: "idle",
    State.DROPPED: "idle",
}
SUBJECTS = {"model": "a model", "version": "a version", "use_case": "a use of a model"}
_TYPES = {
    QuestionType.CHOICE: "Choose one",
    QuestionType.MULTICHOICE: "Choose all that apply",
    QuestionType.BOOLEAN: "Yes or no",
    QuestionType.SCALE: "A step on a scale",
    QuestionType.NUMBER: "A number",
    QuestionType.TEXT: "In words",
    QuestionType.EVIDENCE: "Evidence",
}
_KINDS = {
    ObligationKind.EVIDENCE: "Evidence",
    ObligationKind.DOCUMENT: "Document",
    ObligationKind.CONDITION: "Condition",
    ObligationKind.SIGN_OFF: "Sign-off",
    ObligationKind.RESTRICTION: "Restriction",
}


@dataclass(frozen=True)
class When:
    """A condition: in words where there are any, and as it is written."""

    words: str
    code: str


def status(version: QuestionnaireVersion) -> dict[str, str]:
    """Return the state of a version as pages show it."""
    state = State(version.state)
    return {"label": str(state.label), "tone": TONES[state]}


def readable(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return everything a questionnaire says, for its page."""
    policy = policy_says.policy()
    labels = _field_labels()
    return {
        "questionnaire": questionnaire,
        "sections": [
            {
                "section": section,
                "when": _when(questionnaire, section.visible_when),
                "questions": [
                    _question(questionnaire, one, labels, policy) for one in section.questions
                ],
            }
            for section in questionnaire.sections
        ],
        "outcomes": [_outcome(questionnaire, one, labels) for one in questionnaire.outcomes],
        "flags": [
            {"flag": one, "when": _when(questionnaire, one.when)} for one in questionnaire.flags
        ],
        "obligations": [
            _obligation(questionnaire, one, policy) for one in questionnaire.obligations
        ],
        "facts": _facts(questionnaire, policy),
        "counts": _counts(questionnaire),
    }


def _question(
    questionnaire: Questionnaire, question: Question, labels: Mapping[str, str], policy: PolicySays
) -> dict[str, Any]:
    known = evidence_types(policy)
    evidence = [known.get(one, one) for one in question.evidence_types]
    return {
        "question": question,
        "type": _TYPES[question.type],
        "when": _when(questionnaire, question.visible_when),
        "options": [_option(one, question) for one in question.options],
        "range": _range(question),
        "evidence": listed(evidence) if evidence else "",
        "cites": "; ".join(question.cites),
        "maps_to": labels.get(question.maps_to, question.maps_to),
        "counts": _weight(question),
    }


def _option(option: Option, question: Question) -> dict[str, str]:
    notes = []
    if question.scoring and not option.is_not_applicable:
        points = number_text(option.score)
        notes.append(f"{points} point{'' if points == '1' else 's'}")
    if option.is_exclusive:
        notes.append("alone")
    if option.is_not_applicable:
        notes.append("not scored, needs a note")
    return {"label": option.label, "help": option.help, "notes": ", ".join(notes)}


def _weight(question: Question) -> str:
    if question.scoring is None:
        return ""
    weight = question.scoring.weight
    return "scored" if weight == 1 else f"scored, counts {number_text(weight)} times"


def _range(question: Question) -> str:
    if question.min is None or question.max is None:
        return ""
    unit = f" {question.unit}" if question.unit else ""
    return f"From {question.min:f} to {question.max:f}{unit}"


def _outcome(
    questionnaire: Questionnaire, outcome: Outcome, labels: Mapping[str, str]
) -> dict[str, Any]:
    sets = [
        (labels.get(f"{questionnaire.subject}.{name}", name), str(value))
        for name, value in outcome.sets.items()
    ]
    return {"outcome": outcome, "when": _when(questionnaire, outcome.when), "sets": sets}


def _obligation(
    questionnaire: Questionnaire, rule: Obligation, policy: PolicySays
) -> dict[str, Any]:
    gates = [policy.transitions.get(gate, gate) for gate in rule.gates]
    return {
        "rule": rule,
        "kind": _KINDS[rule.kind],
        "by": _fulfilled_by(rule, policy),
        "when": _when(questionnaire, rule.when),
        "gates": listed(gates, "and") if gates else "",
        "from": rule.applies_from,
        "from_var": rule.applies_from_var,
        "cites": "; ".join(rule.cites),
    }


def _fulfilled_by(rule: Obligation, policy: PolicySays) -> str:
    if rule.kind is ObligationKind.SIGN_OFF:
        times = f"{rule.count} × " if rule.count > 1 else ""
        return f"{times}{policy.roles.get(rule.ref, rule.ref)}"
    if rule.kind is ObligationKind.DOCUMENT:
        template = documents.shipped().get(rule.ref)
        return template.title if template else rule.ref
    if rule.kind is ObligationKind.RESTRICTION:
        return rule.ref.replace("_", " ").capitalize()
    is_evidence = rule.kind is ObligationKind.EVIDENCE
    return (evidence_types(policy) if is_evidence else policy.conditions).get(rule.ref, rule.ref)


def _when(questionnaire: Questionnaire, expression: Any) -> When | None:
    if expression is None or expression.source == "true":
        return None
    return When(in_words(questionnaire, expression.source), expression.source)


def _facts(questionnaire: Questionnaire, policy: PolicySays) -> list[dict[str, Any]]:
    applies = _when(questionnaire, questionnaire.applies_when)
    people = {
        name: listed([policy.roles.get(role, role) for role in roles], "or")
        for name, roles in (
            ("Answered by", questionnaire.respondents),
            ("Reviewed by", questionnaire.reviewers),
        )
    }
    triggers = ", ".join(one.replace("_", " ") for one in questionnaire.triggers)
    return [
        {"term": "About", "value": SUBJECTS[questionnaire.subject]},
        {"term": "Applies when", "value": (applies.words or applies.code) if applies else "Always"},
        *({"term": name, "value": told} for name, told in people.items()),
        {"term": "Counts for", "value": f"{questionnaire.max_age_days} days"},
        *([{"term": "Assessed anew after", "value": triggers}] if triggers else []),
        {"term": "Law as of", "at": questionnaire.law_as_of},
        {"term": "Digest", "digest": questionnaire.digest},
    ]


def _counts(questionnaire: Questionnaire) -> str:
    parts = (
        (len(questionnaire.question_keys), "question"),
        (len(questionnaire.outcomes), "outcome"),
        (len(questionnaire.flags), "flag"),
        (len(questionnaire.obligations), "obligation"),
    )
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts)


def _field_labels() -> dict[str, str]:
    """Return the labels of the fields of the inventory, by path."""
    entities = fields.in_force().entities
    return {field.path: field.label for entity in entities for field in entity.fields}
