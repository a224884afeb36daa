"""Forms of decisions. Rules are asked by the operations; a form only asks for what is missing."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.approvals import onlookers
from apps.catalog.lifecycle import Stage
from apps.core.inputs import MOST_INTEGER

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


class WayBackForm(ReasonForm):
    """Why a model goes back, and to which version the page said: sent twice, it goes there once."""

    to = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=MOST_INTEGER
    )


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


class PersonField(forms.CharField):
    """One of some people, typed by sign-in name or whole name; a list on the page completes it."""

    def __init__(self, label: str, people: Sequence[User], **options: Any) -> None:
        widget = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(
            label=label, max_length=150, widget=widget, **{"required": False, **options}
        )
        self.people = people

    def clean(self, value: Any) -> User | None:
        """Return the one person of that name."""
        name = super().clean(value)
        if not name:
            return None
        found = onlookers.named(self.people, name)
        if not found:
            raise forms.ValidationError("Nobody who can be named here bears this name.")
        if len(found) > 1:
            raise forms.ValidationError("Several bear this name. Give the sign-in name.")
        return found[0]
