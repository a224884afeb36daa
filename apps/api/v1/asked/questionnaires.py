"""A questionnaire as a caller writes it."""

from apps.api.strictness import Asked


class NewQuestionnaire(Asked):
    """The text of a draft, as YAML, and why it is written."""

    text: str
    reason: str
