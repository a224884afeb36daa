"""The forms of assessments: one section with what was shown of each answer, and signatures."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts import roles
from apps.accounts.forms import ConfirmingForm
from apps.accounts.signing.seats import RoleSeat
from apps.risk.answering import Sheet, is_empty
from apps.risk.models import AssessmentSignOff
from apps.risk.operations.answers import MOST_NOTE, NotAllKept, Written
from apps.risk.questionnaires import Question
from apps.validation.models import EvidenceItem

VALUE, NOTE, CONFIRMED = "a-", "n-", "ok-"
CONFIRM_ALL = "confirm_all"
"""The button that says that everything filled in on the page is right."""
MOST_SHOWN = 60_000
MOST_STEPS = 11
"""How many steps of a scale are drawn side by side; a longer one is typed."""
YES, NO = "yes", "no"
REASON_HINT = "Kept for good, shown to auditors."


class SectionForm(forms.Form):
    """The questions of a section that are asked now, with what was shown of each answer."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=MOST_SHOWN)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        sheet: Sheet,
        questions: Sequence[Question],
        items: Sequence[EvidenceItem],
    ) -> None:
        self._sheet, self.questions = sheet, questions
        initial: dict[str, Any] = {}
        for question in questions:
            row = sheet.rows.get(question.key)
            initial[VALUE + question.key] = as_typed(question, row.value if row else None)
            initial[NOTE + question.key] = row.note if row else ""
        super().__init__(data, initial=initial)
        for question in questions:
            self.fields[VALUE + question.key] = control(question, items)
            self.fields[NOTE + question.key] = _note(question)
            if sheet.is_prefilled(question.key):
                self.fields[CONFIRMED + question.key] = forms.BooleanField(
                    label="This is right", required=False
                )
        self.initial["shown"] = json.dumps(sheet.shown([one.key for one in questions]))

    def clean_shown(self) -> dict[str, str]:
        """Read the stamps of what was shown; without them nothing is saved blindly."""
        try:
            read = json.loads(self.cleaned_data["shown"] or "null")
        except (ValueError, RecursionError):
            read = None
        keys = {question.key for question in self.questions}
        if not isinstance(read, dict) or not all(isinstance(one, str) for one in read.values()):
            raise forms.ValidationError("Open the section again before you save.")
        return {key: told for key, told in read.items() if key in keys}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "shown" in self.errors:
            self.add_error(None, "Open the section again before you save.")
        return values

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        """What was typed of the questions that were on the page, as the operation takes it."""
        given = self.cleaned_data
        asked = [one for one in self.questions if one.key in given["shown"]]
        return {
            "values": {
                one.key: as_sent(one, given[VALUE + one.key])
                for one in asked
                if VALUE + one.key in given
            },
            "notes": {one.key: given[NOTE + one.key] for one in asked if NOTE + one.key in given},
            "shown": given["shown"],
        }

    @property
    def confirmed(self) -> list[str]:
        """The prefilled answers somebody said are right, one by one or all at once."""
        marked = [CONFIRMED + one.key for one in self.questions]
        known = [name for name in marked if name in self.fields]
        chosen = known if CONFIRM_ALL in self.data else filter(self.cleaned_data.get, known)
        return [name.removeprefix(CONFIRMED) for name in chosen]

    def refuse(self, refusal: NotAllKept) -> None:
        """Say what was not kept, beside the questions it is about."""
        self.add_error(None, str(refusal))
        for key, problem in refusal.problems.items():
            if VALUE + key in self.fields:
                self.add_error(VALUE + key, problem)

    def show_again(self, fresh: Sheet, refusal: NotAllKept) -> None:
        """Take over what stands by now; what was typed and not kept stays, to be saved again."""
        assert isinstance(self.data, QueryDict)
        self.data = self.data.copy()
        mine = {*refusal.problems, *(one.key for one in refusal.conflicts)}
        for question in self.questions:
            if question.key not in mine:
                row = fresh.rows.get(question.key)
                now = as_typed(question, row.value if row else None)
                self.data.setlist(VALUE + question.key, now if isinstance(now, list) else [now])
                self.data[NOTE + question.key] = row.note if row else ""
        stands = fresh.shown([one.key for one in self.questions])
        # What cannot be kept hides what stands by now, so it still says what was seen before.
        seen = {key: told for key, told in self.answers["shown"].items() if key in refusal.problems}
        self.data["shown"] = json.dumps(stands | seen)


def as_typed(question: Question, value: Any) -> Any:
    """Return an answer as its control holds it."""
    if isinstance(value, bool):
        return YES if value else NO
    if is_empty(value):
        return [] if isinstance(question.empty, list) else ""
    return value


def as_sent(question: Question, typed: Any) -> Any:
    """Return what a control holds as an answer."""
    if question.type == "boolean":
        return {YES: True, NO: False}.get(typed)
    if question.type == "number" and isinstance(typed, str):
        return typed.strip().replace(",", ".") if typed.count(",") == 1 else typed.strip()
    return typed


def in_words(question: Question, written: Written, titles: Mapping[str, str]) -> str:
    """Return an answer in the words it was chosen by; evidence by its title."""
    if question.type == "evidence" and isinstance(written.value, list):
        return ", ".join(titles.get(one, one) for one in written.value)
    return question.in_words(written.value)


def control(question: Question, items: Sequence[EvidenceItem]) -> forms.Field:
    words: dict[str, Any] = {
        "label": question.text,
        "help_text": question.help,
        "required": False,
    }
    if question.type == "evidence":
        return _evidence(question, items, words)
    return _CONTROLS[str(question.type.value)](question, words)


Words = dict[str, Any]


def _one(question: Question, words: Words) -> forms.Field:
    return _radios([(one.value, _label(one.label, one.help)) for one in question.options], words)


def _some(question: Question, words: Words) -> forms.Field:
    choices = [(one.value, _label(one.label, one.help)) for one in question.options]
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **words)


def _yes_no(_: Question, words: Words) -> forms.Field:
    return _radios([(YES, "Yes"), (NO, "No")], words)


def _scale(question: Question, words: Words) -> forms.Field:
    steps = _steps(question)
    if not steps:
        return _number(question, words)
    choices = [(one, question.in_words(one)) for one in steps]
    return _radios(choices, words)


def _number(question: Question, words: Words) -> forms.Field:
    hint = " ".join(part for part in (question.help, _range(question)) if part)
    line = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(max_length=40, widget=line, **words | {"help_text": hint})


def _text(question: Question, words: Words) -> forms.Field:
    rows = 3 if question.max_length <= 1000 else 5
    return forms.CharField(
        max_length=question.max_length, widget=forms.Textarea(attrs={"rows": rows}), **words
    )


def _evidence(question: Question, items: Sequence[EvidenceItem], words: Words) -> forms.Field:
    taken = [
        (item.record_id, str(item))
        for item in items
        if not question.evidence_types or item.type in question.evidence_types
    ]
    return forms.MultipleChoiceField(choices=taken, widget=forms.CheckboxSelectMultiple, **words)


_CONTROLS: Mapping[str, Callable[[Question, Words], forms.Field]] = {
    "choice": _one,
    "multichoice": _some,
    "boolean": _yes_no,
    "scale": _scale,
    "number": _number,
    "text": _text,
}


def _radios(choices: Sequence[tuple[str, str | SafeString]], words: Words) -> forms.Field:
    known = [("", "Not answered yet"), *choices]
    return forms.ChoiceField(choices=known, widget=forms.RadioSelect, **words)


def _label(label: str, more: str) -> str | SafeString:
    return format_html('{} <span class="hint">{}</span>', label, more) if more else label


def _steps(question: Question) -> list[str]:
    if question.min is None or question.max is None:
        return []
    step = question.step or Decimal(1)
    count = int((question.max - question.min) / step) + 1
    if count > MOST_STEPS:
        return []
    return [f"{(question.min + number * step).normalize():f}" for number in range(count)]


def _range(question: Question) -> str:
    low, high = question.min, question.max
    unit = f" {question.unit}" if question.unit else ""
    if low is not None and high is not None:
        return f"From {low.normalize():f} to {high.normalize():f}{unit}."
    return f"In {question.unit}." if unit else ""


def _note(question: Question) -> forms.Field:
    return forms.CharField(
        label=f"Note on “{question.text}”",
        required=False,
        max_length=MOST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label="Reason",
        help_text=REASON_HINT,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give a reason."},
    )


class ImportForm(forms.Form):
    """A whole set of answers, pasted."""

    text = forms.CharField(
        label="Answers",
        help_text="YAML or JSON with the questionnaire, its version and “answers” by key, as the "
        "examples beside the questionnaires are written.",
        max_length=256 * 1024,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        error_messages={"required": "Paste a set of answers."},
    )


class AttachForm(forms.Form):
    """An evidence item of the model for one answer."""

    has_items = False
    item = forms.ChoiceField(
        label="Evidence item",
        error_messages={"required": "Choose an item.", "invalid_choice": "Choose one of these."},
    )

    def offer(self, items: Sequence[EvidenceItem]) -> None:
        """Show which items can be attached."""
        item = self.fields["item"]
        assert isinstance(item, forms.ChoiceField)
        item.choices = [("", "Choose an item"), *((str(one.pk), str(one)) for one in items)]
        self.has_items = bool(items)


class SigningForm(ConfirmingForm, ReasonForm):
    """Somebody signs what was judged in a role, with a reason and a ticket for what was shown."""

    ticket = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="As",
        choices=roles.CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Say in which role."},
    )
    field_order: Sequence[str] = ("role", "reason")

    def offer(self, seats: Sequence[RoleSeat[Any]], *, ticket: str) -> None:
        """Show the roles a person may sign in, and a ticket for what is shown; the rest stays."""
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        if len(seats) == 1:
            role.widget = forms.HiddenInput()
            role.initial = seats[0].role
        else:
            role.choices = [(seat.role, seat.title) for seat in seats]
        self.initial["ticket"] = ticket
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["ticket"] = ticket


class ReviewForm(SigningForm):
    """Somebody approves an assessment in a role, or sends it back."""

    decision = forms.ChoiceField(
        label="I",
        choices=AssessmentSignOff.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Approve it or send it back."},
    )
    field_order = ("role", "decision", "reason")

    def clean_decision(self) -> AssessmentSignOff.Decision:
        return AssessmentSignOff.Decision(self.cleaned_data["decision"])
