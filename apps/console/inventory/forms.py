"""The form of a group of fields: one control for each field a person may write."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from apps.catalog.inventory.reading import FieldType, InventoryField
from apps.catalog.inventory.shown import People, as_line, choice_in_words, in_words
from apps.catalog.inventory.values import (
    MOST_LINE,
    MOST_TEXT,
    checked,
    digest_of_value,
)
from apps.console.inventory import typed
from apps.core.inputs import InputRefused

MOST_TYPED = 120_000
_ANSWERS = [("", "Not answered"), ("yes", "Yes"), ("no", "No")]
_AREAS = {
    FieldType.TEXT: 4,
    FieldType.LIST: 3,
    FieldType.MULTI_REFERENCE: 3,
    FieldType.MULTI_PERSON: 3,
    FieldType.TABLE: 4,
    FieldType.METRIC_TABLE: 4,
}
_HINTS = {
    FieldType.LIST: "One on each line.",
    FieldType.MULTI_REFERENCE: "One on each line.",
    FieldType.MULTI_PERSON: "One sign-in name, or whole name, on each line.",
    FieldType.TABLE: "One row on each line, with | between cells.",
    FieldType.METRIC_TABLE: "One row on each line, with | between cells.",
    FieldType.PERSON: "A sign-in name, or a person's whole name.",
    FieldType.PERSON_OR_SUPPLIER: "A person's sign-in name or whole name, else a team or supplier.",
    FieldType.URI: "With its scheme, such as https://… or batch:nightly.",
    FieldType.DURATION: "Such as 30 days or 48 hours.",
    FieldType.DATETIME: "In UTC, such as 2026-11-23 09:30.",
    FieldType.DECIMAL: "A number such as 12.5.",
    FieldType.DIGEST: "sha256: and 64 small hexadecimal digits.",
}
_NAMING = {FieldType.PERSON, FieldType.PERSON_OR_SUPPLIER}


class TitleForm(forms.Form):
    """What a new record is called."""

    title = forms.CharField(
        label="Title", max_length=200, error_messages={"required": "Give it a title."}
    )


class GroupForm(forms.Form):
    """The fields of a group that a person may write, with what was shown of each."""

    shown = forms.CharField(
        widget=forms.HiddenInput,
        required=False,
        max_length=20_000,
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        asked: Sequence[InventoryField],
        answers: Mapping[str, object],
        known: People,
    ) -> None:
        initial = {
            field.key: typed.as_text(field, answers.get(field.key), known) for field in asked
        }
        super().__init__(data, initial=initial)
        self._asked = {field.key: field for field in asked}
        self._readers = typed.readers(known)
        self.fields |= {field.key: _control(field) for field in asked}
        self._digests = json.dumps(
            {field.key: digest_of_value(answers.get(field.key)) for field in asked}
        )
        self.initial["shown"] = self._digests

    @property
    def controls(self) -> list[forms.BoundField]:
        """The fields that are seen."""
        return [self[key] for key in self._asked]

    @property
    def names_people(self) -> bool:
        """Whether a list of people helps to fill it."""
        return any(field.type in _NAMING for field in self._asked.values())

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
        for key, field in self._asked.items():
            if key in values:
                self._check(key, field, values)
        if "shown" in self.errors:
            self.add_error(None, "Open the form again before you save.")
        return values

    def _check(self, key: str, field: InventoryField, values: dict[str, Any]) -> None:
        read = self._readers.get(field.type)
        try:
            values[key] = checked(field, read(values[key]) if read else values[key])
        except InputRefused as refusal:
            self.add_error(key, str(refusal))

    def values(self) -> dict[str, object]:
        """Return what was typed, by key, in the form it is kept in."""
        return {key: self.cleaned_data[key] for key in self._asked if key in self.cleaned_data}

    def refuse(self, problems: Mapping[str, str], words: str) -> None:
        """Show a refusal, beside the fields it is about where these are in the form."""
        self.add_error(None, words)
        for key, problem in problems.items():
            if key in self._asked:
                self.add_error(key, problem)

    def show_again(self, keys: Sequence[str], answers: Mapping[str, object], known: People) -> None:
        """Say what somebody else recorded meanwhile; what was typed stays, to be saved again.

        What was left as it was shown takes the newer value, so that saving does not undo it.
        """
        assert isinstance(self.data, QueryDict)
        self.data = self.data.copy()
        for key, typed_value in self.values().items():
            if digest_of_value(typed_value) == self.cleaned_data["shown"].get(key):
                now = typed.as_text(self._asked[key], answers.get(key), known)
                self.data.setlist(key, now if isinstance(now, list) else [str(now)])
        self.data["shown"] = self._digests
        for key in keys:
            field = self._asked[key]
            now = as_line(in_words(field, answers.get(key), known)) or "nothing"
            self.add_error(key, f"Recorded meanwhile: {now:.300}")


def _control(field: InventoryField) -> forms.Field:
    """Return the control for a field, by its type."""
    words: dict[str, Any] = {"label": field.label, "help_text": _hint(field), "required": False}
    if field.type is FieldType.BOOLEAN:
        return forms.ChoiceField(choices=_ANSWERS, **words)
    if field.type in {FieldType.ENUM, FieldType.MULTI_ENUM}:
        return _choice(field, words)
    if field.type in _AREAS:
        looks = {"rows": _AREAS[field.type]}
        most = MOST_TEXT if field.type is FieldType.TEXT else MOST_TYPED
        return forms.CharField(max_length=most, widget=forms.Textarea(attrs=looks), **words)
    return forms.CharField(
        max_length=4 * MOST_LINE, widget=forms.TextInput(attrs=_looks(field)), **words
    )


def _choice(field: InventoryField, words: Mapping[str, Any]) -> forms.Field:
    choices = [(choice, choice_in_words(choice)) for choice in field.choices]
    if field.type is FieldType.MULTI_ENUM:
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **words
        )
    return forms.ChoiceField(choices=[("", "Not answered"), *choices], **words)


def _looks(field: InventoryField) -> dict[str, str]:
    if field.type is FieldType.DATE:
        return {"type": "date"}
    if field.type in _NAMING:
        return {"list": "people", "autocomplete": "off"}
    return {"inputmode": "numeric"} if field.type is FieldType.INTEGER else {}


def _hint(field: InventoryField) -> str:
    columns = f"Columns: {' | '.join(field.columns)}. " if field.columns else f"{field.help} "
    return f"{columns}{_HINTS.get(field.type, '')}".strip()
