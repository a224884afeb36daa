"""Forms of findings. Rules are asked by the operations; a form only asks for what is missing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.catalog.models import ModelVersion
from apps.core.errors import DomainError
from apps.risk import finding_queries
from apps.risk.assessment_forms import ReasonForm, SigningForm
from apps.risk.models import Finding, Severity
from apps.risk.models.findings import MOST_TEXT, MOST_TITLE
from apps.validation.models import EvidenceItem


def words(label: str, missing: str, hint: str = "", most: int = MOST_TEXT) -> forms.CharField:
    """Return a field for some lines of text."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing},
    )


def one_of(label: str, choices: Sequence[tuple[str, str]], missing: str) -> forms.ChoiceField:
    """Return a field of which one choice is taken, none beforehand."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": "Choose one."},
    )


def day(label: str, missing: str, hint: str = "") -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": missing, "invalid": "Give a day as 2026-12-31."},
    )


class PersonField(forms.CharField):
    """A person, typed by sign-in name or whole name."""

    def __init__(self, label: str, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(label=label, max_length=150, widget=widget, **options)

    def clean(self, value: Any) -> User | None:
        """Return the one person of that name."""
        name = super().clean(value)
        if not name:
            return None
        found = finding_queries.person_named(name)
        if not found:
            raise forms.ValidationError("Nobody with an open account bears this name.")
        if len(found) > 1:
            raise forms.ValidationError("Several bear this name. Give the sign-in name.")
        return found[0]


class VersionForm(forms.Form):
    """Something about a model, or about one of its versions."""

    version = forms.ModelChoiceField(
        label="Version",
        queryset=ModelVersion.objects.none(),
        required=False,
        empty_label="The model as a whole",
        error_messages={"invalid_choice": "Choose a version of this model."},
    )

    def offer(self, versions: Any) -> None:
        """Show which versions there are."""
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = versions


class FindingForm(VersionForm):
    """A finding as somebody raises it; nothing is filled in before."""

    title = forms.CharField(
        label="Title", max_length=MOST_TITLE, error_messages={"required": "Give it a title."}
    )
    description = words("What was found", "Say what was found.")
    kind = one_of("Kind", Finding.Kind.choices, "Say what kind of finding it is.")
    severity = one_of("Severity", Severity.choices, "Say how grave it is.")
    owner = PersonField(
        "Owner", required=False, help_text="Who settles it; the owner of the model unless named."
    )
    field_order = ("title", "description", "kind", "severity", "version", "owner")


class PlanForm(forms.Form):
    """How a finding will be settled."""

    plan = words("How it will be settled", "Say how it will be settled.")


class ReadyForm(forms.Form):
    """What was done about a finding."""

    remedy = words("What was done", "Say what was done.")


class EvidenceForm(forms.Form):
    """Which evidence of the model shows what was done."""

    item = forms.ModelChoiceField(
        label="Evidence",
        queryset=EvidenceItem.objects.none(),
        empty_label="Choose an item",
        error_messages={"required": "Choose an item.", "invalid_choice": "Choose one of these."},
    )

    def offer(self, items: Any) -> None:
        """Show which items can be attached."""
        field = self.fields["item"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = items


class AssignForm(ReasonForm):
    """Who is to answer for a finding."""

    owner = PersonField("New owner", error_messages={"required": "Name the new owner."})
    field_order = ("owner", "reason")


class SeverityForm(ReasonForm):
    """How grave a finding is taken to be."""

    severity = one_of("Severity", Severity.choices, "Say how grave it is.")
    field_order = ("severity", "reason")


class ExtendForm(ReasonForm):
    """Until when a finding is to be settled."""

    due = day("New day", "Say until when.")
    field_order = ("due", "reason")


class AcceptForm(SigningForm):
    """Somebody bears the risk of a finding until a day, in a role, and says why."""

    ends_on = day("Its last day", "Say until when.", "After it the finding is open again.")
    field_order = ("role", "ends_on", "reason")

    def limit_to(self, last: date) -> None:
        """Let browsers offer no later day than the policy does."""
        self.fields["ends_on"].widget.attrs["max"] = last.isoformat()


def carried_out(form: forms.Form, carry_out: Any) -> bool:
    """Say whether a form was whole and what it asks was done; else it says what is in the way."""
    if not form.is_valid():
        return False
    try:
        carry_out(**form.cleaned_data)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
