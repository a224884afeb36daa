"""What a questionnaire refers to outside itself, held against what there is."""

from collections.abc import Collection, Iterator, Mapping

from apps.catalog.inventory import fields, values
from apps.catalog.inventory.reading import EntityId, FieldType, InventoryField
from apps.core.inputs import InputRefused
from apps.core.shapes import Path, Problem, nearest
from apps.risk.policy_says import PolicySays
from apps.risk.questionnaires.parts import (
    Obligation,
    ObligationKind,
    Question,
    Questionnaire,
    QuestionType,
    Setting,
)
from apps.risk.questionnaires.reading import with_lines
from apps.validation.documents import reading as documents
from apps.validation.evidence import types as evidence

RESTRICTIONS = ("block_all_transitions",)
"""The restrictions there are: nothing moves forward."""
_AT_GATES = (ObligationKind.CONDITION, ObligationKind.SIGN_OFF, ObligationKind.RESTRICTION)
"""The kinds of obligations that are nothing but what they do at a gate."""
_HOLDS: Mapping[QuestionType, Collection[FieldType]] = {
    QuestionType.CHOICE: (FieldType.ENUM, FieldType.STRING, FieldType.TEXT),
    QuestionType.MULTICHOICE: (FieldType.MULTI_ENUM, FieldType.LIST),
    QuestionType.BOOLEAN: (FieldType.BOOLEAN,),
    QuestionType.SCALE: (FieldType.DECIMAL,),
    QuestionType.NUMBER: (FieldType.DECIMAL,),
    QuestionType.TEXT: (FieldType.STRING, FieldType.TEXT, FieldType.REFERENCE),
    QuestionType.EVIDENCE: (),
}
_ENTITIES: Mapping[str, Collection[EntityId]] = {
    "model": (EntityId.MODEL,),
    "version": (EntityId.VERSION,),
    "use_case": (EntityId.USE_CASE, EntityId.GENERATIVE),
}


def problems(questionnaire: Questionnaire, policy: PolicySays) -> tuple[str, ...]:
    """Say everything that is named and neither the policy nor the registry knows, with lines."""
    found = [*_of_people(questionnaire, policy), *_of_duties(questionnaire, policy)]
    found += [*_of_questions(questionnaire, policy), *_of_outcomes(questionnaire)]
    return tuple(with_lines(found, questionnaire.text))


def evidence_types(policy: PolicySays) -> dict[str, str]:
    """Return the types evidence can be of, with their titles: those there are, and the policy's."""
    return {one.id: one.title for one in evidence.types().values()} | {**policy.evidence_types}


def _of_people(questionnaire: Questionnaire, policy: PolicySays) -> Iterator[Problem]:
    for name in ("respondents", "reviewers"):
        for at, role in enumerate(getattr(questionnaire, name)):
            yield from _unknown(f"{name}: the policy has no role", role, policy.roles, (name, at))


def _of_duties(questionnaire: Questionnaire, policy: PolicySays) -> Iterator[Problem]:
    for at, duty in enumerate(questionnaire.obligations):
        path: Path = ("obligations", at)
        place = f"The obligation {duty.id}"
        what, known = _known(duty, policy)
        yield from _unknown(f"{place}: there is no {what}", duty.ref, known, (*path, "ref"))
        if not duty.gates and duty.kind in _AT_GATES:
            words = f"{place} asks nothing of anybody without a gate. Name one under gates."
            yield Problem(words, path)
        for number, gate in enumerate(duty.gates):
            yield from _unknown(
                f"{place}: the policy has no transition", gate, policy.transitions,
                (*path, "gates", number),
            )  # fmt: skip


def _known(duty: Obligation, policy: PolicySays) -> tuple[str, Collection[str]]:
    if duty.kind is ObligationKind.EVIDENCE:
        return "evidence type", evidence_types(policy)
    if duty.kind is ObligationKind.DOCUMENT:
        return "document template", documents.shipped()
    if duty.kind is ObligationKind.CONDITION:
        return "condition in the policy", policy.conditions
    if duty.kind is ObligationKind.SIGN_OFF:
        return "role in the policy", policy.roles
    return "restriction", RESTRICTIONS


def _of_questions(questionnaire: Questionnaire, policy: PolicySays) -> Iterator[Problem]:
    known = _fields(questionnaire)
    for at, section in enumerate(questionnaire.sections):
        for number, question in enumerate(section.questions):
            path: Path = ("sections", at, "questions", number)
            place = f"The question {question.key}"
            for kind in question.evidence_types:
                says = f"{place}: there is no evidence type"
                yield from _unknown(says, kind, evidence_types(policy), (*path, "evidence_types"))
            if question.maps_to:
                yield from _of_field(place, question, known, (*path, "maps_to"))


def _of_field(
    place: str, question: Question, known: Mapping[str, InventoryField], path: Path
) -> Iterator[Problem]:
    field = known.get(question.maps_to)
    if field is None:
        says = f"{place}: its subject has no inventory field"
        yield from _unknown(says, question.maps_to, known, path)
        return
    if field.type not in _HOLDS[question.type] or field.is_derived:
        words = f"{place}: the field {field.path} cannot hold what is answered here."
        yield Problem(words, path)
        return
    for option in question.options if field.choices else ():
        yield from _unknown(
            f"{place}: the field {field.path} does not hold", option.value, field.choices, path
        )


def _of_outcomes(questionnaire: Questionnaire) -> Iterator[Problem]:
    known = _fields(questionnaire)
    for at, outcome in enumerate(questionnaire.outcomes):
        for name, value in outcome.sets.items():
            path: Path = ("outcomes", at, "sets", name)
            full = name if "." in name else f"{questionnaire.subject}.{name}"
            says = f"The outcome {outcome.id}: its subject has no inventory field"
            if full not in known:
                yield from _unknown(says, full, known, path)
            elif why := _misfit(known[full], value):
                yield Problem(f"The outcome {outcome.id}: {why}", path)


def _misfit(field: InventoryField, value: Setting) -> str:
    try:
        values.checked(field, value)
    except InputRefused as refusal:
        return str(refusal)
    return ""


def _fields(questionnaire: Questionnaire) -> dict[str, InventoryField]:
    """Return what the registry records of the subject of a questionnaire, by path."""
    keyed = fields.in_force().fields_of(_ENTITIES[questionnaire.subject])
    return {field.path: field for field in keyed.values()}


def _unknown(says: str, name: str, known: Collection[str], path: Path) -> Iterator[Problem]:
    if name not in known:
        yield Problem(f"{says} {name!r}.{nearest(name, known)}", path)
