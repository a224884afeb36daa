"""What people type about themselves; the rules are the operations'."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps.accounts.passkeys import MOST_ANSWER
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


class CodeInput(forms.PasswordInput):
    """A code in plain sight while it is typed, and never shown again."""

    input_type = "text"


class AnswerInput(forms.HiddenInput):
    """What a passkey answered; it counts once, so a form that comes back is without it."""

    def format_value(self, value: Any) -> None:
        return None


class CodeField(forms.CharField):
    """A one-time code, or a recovery code in its place."""

    def __init__(self, label: str, *, help_text: str = "") -> None:
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=label, max_length=80, widget=CodeInput(attrs=attrs), help_text=help_text
        )


class PasswordUnlessPasskey(PasswordField):
    """A password that is asked for, unless a passkey answered: the form decides."""

    def validate(self, value: Any) -> None:
        """Take none as well."""


class CodeIfHeld(CodeField):
    """A code that only whoever holds a second factor is asked for: ``stepping_up`` decides."""

    def validate(self, value: Any) -> None:
        """Take none as well."""


class ConfirmingForm(forms.Form):
    """Asks who somebody is, beside whatever else a form asks; ``stepping_up.confirm`` reads it."""

    password = PasswordUnlessPasskey("Password", autocomplete="current-password")
    code = CodeIfHeld("One-time code")
    assertion = forms.CharField(max_length=MOST_ANSWER, required=False, widget=AnswerInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.confirm_last()

    def confirm_last(self) -> None:
        """Put the proof behind everything else, as pages do: the first error takes the focus."""
        self.order_fields([name for name in self.fields if name not in ConfirmingForm.base_fields])

    @property
    def proof(self) -> dict[str, Any]:
        """What was typed to prove who somebody is, for ``stepping_up.confirm``."""
        return {name: self.cleaned_data.get(name, "") for name in ConfirmingForm.base_fields}

    @property
    def asked(self) -> dict[str, Any]:
        """What else the form asks, and the operation takes."""
        given = self.cleaned_data.items()
        return {name: value for name, value in given if name not in ConfirmingForm.base_fields}

    @property
    def missing(self) -> str:
        """What is wrong beside the proof, or nothing: told before a passkey is asked for one."""
        wrong = (self.errors[name] for name in self.errors if name not in self.proof)
        return " ".join(str(message) for messages in wrong for message in messages)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not values.get("password") and not values.get("assertion"):
            self.add_error("password", "Enter your password to sign.")
        return values


class CodeDeviceForm(forms.Form):
    code = CodeField("Code from the app", help_text="Six digits. They change every 30 seconds.")


class PasskeyForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="Which one it is, such as “work laptop” or “blue key”."
    )
    answer = forms.CharField(
        max_length=MOST_ANSWER,
        widget=AnswerInput,
        error_messages={"required": "Passkeys need JavaScript. Allow it here, or use codes."},
    )

    def clean(self) -> dict[str, Any]:
        """Say above the form what is wrong with a field nobody sees."""
        values: dict[str, Any] = super().clean() or {}
        if "answer" in self.errors:
            raise ValidationError(list(self.errors.pop("answer")))
        return values


def _lifetime() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="It expires after",
        choices=[("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year")],
        initial="90",
        coerce=lambda days: timedelta(days=int(days)),
    )


class CalendarForm(forms.Form):
    """Asks how long a calendar program may read what falls due."""

    expires_in = _lifetime()


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=120, help_text="What will use it, such as “nightly training”."
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope.value, scope.sentence) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_in = _lifetime()

    def clean_scopes(self) -> list[Scope]:
        return [Scope(scope) for scope in self.cleaned_data["scopes"]]
