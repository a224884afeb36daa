"""Forms of incidents. Rules are asked by the operations; a form only asks for what is missing."""

from datetime import UTC, datetime
from typing import Any

from django import forms

from apps.risk import clocks
from apps.risk.assessment_forms import ReasonForm
from apps.risk.finding_forms import PersonField, VersionForm, one_of, words
from apps.risk.models import Incident
from apps.risk.models.incidents import MOST_REFERENCE, MOST_TITLE
from apps.risk.operations.incidents import Told


class MomentField(forms.DateTimeField):
    """A moment in UTC."""

    def __init__(self, label: str, missing: str = "", **options: Any) -> None:
        super().__init__(
            label=label,
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            error_messages={
                "required": missing,
                "invalid": "Give a moment in UTC, as 2026-12-31T09:30.",
            },
            **options,
        )

    def clean(self, value: Any) -> datetime | None:
        """Return the moment, which is in UTC whatever the zone of the server."""
        found = super().clean(value)
        return found.replace(tzinfo=UTC) if isinstance(found, datetime) else None


class TraitsField(forms.MultipleChoiceField):
    """What is true of an incident, as the reporting clocks ask."""

    def __init__(self) -> None:
        super().__init__(
            label="What is true of it",
            help_text="Reports to authorities follow from what you tick. Leave out what is not so.",
            choices=[(one.id, one.title) for one in clocks.shipped().facts],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            error_messages={"invalid_choice": "Choose of these."},
        )


class IncidentForm(VersionForm):
    """An incident as somebody reports it; nothing is filled in before."""

    title = forms.CharField(
        label="Title", max_length=MOST_TITLE, error_messages={"required": "Give it a title."}
    )
    description = words("What happened", "Say what happened.")
    harm = words("Who or what was harmed", "Say who or what was harmed, or could have been.")
    severity = one_of("Severity", Incident.Severity.choices, "Say how grave it is.")
    traits = TraitsField()
    discovered_at = MomentField(
        "Discovered",
        "Say when it was discovered.",
        help_text="In UTC: when your organization became aware of it. Clocks run from then.",
    )
    happened_at = MomentField("Happened", required=False, help_text="In UTC, as far as is known.")
    owner = PersonField(
        "Who follows it", required=False, help_text="The owner of the model unless named."
    )
    field_order = (
        "title",
        "description",
        "harm",
        "severity",
        "traits",
        "discovered_at",
        "happened_at",
        "version",
        "owner",
    )

    @property
    def asked(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        owner = given.pop("owner")
        return {"told": Told(**given), "owner": owner}


class ContainForm(forms.Form):
    """How an incident was contained."""

    containment = words("What was done", "Say what was done.")


class ClassifyForm(ReasonForm):
    """How grave an incident is, and what is true of it."""

    severity = one_of("Severity", Incident.Severity.choices, "Say how grave it is.")
    traits = TraitsField()
    field_order = ("severity", "traits", "reason")


class ReportForm(forms.Form):
    """When an authority was told, and under what it keeps the report."""

    reported_at = MomentField("Reported", "Say when it was reported.", help_text="In UTC.")
    reference = forms.CharField(
        label="Reference of the authority", max_length=MOST_REFERENCE, required=False
    )
