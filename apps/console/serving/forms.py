"""Forms of environments. Rules are asked by the operations."""

import json
from typing import Any

from django import forms
from django.http import QueryDict

from apps.approvals.forms import ReasonForm
from apps.console.registering.forms import JsonField, PersonField
from apps.core.inputs import InputRefused
from apps.deployments import deployers
from apps.deployments.models import Environment
from apps.deployments.operations import EnvironmentFacts
from apps.deployments.operations.environments import (
    MAY_RUN,
    MOST_DESCRIPTION,
    MOST_MINUTES,
    MOST_NAME,
    MOST_REGION,
    MOST_TITLE,
    MOST_USE,
    MOST_USES,
)

_PLAIN = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


def _settings(value: object) -> dict[str, object]:
    """Return settings by their names; none when nothing was typed."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputRefused('Settings are an object of names and values: {"url": "https://…"}.')
    return value


class EnvironmentForm(forms.Form):
    """What is said of an environment."""

    title = forms.CharField(
        label="Title",
        required=False,
        max_length=MOST_TITLE,
        help_text="What people call it, such as Production, EU.",
    )
    description = forms.CharField(
        label="Description",
        required=False,
        max_length=MOST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    admits = forms.MultipleChoiceField(
        label="Admits versions in",
        choices=[(stage.value, stage.label) for stage in MAY_RUN],
        widget=forms.CheckboxSelectMultiple,
        help_text="A version of another stage is not admissible here.",
        error_messages={"required": "Tick one stage or more."},
    )
    enforcement = forms.ChoiceField(
        label="What is not admissible",
        choices=Environment.Enforcement.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what happens to it."},
    )
    region = forms.CharField(
        label="Region", required=False, max_length=MOST_REGION, help_text="Such as eu-central-1."
    )
    owner = PersonField(label="Owner", help_text="Answers for what is seen here.")
    uses = forms.CharField(
        label="Uses",
        required=False,
        max_length=MOST_USES * (MOST_USE + 2),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it serves, as people say it, one to a line. Such as Instant loan decision.",
    )
    deployer = forms.ChoiceField(
        label="Carried out by",
        help_text="Brings rollouts about here.",
        error_messages={"required": "Say who brings rollouts about."},
    )
    target = JsonField(
        "Settings of the deployer",
        "JSON, without any secret: those belong into the environment of the worker.",
        of=_settings,
    )
    seen_within_minutes = forms.IntegerField(
        label="Not seen after … minutes",
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text="Empty where nobody looks.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        deployer = self.fields["deployer"]
        assert isinstance(deployer, forms.ChoiceField)
        deployer.choices = [(one.name, one.title) for one in deployers.all_deployers()]

    def facts(self) -> EnvironmentFacts:
        """Return what was said."""
        told = self.cleaned_data
        return EnvironmentFacts(
            owner=told["owner"],
            admits=tuple(told["admits"]),
            enforcement=told["enforcement"],
            title=told["title"],
            description=told["description"],
            region=told["region"],
            uses=tuple(line.strip() for line in told["uses"].splitlines() if line.strip()),
            deployer=told["deployer"],
            target=told["target"],
            seen_within_minutes=told["seen_within_minutes"],
        )


class CreateEnvironmentForm(EnvironmentForm):
    """An environment to describe for the first time."""

    name = forms.CharField(
        label="Name",
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text="What programs call it, for good: a to z, digits and hyphens. Such as "
        "production-eu.",
    )
    field_order = ("name",)


class ChangeEnvironmentForm(EnvironmentForm, ReasonForm):
    """What an environment is from now on, and why."""

    field_order = (*EnvironmentForm.base_fields, "reason")

    @classmethod
    def of(cls, environment: Environment, data: QueryDict | None) -> "ChangeEnvironmentForm":
        """Return the form with what is known now, or with what was sent."""
        known = {
            name: getattr(environment, name)
            for name in EnvironmentForm.base_fields
            if name not in {"uses", "target", "owner"}
        }
        known["owner"] = environment.owner_id
        known["uses"] = "\n".join(environment.uses)
        known["target"] = json.dumps(environment.target, indent=2) if environment.target else ""
        return cls(data, initial=known)
