"""A check for Signet: the texts that come with a model hold no placeholders."""

from typing import Annotated

import msgspec

from apps.validation.checks.contract import (
    Check,
    ExaminedFile,
    ExaminedVersion,
    Outcome,
    Parameters,
    Problem,
    Progress,
    Severity,
    silent,
)

TEXTS = (".md", ".txt", ".rst")
MOST_BYTES = 1_000_000


class Wanted(Parameters, frozen=True):
    """What an organization sets for this check."""

    words: Annotated[
        tuple[str, ...], msgspec.Meta(description="What no text may hold, in small letters.")
    ] = ("lorem ipsum", "to be written")
    most: Annotated[int, msgspec.Meta(description="How many problems are reported.", ge=1)] = 20


DEFAULTS = Wanted()


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Wanted = DEFAULTS
) -> Outcome:
    """Read every text and report each line that holds a placeholder."""
    texts = [file for file in version.files if file.path.lower().endswith(TEXTS)]
    if not texts:
        return Outcome.does_not_apply("No text comes with this version.")
    problems: list[Problem] = []
    for file in texts:
        progress(file.path)
        problems += _problems(file, parameters.words)
    return Outcome(
        f"{len(problems)} placeholders in {len(texts)} texts.",
        tuple(problems[: parameters.most]),
        facts={"texts": len(texts), "placeholders": len(problems)},
    )


def _problems(file: ExaminedFile, words: tuple[str, ...]) -> list[Problem]:
    if file.size > MOST_BYTES:
        return [_problem(file.path, "This text is too long to be read.", "Shorten it.")]
    with file.open() as stream:
        lines = stream.read().decode(errors="replace").lower().splitlines()
    return [
        _problem(f"{file.path}, line {number}", f"It holds “{word}”.", "Write what is meant.")
        for number, line in enumerate(lines, start=1)
        for word in words
        if word in line
    ]


def _problem(place: str, text: str, remedy: str) -> Problem:
    return Problem("placeholder", Severity.HIGH, place, text, remedy)


CHECK = Check(
    name="no-placeholders",
    title="No placeholders",
    sentence="Reads the texts that come with a model and reports words that stand for nothing.",
    examine="no_placeholders:examine",
    version="1",
    parameters=Wanted,
    formats=("Markdown, reStructuredText and plain text",),
)
