"""Forms of waivers, emergencies, retention and disposal. The rules are the operations'."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from django import forms
from django.http import QueryDict

from apps.accounts import roles
from apps.accounts.forms import ConfirmingForm
from apps.approvals.forms import ReasonForm, WayBackForm
from apps.approvals.models import WaiverSignOff
from apps.approvals.operations import WaiverTerms
from apps.approvals.policies import Condition

MOST_TEXT = 10_000


class FreeSeat(Protocol):
    """A role somebody may sign in."""

    @property
    def role(self) -> str: ...

    @property
    def title(self) -> str: ...


def _text(label: str, hint: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing},
    )


class TermsForm(ReasonForm):
    """On what terms a waiver is asked for; nothing is filled in before."""

    compensating_controls = _text(
        "What is done instead",
        "Controls that make up for the condition while it is not met.",
        "Say what is done instead.",
    )
    use_limits = _text(
        "How use is limited",
        "Who may use it, for what, how much, until the condition is met.",
        "Say how use is limited meanwhile.",
    )
    residual_risk = _text(
        "What risk remains",
        "What can still go wrong, and what that would cost.",
        "Say what risk remains.",
    )
    ends_on = forms.DateField(
        label="Its last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Say when it ends.", "invalid": "Give a day as 2026-12-31."},
    )

    @property
    def asked(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        terms = {name: given.pop(name) for name in WaiverTerms.__annotations__}
        return {**given, "terms": WaiverTerms(**terms)}


class WaiverForm(TermsForm):
    """The ask for a waiver of one condition."""

    condition = forms.ChoiceField(
        label="Condition",
        error_messages={"required": "Choose the condition.", "invalid_choice": "Choose one."},
    )
    obligations = forms.MultipleChoiceField(
        label="Obligations it covers",
        help_text="Those that are open and close a gate now. It extends to no others.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Say which obligations it covers.",
            "invalid_choice": "Choose among those that are open now.",
        },
    )
    field_order = ("condition",)

    @property
    def chosen(self) -> str:
        """The condition that was chosen so far, in the form or by the address that led to it."""
        return str(self["condition"].value() or "")

    def offer(self, conditions: Sequence[Condition], *, last: date, days: int) -> None:
        """Show which conditions can be waived, and until when."""
        named = [(one.id, one.title) for one in conditions]
        choices = [("", "Choose a condition"), *named]
        condition = self.fields["condition"]
        assert isinstance(condition, forms.ChoiceField)
        condition.choices = choices
        limit_to(self, last=last, days=days)

    def offer_obligations(self, offered: Sequence[tuple[str, str]]) -> None:
        """Ask which obligations it covers, where it may cover some."""
        if not offered:
            del self.fields["obligations"]
            return
        obligations = self.fields["obligations"]
        assert isinstance(obligations, forms.MultipleChoiceField)
        obligations.choices = list(offered)


def limit_to(form: forms.Form, *, last: date, days: int) -> None:
    """Say until when a waiver may hold."""
    form.fields["ends_on"].help_text = f"Within {days} days: {last} at the latest."


class SigningForm(ConfirmingForm, ReasonForm):
    """One person's signature in one role, with the ticket that says what was shown."""

    ticket = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="As",
        choices=roles.CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Say in which role."},
    )
    field_order = ("role", "decision", "reason")

    def offer(self, seats: Sequence[FreeSeat], *, ticket: str) -> None:
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


class WaiverSigningForm(SigningForm):
    """Somebody grants a waiver in a role, or declines it."""

    decision = forms.ChoiceField(
        label="I",
        choices=[
            (WaiverSignOff.Decision.APPROVE, "approve"),
            (WaiverSignOff.Decision.DECLINE, "decline"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Approve or decline."},
    )

    def clean_decision(self) -> WaiverSignOff.Decision:
        return WaiverSignOff.Decision(self.cleaned_data["decision"])


class AtOnceForm(ConfirmingForm, WayBackForm):
    """Going back in an emergency."""

    typed_name = forms.CharField(
        label="Name of the model",
        max_length=200,
        required=False,
        help_text="Type it in full, so that nobody does this by mistake.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the name of the model to confirm."},
    )

    def ask_name(self) -> None:
        """Let nobody go on without the name."""
        self.fields["typed_name"].required = True


class RetentionForm(forms.Form):
    """How long the records of a model are kept."""

    name = forms.CharField(
        label="Retention class",
        max_length=120,
        help_text="What your schedule calls it, such as “credit models”.",
        error_messages={"required": "Name the retention class."},
    )
    years = forms.IntegerField(
        label="Years after decommissioning",
        min_value=1,
        max_value=100,
        error_messages={"required": "Say for how many years."},
    )
    basis = forms.CharField(
        label="Basis",
        max_length=2000,
        help_text="The rule or agreement it follows from.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what it follows from."},
    )
