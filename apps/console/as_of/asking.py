"""Which moment, or which two, a reader asks about, from the address and its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from apps.audit import past
from apps.core import moments
from apps.core.clock import database_now
from apps.core.moments import BadMoment

AT, AND = "at", "and"
OF_DAY = "_time"
MOST = moments.MOST_LETTERS


class DayInput(forms.DateInput):
    """A day to choose, written as an address holds it."""

    input_type = "date"


def _day(label: str, help_text: str = "", *, is_required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=is_required,
        max_length=MOST,
        help_text=help_text,
        widget=DayInput,
        error_messages={"required": "Choose a day."},
    )


def _time(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=MOST,
        help_text="Such as 17:00. Without one, the end of the day.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AsOfForm(forms.Form):
    """One moment, or two where they are compared; times are UTC."""

    def __init__(self, asked: QueryDict, now: datetime, *, compares: bool) -> None:
        self._now = now
        super().__init__(_apart(asked, now) if asked.get(AT) else None)
        self.fields = {AT: _day("Day", is_required=True), AT + OF_DAY: _time("Time in UTC")}
        if compares:
            words = "Shows what is different then."
            self.fields[AND] = _day("Compare with", words, is_required=False)
            self.fields[AND + OF_DAY] = _time("Its time in UTC")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in (AT, AND):
            text = values.get(name, "")
            if not text:
                continue
            of_day = values.get(name + OF_DAY, "")
            try:
                asked = f"{text}T{of_day}" if of_day else text
                values[f"{name}_moment"] = moments.moment(asked, now=self._now)
            except BadMoment as refusal:
                self.add_error(name, str(refusal))
        at, until = values.get("at_moment"), values.get("and_moment")
        if at and until and until < at:
            self.add_error(AND, "The second moment is before the first.")
        return values


def _apart(asked: QueryDict, now: datetime) -> Mapping[str, str]:
    """Return what was asked with a whole moment taken apart, so that its fields show it."""
    given = {name: asked.get(name, "") for name in (AT, AT + OF_DAY, AND, AND + OF_DAY)}
    for name in (AT, AND):
        if "T" not in given[name].upper() or given[name + OF_DAY]:
            continue
        try:
            at = moments.moment(given[name], now=now)
        except BadMoment:
            continue  # the form says so
        day, _, of_day = moments.written(at).partition("T")
        given[name], given[name + OF_DAY] = day, of_day.removesuffix("Z")
    return given


@dataclass(frozen=True)
class Asked:
    """What a reader asks about: nothing yet, a moment, or two."""

    form: AsOfForm
    at: datetime | None = None
    until: datetime | None = None
    began: datetime | None = None
    """When the record begins, where what is asked about lies before it."""

    @classmethod
    def of(cls, asked: QueryDict, *, compares: bool = False) -> "Asked":
        """Read an address; what cannot be read is for the form to say.

        Two moments are read only where a page ``compares`` them.
        """
        form = AsOfForm(asked, database_now(), compares=compares)
        if not form.is_bound or not form.is_valid():
            return cls(form)
        at, until = form.cleaned_data["at_moment"], form.cleaned_data.get("and_moment")
        first = past.first_moment()
        is_before = first is None or at < first
        return cls(form, at, until, first if is_before else None)

    @property
    def status(self) -> int:
        return 422 if self.form.is_bound and self.form.errors else 200

    @property
    def is_about_two(self) -> bool:
        return self.at is not None and self.until is not None

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The two moments that are compared."""
        assert self.at is not None
        assert self.until is not None
        return self.at, self.until

    @property
    def query(self) -> str:
        """What an address asks with, to be sent to somebody."""
        asked = {AT: self.at, AND: self.until}
        return urlencode({name: moments.written(at) for name, at in asked.items() if at})

    def page(self, today: str, what: str) -> dict[str, Any]:
        """Return what every page of the past shows; ``today`` is the address of the live one."""
        return {
            "asked_form": self.form,
            "at": self.at,
            "at_words": moments.in_words(self.at) if self.at else "",
            "until_words": moments.in_words(self.until) if self.until else "",
            "asked_query": self.query,
            "began": self.began,
            "today": today,
            "what": what,
        }


def at_query(at: datetime) -> str:
    """Return what leads to other pages of the same moment."""
    return urlencode({AT: moments.written(at.astimezone(UTC))})
