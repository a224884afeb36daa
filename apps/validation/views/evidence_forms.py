"""Forms of evidence: what is added, and what somebody else says of it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.catalog.receiving import SpooledFile
from apps.core import formats
from apps.validation.evidence.types import Binding, of_binding, types
from apps.validation.operations.evidence import (
    MOST_BYTES,
    MOST_LINK,
    MOST_NOTE,
    MOST_TITLE,
    SentFile,
    Subject,
)


class EvidenceForm(forms.Form):
    """A file or a link, and what it is evidence of."""

    type = forms.ChoiceField(
        label="What it is", error_messages={"required": "Choose what it is evidence of."}
    )
    use = forms.ChoiceField(
        label="Use",
        required=False,
        help_text="Only for evidence about a use: the last group of the list above.",
    )
    title = forms.CharField(
        label="Title",
        max_length=MOST_TITLE,
        help_text="As it stands on the document.",
        error_messages={"required": "Give it a title."},
    )
    file = forms.FileField(
        label="File",
        required=False,
        allow_empty_file=True,
        help_text=f"At most {formats.size(MOST_BYTES)}. It is kept as it is, never opened.",
        widget=forms.FileInput,
    )
    link = forms.CharField(
        label="Or a link",
        required=False,
        max_length=MOST_LINK,
        help_text="https:// and where it lies. Signet shows it and never fetches it.",
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    valid_until = forms.DateField(
        label="Last day it counts",
        required=False,
        help_text="Where the document says one, such as a certificate.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=MOST_NOTE,
        help_text="What it shows, and where in it a verifier should look.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        version: ModelVersion,
        uses: Iterable[UseCase],
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, files, **options)
        self._version = version
        self._uses = {use.key: use for use in uses}
        self._choices("type").choices = [("", "Choose"), *_groups(version)]
        self._choices("use").choices = [
            ("", "None"),
            *((key, str(use)) for key, use in self._uses.items()),
        ]

    @property
    def has_uses(self) -> bool:
        """Whether the model has a use that evidence can be about."""
        return bool(self._uses)

    def clean(self) -> dict[str, Any]:
        """Ask for the use where the type is about one."""
        values: dict[str, Any] = super().clean() or {}
        kind = types().get(values.get("type", ""))
        if kind is not None and kind.binds_to is Binding.USE_CASE and not values.get("use"):
            field, words = (
                ("use", "Choose the use it is about.")
                if self._uses
                else (
                    "type",
                    "This is about a use, and the model has none. Its owner adds one first.",
                )
            )
            self.add_error(field, words)
        return values

    def subject(self) -> Subject:
        """Return what the evidence is attached to, by what its type binds to."""
        binding = types()[self.cleaned_data["type"]].binds_to
        if binding is Binding.USE_CASE:
            return self._uses[self.cleaned_data["use"]]
        model: RegisteredModel = self._version.model
        return self._version if binding is Binding.VERSION else model

    def facts(self) -> dict[str, Any]:
        """Return the rest as the operation takes it."""
        sent: SpooledFile | None = self.cleaned_data["file"]
        return {
            "type_id": self.cleaned_data["type"],
            "file": SentFile(sent.name or "", sent) if sent is not None else None,
            **{key: self.cleaned_data[key] for key in ("title", "link", "note", "valid_until")},
        }

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field


class VerifyForm(forms.Form):
    """The word of somebody who looked at the evidence."""

    looked = forms.BooleanField(
        label="I looked at it, and it shows what it is given for",
        error_messages={"required": "Look at it first, then tick this."},
    )


def _groups(version: ModelVersion) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Yield every type under what it binds to."""
    for binding in Binding:
        heading = f"About {version}" if binding is Binding.VERSION else binding.heading
        yield heading, [(one.id, one.title) for one in of_binding(binding)]
