"""Forms of the console: what is asked before something is done."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts.models import Team, User
from apps.accounts.roles import ROLES, Line
from apps.approvals.forms import ReasonForm
from apps.catalog.models import RegisteredModel
from apps.console.queries import people


def _long_text(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DescribeModelForm(forms.Form):
    """What a model says about itself."""

    title = forms.CharField(label="Title", required=False, max_length=200)
    intended_use = _long_text(
        "Intended use", "What it decides or informs, for whom, with what data."
    )
    out_of_scope_uses = _long_text("Out of scope", "What it must not be used for.")
    limitations = _long_text("Limitations", "Where it is known to be weak.")
    kind = forms.ChoiceField(label="Kind", choices=RegisteredModel.Kind.choices)
    method = forms.CharField(
        label="Method", required=False, max_length=200, help_text="For example gradient boosting."
    )
    domain = forms.CharField(
        label="Domain", required=False, max_length=120, help_text="For example retail credit."
    )
    flags = forms.MultipleChoiceField(
        label="What it does",
        required=False,
        choices=RegisteredModel.Flag.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick what is true: policies ask more of such a model.",
    )

    @classmethod
    def of(cls, model: RegisteredModel, data: QueryDict | None) -> "DescribeModelForm":
        """Return the form with what the model says now, or with what was sent."""
        return cls(data, initial={name: getattr(model, name) for name in cls.base_fields})


class GrantDutyForm(ReasonForm):
    """Who gets which role on a model, and why."""

    holder = forms.CharField(
        label="Person or team",
        max_length=150,
        help_text="A sign-in name, or the whole name of a person or team.",
        widget=forms.TextInput(attrs={"list": "holders", "autocomplete": "off"}),
        error_messages={"required": "Name a person or a team."},
    )
    role = forms.ChoiceField(label="Role", error_messages={"required": "Choose a role."})
    field_order = ("holder", "role", "reason")

    def __init__(self, *args: Any, lines: Collection[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        grantable = [(known.id, known.title) for known in ROLES if known.line in lines]
        role.choices = [("", "Choose a role"), *grantable]

    def clean_holder(self) -> User | Team:
        """Return the one account or team that bears the name."""
        name = self.cleaned_data["holder"]
        found = people.named(name)
        if not found:
            raise forms.ValidationError("Nobody and no team bears this name.")
        if len(found) > 1:
            raise forms.ValidationError("Several bear this name. Give the sign-in name.")
        return found[0]
