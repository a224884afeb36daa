"""Forms that show how fields look: untouched, filled in, and refused."""

from django import forms


class SignOffSample(forms.Form):
    """A decision with its reason, the way a reviewer meets it."""

    decision = forms.ChoiceField(
        label="As Risk and compliance, I",
        choices=(("approve", "approve"), ("changes", "ask for changes"), ("reject", "reject")),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason", help_text="Kept for good, shown to auditors.", widget=forms.Textarea
    )
    environment = forms.ChoiceField(
        label="Environment", choices=(("eu", "eu-prod"), ("us", "us-prod"))
    )
    ticket = forms.CharField(label="Change number", required=False)
    agreed = forms.BooleanField(label="I have read the validation report")

    def clean(self) -> dict[str, object]:
        """Refuse a rejection, so that the gallery can show a refusal of the whole form."""
        if self.cleaned_data.get("decision") == "reject":
            raise forms.ValidationError(
                "The checks changed since this page was opened. Read again."
            )
        return self.cleaned_data


class SignInSample(forms.Form):
    """Name and password."""

    username = forms.CharField(label="User name")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


FRESH = SignOffSample(prefix="fresh")
REFUSED = SignOffSample({"refused-environment": "eu"}, prefix="refused")
OUTDATED = SignOffSample(
    {"old-decision": "reject", "old-reason": "x", "old-environment": "eu", "old-agreed": "on"},
    prefix="old",
)
SIGN_IN = SignInSample(prefix="entry")
