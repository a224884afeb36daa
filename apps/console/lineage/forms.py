"""Forms of assets and lineage. Rules are asked by the operations."""

from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts.models import Team
from apps.catalog import lineage
from apps.catalog.lineage import End
from apps.catalog.models import Asset
from apps.catalog.models.lineage import MOST_ASSET_NAME, MOST_LOCATION
from apps.catalog.operations import AssetFacts
from apps.console.lineage import ends
from apps.console.registering.forms import PersonField
from apps.core.actors import Actor
from apps.core.errors import DomainError

NOT_SAID = "not_said"
"""Has to be sent, so that an empty form takes nothing away."""

_PLAIN = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


def _text(label: str, hint: str, most: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=most,
        widget=forms.TextInput(attrs=_PLAIN),
    )


class DescribeAssetForm(forms.Form):
    """What may change about an asset."""

    location = _text(
        "Location",
        "Where it lies, such as s3://lake/loans. Nothing is read from there.",
        MOST_LOCATION,
    )
    description = forms.CharField(
        label="Description",
        help_text="What it holds or does, since when, and what to know before using it.",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    owner = PersonField(
        label="Owner", required=False, help_text="Whom to tell when something is wrong with it."
    )
    team = forms.ModelChoiceField(
        label="Team", required=False, queryset=Team.objects.order_by("name"), empty_label="None"
    )
    sensitivity = forms.ChoiceField(
        label="Sensitivity",
        choices=[(NOT_SAID, "Not said"), *Asset.Sensitivity.choices],
        error_messages={"required": "Choose how sensitive it is, or that it is not said."},
    )
    license = _text("License", "An SPDX expression, such as CC-BY-4.0.", 200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.empty_label = "Nobody"

    @classmethod
    def of(cls, asset: Asset, data: QueryDict | None) -> "DescribeAssetForm":
        """Return the form with what is known now, or with what was sent."""
        known = {name: getattr(asset, name) or None for name in cls.base_fields}
        return cls(data, initial={**known, "sensitivity": asset.sensitivity or NOT_SAID})

    def clean_sensitivity(self) -> str:
        """Return nothing for what is not said."""
        chosen: str = self.cleaned_data["sensitivity"]
        return "" if chosen == NOT_SAID else chosen

    def facts(self) -> AssetFacts:
        """Return what was typed."""
        names = DescribeAssetForm.base_fields
        return AssetFacts(**{name: self.cleaned_data[name] for name in names})


class DeclareAssetForm(DescribeAssetForm):
    """An asset to declare. What names it stays for good."""

    kind = forms.ChoiceField(label="Kind", choices=Asset.Kind.choices)
    name = forms.CharField(
        label="Name",
        max_length=MOST_ASSET_NAME,
        help_text="What people call it. It stays for good, with kind, version and digest.",
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"required": "Give the asset a name."},
    )
    version = _text("Version", "When there are several, such as 2026-q3.", 120)
    digest = _text("Digest", "What a program computes over its content.", 128)
    field_order = ("kind", "name", "version", "digest")

    def identity(self) -> dict[str, str]:
        """Return what names the asset."""
        return {name: self.cleaned_data[name] for name in ("kind", "name", "version", "digest")}


class EdgeForm(forms.Form):
    """What something is made from, or what uses it."""

    relation = forms.ChoiceField(
        label="Relation", error_messages={"required": "Choose what holds."}
    )
    other = forms.CharField(
        label="Asset or version",
        max_length=700,
        help_text="The name of an asset, or a model and version such as credit-default v12.",
        widget=forms.TextInput(attrs={**_PLAIN, "list": "ends"}),
        error_messages={"required": "Name an asset or a version."},
    )

    def __init__(self, data: QueryDict | None, *, here: End, actor: Actor) -> None:
        super().__init__(data)
        self.here, self.actor = here, actor
        relation = self.fields["relation"]
        assert isinstance(relation, forms.ChoiceField)
        relation.choices = [
            ("", "Choose what holds"),
            *lineage.choices_for(lineage.kind_of(here)),
        ]

    def clean_other(self) -> End:
        """Return the one asset or version that is meant."""
        try:
            return ends.found(self.actor, self.cleaned_data["other"].strip())
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def edge(self) -> tuple[End, End, str]:
        """Return origin, target and relation."""
        relation, origin, target = lineage.split_choice(
            self.cleaned_data["relation"], self.here, self.cleaned_data["other"]
        )
        return origin, target, relation
