"""What a reader of the record fills in to find entries; the address then says the same."""

from collections import defaultdict
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.dateparse import parse_date, parse_datetime

from apps.audit.timeline import governed_rows
from apps.console import words
from apps.console.queries.looking import Filter, Span

_DAY, _MINUTE, _SECOND = 86_400_000, 60_000, 1000
_WITHOUT_ROWS = {
    "registry": "Registry",
    "event": "Entry of the record",
    "log": "Log of the record",
    "anchor": "Place that keeps checkpoints",
}
_HINT = "In UTC. A day alone counts whole."


class SpanField(forms.CharField):
    """A day, or a time to the minute or second, in UTC unless it names its zone."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self._read(text) if text else None

    def _read(self, text: str) -> Span:
        try:
            day = parse_date(text)
            if day is not None:
                return Span(datetime.combine(day, time.min, UTC), _DAY)
            at = parse_datetime(text)
            if at is not None:
                at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
                return Span(at, _SECOND if at.second or at.microsecond else _MINUTE)
        except (ValueError, OverflowError):
            pass
        raise forms.ValidationError("Write a day or a time, such as 2026-03-31T17:00.")


def _span(label: str) -> SpanField:
    return SpanField(
        label=label,
        required=False,
        max_length=40,
        help_text=_HINT,
        widget=forms.TextInput(attrs={"placeholder": "2026-03-31 or 2026-03-31T17:00"}),
    )


class RecordFilterForm(forms.Form):
    """What a reader of the record looks for; everything is optional."""

    who = forms.CharField(
        label="Who",
        required=False,
        max_length=150,
        help_text="Part of a name of a person or service account, or Worker.",
    )
    door = forms.ChoiceField(
        label="Through", required=False, choices=[("", "Any"), *words.DOORS.items()]
    )
    action = forms.ChoiceField(label="What", required=False)
    kind = forms.ChoiceField(label="Kind of object", required=False)
    about = forms.CharField(
        label="Model or record",
        required=False,
        max_length=256,
        help_text="A whole name of a model, version, person or team, or an id such as ver_12.",
    )
    model = forms.CharField(
        label="On the model", required=False, max_length=256, help_text="Its whole name."
    )
    outcome = forms.ChoiceField(
        label="Outcome",
        required=False,
        choices=[("", "Any"), *((key.value, label) for key, label in words.OUTCOMES.items())],
    )
    since = _span("From")
    until = _span("To")
    reason = forms.CharField(
        label="Words in the reason", required=False, max_length=200, help_text="All of them."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("action", _actions()), ("kind", _kinds())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "Any"), *choices]

    def clean(self) -> dict[str, object]:
        values = self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since and until and until.next <= since.first:
            self.add_error("until", "The last day is before the first.")
        return values

    def wanted(self) -> Filter:
        """Return what is looked for; fields that could not be read let everything through."""
        self.full_clean()
        return Filter(**{key: value for key, value in self.cleaned_data.items() if value})


def _actions() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every action in words, by the kind of thing it is done to."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, label in words.choices():
        groups[_kind(name.partition(".")[0])].append((name, label))
    by_label = {group: sorted(found, key=lambda one: one[1]) for group, found in groups.items()}
    return sorted(by_label.items())


def _kinds() -> list[tuple[str, str]]:
    known = [*governed_rows(), *_WITHOUT_ROWS]
    return sorted(((word, _kind(word)) for word in known), key=lambda choice: choice[1])


def _kind(word: str) -> str:
    """Return what a kind of object is called."""
    rows = governed_rows().get(word)
    name = str(rows._meta.verbose_name) if rows else word.replace("_", " ")
    return _WITHOUT_ROWS.get(word, f"{name[:1].upper()}{name[1:]}")
