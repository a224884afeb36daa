"""Forms of rollouts: which version, in which part, with which share, and why."""

from collections.abc import Sequence

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from apps.approvals.forms import REASON_HINT, ReasonForm
from apps.approvals.serving.operations.rollouts import MOST_TOLD
from apps.catalog.models import ModelVersion
from apps.core.inputs import MOST_INTEGER
from apps.deployments.models import Environment, Placement
from apps.deployments.rolling import ALL, MOST_SERVICE, Asked

_ROLES = Placement.Role
ROLE_HINT = (
    "A champion answers what no other one does. A challenger and a canary take a share from it. "
    "A shadow answers nothing and is compared."
)
SHARE_HINT = "Percent of the requests. What others leave over is the champion's."


class WhereForm(forms.Form):
    """Which version is to go where; asked in the address, so that it can be sent to somebody."""

    version = forms.ModelChoiceField(
        label="Version",
        queryset=ModelVersion.objects.none(),
        to_field_name="number",
        empty_label=None,
        error_messages={"invalid_choice": "Choose a version of this model."},
    )
    environment = forms.ModelChoiceField(
        label="Environment",
        queryset=Environment.objects.none(),
        to_field_name="name",
        empty_label=None,
        error_messages={"invalid_choice": "Choose an open environment."},
    )

    def offer(self, versions: QuerySet[ModelVersion], environments: QuerySet[Environment]) -> None:
        """Show which versions and environments there are."""
        for name, rows in (("version", versions), ("environment", environments)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        self.fields["version"].label_from_instance = _version_label  # type: ignore[attr-defined]


class DeployForm(forms.Form):
    """In which part a version is to run there, and why."""

    role = forms.ChoiceField(
        label="Role", choices=_ROLES.choices, initial=_ROLES.CHAMPION, help_text=ROLE_HINT
    )
    share = forms.IntegerField(
        label="Share", min_value=0, max_value=ALL, initial=ALL, help_text=SHARE_HINT
    )
    service = forms.CharField(
        label="Name of the service",
        required=False,
        max_length=MOST_SERVICE,
        help_text="What it is called there; made from the model's name when empty.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        help_text=f"{REASON_HINT} Needed where a version is let through that is not admissible.",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def parts(self, version: ModelVersion, running: Sequence[Asked]) -> list[Asked]:
        """Return what is to run with the version in its part: others stay as far as there is room.

        A champion with all of the traffic stands alone. Beside others, their champion gives up
        what the version takes; whether that adds up is for the operation to say.
        """
        new = Asked(version, self.cleaned_data["role"], self.cleaned_data["share"])
        if new.role == _ROLES.CHAMPION and new.share == ALL:
            return [new]
        others = [part for part in running if part.version.pk != version.pk]
        if new.role == _ROLES.CHAMPION:
            others = [_stepped_down(part) for part in others]
        return [new, *_given_room(others, new.share)]


class PartForm(forms.Form):
    """One version that is to run, with the part it is to have from now on."""

    role = forms.ChoiceField(label="Role", choices=_ROLES.choices)
    share = forms.IntegerField(label="Share", min_value=0, max_value=ALL)
    stays = forms.BooleanField(label="Runs on", required=False, initial=True)

    def __init__(self, part: Asked, data: QueryDict | None) -> None:
        known = {"role": part.role, "share": part.share}
        super().__init__(data, initial=known, prefix=f"v{part.version.number}")
        self.part = part

    def asked(self) -> Asked | None:
        """Return the part the version is to have; nothing when it is taken out."""
        told = self.cleaned_data
        return Asked(self.part.version, told["role"], told["share"]) if told["stays"] else None


class ShiftForm(ReasonForm):
    """Why traffic is shifted, and from which rollout on, as the page showed it."""

    shown = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST_INTEGER
    )


class ByHandForm(forms.Form):
    """How a rollout ended that people carry out."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        choices=[("done", "It is done: it runs as asked for"), ("failed", "It failed")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is done."},
    )
    told = forms.CharField(
        label="What happened",
        required=False,
        max_length=MOST_TOLD,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed when it failed.",
    )


class WayBackForm(ReasonForm):
    """Why a deployment goes back, and to which rollout the page said."""

    to = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=MOST_INTEGER
    )


def _version_label(version: ModelVersion) -> str:
    return f"Version {version.number}, {version.get_stage_display().lower()}"


def _stepped_down(part: Asked) -> Asked:
    """Return the champion of before as a challenger of the new one; others as they are."""
    if part.role != _ROLES.CHAMPION:
        return part
    return Asked(part.version, _ROLES.CHALLENGER.value, part.share)


def _given_room(others: Sequence[Asked], share: int) -> list[Asked]:
    """Let the one with the most of the traffic give up what a new version takes of it."""
    total = sum(part.share for part in others) + share
    if not others or total == ALL:
        return list(others)
    most = max(others, key=lambda part: part.share)
    left = max(0, most.share + ALL - total)
    return [Asked(part.version, part.role, left) if part is most else part for part in others]
