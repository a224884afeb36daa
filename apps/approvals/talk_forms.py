"""Forms of the talk about a request, of conditions met, and of delegations."""

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.approvals.forms import REASON_HINT, PersonField, ReasonForm
from apps.approvals.models import Comment
from apps.catalog.models import RegisteredModel
from apps.validation.models import EvidenceItem

MENTION_HINT = "Plain text; links work. Name people by @ and their sign-in name."


def _day(label: str, missing: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": missing, "invalid": "Give a day as 2026-12-31."},
    )


class ReplyForm(forms.Form):
    """What somebody answers to a comment."""

    text = forms.CharField(
        label="Comment",
        help_text=MENTION_HINT,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something."},
    )


class CommentForm(ReplyForm):
    """What somebody says about a section of the page."""

    section = forms.ChoiceField(label="About", choices=Comment.Section.choices)
    field_order = ("section", "text")


class NoteForm(ReasonForm):
    """What who asked says about the warnings of a gate; a sign-off binds it."""

    reason = forms.CharField(
        label="Why it may go on nevertheless",
        help_text=f"Signers read it before they sign. {REASON_HINT}",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it may go on although the gate warns."},
    )


class AnswerForm(ReasonForm):
    """What is answered to somebody who asks for changes or declined."""

    reason = forms.CharField(
        label="Your answer",
        help_text=f"What the signer said stays beside it. {REASON_HINT}",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write an answer."},
    )


class MeetForm(ReasonForm):
    """How a condition of a sign-off was met, and by which evidence."""

    reason = forms.CharField(
        label="How it is met",
        help_text=REASON_HINT,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say how it is met."},
    )
    evidence = forms.ModelChoiceField(
        EvidenceItem.objects.none(),
        label="Evidence",
        required=False,
        empty_label="None",
        help_text="An item of this model that shows it.",
        error_messages={"invalid_choice": "Choose an item of this model."},
    )
    field_order = ("reason", "evidence")

    @classmethod
    def on(cls, model: RegisteredModel, data: Any) -> "MeetForm":
        """Return the form with the evidence of a model to choose from."""
        form, offered = cls(data), EvidenceItem.objects.filter(model=model)
        evidence = form.fields["evidence"]
        assert isinstance(evidence, forms.ModelChoiceField)
        evidence.queryset = offered.filter(withdrawn_at=None, declined_at=None).order_by("-pk")
        return form


class DelegationForm(ReasonForm):
    """Who signs in one's place, in which role, where, and for how long."""

    role = forms.ChoiceField(label="Role", error_messages={"required": "Choose a role."})
    model = forms.ChoiceField(
        label="Where",
        required=False,
        help_text="A role held on one model is delegated on that model alone.",
    )
    starts_on = _day("First day", "Say when it begins.")
    ends_on = _day("Last day", "Say when it ends.")
    field_order = ("to", "role", "model", "starts_on", "ends_on", "reason")

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        roles: Sequence[tuple[str, str]],
        models: Sequence[RegisteredModel],
    ) -> None:
        super().__init__(data)
        self.fields["to"] = PersonField(
            "Who signs for you",
            people,
            required=True,
            help_text="A person who signs on the same models in some role of their own.",
            error_messages={"required": "Name the person."},
        )
        role, where = self.fields["role"], self.fields["model"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(where, forms.ChoiceField)
        role.choices = [("", "Choose a role"), *roles]
        where.choices = [("", "Every model"), *((one.name, one.name) for one in models)]
        self.models = {one.name: one for one in models}
        self.order_fields(self.field_order)

    def clean_model(self) -> RegisteredModel | None:
        return self.models.get(self.cleaned_data["model"])
