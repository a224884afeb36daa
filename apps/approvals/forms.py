"""Forms of decisions. Rules are asked by the operations; a form only asks for what is missing."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts import roles
from apps.approvals.models import SignOff
from apps.approvals.policies import SlotRule
from apps.catalog.lifecycle import Stage

REASON_HINT = "Kept for good, shown to auditors."


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Reason",
        help_text=REASON_HINT,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give a reason."},
    )


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = _reason()


class RequestForm(ReasonForm):
    """The ask for a promotion."""

    target = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """Read the stage; nobody sees its field, so what is wrong is said above the form."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("target") not in Stage.values:
            raise forms.ValidationError("There is no such stage to ask for.")
        return values | {"target": Stage(values["target"])}


class Choices(forms.RadioSelect):
    """Radio buttons of which some cannot be chosen now."""

    closed: Collection[str] = ()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.closed:
            option["attrs"]["disabled"] = True
        return option


class SignOffForm(forms.Form):
    """One person's decision in one slot, with the ticket that says what was shown.

    It shows the roles the person can sign in and takes any, so that the operation answers for one
    that was lost meanwhile.
    """

    ticket = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="As",
        choices=roles.CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Say in which role."},
    )
    decision = forms.ChoiceField(
        label="I",
        choices=[(SignOff.Decision.APPROVE, "approve"), (SignOff.Decision.DECLINE, "decline")],
        widget=Choices,
        error_messages={"required": "Approve or decline."},
    )
    reason = _reason()
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password to sign."},
    )

    def clean_decision(self) -> SignOff.Decision:
        return SignOff.Decision(self.cleaned_data["decision"])

    def offer(self, slots: Sequence[SlotRule], *, ticket: str, may_approve: bool) -> None:
        """Show the slots a person may sign in, and a ticket for what is shown; the rest stays."""
        role, decision = self.fields["role"], self.fields["decision"]
        if len(slots) == 1:
            role.widget = forms.HiddenInput()
            role.initial = slots[0].role
            self["decision"].label = f"As {slots[0].signer}, I"
        else:
            role.widget.choices = [(slot.role, slot.title) for slot in slots]
        if not may_approve:
            decision.widget.closed = {SignOff.Decision.APPROVE.value}
        self.initial["ticket"] = ticket
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["ticket"] = ticket
