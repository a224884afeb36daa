"""From a document that was checked to the parts of a questionnaire."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from apps.core.digests import digest_of_bytes
from apps.core.expressions import Expression, Kind, Variables, compile_expression
from apps.risk.questionnaires.limits import MOST_ANSWER
from apps.risk.questionnaires.parts import (
    Flag,
    Obligation,
    ObligationKind,
    Option,
    Outcome,
    Question,
    Questionnaire,
    QuestionType,
    Scoring,
    Section,
    Source,
    Var,
)
from apps.risk.questionnaires.scopes import VAR_KINDS, Scopes

Document = dict[str, Any]


def questionnaire(document: Document, text: str, scopes: Scopes) -> Questionnaire:
    """Return the questionnaire a document describes; its shape and expressions were checked."""
    asked_again = document["reassessment"]
    return Questionnaire(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        short_title=document.get("short_title") or document["title"],
        summary=document["summary"],
        disclaimer=document.get("disclaimer", ""),
        language=document["language"],
        law_as_of=date.fromisoformat(document["law_as_of"]),
        sources=tuple(
            Source(part["id"], part["title"], part["url"], part.get("status", ""))
            for part in document.get("sources", ())
        ),
        subject=document["subject"],
        applies_when=_when(document, "applies_when", scopes.subject),
        respondents=tuple(document["respondents"]),
        reviewers=tuple(document["reviewers"]),
        max_age_days=asked_again["max_age_days"],
        triggers=tuple(asked_again.get("triggers", ())),
        sections=tuple(_sections(document, scopes)),
        vars=tuple(_var(part, scopes) for part in document.get("vars", ())),
        outcomes=tuple(_outcome(part, scopes) for part in document["outcomes"]),
        flags=tuple(_flag(part, scopes) for part in document.get("flags", ())),
        obligations=tuple(_obligation(part, scopes) for part in document.get("obligations", ())),
        text=text,
        digest=digest_of_bytes(_canonical(document)),
        document=document,
    )


def _sections(document: Document, scopes: Scopes) -> Iterator[Section]:
    sets = document.get("option_sets", {})
    for part in document["sections"]:
        yield Section(
            part["id"],
            part["title"],
            part.get("description", ""),
            _when(part, "visible_when", scopes.asking),
            tuple(_question(one, sets, scopes) for one in part["questions"]),
        )


def _question(part: Document, sets: Mapping[str, Any], scopes: Scopes) -> Question:
    kind = QuestionType(part["type"])
    options = part.get("options") or sets.get(part.get("option_set", ""), ())
    step = Decimal(1) if kind is QuestionType.SCALE else None
    return Question(
        key=part["key"],
        text=part["text"],
        help=part["help"],
        type=kind,
        cites=tuple(part["cites"]),
        is_required=part.get("required", True),
        visible_when=_when(part, "visible_when", scopes.asking),
        options=tuple(map(_option, options)),
        min=_decimal(part, "min"),
        max=_decimal(part, "max"),
        step=_decimal(part, "step") or step,
        unit=part.get("unit", ""),
        labels=MappingProxyType(part.get("labels", {})),
        max_length=part.get("max_length", MOST_ANSWER if kind is QuestionType.TEXT else 0),
        evidence_types=tuple(part.get("evidence_types", ())),
        maps_to=part.get("maps_to", ""),
        scoring=_scoring(part) if part.get("scored") else None,
    )


def _option(part: Document) -> Option:
    return Option(
        part["value"],
        part["label"],
        part.get("help", ""),
        float(part.get("score", 0)),
        part.get("exclusive", False),
        part.get("not_applicable", False),
    )


def _scoring(part: Document) -> Scoring:
    return Scoring(
        float(part.get("weight", 1)),
        part.get("combine", "max"),
        float(part["cap"]) if "cap" in part else None,
        float(part.get("score_true", 0)),
        float(part.get("score_false", 0)),
    )


def _var(part: Document, scopes: Scopes) -> Var:
    kind = VAR_KINDS[part["type"]]
    return Var(part["key"], kind, _compiled(part["expr"], scopes.outcome, kind))


def _outcome(part: Document, scopes: Scopes) -> Outcome:
    return Outcome(
        part["id"],
        part["label"],
        part["description"],
        part["rank"],
        _compiled(part["when"], scopes.outcome),
        MappingProxyType(part.get("sets", {})),
        part.get("max_age_days"),
    )


def _flag(part: Document, scopes: Scopes) -> Flag:
    return Flag(part["id"], part["label"], _compiled(part["when"], scopes.flag))


def _obligation(part: Document, scopes: Scopes) -> Obligation:
    written = part.get("applies_from")
    return Obligation(
        id=part["id"],
        title=part["title"],
        detail=part.get("detail", ""),
        kind=ObligationKind(part["kind"]),
        ref=part["ref"],
        count=part.get("count", 1),
        when=_compiled(part["when"], scopes.obligation),
        gates=tuple(part.get("gates", ())),
        applies_from=date.fromisoformat(written) if written else None,
        applies_from_var=part.get("applies_from_var", ""),
        cites=tuple(part["cites"]),
    )


def _decimal(part: Document, key: str) -> Decimal | None:
    return Decimal(str(part[key])) if key in part else None


def _when(part: Document, key: str, variables: Variables) -> Expression | None:
    return _compiled(part[key], variables) if key in part else None


def _compiled(source: str, variables: Variables, gives: Kind = Kind.BOOL) -> Expression:
    return compile_expression(source, variables=variables, gives=gives)


def _canonical(document: Document) -> bytes:
    """Return the RFC 8785 bytes of a questionnaire, with decimal numbers written as text.

    Labels of a scale are keyed by digits, which the stricter form of core does not take.
    """
    text = json.dumps(
        _without_floats(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode("utf-8")


def _without_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_floats(inner) for inner in value]
    return str(value) if isinstance(value, float) else value
