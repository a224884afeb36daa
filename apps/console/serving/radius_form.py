"""The form that raises a finding on each of several models at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.catalog.models import ModelVersion
from apps.risk.finding_forms import one_of, words
from apps.risk.models import Finding, Severity
from apps.risk.models.findings import MOST_TITLE
from apps.risk.operations.findings import Said


class RadiusForm(forms.Form):
    """What was found, and on which of the models it reaches."""

    models = forms.MultipleChoiceField(
        label="Models",
        widget=forms.CheckboxSelectMultiple,
        help_text="The finding is about the earliest version that can still run, and is carried "
        "to every later one.",
        error_messages={
            "required": "Tick one model or more.",
            "invalid_choice": "%(value)s is not reached from here.",
        },
    )
    title = forms.CharField(
        label="Title", max_length=MOST_TITLE, error_messages={"required": "Give it a title."}
    )
    description = words("What was found", "Say what was found.")
    kind = one_of("Kind", Finding.Kind.choices, "Say what kind of finding it is.")
    severity = one_of("Severity", Severity.choices, "Say how grave it is.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._versions: Mapping[str, ModelVersion] = {}

    def offer(self, versions: Mapping[str, ModelVersion]) -> None:
        """Show which models there are, each with the version the finding would be about."""
        self._versions = versions
        field = self.fields["models"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (name, f"{name}, from version {version.number} on")
            for name, version in sorted(versions.items())
        ]

    def versions(self) -> Sequence[ModelVersion]:
        """Return the version of each chosen model."""
        return [self._versions[name] for name in self.cleaned_data["models"]]

    def said(self, version: ModelVersion) -> Said:
        """Return what is said of a version."""
        told = {key: value for key, value in self.cleaned_data.items() if key != "models"}
        return Said(**told, version=version)
