"""Documentation completeness: the documents a version must have are written and far enough."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
    Source,
    counted,
    silent,
)
from apps.validation.checks.recorded import WrittenDocument

STATUSES = ("draft", "in_review", "approved")
"""How far a document is, in order; one of any other status was not begun."""
MOST_NAMED = 12


class RequiredDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One document, and how far it must be."""

    template: Annotated[str, Meta(description="The template, such as model-card.")]
    percent: Annotated[
        int, Meta(description="The least share of its required fields that are filled.")
    ] = 100
    status: Annotated[str, Meta(description="The least status: draft, in_review or approved.")] = (
        "draft"
    )

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:
            raise ValueError("percent is from 0 to 100")
        if self.status not in STATUSES:
            raise ValueError(f"status is one of {', '.join(STATUSES)}")


class DocumentationRules(Parameters, frozen=True):
    """Which documents a version must have."""

    required: Annotated[
        tuple[RequiredDocument, ...],
        Meta(
            description="The documents without which the check fails, each with the least percent "
            "of its required fields that are filled, and its least status.",
        ),
    ] = (RequiredDocument("model-card"),)

    def __post_init__(self) -> None:
        names = [one.template for one in self.required]
        if len(set(names)) != len(names):
            raise ValueError("required names a template twice")


DEFAULTS = DocumentationRules()


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: DocumentationRules = DEFAULTS,
) -> Outcome:
    """Hold the documents of a version against what is asked of each."""
    written = {document.template: document for document in version.documents}
    required = {one.template: one for one in parameters.required}
    problems: list[Problem] = []
    for name, needed in required.items():
        document = written.get(name)
        problems += _not_there(name) if document is None else _held(document, needed)
    for name, document in written.items():
        if name not in required and document.status in STATUSES and document.completeness < 100:
            problems.append(_unfinished(document))
    short = {problem.place for problem in problems if problem.severity.fails}
    asked = counted(len(required), "document")
    summary = (
        f"{len(short)} of {asked} asked for {'is' if len(short) == 1 else 'are'} not far enough."
        if short
        else f"{asked} asked for, each as complete as it must be."
    )
    percents = {document.template: document.completeness for document in version.documents}
    statuses = {document.template: document.status for document in version.documents}
    return Outcome(summary, tuple(problems), {"percent": percents, "status": statuses})


def _not_there(name: str) -> Iterator[Problem]:
    text = f"There is no document from the template {name!r:.80} for this version."
    remedy = "Begin it on the documents page of the version, or correct the name in the parameters."
    yield Problem("no_document", Severity.HIGH, name, text, remedy)


def _held(document: WrittenDocument, needed: RequiredDocument) -> Iterator[Problem]:
    place = document.title or document.template
    if document.status not in STATUSES:
        text = f"{place} was not begun."
        remedy = "Begin it on the documents page of the version."
        yield Problem("not_begun", Severity.HIGH, place, text, remedy)
        return
    if document.completeness < needed.percent:
        text = (
            f"{document.completeness} percent of its required fields are filled, "
            f"{needed.percent} are asked.{_named(document)}"
        )
        yield Problem("incomplete", Severity.HIGH, place, text, "Fill the fields that are missing.")
    if STATUSES.index(document.status) < STATUSES.index(needed.status):
        text = f"It is {_in_words(document.status)} and must be {_in_words(needed.status)}."
        remedy = "Hand it in for review, and have its reviewers sign it."
        yield Problem("status", Severity.HIGH, place, text, remedy)


def _unfinished(document: WrittenDocument) -> Problem:
    place = document.title or document.template
    text = f"{document.completeness} percent of its required fields are filled.{_named(document)}"
    return Problem("unfinished", Severity.INFO, place, text, "Fill the fields that are missing.")


def _named(document: WrittenDocument) -> str:
    if not document.missing:
        return ""
    more = len(document.missing) - MOST_NAMED
    named = ", ".join(document.missing[:MOST_NAMED])
    return f" Missing: {named}{f' and {more} more' if more > 0 else ''}."


def _in_words(status: str) -> str:
    return status.replace("_", " ")


CHECK = Check(
    name="documentation",
    title="Documentation completeness",
    sentence="Looks whether the documents a version must have are written, and far enough.",
    examine=examine,
    version="1",
    parameters=DocumentationRules,
    cites=(
        "Regulation (EU) 2024/1689 (AI Act), article 11 and annex IV",
        "Federal Reserve SR 11-7 and OCC 2011-12, section VI: documentation, 2011",
        "Mitchell et al., Model Cards for Model Reporting, FAT* 2019",
    ),
    sources=frozenset({Source.DOCUMENTS}),
)
