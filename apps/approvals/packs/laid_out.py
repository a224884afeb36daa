"""The parts of a pack's front page in their order, for the screen and for paper alike."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from apps.approvals.packs.parts import Cell, Front, Part, Row
from apps.approvals.packs.told import (
    Told,
    ToldCondition,
    ToldFile,
    ToldFinding,
    ToldModel,
    ToldSection,
    ToldSignature,
    ToldVersion,
)
from apps.core.formats import grouped, moment, size

HOLDS = (
    "This file holds the evidence itself, not only a report of it: what was decided and signed, "
    "what it was decided on, and the proof that nothing was changed since. It can be read and "
    "checked without the registry it came from."
)
FILES_COUNT = (
    "This page and its PDF are drawn from the files beside them. Where they differ, the files "
    "count."
)
HOW_TO_CHECK = (
    "Beside this page stands verify_audit.py. It needs Python 3.9 or later and nothing else: no "
    "network, no account, no trust in whoever gave you this file. Take it out of the pack, or from "
    "a place you trust more, and type:"
)
KEY_ELSEWHERE = (
    "The key after --key says who signed. Take it from where this registry publishes it outside "
    "this file: its documentation, or what you kept from an earlier visit. Whoever could forge a "
    "pack could put a key of their own into it; a key that came with what it signs proves nothing."
)
ANSWERS = (
    ("0, whole", "Every file is as it was when the pack was made, and the record proves it."),
    ("1, findings", "Something was changed, is missing or was added. Each place is named."),
    ("2, wrong use", "The command was not typed as shown above. Nothing was checked."),
    ("3, could not check", "Something that is needed is not there. Nothing is proven either way."),
)
"""What the verifier ends with, and what each means."""
_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
KINDS = {
    "model": "A registered model, with all its versions",
    "version": "One version of a model",
    "promotion": "One promotion request, with the version it is about",
    "many": "Several models, with their versions",
}


def laid_out(told: Told) -> Front:
    """Return what a front page shows, the answer first."""
    by = f"What {told.organization or 'this registry'} has on record, as of {_at(told.as_of)}."
    parts = (
        *_answers(told),
        _about(told),
        *(
            replace(part, is_detail=True)
            for at, model in enumerate(told.models, 1)
            for part in _model(model, at)
        ),
        *(_section(one, 2) for one in told.sections),
        *_checking(told),
        _files(told.files),
    )
    return Front(f"Evidence pack: {told.subject}", by, parts)


# -- the answer ------------------------------------------------------------------------------------


def _answers(told: Told) -> Iterator[Part]:
    versions = [(model, version) for model in told.models for version in model.versions]
    if len(versions) == 1:
        [(model, version)] = versions
        yield _answer(model, version)
        return
    yield Part(
        "The answer",
        columns=("Version", "Stage", "May it be there?", "Policy", "Signed by", "Open"),
        rows=tuple(_answer_row(model, version) for model, version in versions),
        nothing="No version is in this pack.",
        anchor="answer",
    )


def _answer(model: ToldModel, version: ToldVersion) -> Part:
    facts = (
        ("Version", Cell(_name(version))),
        ("For what", Cell(version.stage)),
        ("Signed by", Cell(_signers(version) or "Nobody")),
        ("Under which policy", Cell(version.policy or "No policy judged it yet")),
        ("Still open", Cell(_open(model, version))),
    )
    return Part(
        "The answer",
        state=_state(version),
        is_good=version.is_approved,
        paragraphs=(_sentence(version),),
        facts=facts,
        anchor="answer",
    )


def _answer_row(model: ToldModel, version: ToldVersion) -> Row:
    return _row(
        _name(version),
        version.stage,
        f"{_state(version)}. {version.answer}".strip(),
        version.policy,
        _signers(version) or "Nobody",
        _open(model, version),
    )


def _state(version: ToldVersion) -> str:
    return "Approved" if version.is_approved else "Not approved"


def _sentence(version: ToldVersion) -> str:
    if version.answer:
        return version.answer
    said = "is approved for it" if version.is_approved else "is not approved"
    return f"{_name(version)} is in {version.stage.lower()}, and {said}."


def _signers(version: ToldVersion) -> str:
    stand = (one for one in version.sign_offs if not one.is_withdrawn)
    return "; ".join(f"{_who(one)} as {one.role}: {one.meaning}" for one in stand)


def _open(model: ToldModel, version: ToldVersion) -> str:
    """Say what is open: conditions of the version, and findings, which are counted per model."""
    conditions = [one.title for one in version.conditions if not one.is_open]
    findings = sum(one.is_open for one in model.findings)
    told = [f"Conditions that are not met: {', '.join(conditions)}."] if conditions else []
    if findings:
        told.append(f"{findings} open finding{'' if findings == 1 else 's'} on the model.")
    return " ".join(told) or "Nothing"


# -- what the pack is ------------------------------------------------------------------------------


def _about(told: Told) -> Part:
    facts = (
        ("What it is of", Cell(f"{KINDS.get(told.kind, told.kind)}: {told.subject}")),
        ("As of", Cell(_at(told.as_of))),
        ("Ordered by", Cell(told.ordered_by)),
        ("Purpose", Cell(told.purpose)),
        ("Pack", Cell(told.id, is_exact=True)),
    )
    words = (HOLDS, FILES_COUNT, *told.notes)
    return Part("About this pack", paragraphs=words, facts=facts, anchor="about")


def _checking(told: Told) -> Iterator[Part]:
    how = told.verifying
    yield Part(
        "Check it yourself in one line",
        paragraphs=(HOW_TO_CHECK,),
        command=how.command,
        anchor="check",
    )
    yield Part(
        "Where the key comes from",
        level=3,
        paragraphs=(KEY_ELSEWHERE,),
        facts=(
            ("Log", Cell(how.log, is_exact=True)),
            *(("Compare with this key", Cell(key, is_exact=True)) for key in how.keys),
        ),
    )
    yield Part("What it answers", 3, columns=("It ends with", "Which means"), rows=_rows(ANSWERS))


def _files(files: Sequence[ToldFile]) -> Part:
    rows = tuple(
        (Cell(one.path, one.path), Cell(size(one.size)), Cell(one.sha256, is_exact=True))
        for one in files
    )
    words = f"{grouped(len(files))} files, beside this page, its PDF and pack.json, their list."
    return Part(
        "Files and their digests",
        paragraphs=(words,),
        columns=("File", "Size", "SHA-256"),
        rows=rows,
        nothing="No file.",
        anchor="files",
    )


# -- models and versions ---------------------------------------------------------------------------


def _model(model: ToldModel, at: int) -> Iterator[Part]:
    yield Part(model.name, facts=_facts(model), anchor=f"model-{at}")
    for version in model.versions:
        yield from _version(version)
    yield Part(
        f"Findings on {model.name}",
        level=3,
        columns=("Finding", "What", "Severity", "State", "Owner", "Due"),
        rows=_rows(map(_finding, model.findings)),
        nothing="No finding is on record.",
    )
    yield from (_section(one, 3) for one in model.sections)
    yield _timeline(model)


def _version(version: ToldVersion) -> Iterator[Part]:
    yield Part(
        _name(version),
        level=3,
        state=f"{version.stage}: {_state(version).lower()}",
        is_good=version.is_approved,
        facts=_facts(version),
    )
    yield Part(
        "Sign-offs",
        level=4,
        columns=("Who", "Role", "Meaning", "When", "Confirmed by", "Reason"),
        rows=_rows(map(_signature, version.sign_offs)),
        nothing="Nobody signed.",
    )
    if version.sign_offs:
        yield Part(
            "What each signed",
            level=4,
            columns=("Who", "The words signed", "Digest of the words"),
            rows=tuple(_signed(one) for one in version.sign_offs),
        )
    yield Part(
        f"Conditions: {version.gate}" if version.gate else "Conditions",
        level=4,
        columns=("Condition", "Answer", "Why"),
        rows=_rows(map(_condition, version.conditions)),
        nothing="No gate was judged.",
    )
    yield from (_section(one, 4) for one in version.sections)


def _facts(about: ToldModel | ToldVersion) -> tuple[tuple[str, Cell], ...]:
    return tuple((fact.name, _cell(fact.value)) for fact in about.facts)


def _section(section: ToldSection, level: int) -> Part:
    """Lay a section out; a file that a row names is led to from there."""
    shown = {text for row in section.rows for text in row}
    rows = (tuple(_leading(text, section.files) for text in row) for row in section.rows)
    return Part(
        section.title,
        level=level,
        paragraphs=section.paragraphs,
        columns=section.columns,
        rows=tuple(rows),
        nothing="" if section.paragraphs else "Nothing is on record.",
        files=tuple(path for path in section.files if path not in shown),
    )


def _leading(text: str, files: Collection[str]) -> Cell:
    return Cell(text, text) if text in files else _cell(text)


def _timeline(model: ToldModel) -> Part:
    shown, total = len(model.timeline), max(model.timeline_of, len(model.timeline))
    rest = f"The newest {grouped(shown)} of {grouped(total)} entries." if shown < total else ""
    return Part(
        f"What happened to {model.name}",
        level=3,
        paragraphs=(rest,) if rest else (),
        columns=("When", "What", "Who", "Why", "Entry"),
        rows=_rows(
            (_at(one.at), one.words, one.actor, one.reason, grouped(one.entry))
            for one in model.timeline
        ),
        nothing="No entry is on record.",
        files=(model.timeline_file,) if model.timeline_file else (),
    )


def _signature(one: ToldSignature) -> tuple[str, ...]:
    meaning = f"{one.meaning}, withdrawn since" if one.is_withdrawn else one.meaning
    return _who(one), one.role, meaning, _at(one.at), one.method, one.reason


def _signed(one: ToldSignature) -> Row:
    return Cell(_who(one)), Cell(one.file, one.file), Cell(one.digest, is_exact=True)


def _condition(one: ToldCondition) -> tuple[str, ...]:
    return one.title, one.answer, one.reason


def _finding(one: ToldFinding) -> tuple[str, ...]:
    return one.id, one.title, one.severity, one.state, one.owner, one.due


def _who(one: ToldSignature) -> str:
    return f"{one.name}, for {one.on_behalf_of}" if one.on_behalf_of else one.name


def _name(version: ToldVersion) -> str:
    return f"Version {version.number} of {version.model}"


def _at(when: datetime) -> str:
    return moment(when, "full")


def _rows(rows: Iterable[tuple[str, ...]]) -> tuple[Row, ...]:
    return tuple(_row(*row) for row in rows)


def _row(*texts: str) -> Row:
    return tuple(map(_cell, texts))


def _cell(text: str) -> Cell:
    return Cell(text, is_exact=_DIGEST.fullmatch(text) is not None)
