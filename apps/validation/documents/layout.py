"""A document laid out for reading: sections in order, and each field with its value in words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from apps.core.markdown import rendered
from apps.validation.documents import needs
from apps.validation.documents.content import Answer, Content
from apps.validation.documents.needs import Facts
from apps.validation.documents.reading import (
    TABLES,
    FieldType,
    Need,
    Section,
    TemplateField,
)

_WORD = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"^[\s>*+-]*[0-9]{1,9}[.)]", re.MULTILINE)


@dataclass(frozen=True)
class FieldShown:
    """One field with what stands in it, and whether it has to."""

    answer: Answer
    need: Need

    @property
    def field(self) -> TemplateField:
        """The field of the template."""
        return self.answer.field

    @property
    def origin(self) -> str:
        """Where the value comes from, in words."""
        words = self.answer.origin
        return words if self.field.is_written else f"from {words}"

    @property
    def is_missing(self) -> bool:
        """Whether the field has to be filled and is not."""
        return self.need is Need.REQUIRED and not self.answer.is_answered

    @property
    def is_rich(self) -> bool:
        """Whether the text is Markdown."""
        return self.field.type is FieldType.RICH_TEXT

    @property
    def text(self) -> str:
        """The value of a field that holds one text, in words."""
        value = self.answer.value
        if not isinstance(value, str):
            return ""
        if self.field.type is FieldType.CHOICE:
            return in_words(value)
        return value.replace("/", " to ") if self.field.type is FieldType.DATE_RANGE else value

    @cached_property
    def markup(self) -> str:
        """The same of rich text as markup; nothing where that would hide a word from who signs."""
        markup = rendered(self.text, level=4) if self.is_rich and self.text else ""
        return markup if _shows_all_of(self.text, markup) else ""

    @property
    def items(self) -> Sequence[str]:
        """The entries of a list."""
        value = self.answer.value
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """The rows of a table, without columns that hold nothing nobody asked for."""
        value = self.answer.value
        return [one for one in value if isinstance(one, list)] if isinstance(value, list) else []

    @property
    def columns(self) -> Sequence[str]:
        """The headings of a table, in words."""
        return [in_words(name) for name in self.answer.columns]

    @property
    def nothing(self) -> str:
        """What is said where there is no value."""
        if self.answer.reason:
            return f"Not applicable: {self.answer.reason}"
        if self.answer.value:
            return ""
        if self.field.is_written:
            return "Not written yet"
        if self.field.type is FieldType.SIGNATURES:
            return "Nobody has signed yet"
        return "None" if self.answer.is_answered else "Not recorded yet"


@dataclass(frozen=True)
class SectionShown:
    """Fields that stand together, and how far they are filled."""

    section: Section
    fields: Sequence[FieldShown]

    @cached_property
    def required(self) -> Sequence[FieldShown]:
        """The fields that have to be filled."""
        return [shown for shown in self.fields if shown.need is Need.REQUIRED]

    @cached_property
    def missing(self) -> Sequence[FieldShown]:
        """Those of them that are empty."""
        return [shown for shown in self.fields if shown.is_missing]

    @property
    def progress(self) -> str:
        """How far the section is filled, in words."""
        if not self.required:
            return "Optional"
        return f"{len(self.required) - len(self.missing)} of {len(self.required)} filled"

    @property
    def told(self) -> Sequence[FieldShown]:
        """The fields that say something, or should."""
        return [shown for shown in self.fields if shown.answer.is_answered or shown.is_missing]


def laid_out(content: Content, *, tier: int, facts: Facts) -> list[SectionShown]:
    """Return the sections of a document at a tier, without what that tier leaves out."""
    holds = needs.holder(content.template, facts, content.values)
    shown = []
    for section in content.template.sections:
        fields = [
            FieldShown(
                content.answers[field.key],
                needs.need_of(section, field, tier=tier, holds=holds),
            )
            for field in section.fields
        ]
        kept = [one for one in fields if one.need is not Need.OMIT or one.answer.is_answered]
        if kept:
            shown.append(SectionShown(section, kept))
    return shown


def _shows_all_of(text: str, markup: str) -> bool:
    """Say whether every word of a text stands in its markup; numbers before entries aside."""
    written = Counter(_WORD.findall(_NUMBERED.sub("", text)))
    return not written - Counter(_WORD.findall(unescape(markup)))


def in_words(name: str) -> str:
    """Return a name as words: ``lower_bound`` reads "Lower bound"."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def is_table(field: TemplateField) -> bool:
    """Say whether a field holds rows."""
    return field.type in TABLES or field.type is FieldType.SIGNATURES
