"""Forms of reviews, attestations and campaigns. The rules are the operations'."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts.forms import ConfirmingForm
from apps.risk.models import Review, Severity
from apps.risk.operations.campaigns import TIERS, Planned
from apps.risk.operations.findings import Said
from apps.risk.operations.reviews import Reviewed

MOST_TEXT = 10_000
ROOM = 3
"""How many findings the form of a review has room for."""


def _text(label: str, hint: str, missing: str, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def _day(label: str, hint: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Name a day.", "invalid": "Give a day as 2026-12-31."},
    )


def _kind() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Which review",
        choices=Review.Kind.choices,
        error_messages={"required": "Say which review.", "invalid_choice": "Choose one."},
    )


class PlanForm(forms.Form):
    """A review for a day."""

    kind = _kind()
    due = _day("Its day", "By when it is to be done.")
    reason = _text("Why", "What makes it necessary, beside the tier.", "Give a reason.")


class CarryOutForm(forms.Form):
    """What a review comes to, and the findings it raises."""

    kind = _kind()
    conclusion = forms.ChoiceField(
        label="It comes to this",
        choices=Review.Conclusion.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what the review comes to."},
    )
    reason = _text(
        "What was looked at, and why it comes to this",
        "Kept for good, shown to auditors.",
        "Say what was looked at.",
        rows=6,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, ROOM + 1):
            self.fields |= _finding(number)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each finding there is room for."""
        return [
            {"number": number, **{part: self[f"{part}_{number}"] for part in _PARTS}}
            for number in range(1, ROOM + 1)
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for both texts of every finding that was begun."""
        values: dict[str, Any] = super().clean() or {}
        for number in range(1, ROOM + 1):
            title, text = values.get(f"title_{number}"), values.get(f"description_{number}")
            if bool(title) != bool(text):
                missing = "description" if title else "title"
                self.add_error(f"{missing}_{number}", "Say both what it is and what is wrong.")
        return values

    @property
    def reviewed(self) -> Reviewed:
        """What the operation takes."""
        given = self.cleaned_data
        raised = [
            Said(given[f"title_{n}"], given[f"description_{n}"], given[f"severity_{n}"])
            for n in range(1, ROOM + 1)
            if given[f"title_{n}"]
        ]
        return Reviewed(given["kind"], given["conclusion"], raised)


_PARTS = ("title", "severity", "description")


def _finding(number: int) -> dict[str, forms.Field]:
    return {
        f"title_{number}": forms.CharField(label="Finding", max_length=300, required=False),
        f"severity_{number}": forms.ChoiceField(
            label="How grave", choices=Severity.choices, initial=Severity.MEDIUM, required=False
        ),
        f"description_{number}": forms.CharField(
            label="What is wrong",
            max_length=MOST_TEXT,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        ),
    }


class AttestForm(ConfirmingForm):
    """The signature of an owner, with the ticket that says what was shown."""

    ticket = forms.CharField(widget=forms.HiddenInput)

    def offer(self, ticket: str) -> None:
        """Hand out a ticket for what is shown now."""
        self.initial["ticket"] = ticket
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["ticket"] = ticket


class CorrectForm(forms.Form):
    """What is wrong with the record."""

    what = _text(
        "What is wrong",
        "What the record says, and what would be right. A finding keeps it until it is settled.",
        "Say what is wrong.",
    )
    severity = forms.ChoiceField(
        label="How grave", choices=[*reversed(Severity.choices)], initial=Severity.LOW
    )


class CampaignForm(forms.Form):
    """What a campaign is about, and until when."""

    title = forms.CharField(
        label="Title", max_length=200, error_messages={"required": "Give it a title."}
    )
    tiers = forms.TypedMultipleChoiceField(
        label="Models at",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the tiers whose models it is about."},
    )
    due = _day("Last day to answer", "What is not answered by then goes to the risk officers.")
    reason = _text("Why", "Kept for good, shown to auditors.", "Give a reason.")

    def __init__(self, *args: Any, counts: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers = self.fields["tiers"]
        assert isinstance(tiers, forms.TypedMultipleChoiceField)
        tiers.choices = [(str(one), _tier(one, counts.get(one, 0))) for one in TIERS]

    @property
    def planned(self) -> Planned:
        """What the operation takes."""
        given = self.cleaned_data
        return Planned(given["title"], given["tiers"], given["due"])


def _tier(tier: int, models: int) -> str:
    named = f"Tier {tier}" if tier else "No tier yet"
    return f"{named}: {models} model{'' if models == 1 else 's'}"
