"""Questions are answered, section by section; nobody overwrites what somebody else just wrote."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core import strict_yaml
from apps.core.actors import Actor
from apps.core.errors import DomainError, RuleBroken
from apps.core.hidden import require_in_order
from apps.core.inputs import InputRefused, require_text
from apps.risk.answering import NOTHING, Sheet, is_empty, stamp
from apps.risk.models import Answer, Assessment
from apps.risk.operations.assessments import ANSWERING, keep, require_answering
from apps.risk.operations.attachments import require_items
from apps.risk.questionnaires import Question, checked

_REFUSAL = "You do not answer risk assessments of this model."
ANSWER = Action("assessment.answer", permission=ANSWERING, refusal=_REFUSAL)
CONFIRM = Action("assessment.confirm", permission=ANSWERING, refusal=_REFUSAL)
IMPORT = Action("assessment.import_answers", permission=ANSWERING, refusal=_REFUSAL)

MOST_NOTE = 5_000
MOST_TEXT = 20_000


@dataclass(frozen=True)
class Written:
    """An answer with the note beside it."""

    value: Any
    note: str = ""

    @property
    def stamp(self) -> str:
        return stamp(self.value, self.note)


@dataclass(frozen=True)
class Conflict:
    """Two people answered one question at once: what stands, by whom, and what was not kept."""

    key: str
    theirs: Written
    who: str
    at: datetime
    mine: Written


class NotAllKept(RuleBroken):
    """Some answers were not kept; all others of the same save were.

    ``problems`` says by key what cannot be kept, ``conflicts`` what somebody else wrote meanwhile.
    """

    code: ClassVar[str] = "not_all_kept"
    left: ClassVar[str] = "yours is not kept until you save it again. Everything else is saved."

    def __init__(self, problems: Mapping[str, str], conflicts: Sequence[Conflict]) -> None:
        self.problems, self.conflicts = dict(problems), tuple(conflicts)
        told = _in_words(self.conflicts, self.left)
        super().__init__(" ".join([*told, *self.problems.values()]))


class NoneKept(NotAllKept):
    """Some answers cannot be kept, so none of the same save is."""

    code: ClassVar[str] = "none_kept"
    left: ClassVar[str] = "nothing you sent is kept. Send it again with what stands now as seen."


def answer(
    assessment: Assessment,
    values: Mapping[str, object],
    *,
    by: Actor,
    notes: Mapping[str, str] | None = None,
    shown: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
) -> list[str]:
    """Keep some answers and the notes beside them, and return the keys that changed.

    ``shown`` holds the stamp of each answer as the person saw it: what they left as it was is not
    touched. ``confirmed`` are prefilled answers that are right as they stand. A page saves by
    itself while somebody types, and again by its button: what says nothing new leaves no event.

    Raises:
        NotAllKept: when a value cannot be kept, or was written by somebody else since it was
            shown. Everything else is kept by then.
    """
    sent = (values, notes or {}, shown or {})
    if _says_nothing_new(Sheet.of(assessment), *sent, confirmed, by=by):
        return []
    with change(ANSWER, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        require_answering(sheet, by=by)
        sorted_out = _Sorted.out(sheet, *sent)
        rows = [_row(sheet, key, written) for key, written in sorted_out.wanted.items()]
        confirming = _confirming(sheet, set(confirmed) - set(sorted_out.wanted))
        if sorted_out.refusal and not rows and not confirming:
            raise sorted_out.refusal
        record.note(answered=sorted(sorted_out.wanted))
        if confirming:
            record.note(confirmed=[row.key for row in confirming])
        keep(assessment, [*rows, *confirming], by=by, at=record.time)
    if sorted_out.refusal:
        raise sorted_out.refusal
    return sorted(row.key for row in (*rows, *confirming))


def answer_at_once(
    assessment: Assessment,
    values: Mapping[str, object],
    *,
    by: Actor,
    notes: Mapping[str, str],
    seen: Mapping[str, str],
    confirmed: Collection[str] = (),
) -> list[str]:
    """Keep some answers and the notes beside them, all or none; return the keys that changed.

    An answer that a person gave is replaced only for who says, by its stamp, that they saw it.

    Raises:
        NoneKept: when a value cannot be kept, or stands in the place of one that was not seen.
    """
    with change(ANSWER, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        require_answering(sheet, by=by)
        sorted_out = _Sorted.meant(sheet, values, notes, seen)
        if sorted_out.problems or sorted_out.conflicts:
            raise NoneKept(sorted_out.problems, sorted_out.conflicts)
        rows = [_row(sheet, key, written) for key, written in sorted_out.wanted.items()]
        confirming = _confirming(sheet, {*values, *confirmed} - set(sorted_out.wanted))
        record.note(answered=sorted(sorted_out.wanted))
        if confirming:
            record.note(confirmed=[row.key for row in confirming])
        keep(assessment, [*rows, *confirming], by=by, at=record.time)
    return sorted(row.key for row in (*rows, *confirming))


def confirm_prefilled(assessment: Assessment, keys: Collection[str], *, by: Actor) -> list[str]:
    """Say that answers taken over from the inventory are right; return those it was new for."""
    with change(CONFIRM, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        require_answering(sheet, by=by)
        rows = _confirming(sheet, keys)
        record.note(confirmed=[row.key for row in rows])
        keep(assessment, rows, by=by, at=record.time)
    return [row.key for row in rows]


def import_answers(assessment: Assessment, text: str, *, by: Actor) -> list[str]:
    """Take a whole set of answers over, in the form of the examples, or none of it.

    Raises:
        InputRefused: when it cannot be read, or is about another questionnaire.
        NotAllKept: when an answer cannot be kept; then none is.
    """
    with change(IMPORT, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        require_answering(sheet, by=by)
        values, notes = _document(text, sheet)
        sorted_out = _Sorted.out(sheet, values, notes, {})
        if sorted_out.refusal:
            raise sorted_out.refusal
        same = _confirming(sheet, set(values) - set(sorted_out.wanted))
        rows = [_row(sheet, key, written) for key, written in sorted_out.wanted.items()]
        record.note(answered=sorted(sorted_out.wanted))
        keep(assessment, [*rows, *same], by=by, at=record.time)
    return sorted(sorted_out.wanted)


@dataclass
class _Sorted:
    """What of a save is kept, what cannot be, and what somebody else wrote meanwhile."""

    wanted: dict[str, Written] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    @classmethod
    def out(
        cls,
        sheet: Sheet,
        values: Mapping[str, object],
        notes: Mapping[str, str],
        shown: Mapping[str, str],
    ) -> "_Sorted":
        """Hold what somebody sent against what stands."""
        found = cls()
        for key in dict.fromkeys((*values, *notes)):
            mine = found._read(sheet, key, values, notes)
            stands = sheet.stamp(key)
            seen = shown.get(key, stands)
            if mine is not None and mine.stamp not in (seen, stands):
                found._hold(sheet, key, mine, seen)
        return found

    @classmethod
    def meant(
        cls,
        sheet: Sheet,
        values: Mapping[str, object],
        notes: Mapping[str, str],
        seen: Mapping[str, str],
    ) -> "_Sorted":
        """Hold what somebody means to write, each answer of it, against what stands."""
        found = cls()
        for key in dict.fromkeys((*values, *notes)):
            mine = found._read(sheet, key, values, notes)
            stands = sheet.stamp(key)
            known = seen.get(key, stands if sheet.is_prefilled(key) else NOTHING)
            if mine is not None and mine.stamp != stands:
                found._hold(sheet, key, mine, known)
        return found

    def _read(
        self, sheet: Sheet, key: str, values: Mapping[str, object], notes: Mapping[str, str]
    ) -> Written | None:
        """Return what was written at a question; note the problem of what cannot be kept."""
        try:
            return _mine(sheet, key, values, notes)
        except DomainError as refusal:
            self.problems[key] = str(refusal)
            return None

    def _hold(self, sheet: Sheet, key: str, mine: Written, seen: str) -> None:
        """Want an answer kept, unless another stands there than the one that was seen."""
        now = sheet.rows.get(key)
        if now is not None and seen != sheet.stamp(key):
            theirs, who = Written(now.value, now.note), str(now.answered_by)
            self.conflicts.append(Conflict(key, theirs, who, now.answered_at, mine))
        else:
            self.wanted[key] = mine

    @property
    def refusal(self) -> NotAllKept | None:
        """What to refuse, if anything."""
        if not self.problems and not self.conflicts:
            return None
        return NotAllKept(self.problems, self.conflicts)


def _says_nothing_new(
    sheet: Sheet,
    values: Mapping[str, object],
    notes: Mapping[str, str],
    shown: Mapping[str, str],
    confirmed: Collection[str],
    *,
    by: Actor,
) -> bool:
    """Say whether somebody who may answer left everything as it stands, or as it was shown."""
    try:
        require_answering(sheet, by=by)
    except DomainError:
        return False  # refused by the change, on record
    found = _Sorted.out(sheet, values, notes, shown)
    return not (found.wanted or found.refusal or any(map(sheet.is_prefilled, confirmed)))


def _mine(
    sheet: Sheet, key: str, values: Mapping[str, object], notes: Mapping[str, str]
) -> Written:
    """Return what somebody wrote at a question, in the form it is kept in."""
    if key not in sheet.questionnaire.question_keys:
        raise InputRefused(f"There is no question {key!a:.80} in this questionnaire.")
    question = sheet.questionnaire.question(key)
    now = sheet.rows.get(key)
    value = _kept(sheet, question, values[key]) if key in values else now and now.value
    note = notes[key].replace("\r\n", "\n").strip() if key in notes else now.note if now else ""
    require_text(note, "A note", MOST_NOTE, lines=True)
    require_in_order(note, "A note")
    return Written(None if is_empty(value) else value, note)


def _kept(sheet: Sheet, question: Question, value: object) -> object:
    kept = checked(question, value)
    if isinstance(kept, str):
        require_text(kept, "An answer", MOST_TEXT, lines=True)
    if question.type == "evidence" and isinstance(kept, list):
        require_items(sheet.assessment, kept, question.evidence_types)
    return kept


def _row(sheet: Sheet, key: str, written: Written) -> Answer:
    row = sheet.rows.get(key) or Answer(assessment=sheet.assessment, key=key)
    row.value, row.note, row.is_prefilled = written.value, written.note, False
    return row


def _confirming(sheet: Sheet, keys: Collection[str]) -> list[Answer]:
    rows = [sheet.rows[key] for key in sorted(keys) if sheet.is_prefilled(key)]
    for row in rows:
        row.is_prefilled = False
    return rows


def _document(text: str, sheet: Sheet) -> tuple[dict[str, object], dict[str, str]]:
    """Return the answers and notes of a set, provided it is one for this questionnaire."""
    told = strict_yaml.load(text)
    if not isinstance(told, Mapping) or not isinstance(told.get("answers"), Mapping):
        raise InputRefused("A set of answers names its questionnaire, and has “answers” by key.")
    row = sheet.assessment.questionnaire
    named = (told.get("questionnaire"), str(told.get("questionnaire_version")))
    if named != (row.questionnaire_id, row.number):
        raise InputRefused(
            f"It is for {named[0]!a:.80} {named[1]:.20}; this one answers "
            f"{row.questionnaire_id} {row.number}."
        )
    notes = told.get("notes") or {}
    if not isinstance(notes, Mapping) or not all(isinstance(note, str) for note in notes.values()):
        raise InputRefused("“notes” holds a text for each key.")
    return dict(told["answers"]), dict(notes)


def _in_words(conflicts: Sequence[Conflict], left: str) -> list[str]:
    if not conflicts:
        return []
    who = " and ".join(dict.fromkeys(one.who for one in conflicts))
    what = "one question" if len(conflicts) == 1 else f"{len(conflicts)} questions"
    return [f"{who} answered {what} while you did. Both texts are shown; {left}"]
