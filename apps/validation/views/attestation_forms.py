"""The form of attestations: what is attached."""

from pathlib import PurePosixPath
from typing import Any

from django import forms

from apps.catalog.receiving import SpooledFile
from apps.core import formats
from apps.validation.models import Attestation
from apps.validation.operations.attestations import MOST_BYTES


class AttachForm(forms.Form):
    """A file, and what it is."""

    kind = forms.ChoiceField(
        label="What it is",
        choices=[("", "Choose"), *Attestation.Kind.choices],
        error_messages={"required": "Choose what the file is."},
    )
    file = forms.FileField(
        label="File",
        allow_empty_file=True,
        help_text=f"As the signing tool wrote it; at most {formats.size(MOST_BYTES)}.",
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput,
    )

    def facts(self) -> dict[str, Any]:
        """Return what was filled in as the operation takes it."""
        sent: SpooledFile = self.cleaned_data["file"]
        name = PurePosixPath(sent.name or "").name
        return {"kind": self.cleaned_data["kind"], "name": name, "source": sent}
