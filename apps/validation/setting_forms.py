"""The form that sets what a check gets, made from the class of its parameters."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from apps.core.digests import digest_of
from apps.core.inputs import InputRefused
from apps.validation import parameters
from apps.validation.checks.contract import Check
from apps.validation.described import Described, Typed, parameters_of

MOST_TYPED = 100_000
AS_BY_DEFAULT = "As by default"
_AT_FIELD = re.compile(r" - at `\$\.(\w+)")


class ReasonForm(forms.Form):
    """Why something is done; it is kept for good."""

    reason = forms.CharField(
        label="Reason",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is kept for good and shown to auditors.",
        error_messages={"required": "Give a reason."},
    )


class SettingForm(ReasonForm):
    """One control for each parameter of a check; what is left empty keeps its default."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=71)

    def __init__(self, data: QueryDict | None, *, check: Check, held: Mapping[str, Any]) -> None:
        self._check, self._described = check, {one.name: one for one in parameters_of(check)}
        initial = {
            _key(name): one.as_text(held[name])
            for name, one in self._described.items()
            if name in held
        }
        super().__init__(data, initial={**initial, "shown": digest_of(held)})
        reason = self.fields.pop("reason")
        self.fields |= {_key(name): _control(one) for name, one in self._described.items()}
        self.fields["reason"] = reason

    @property
    def controls(self) -> list[forms.BoundField]:
        """The parameters, without the reason."""
        return [self[_key(name)] for name in self._described]

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        values = {}
        for name, one in self._described.items():
            if sent.get(_key(name)):
                try:
                    values[name] = one.as_value(sent[_key(name)])
                except InputRefused as refusal:
                    self.add_error(_key(name), str(refusal))
        if not self.errors:
            self._require_taken(values)
        shown = sent.get("shown") or None
        return {"values": values, "reason": sent.get("reason", ""), "shown": shown}

    def _require_taken(self, values: Mapping[str, Any]) -> None:
        """Hold the values against the check itself; a refusal stands at the field it is about."""
        try:
            parameters.read(self._check, values)
        except InputRefused as refusal:
            said = str(refusal)
            found = _AT_FIELD.search(said)
            place = _key(found[1]) if found and found[1] in self._described else None
            self.add_error(place, said)


def _key(name: str) -> str:
    """Return the name of a control, which no parameter shares with the reason."""
    return f"set_{name}"


def _control(one: Described) -> forms.Field:
    plain: dict[str, Any] = {"label": one.label, "help_text": one.hint, "required": False}
    if one.typed in {Typed.YES_NO, Typed.CHOICE}:
        values = ["yes", "no"] if one.typed is Typed.YES_NO else one.choices
        choices = [("", AS_BY_DEFAULT), *((value, value.capitalize()) for value in values)]
        return forms.ChoiceField(choices=choices, **plain)
    if one.typed in {Typed.LINES, Typed.JSON}:
        area = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        return forms.CharField(max_length=MOST_TYPED, widget=area, **plain)
    attributes = {"autocomplete": "off"}
    if one.typed is not Typed.TEXT:
        attributes["inputmode"] = "numeric" if one.typed is Typed.WHOLE else "decimal"
    return forms.CharField(max_length=1000, widget=forms.TextInput(attrs=attributes), **plain)
