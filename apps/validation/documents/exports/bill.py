"""A model card as CycloneDX: the bill of the version, with what the document says put in its place.

Fields CycloneDX has no place for, and tables whose shape it does not have, become ``properties`` of
the component, so that nothing is dropped.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from apps.catalog.exports.bill import bill_of_materials
from apps.core.digests import utc_text
from apps.validation.documents.content import Answer
from apps.validation.documents.exports.gathered import Gathered

Json = dict[str, Any]
_FORM = "cyclonedx"
_APPROACHES = {
    "supervised",
    "unsupervised",
    "reinforcement-learning",
    "semi-supervised",
    "self-supervised",
}


def as_bill(found: Gathered) -> Json:
    """Return the bill of the version a document is about, with its card."""
    version = found.document.version
    assert version is not None, "only documents about a version map to CycloneDX"
    bill = bill_of_materials(version)
    component = bill["metadata"]["component"]
    component["properties"] = list(component["properties"])
    for answer in found.content.answers.values():
        if answer.value or answer.reason:
            _put(component, answer)
    component["properties"] += _manifest(found)
    bill["metadata"]["timestamp"] = utc_text(found.at)
    return bill


def _put(component: Json, answer: Answer) -> None:
    """Put a value where CycloneDX has a place of its shape, else among the properties."""
    target = answer.field.target(_FORM)
    put = _PLACES.get(target)
    is_whole = put is not None and bool(answer.value) and put(component, answer)
    if not is_whole and target not in _FROM_THE_BILL:
        component["properties"].append(_property(answer))


def _property(answer: Answer) -> Json:
    value = answer.value or f"Not applicable: {answer.reason}"
    if not isinstance(value, str):
        told = (
            [dict(zip(answer.columns, row, strict=False)) for row in value]
            if (answer.columns)
            else value
        )
        value = json.dumps(told, ensure_ascii=False)
    return {"name": f"signet:document:{answer.field.key}", "value": value}


def _manifest(found: Gathered) -> list[Json]:
    lines = [
        (f"manifest:{term.lower().replace(' ', '_')}", value) for term, value in found.manifest
    ]
    for place, signed in enumerate(found.signed, start=1):
        lines.append((f"signature:{place}", " | ".join(part for part in signed if part)))
    return [{"name": f"signet:{name}", "value": value} for name, value in lines]


# -- the places CycloneDX has; each says whether the whole value found room there ------------------

_FROM_THE_BILL = frozenset(
    {
        "component.name",
        "component.version",
        "component.hashes[]",
        "component.pedigree.ancestors[]",
    }
)
"""What the bill of the version says already, from the same records."""


def _at(component: Json, *path: str) -> Json:
    place = component
    for name in path:
        place = place.setdefault(name, {})
    return place


def _text(*path: str, name: str) -> Callable[[Json, Answer], bool]:
    def put(component: Json, answer: Answer) -> bool:
        _at(component, *path)[name] = answer.value
        return True

    return put


def _texts(*path: str, name: str) -> Callable[[Json, Answer], bool]:
    """Put a text, or each entry of a list, into a list of texts."""

    def put(component: Json, answer: Answer) -> bool:
        told = [answer.value] if isinstance(answer.value, str) else answer.value
        _at(component, *path)[name] = [
            one if isinstance(one, str) else ": ".join(part for part in one if part) for one in told
        ]
        return True

    return put


def _rows(*path: str, name: str, keys: Mapping[str, str]) -> Callable[[Json, Answer], bool]:
    """Put a table whose columns CycloneDX has other names for."""

    def put(component: Json, answer: Answer) -> bool:
        told = []
        for row in answer.value:
            cells = dict(zip(answer.columns, row, strict=False))
            told.append({there: cells[here] for here, there in keys.items() if cells.get(here)})
        _at(component, *path)[name] = told
        return set(answer.columns) <= set(keys)

    return put


def _formats(name: str) -> Callable[[Json, Answer], bool]:
    def put(component: Json, answer: Answer) -> bool:
        _at(component, "modelCard", "modelParameters")[name] = [
            {"format": ": ".join(cell for cell in row[:2] if cell)} for row in answer.value
        ]
        return False

    return put


def _approach(component: Json, answer: Answer) -> bool:
    if answer.value not in _APPROACHES:
        return False
    _at(component, "modelCard", "modelParameters")["approach"] = {"type": answer.value}
    return True


def _owner(component: Json, answer: Answer) -> bool:
    component["manufacturer"] = {"contact": [{"name": answer.value}]}
    return True


def _authors(component: Json, answer: Answer) -> bool:
    component["authors"] = [{"name": name} for name in answer.value]
    return True


def _license(component: Json, answer: Answer) -> bool:
    component["licenses"] = [{"license": {"name": answer.value}}]
    return True


_MODEL = ("modelCard", "modelParameters")
_CONSIDERED = ("modelCard", "considerations")
_PLACES: Mapping[str, Callable[[Json, Answer], bool]] = {
    "component.description": _text(name="description"),
    "component.manufacturer": _owner,
    "component.authors[]": _authors,
    "component.licenses[]": _license,
    "component.tags[]": _texts(name="tags"),
    "modelCard.modelParameters.task": _text(*_MODEL, name="task"),
    "modelCard.modelParameters.approach.type": _approach,
    "modelCard.modelParameters.architectureFamily": _text(*_MODEL, name="architectureFamily"),
    "modelCard.modelParameters.modelArchitecture": _text(*_MODEL, name="modelArchitecture"),
    "modelCard.modelParameters.inputs[]": _formats("inputs"),
    "modelCard.modelParameters.outputs[]": _formats("outputs"),
    "modelCard.considerations.useCases[]": _texts(*_CONSIDERED, name="useCases"),
    "modelCard.considerations.users[]": _texts(*_CONSIDERED, name="users"),
    "modelCard.considerations.technicalLimitations[]": _texts(
        *_CONSIDERED, name="technicalLimitations"
    ),
    "modelCard.considerations.performanceTradeoffs[]": _texts(
        *_CONSIDERED, name="performanceTradeoffs"
    ),
    "modelCard.considerations.ethicalConsiderations[]": _rows(
        *_CONSIDERED,
        name="ethicalConsiderations",
        keys={"risk": "name", "mitigation": "mitigationStrategy"},
    ),
    "modelCard.considerations.fairnessAssessments[]": _rows(
        *_CONSIDERED,
        name="fairnessAssessments",
        keys={
            "group": "groupAtRisk",
            "benefits": "benefits",
            "harms": "harms",
            "mitigation": "mitigationStrategy",
        },
    ),
}
