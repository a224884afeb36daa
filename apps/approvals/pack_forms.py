"""The order of an evidence pack."""

from collections.abc import Iterable

from django import forms


class PackForm(forms.Form):
    """What a pack is for."""

    purpose = forms.CharField(
        help_text="Who asks for it and why, as “Supervisor's exam of May”. "
        "Kept for good, and printed on the front page.",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what it is for."},
    )


class PackOfManyForm(PackForm):
    """Which models a pack is of, and what it is for."""

    models = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one model.",
            "invalid_choice": "A chosen model is not on this list any more. Choose again.",
        },
    )
    field_order = ("models", "purpose")

    def offer(self, names: Iterable[str]) -> None:
        """Offer models by their names, all of them chosen until somebody says otherwise."""
        offered = list(names)
        field = self.fields["models"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in offered]
        self.initial["models"] = offered
