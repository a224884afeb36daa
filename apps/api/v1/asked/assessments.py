"""Assessments as a caller starts, answers and hands them in."""

from typing import Any

from pydantic import Field

from apps.api.strictness import Asked


class NewAssessment(Asked):
    """What to assess by which questionnaire: the model, or a version or a use of it."""

    questionnaire: str = Field(description="The id of a questionnaire that is asked now")
    version: int | None = Field(None, description="The number of a version of the model")
    use: str | None = Field(None, description="The key of a use of the model")


class NewAnswers(Asked):
    """Answers by the key of their question, kept all or none; what is not named stays.

    An answer that a person gave is replaced only when its ``stamp`` stands under ``seen``.
    """

    answers: dict[str, Any] = Field(
        {}, description="As the type of each question says; ``null`` takes an answer away"
    )
    notes: dict[str, str] = Field({}, description="What is said beside an answer")
    seen: dict[str, str] = Field({}, description="The stamp of each answer as you saw it")
    confirmed: list[str] = Field(
        [], description="Questions whose answer was filled in from the inventory and is right"
    )


class AnswerFile(Asked):
    """A whole set of answers, as YAML or JSON in a text of its own."""

    text: str = Field(description="With questionnaire, questionnaire_version and answers by key")


class NewAttachment(Asked):
    """An item of evidence of the model, and the question whose answer rests on it."""

    question: str
    evidence: int = Field(description="The id of the item")


class NewerText(Asked):
    """The newer version of its questionnaire that an assessment is to go on with."""

    digest: str = Field(description="As the assessment names it under newer")
