"""What one version of a questionnaire says otherwise than another, in words.

Each difference says how large a step of the version number it takes (section 8 of the
questionnaires' README). Conservative: what cannot be told to be wording only is more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from apps.risk.questionnaires.parts import Questionnaire

Part = Mapping[str, Any]
_MOST_SHOWN = 400


class Step(IntEnum):
    """Which number of a version grows."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def words(self) -> str:
        """What kind of change the step stands for."""
        return ("wording", "something new to answer", "another meaning")[self - 1]


@dataclass(frozen=True)
class Difference:
    """One thing that is different, and where."""

    area: str
    words: str
    step: Step


_WORDING = frozenset(
    "title short_title summary disclaimer text help label labels description cites unit detail"
    " sources language law_as_of status".split()
)
_NEW_TO_ANSWER = frozenset(
    "required max_length evidence_types respondents reviewers reassessment".split()
)
_DEFAULTS: Part = {
    "required": True, "scored": False, "weight": 1, "combine": "max", "count": 1, "score": 0,
    "exclusive": False, "not_applicable": False, "score_true": 0, "score_false": 0, "help": "",
    "detail": "", "gates": [], "sets": {},
}  # fmt: skip
_NAMES: Mapping[str, str] = {
    "visible_when": "when it is asked", "when": "when it is so", "maps_to": "the inventory field",
    "max_length": "the longest answer", "law_as_of": "the state of the law",
    "cites": "what it cites",
    "applies_when": "when it applies", "reassessment": "when it is assessed anew",
    "expr": "how it is worked out", "sets": "what it sets", "ref": "what fulfills it",
    "applies_from": "the day it binds from", "applies_from_var": "the day it binds from",
    "gates": "before which transitions it stands", "required": "whether it must be answered",
    "scored": "whether it is scored", "exclusive": "whether it stands alone",
    "short_title": "the short title", "max_age_days": "how many days it counts",
    "respondents": "who answers it", "reviewers": "who reviews it",
    "sources": "what it was read from", "min": "the least it takes", "max": "the most it takes",
    "labels": "how its steps are called", "evidence_types": "which evidence it takes",
    "score_true": "the score of yes", "score_false": "the score of no",
    "combine": "how several options count", "count": "how many people sign",
    "not_applicable": "whether it is left out of the score",
}  # fmt: skip
_ONE_BY_ONE = frozenset(
    "version option_sets sections vars outcomes flags obligations schema_version kind id".split()
)


def between(old: Questionnaire, new: Questionnaire) -> tuple[Difference, ...]:
    """Return what is different, the larger steps first; the number itself is no difference."""
    found = tuple(dict.fromkeys(_found(old.document, new.document)))
    return tuple(sorted(found, key=lambda one: -one.step))


def step_between(old: Questionnaire, new: Questionnaire) -> Step | None:
    """Return the step of the number the differences take; ``None`` where there are none."""
    return max((one.step for one in between(old, new)), default=None)


def _found(old: Part, new: Part) -> Iterator[Difference]:
    yield from _changed("The questionnaire", old, new, _ONE_BY_ONE)
    yield from _of_sections(old, new)
    yield from _of_questions(old, new)
    for name, kind, key in (
        ("vars", "The variable", "key"),
        ("outcomes", "The outcome", "id"),
        ("flags", "The flag", "id"),
        ("obligations", "The obligation", "id"),
    ):
        before, after = _by(key, old.get(name, ())), _by(key, new.get(name, ()))
        yield from _come_and_gone(kind, before, after)
        for one in _both(before, after):
            yield from _changed(_area(kind, after[one], one), before[one], after[one], {key})
    if _order("id", old["outcomes"]) != _order("id", new["outcomes"]):
        both = _common_order("id", old["outcomes"], new["outcomes"])
        if both[0] != both[1]:
            words = "They are tried in another order, and the first that is so wins."
            yield Difference("The outcomes", words, Step.MAJOR)


def _of_sections(old: Part, new: Part) -> Iterator[Difference]:
    before, after = _by("id", old["sections"]), _by("id", new["sections"])
    for one in _apart(after, before):
        area = _area("The section", after[one], one)
        yield Difference(area, "It is new.", Step.MINOR)
    for one in _apart(before, after):
        yield Difference(_area("The section", before[one], one), "It is gone.", Step.MAJOR)
    for one in _both(before, after):
        area = _area("The section", after[one], one)
        yield from _changed(area, before[one], after[one], {"id", "questions"})


def _of_questions(old: Part, new: Part) -> Iterator[Difference]:
    before, after = dict(_questions(old)), dict(_questions(new))
    for key in _apart(after, before):
        question = after[key]
        step = Step.MAJOR if question.get("scored") else Step.MINOR
        counts = " It counts for the score." if question.get("scored") else ""
        yield Difference(f"The question {key}", f"It is new: {question['text']}{counts}", step)
    for key in _apart(before, after):
        words = f"It is no longer asked: {before[key]['text']}"
        yield Difference(f"The question {key}", words, Step.MAJOR)
    for key in _both(before, after):
        area = f"The question {key}"
        yield from _changed(area, before[key], after[key], {"key", "options", "option_set"})
        yield from _of_options(area, before[key], after[key])
    order = [[key for key in side if key in before and key in after] for side in (before, after)]
    if order[0] != order[1]:
        yield Difference("The questions", "They are asked in another order.", Step.PATCH)


def _of_options(area: str, old: Part, new: Part) -> Iterator[Difference]:
    before = _by("value", old.get("options", ()))
    after = _by("value", new.get("options", ()))
    for one in _apart(after, before):
        is_more = new.get("scored") and _counts(after[one], before.values(), new)
        words = f"A new option: {after[one]['label']}."
        yield Difference(area, words, Step.MAJOR if is_more else Step.MINOR)
    for one in _apart(before, after):
        yield Difference(area, f"The option is gone: {before[one]['label']}.", Step.MAJOR)
    for one in _both(before, after):
        label = after[one]["label"]
        yield from _changed(f"{area}, option {label}", before[one], after[one], {"value"})


def _counts(option: Part, others: Iterable[Part], question: Part) -> bool:
    """Say whether an option there was not changes how other answers count."""
    most = max((one.get("score", 0) for one in others), default=0)
    return question.get("combine") == "sum" or option.get("score", 0) > most


def _come_and_gone(kind: str, before: Part, after: Part) -> Iterator[Difference]:
    for one in _apart(after, before):
        yield Difference(_area(kind, after[one], one), "It is new.", Step.MAJOR)
    for one in _apart(before, after):
        yield Difference(_area(kind, before[one], one), "It is gone.", Step.MAJOR)


def _changed(area: str, old: Part, new: Part, apart: Iterable[str]) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        before, after = (side.get(key, _DEFAULTS.get(key)) for side in (old, new))
        if key not in apart and before != after:
            yield Difference(area, _from_to(key, before, after), _step(key))


def _step(key: str) -> Step:
    if key in _WORDING:
        return Step.PATCH
    return Step.MINOR if key in _NEW_TO_ANSWER else Step.MAJOR


def _from_to(key: str, before: object, after: object) -> str:
    name = _NAMES.get(key, f"the {key.replace('_', ' ')}")
    name = f"{name[0].upper()}{name[1:]}"
    if before is None:
        return f"{name} is new: {_shown(after)}"
    if after is None:
        return f"{name} is gone; it was: {_shown(before)}"
    return f"{name} was: {_shown(before)} It is now: {_shown(after)}"


def _shown(value: object) -> str:
    text = _plain(value)
    text = text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(one)}" for key, one in value.items()) or "nothing"
    return str(value) or "nothing"


def _questions(document: Part) -> Iterator[tuple[str, Part]]:
    """Yield every question by key, its options written out and its section noted."""
    sets = document.get("option_sets", {})
    for section in document["sections"]:
        for question in section["questions"]:
            options = question.get("options") or sets.get(question.get("option_set"), ())
            yield question["key"], {**question, "options": options, "section": section["id"]}


def _by(key: str, parts: Iterable[Part]) -> dict[str, Any]:
    return {part[key]: part for part in parts}


def _order(key: str, parts: Iterable[Part]) -> list[str]:
    return [part[key] for part in parts]


def _common_order(key: str, old: Iterable[Part], new: Iterable[Part]) -> tuple[list[str], ...]:
    before, after = _order(key, old), _order(key, new)
    both = set(before) & set(after)
    return tuple([one for one in side if one in both] for side in (before, after))


def _area(kind: str, part: Part, name: str) -> str:
    told = part.get("title") or part.get("label")
    return f"{kind} {name}" + (f" ({told})" if told else "")


def _apart(parts: Part, others: Part) -> list[str]:
    return [one for one in parts if one not in others]


def _both(before: Part, after: Part) -> list[str]:
    return [one for one in after if one in before]
