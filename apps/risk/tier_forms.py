"""Forms of tiers and obligations. Rules are asked by the operations."""

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.risk.assessment_forms import ReasonForm, SigningForm
from apps.risk.models import TierOverrideSignOff


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Name a day.", "invalid": "Give a day as 2026-12-31."},
    )


class OverrideForm(ReasonForm):
    """The ask for another tier."""

    tier = forms.TypedChoiceField(
        label="Tier",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a tier.", "invalid_choice": "Choose one of these."},
    )
    ends_on = _day("Last day")
    field_order = ("tier", "reason", "ends_on")

    def __init__(self, *args: Any, tiers: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier = self.fields["tier"]
        assert isinstance(tier, forms.ChoiceField)
        tier.choices = [(str(one), f"Tier {one}") for one in tiers]


class OverrideSigningForm(SigningForm):
    """Somebody gives another tier in a role, or declines it."""

    decision = forms.ChoiceField(
        label="I",
        choices=TierOverrideSignOff.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Approve or decline."},
    )
    field_order = ("role", "decision", "reason")

    def clean_decision(self) -> Any:
        return TierOverrideSignOff.Decision(self.cleaned_data["decision"])


class DeferForm(ReasonForm):
    """Until when an obligation is put off, and why."""

    until = _day("Put off until")
    field_order = ("until", "reason")


class AssignForm(forms.Form):
    """Who sees to an obligation."""

    owner = forms.ModelChoiceField(
        label="Who sees to it",
        queryset=User.objects.none(),
        error_messages={"required": "Choose somebody.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        named = User.objects.filter(pk__in=[one.pk for one in people])
        owner.queryset = named.order_by("display_name", "pk")
