"""Forms of exam rooms. The rules are the operations'."""

from typing import Any

from django import forms

from apps.accounts.models import User
from apps.catalog import exams
from apps.catalog.models import ExamRoom
from apps.catalog.operations import Exam

MOST_NAMES = 200_000


def _moment(label: str, hint: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=hint,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": "Name a moment.",
            "invalid": "Give a moment as 2026-12-31T17:00.",
        },
    )


def _names() -> forms.CharField:
    return forms.CharField(
        label="Models",
        help_text="One name a line. The list is kept as it is sent: later models do not join it.",
        max_length=MOST_NAMES,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Name at least one model."},
    )


def _reason(hint: str) -> forms.CharField:
    return forms.CharField(
        label="Why",
        help_text=hint,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give a reason."},
    )


class OpenExamForm(forms.Form):
    """An exam: who examines, for whom, what, and until when."""

    examiner: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        User.objects.none(),
        label="Examiner",
        empty_label=None,
        help_text="An administrator opens the accounts of examiners. They hold no duty here.",
        error_messages={"required": "Choose who examines."},
    )
    title = forms.CharField(
        label="Title", max_length=200, error_messages={"required": "Give the exam a title."}
    )
    authority = forms.CharField(
        label="Authority",
        max_length=200,
        help_text="Whom the examiner comes from: a supervisor, an external auditor.",
        error_messages={"required": "Say whom the examiner comes from."},
    )
    begins_at = _moment("From", "In UTC.")
    until = _moment("Until", "In UTC. From this minute on nothing is shown.")
    names = _names()
    parts = forms.MultipleChoiceField(
        label="What is shown of them",
        help_text="Facts, checks, monitoring and decisions always are.",
        choices=ExamRoom.Part.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = _reason("The matter, or the letter that asks for it. Kept for good.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["examiner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = exams.examiners()

    @property
    def exam(self) -> Exam:
        """What the operation takes."""
        given = self.cleaned_data
        return Exam(
            given["title"],
            given["authority"],
            given["begins_at"],
            given["until"],
            given["names"].splitlines(),
            given["parts"],
        )


class AddModelsForm(forms.Form):
    """Further models of an exam."""

    names = _names()
    reason = _reason("What the examiner needs them for. Kept for good.")


class ReasonForm(forms.Form):
    """Asks why."""

    reason = _reason("Kept for good, shown to auditors.")
