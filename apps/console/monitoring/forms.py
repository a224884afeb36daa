"""Forms of monitoring: what is watched, within which bands, by whom."""

from typing import Any

from django import forms

from apps.approvals.forms import REASON_HINT
from apps.catalog.models import RegisteredModel
from apps.console.registering.forms import PersonField
from apps.core.errors import DomainError
from apps.validation.models import MonitoringSeries
from apps.validation.monitoring.bands import Bands, threshold
from apps.validation.operations.monitoring import MOST_INTERVAL, Watched

MOST_OFFERED = 50


class ThresholdField(forms.CharField):
    """A number, kept as it is written."""

    def __init__(self, label: str) -> None:
        numeric = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label=label, required=False, max_length=40, widget=numeric)

    def clean(self, value: Any) -> str:
        """Read a threshold, or say in the words of the rules why it is none."""
        text: str = super().clean(value)
        try:
            return threshold(text)
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from None


class BandsForm(forms.Form):
    """The thresholds of a series, who answers for it, and how often a value is expected."""

    amber_least = ThresholdField("Amber below")
    red_least = ThresholdField("Red below")
    amber_most = ThresholdField("Amber above")
    red_most = ThresholdField("Red above")
    owner = PersonField(label="Owner", help_text="Answers for breaches.")
    interval_days = forms.IntegerField(
        label="A value at least every … days",
        min_value=1,
        max_value=MOST_INTERVAL,
        initial=7,
        help_text="When none comes for longer, the page says so.",
    )

    def bands(self) -> Bands:
        """Return the thresholds."""
        names = ("amber_least", "amber_most", "red_least", "red_most")
        return Bands(**{name: self.cleaned_data[name] for name in names})


class StartSeriesForm(BandsForm):
    """A metric to watch."""

    metric = forms.CharField(
        label="Metric", max_length=120, help_text="Such as auc, psi of income, or p95 latency."
    )
    direction = forms.ChoiceField(
        label="Which way is better", choices=MonitoringSeries.Direction.choices
    )
    version = forms.TypedChoiceField(label="About", required=False, coerce=int, empty_value=None)
    environment = forms.CharField(
        label="Environment", required=False, max_length=120, help_text="Where it is measured."
    )
    unit = forms.CharField(label="Unit", required=False, max_length=30, help_text="Such as ms.")
    field_order = (
        "metric",
        "direction",
        "version",
        "environment",
        "unit",
        "amber_least",
        "red_least",
        "amber_most",
        "red_most",
        "owner",
        "interval_days",
    )

    def __init__(self, model: RegisteredModel, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        versions = model.versions.filter(deleted_at=None).order_by("-number")[:MOST_OFFERED]
        self._versions = {version.number: version for version in versions}
        field = self.fields["version"]
        assert isinstance(field, forms.ChoiceField)
        numbers = [(number, f"Version {number}") for number in self._versions]
        field.choices = [("", "The model as a whole"), *numbers]

    def watched(self) -> Watched:
        """Return what is to be watched."""
        return Watched(
            metric=self.cleaned_data["metric"],
            direction=self.cleaned_data["direction"],
            environment=self.cleaned_data["environment"],
            unit=self.cleaned_data["unit"],
            version=self._versions.get(self.cleaned_data["version"]),
        )


class ChangeBandsForm(BandsForm):
    """Other thresholds, and why; with the digest of the series as it was shown."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=71)
    reason = forms.CharField(
        label="Reason",
        help_text=REASON_HINT,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give a reason."},
    )
