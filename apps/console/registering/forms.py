"""Forms that register: models, and versions with all that is known about them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.accounts.models import Team, User
from apps.catalog import names
from apps.catalog.models import ModelVersion
from apps.catalog.training import RunFacts
from apps.console.forms import DescribeModelForm
from apps.console.registering import typed
from apps.core.errors import DomainError
from apps.core.inputs import read_json


class WordedField(forms.CharField):
    """A text that the catalog reads, so that the rule and the words of its refusal are one."""

    def __init__(self, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self._read = read

    def clean(self, value: Any) -> Any:
        """Return what was read from the text, or say what keeps it from being read."""
        text = super().clean(value)
        try:
            return self._read(text)
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from None


class JsonField(WordedField):
    """JSON as it was typed or pasted; on refusal it stands there again, letter by letter."""

    def __init__(
        self,
        label: str,
        help_text: str,
        *,
        rows: int = 5,
        of: Callable[[Any], Any] = typed.anything,
    ) -> None:
        looks = {"rows": rows, "class": "mono", "spellcheck": "false", "autocapitalize": "none"}
        super().__init__(
            lambda text: of(read_json(text) if text else None),
            label=label,
            help_text=help_text,
            required=False,
            widget=forms.Textarea(attrs=looks),
        )


class PersonField(forms.ModelChoiceField):
    """One of the people whose account is open."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=_people(), empty_label=None, **options)


def _people() -> QuerySet[User]:
    people: QuerySet[User] = User.objects.filter(
        is_active=True, is_service_account=False, is_examiner=False
    )
    return people.order_by("display_name", "pk")


class RegisterModelForm(DescribeModelForm):
    """A model to register."""

    name = WordedField(
        typed.model_name,
        label="Name",
        max_length=names.MOST_NAME,
        strip=False,
        help_text="What programs call it, for good: letters, digits, hyphens. Such as "
        "credit-default.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "Give the model a name."},
    )
    owner = PersonField(
        label="Owner",
        help_text="Answers for the model, its use and its risk. You become its developer.",
    )
    team = forms.ModelChoiceField(
        label="Team", required=False, queryset=Team.objects.order_by("name"), empty_label="None"
    )
    field_order = ("name", "title", "owner", "team")


class RegisterVersionForm(forms.Form):
    """What is known about a version beside its files."""

    description = forms.CharField(
        label="Description",
        required=False,
        max_length=5000,
        help_text="What is new, and why. Shown to everybody who reviews it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    change_class = forms.ChoiceField(
        label="Change class",
        required=False,
        choices=[("", "Not classified"), *ModelVersion.ChangeClass.choices],
    )
    contributors = forms.ModelMultipleChoiceField(
        label="Others who built it",
        required=False,
        queryset=_people(),
        help_text="Nobody who built a version signs it off. You are counted already; hold Ctrl or "
        "⌘ to choose several.",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    framework = forms.CharField(
        label="Framework", required=False, max_length=120, help_text="Such as scikit-learn 1.7.2."
    )
    python_version = forms.CharField(
        label="Python version", required=False, max_length=20, help_text="Such as 3.11.7."
    )
    packages = WordedField(
        typed.packages,
        label="Packages",
        required=False,
        help_text="One on each line, pinned, as in requirements.txt.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )
    code_repository = forms.CharField(
        label="Code repository", required=False, max_length=500, help_text="Its address."
    )
    code_commit = forms.CharField(
        label="Commit", required=False, max_length=64, help_text="7 to 64 hexadecimal digits."
    )
    code_is_dirty = forms.BooleanField(label="With changes not committed", required=False)
    signature = JsonField(
        "Signature",
        "JSON, an object with inputs and outputs, as MLflow writes it.",
        of=typed.signature,
    )
    input_example = JsonField("Input example", "JSON that fits the inputs. A check compares them.")
    parameters = JsonField(
        "Parameters", 'JSON, an object such as {"max_depth": 3}.', rows=4, of=typed.parameters
    )
    metrics = JsonField(
        "Metrics",
        "JSON, a list of objects with key and value; dataset, slice, lower, upper, "
        "higher_is_better and step may be added.",
        rows=6,
        of=typed.metrics,
    )

    def __init__(self, *args: Any, registrant: User, **options: Any) -> None:
        super().__init__(*args, **options)
        contributors = self.fields["contributors"]
        assert isinstance(contributors, forms.ModelMultipleChoiceField)
        contributors.queryset = _people().exclude(pk=registrant.pk)

    def facts(self) -> dict[str, Any]:
        """Return what was typed as the operation takes it."""
        facts = dict(self.cleaned_data)
        run = RunFacts(parameters=facts.pop("parameters"), metrics=facts.pop("metrics"))
        return facts | {"run": run}
