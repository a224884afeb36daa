"""Forms about questionnaires. Rules are asked by the operations; a form asks what is missing."""

from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts.forms import ConfirmingForm
from apps.accounts.roles import role_named
from apps.catalog.receiving import SpooledFile
from apps.core.errors import DomainError
from apps.core.strict_yaml import MOST_BYTES
from apps.risk import questionnaires
from apps.risk.assessment_forms import ReasonForm, as_sent, control
from apps.risk.questionnaire_standing import SIGNING_ROLES
from apps.risk.questionnaires import Question, Questionnaire, QuestionnaireRefused, Result
from apps.risk.questionnaires.limits import MOST_NAME
from apps.risk.questionnaires.scopes import SUBJECT

WRITTEN = "text"
SHIPPED = "shipped:"
ANSWER, ABOUT = "a-", "s-"
SUBJECT_WORDS = {
    "eu_in_scope": "The EU AI Act may apply to it",
    "tiering_required": "It must be tiered",
    "is_ai": "It is an AI system",
    "is_generative": "It is generative",
    "is_agentic": "It acts by itself with tools",
    "is_third_party": "It comes from a supplier",
    "tier": "Its tier",
}


def _text_field(label: str, **words: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(
            attrs={"rows": words.pop("rows"), "spellcheck": "false", "wrap": "off", "class": "mono"}
        ),
        **words,
    )


def _with_plain_ends(text: str) -> str:
    """Return a text with the line ends it is kept with, whatever the browser sends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class StartForm(ReasonForm):
    """What a new draft begins with, and why it is written."""

    start = forms.CharField(
        label="Begin with", widget=forms.Select, error_messages={"required": "Choose a text."}
    )
    own_id = forms.CharField(
        label="Id of your copy",
        required=False,
        max_length=MOST_NAME,
        help_text="For a copy of what comes with Signet: small letters, digits and hyphens, such "
        "as our-tiering. Later releases still arrive under the id they have.",
    )
    file = forms.FileField(
        label="File",
        required=False,
        allow_empty_file=True,
        help_text="YAML, for a text of your own. Or paste it below.",
        widget=forms.FileInput,
    )
    text = _text_field("Text", required=False, rows=12)
    field_order = ("start", "own_id", "file", "text", "reason")

    def offer(self, versions: list[tuple[str, str]]) -> None:
        """Show the texts a draft may begin with."""
        shipped = [
            (
                f"{SHIPPED}{name}",
                f"A copy of {questionnaires.shipped(name)}, which comes with Signet",
            )
            for name in questionnaires.SHIPPED
        ]
        field: Any = self.fields["start"]
        field.widget.choices = [(WRITTEN, "A text of your own"), *shipped, *versions]

    def clean(self) -> dict[str, Any]:
        """Read the file into the text, where it stays if it is refused."""
        values: dict[str, Any] = super().clean() or {}
        values["text"] = _with_plain_ends(values.get("text") or "")
        if sent := values.pop("file", None):
            values["text"] = self._read(sent)
        if values.get("start") == WRITTEN and not values["text"] and "file" not in self.errors:
            self.add_error("text", "Choose a file, or paste a text.")
        return values

    def _read(self, sent: SpooledFile) -> str:
        try:
            sent.require_whole()
        except DomainError as refusal:
            self.add_error("file", str(refusal))
            return ""
        if (sent.size or 0) > MOST_BYTES:
            self.add_error("file", f"A questionnaire holds at most {MOST_BYTES // 1024} KiB.")
            return ""
        try:
            text = _with_plain_ends(sent.path.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", "This is not text in UTF-8.")
            return ""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["text"] = text
        return text

    def refuse(self, refusal: QuestionnaireRefused) -> None:
        """Say at the text everything that is wrong with it."""
        for problem in refusal.problems:
            self.add_error("text", problem)


class TextForm(forms.Form):
    """The text of a draft, with the digest of the text that was opened."""

    edited = forms.CharField(widget=forms.HiddenInput, max_length=80)
    text = _text_field(
        "Questionnaire", rows=32, error_messages={"required": "A questionnaire is not empty."}
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        return _with_plain_ends(text)

    def refuse(self, refusal: QuestionnaireRefused) -> None:
        """Say at the text everything that is wrong with it."""
        for problem in refusal.problems:
            self.add_error("text", problem)

    def open_again(self, edited: str) -> None:
        """Let what was typed be saved over the text there is now, which its reader was told of."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["edited"] = edited


class SignForm(ConfirmingForm):
    """One person's signature under a questionnaire, with the ticket that says what was shown."""

    ticket = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="As",
        choices=[(role, role_named(role).title) for role in SIGNING_ROLES],
        widget=forms.RadioSelect,
        error_messages={"required": "Say in which role."},
    )
    reason = forms.CharField(
        label="Reason",
        help_text="Kept for good, shown to auditors.",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def offer(self, roles: list[str], *, ticket: str) -> None:
        """Show the roles a person may sign in, and a ticket for what is shown; the rest stays."""
        field: Any = self.fields["role"]
        if len(roles) == 1:
            field.widget, field.initial = forms.HiddenInput(), roles[0]
        else:
            field.widget.choices = [(role, role_named(role).title) for role in roles]
        self.initial["ticket"] = ticket
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["ticket"] = ticket


class PreviewForm(forms.Form):
    """A questionnaire to be tried: about a made-up subject, with answers nobody keeps."""

    def __init__(self, data: QueryDict | None, questionnaire: Questionnaire) -> None:
        super().__init__(data)
        self._questions = list(questionnaire.questions)
        for name, words in SUBJECT_WORDS.items():
            self.fields[ABOUT + name] = _about(name, words)
        for question in self._questions:
            self.fields[ANSWER + question.key] = _asked(question)

    @property
    def subject(self) -> dict[str, bool | int]:
        """What is said of the made-up subject."""
        given = {name: self._given(ABOUT + name) for name in SUBJECT}
        return {**given, "tier": int(given["tier"] or 1)}

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, as the questionnaire takes it."""
        return {one.key: as_sent(one, self._given(ANSWER + one.key)) for one in self._questions}

    def keep_only(self, result: Result) -> None:
        """Leave out the questions that are not asked as the answers stand."""
        for question in self._questions:
            if question.key not in result.visible:
                del self.fields[ANSWER + question.key]

    def about(self) -> list[forms.BoundField]:
        """Return what is asked of the made-up subject."""
        return [self[ABOUT + name] for name in SUBJECT_WORDS]

    def asked_in(self, keys: list[str]) -> list[forms.BoundField]:
        """Return what is asked of some questions."""
        return [self[ANSWER + key] for key in keys if ANSWER + key in self.fields]

    def _given(self, name: str) -> Any:
        if self.is_bound:
            return self.cleaned_data.get(name)
        return self.fields[name].initial


def _about(name: str, words: str) -> forms.Field:
    if name == "tier":
        choices = [(str(tier), f"Tier {tier}") for tier in (1, 2, 3, 4)]
        return forms.ChoiceField(label=words, choices=choices, initial="1", required=False)
    return forms.BooleanField(label=words, required=False, initial=True)


def _asked(question: Question) -> forms.Field:
    """Return the control of a question; evidence is named freely, since there is none to choose."""
    if question.evidence_types:
        hint = "In a preview any words stand for the evidence."
        return _Named(label=question.text, help_text=f"{question.help} {hint}", required=False)
    return control(question, ())


class _Named(forms.CharField):
    """A line that stands for a list of one."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return [typed[:100]] if typed else []
