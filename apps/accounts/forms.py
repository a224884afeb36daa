"""What people type about themselves; the rules are the operations'."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError

from apps.accounts.rules import MOST_PASSWORD
from apps.accounts.scopes import Scope


class PasswordField(forms.CharField):
    """A password: taken as typed, never shown again."""

    def __init__(self, label: str, *, autocomplete: str, help_text: str = "") -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(
            label=label, strip=False, max_length=MOST_PASSWORD, widget=widget, help_text=help_text
        )


class SignInForm(forms.Form):
    username = forms.CharField(
        label="Sign-in name",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = PasswordField("Password", autocomplete="current-password")


class PasswordForm(forms.Form):
    current = PasswordField("Current password", autocomplete="current-password")
    new = PasswordField(
        "New password",
        autocomplete="new-password",
        help_text="12 characters or more. Length counts; a few unrelated words are good.",
    )
    again = PasswordField("New password again", autocomplete="new-password")

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new", again):
            raise ValidationError("This differs from the new password above.")
        return again


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=120, help_text="What will use it, such as “nightly training”."
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope.value, scope.sentence) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_in = forms.TypedChoiceField(
        label="It expires after",
        choices=[("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year")],
        initial="90",
        coerce=lambda days: timedelta(days=int(days)),
    )

    def clean_scopes(self) -> list[Scope]:
        return [Scope(scope) for scope in self.cleaned_data["scopes"]]
