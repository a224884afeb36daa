"""What a document says: every field with its value, where it came from, who wrote it and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.core.digests import digest_of
from apps.validation.documents import needs
from apps.validation.documents.autofill import Registry
from apps.validation.documents.needs import Facts, Filled
from apps.validation.documents.origins import origin_in_words
from apps.validation.documents.reading import FieldType, Template, TemplateField
from apps.validation.documents.values import NOT_APPLICABLE, Value

Json = dict[str, Any]
SIGNATURE_COLUMNS = ("role", "name", "signed", "meaning", "digest")


@dataclass(frozen=True)
class Answer:
    """What stands in one field. ``reason`` is why it does not apply; ``by`` who wrote it."""

    field: TemplateField
    value: Value = ""
    columns: Sequence[str] = ()
    reason: str = ""
    by: str = ""
    at: str = ""
    is_answered: bool = False

    @property
    def origin(self) -> str:
        """Where the value comes from, in words."""
        return origin_in_words(self.field)

    def frozen(self) -> Json:
        """Return the answer as a revision keeps it."""
        told: Json = {
            "value": self.value,
            "columns": list(self.columns),
            "reason": self.reason,
            "source": self.field.autofill or self.field.source.value,
            "by": self.by,
            "at": self.at,
        }
        return {key: one for key, one in told.items() if one} | {"answered": self.is_answered}


@dataclass(frozen=True)
class Content:
    """All answers of a document, in the order of its template."""

    template: Template
    answers: Mapping[str, Answer]

    @classmethod
    def of(cls, template: Template, values: Mapping[str, Json], registry: Registry) -> "Content":
        """Return what a draft says now: what people wrote, and what the registry knows."""
        return cls(
            template,
            {
                key: _written(field, values.get(key, {}))
                if field.is_written
                else _filled_in(field, registry)
                for key, field in template.fields.items()
            },
        )

    @classmethod
    def thawed(cls, template: Template, values: Mapping[str, Json]) -> "Content":
        """Return what a revision said when it was submitted."""
        return cls(
            template,
            {key: _thawed(field, values.get(key, {})) for key, field in template.fields.items()},
        )

    def with_signatures(self, rows: Iterable[Sequence[str]]) -> "Content":
        """Return the content with what stands in its blocks of signatures."""
        signed = [list(row) for row in rows]
        blocks = {
            key: Answer(answer.field, signed, SIGNATURE_COLUMNS, is_answered=bool(signed))
            for key, answer in self.answers.items()
            if answer.field.type is FieldType.SIGNATURES
        }
        return Content(self.template, {**self.answers, **blocks})

    @property
    def values(self) -> Mapping[str, Value]:
        """The plain values by field, as conditions read them."""
        return {key: answer.value for key, answer in self.answers.items()}

    def filled(self, *, tier: int, facts: Facts) -> Filled:
        """Return how far the document is filled at a tier."""
        return needs.filled(
            self.template,
            tier=tier,
            facts=facts,
            values=self.values,
            answered=lambda key: self.answers[key].is_answered,
        )

    def frozen(self) -> dict[str, Json]:
        """Return everything as a revision keeps it; signatures are kept on their own."""
        return {
            key: answer.frozen()
            for key, answer in self.answers.items()
            if answer.field.type is not FieldType.SIGNATURES
        }


@dataclass(frozen=True)
class Difference:
    """One field that says something else now."""

    field: TemplateField
    before: Answer
    after: Answer


def differences(before: Content, after: Content) -> list[Difference]:
    """Return the fields that differ, in the order of the template; signatures aside."""
    return [
        Difference(answer.field, answer, after.answers[key])
        for key, answer in before.answers.items()
        if answer.field.type is not FieldType.SIGNATURES
        and _compared(answer) != _compared(after.answers[key])
    ]


def digest_of_text(template: Template, version_digest: str, values: Mapping[str, Json]) -> str:
    """Return the digest that signatures of a revision are given to."""
    return digest_of(
        {
            "template": template.id,
            "template_version": template.version,
            "version_digest": version_digest,
            "values": dict(values),
        }
    )


def _compared(answer: Answer) -> tuple[object, ...]:
    return answer.value or "", answer.reason, answer.is_answered


def _written(field: TemplateField, told: Json) -> Answer:
    value, reason = told.get("value", ""), told.get(NOT_APPLICABLE, "")
    return Answer(
        field,
        value=value,
        columns=field.columns,
        reason=reason,
        by=told.get("by", ""),
        at=told.get("at", ""),
        is_answered=bool(value or reason),
    )


def _filled_in(field: TemplateField, registry: Registry) -> Answer:
    known = registry.says(field)
    return Answer(field, known.value, tuple(known.columns), is_answered=known.is_answered)


def _thawed(field: TemplateField, told: Json) -> Answer:
    return Answer(
        field,
        value=told.get("value", ""),
        columns=tuple(told.get("columns", ())),
        reason=told.get("reason", ""),
        by=told.get("by", ""),
        at=told.get("at", ""),
        is_answered=bool(told.get("answered")),
    )
