"""The forms of documents: one section with what was shown of each field, and a signature."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from apps.core.inputs import InputRefused
from apps.validation.documents.layout import in_words, is_table
from apps.validation.documents.reading import LISTS, FieldType, Section, TemplateField
from apps.validation.documents.values import (
    MOST_LINE,
    MOST_TEXT,
    NOT_APPLICABLE,
    checked,
    digest_of_given,
)

MOST_TYPED = 120_000
_REASON = "-does-not-apply"
_CELLS = re.compile(r"\t|(?<!\\)\|")
_HINTS = {
    FieldType.LIST: "One on each line.",
    FieldType.EVIDENCE: "One on each line.",
    FieldType.RICH_TEXT: "Markdown is shown as such: **bold**, - lists, | tables |.",
    FieldType.DATE_RANGE: "Two days such as 2026-11-02/2026-11-20.",
    FieldType.NUMBER: "A number such as 12.5.",
}

Told = Mapping[str, Any]
"""What is written in one field, as documents keep it."""


class SectionForm(forms.Form):
    """The fields of a section that people write, with what was shown of each."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)

    def __init__(
        self, data: QueryDict | None, *, section: Section, values: Mapping[str, Told]
    ) -> None:
        initial: dict[str, str] = {}
        for field in section.written:
            told = values.get(field.key, {})
            initial[field.key] = as_typed(field, told.get("value", ""))
            initial[field.key + _REASON] = told.get(NOT_APPLICABLE, "")
        super().__init__(data, initial=initial)
        self._written = {field.key: field for field in section.written}
        for key, field in self._written.items():
            self.fields[key] = _control(field)
            if field.not_applicable_allowed:
                self.fields[key + _REASON] = _reason(field)
        self.initial["shown"] = json.dumps(
            {key: digest_of_given(values.get(key, {})) for key in self._written}
        )

    @property
    def controls(self) -> list[forms.BoundField]:
        """The fields that are seen."""
        return [self[name] for name in self.fields if name != "shown"]

    def clean_shown(self) -> dict[str, str]:
        """Read the digests of what was shown; without them nothing is saved blindly."""
        try:
            read = json.loads(self.cleaned_data["shown"] or "null")
        except (ValueError, RecursionError):
            read = None
        if not isinstance(read, dict) or not all(isinstance(told, str) for told in read.values()):
            raise forms.ValidationError("Open the form again before you save.")
        return read

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for key, field in self._written.items():
            if key in values:
                self._check(key, field, values)
        if "shown" in self.errors:
            self.add_error(None, "Open the form again before you save.")
        return values

    def _check(self, key: str, field: TemplateField, values: dict[str, Any]) -> None:
        reason = values.get(key + _REASON, "").strip()
        try:
            if reason and values[key].strip():
                raise InputRefused("Either fill it in or say why it does not apply.")
            told = {NOT_APPLICABLE: reason} if reason else _read(field, values[key])
            checked(field, told)
            values[key] = told
        except InputRefused as refusal:
            self.add_error(key, str(refusal))

    def values(self) -> dict[str, object]:
        """Return what was typed, by key."""
        return {key: self.cleaned_data[key] for key in self._written if key in self.cleaned_data}

    def refuse(self, problems: Mapping[str, str], words: str) -> None:
        """Show a refusal, beside the fields it is about."""
        self.add_error(None, words)
        for key, problem in problems.items():
            if key in self._written:
                self.add_error(key, problem)

    def show_again(self, keys: Sequence[str], values: Mapping[str, Told], shown: str) -> None:
        """Say what somebody else wrote meanwhile; what was typed stays, to be saved again.

        What was left as it was shown takes the newer text, so that saving does not undo it.
        ``shown`` are the digests of what is there now.
        """
        assert isinstance(self.data, QueryDict)
        self.data = self.data.copy()
        for key, typed in self.values().items():
            given = checked(self._written[key], typed)
            if digest_of_given(given) == self.cleaned_data["shown"].get(key):
                now = values.get(key, {})
                self.data[key] = as_typed(self._written[key], now.get("value", ""))
                self.data[key + _REASON] = now.get(NOT_APPLICABLE, "")
        self.data["shown"] = shown
        for key in keys:
            now = values.get(key, {})
            words = now.get(NOT_APPLICABLE) or as_typed(self._written[key], now.get("value", ""))
            self.add_error(key, f"Written meanwhile: {words or 'nothing':.300}")


class ReturnForm(forms.Form):
    """Why a document is given back."""

    reason = forms.CharField(
        label="Return it, because",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what has to change."},
    )


def as_typed(field: TemplateField, value: Any) -> str:
    """Return a value as people type it: entries and rows by line, cells between ``|``."""
    if not isinstance(value, list):
        return str(value)
    if not is_table(field):
        return "\n".join(map(str, value))
    return "\n".join(" | ".join(cell.replace("|", r"\|") for cell in row) for row in value)


def _read(field: TemplateField, text: str) -> object:
    if field.type not in LISTS:
        return text.strip()
    typed = text.replace("\r\n", "\n").split("\n")  # an entry may hold other marks of a new line
    lines = [line.strip() for line in typed if line.strip()]
    if not is_table(field):
        return lines
    return [[cell.strip().replace(r"\|", "|") for cell in _CELLS.split(line)] for line in lines]


def _control(field: TemplateField) -> forms.Field:
    words: dict[str, Any] = {"label": field.label, "help_text": _hint(field), "required": False}
    if field.type is FieldType.CHOICE:
        choices = [("", "Not answered"), *((one, in_words(one)) for one in field.choices)]
        return forms.ChoiceField(choices=choices, **words)
    if field.type is FieldType.RICH_TEXT or field.type in LISTS:
        most = MOST_TEXT if field.type is FieldType.RICH_TEXT else MOST_TYPED
        rows = 6 if field.type is FieldType.RICH_TEXT else 4
        looks = forms.Textarea(attrs={"rows": rows})
        return forms.CharField(max_length=most, widget=looks, **words)
    looks_like = {"type": "date"} if field.type is FieldType.DATE else {}
    line = forms.TextInput(attrs=looks_like)
    return forms.CharField(max_length=MOST_LINE, widget=line, **words)


def _reason(field: TemplateField) -> forms.Field:
    return forms.CharField(
        label=f"{field.label}: does not apply, because",
        required=False,
        max_length=2000,
        help_text="Leave it empty when it applies.",
    )


def _hint(field: TemplateField) -> str:
    if is_table(field):
        columns = " | ".join(in_words(name) for name in field.columns)
        return f"{field.help} One row on each line: {columns}.".strip()
    return f"{field.help} {_HINTS.get(field.type, '')}".strip()
