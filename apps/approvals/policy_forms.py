"""Forms about policies. Rules are asked by the operations; a form only asks for what is missing."""

from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts.forms import ConfirmingForm
from apps.accounts.roles import role_named
from apps.approvals import policies
from apps.approvals.forms import ReasonForm
from apps.approvals.policies import PolicyRefused
from apps.approvals.policies.reading import MOST_TEXT
from apps.approvals.policy_standing import SIGNING_ROLES

IN_FORCE = "in_force"
SHIPPED = "shipped:"


class DraftForm(ReasonForm):
    """What a new draft begins with, and why it is written."""

    start = forms.CharField(
        label="Begin with", widget=forms.Select, error_messages={"required": "Choose a text."}
    )

    def offer(self, versions: list[tuple[str, str]]) -> None:
        """Show the texts a draft may begin with."""
        shipped = [(f"{SHIPPED}{name}", str(policies.shipped(name))) for name in policies.SHIPPED]
        self.fields["start"].widget.choices = [
            (IN_FORCE, "The policy in force"),
            *((value, f"{title}, comes with Signet") for value, title in shipped),
            *versions,
        ]


class TextForm(forms.Form):
    """The text of a draft, with the digest of the text that was opened."""

    edited = forms.CharField(widget=forms.HiddenInput, max_length=80)
    text = forms.CharField(
        label="Policy",
        strip=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(
            attrs={"rows": 32, "spellcheck": "false", "wrap": "off", "class": "mono"}
        ),
        error_messages={"required": "A policy is not empty."},
    )

    def clean_text(self) -> str:
        """Return the text with the line ends it is kept with, whatever the browser sends."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def refuse(self, refusal: PolicyRefused) -> None:
        """Say at the text everything that is wrong with it."""
        for problem in refusal.problems:
            self.add_error("text", problem)

    def open_again(self, edited: str) -> None:
        """Let what was typed be saved over the text there is now, which its reader was told of."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["edited"] = edited


class SignPolicyForm(ConfirmingForm):
    """One person's signature under a policy, with the ticket that says what was shown."""

    ticket = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="As",
        choices=[(role, role_named(role).title) for role in SIGNING_ROLES],
        widget=forms.RadioSelect,
        error_messages={"required": "Say in which role."},
    )
    reason = forms.CharField(
        label="Reason",
        help_text="Kept for good, shown to auditors.",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def offer(self, roles: list[str], *, ticket: str) -> None:
        """Show the roles a person may sign in, and a ticket for what is shown; the rest stays."""
        field: Any = self.fields["role"]
        if len(roles) == 1:
            field.widget, field.initial = forms.HiddenInput(), roles[0]
        else:
            field.widget.choices = [(role, role_named(role).title) for role in roles]
        self.initial["ticket"] = ticket
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["ticket"] = ticket
