"""Reads the document templates once: sections, fields, and what each asks for at a tier."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator

from apps.core import strict_yaml
from apps.core.errors import DomainError, NotFound

CONTENT = Path(__file__).resolve().parent.parent / "content" / "documents"
TIERS = (1, 2, 3, 4)


class TemplateRefused(DomainError):
    """A file is no document template; the message says where and why."""

    code = "template_refused"


class Binding(StrEnum):
    """What a document is about."""

    MODEL = "model"
    VERSION = "version"
    USE_CASE = "use_case"


class Need(StrEnum):
    """Whether a section or field is asked for at a tier."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    OMIT = "omit"


class Source(StrEnum):
    """Who says what stands in a field."""

    REGISTRY = "registry"
    ASSESSMENT = "assessment"
    EVIDENCE = "evidence"
    MONITORING = "monitoring"
    MANUAL = "manual"


class FieldType(StrEnum):
    TEXT = "text"
    RICH_TEXT = "rich_text"
    LIST = "list"
    TABLE = "table"
    METRIC_TABLE = "metric_table"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    DATE_RANGE = "date_range"
    REFERENCE = "reference"
    EVIDENCE = "evidence"
    SIGNATURES = "signature_block"


TABLES = frozenset({FieldType.TABLE, FieldType.METRIC_TABLE})
LISTS = frozenset({*TABLES, FieldType.LIST, FieldType.EVIDENCE, FieldType.SIGNATURES})


@dataclass(frozen=True)
class TemplateField:
    """One field: what it holds, who says it, and where it goes in other formats."""

    key: str
    label: str
    type: FieldType
    source: Source
    autofill: str = ""
    help: str = ""
    columns: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    evidence_types: tuple[str, ...] = ()
    tiers: tuple[Need, ...] = ()
    required_when: str = ""
    not_applicable_allowed: bool = False
    cites: tuple[str, ...] = ()
    maps: tuple[tuple[str, str], ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether people write it in the document; everything else is only shown there."""
        return self.source is Source.MANUAL and self.type is not FieldType.SIGNATURES

    def target(self, form: str) -> str:
        """Return where the field goes in an export format, or nothing."""
        return dict(self.maps).get(form, "")


@dataclass(frozen=True)
class Section:
    """Fields that are read and written together."""

    id: str
    title: str
    guidance: str
    tiers: tuple[Need, ...]
    cites: tuple[str, ...]
    fields: tuple[TemplateField, ...]
    required_when: str = ""

    @property
    def written(self) -> list[TemplateField]:
        """The fields people write."""
        return [field for field in self.fields if field.is_written]


@dataclass(frozen=True)
class Template:
    """One published form of a document. It never changes; another form has another version."""

    id: str
    version: str
    title: str
    summary: str
    binds_to: Binding
    owner_role: str
    signer_roles: tuple[str, ...]
    exports: tuple[str, ...]
    sections: tuple[Section, ...]
    applies_when: str = ""
    aligned_with: tuple[tuple[str, str], ...] = ()
    retention_years_after_market: int = 0

    @property
    def place(self) -> tuple[bool, bool, str]:
        """Where it stands in lists: what always applies and is about a version comes first."""
        return self.binds_to is not Binding.VERSION, bool(self.applies_when), self.id

    @cached_property
    def fields(self) -> Mapping[str, TemplateField]:
        """Every field by its key, in the order of the template."""
        return {field.key: field for section in self.sections for field in section.fields}

    @cached_property
    def shape(self) -> tuple[tuple[str, bool], ...]:
        """Every field's key, and whether it holds a list: what conditions need to know of it."""
        return tuple((field.key, field.type in LISTS) for field in self.fields.values())

    def section(self, section_id: str) -> Section:
        """Return a section of the template.

        Raises:
            NotFound: when it has none of that name.
        """
        for section in self.sections:
            if section.id == section_id:
                return section
        raise NotFound(f"{self.title} has no section {section_id!a:.60}.")


@cache
def shipped() -> Mapping[str, Template]:
    """Return the templates this release ships by id, read once."""
    found = sorted(map(_read, CONTENT.glob("*.yaml")), key=lambda one: one.place)
    return {template.id: template for template in found}


def template_named(template_id: str) -> Template:
    """Return a template by its id.

    Raises:
        NotFound: when there is none.
    """
    found = shipped().get(template_id)
    if found is None:
        raise NotFound(f"There is no document template {template_id!a:.60}.")
    return found


def parse(text: str) -> Template:
    """Return the template a file describes.

    Raises:
        TemplateRefused: when it does not keep to the schema, or uses a key twice.
        YamlRefused: when it is not plain YAML.
    """
    told = strict_yaml.load(text)
    for error in _schema().iter_errors(told):
        place = ".".join(str(part) for part in error.absolute_path) or "the template"
        raise TemplateRefused(f"At {place}: {error.message[:300]}")
    template = _template(cast(dict[str, Any], told))
    _require_distinct("section", (section.id for section in template.sections))
    _require_distinct(
        "field", (field.key for section in template.sections for field in section.fields)
    )
    return template


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((CONTENT / "schema.json").read_text(encoding="utf-8")))


def _read(path: Path) -> Template:
    return parse(path.read_text(encoding="utf-8"))


def _require_distinct(what: str, keys: Iterator[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise TemplateRefused(f"The {what} {key} is there twice.")
        seen.add(key)


def _template(told: Mapping[str, Any]) -> Template:
    return Template(
        id=told["id"],
        version=told["version"],
        title=told["title"],
        summary=told["summary"],
        binds_to=Binding(told["binds_to"]),
        owner_role=told["owner_role"],
        signer_roles=tuple(told["signer_roles"]),
        exports=tuple(told.get("exports", ())),
        sections=tuple(map(_section, told["sections"])),
        applies_when=told.get("applies_when", ""),
        aligned_with=tuple((one["title"], one["url"]) for one in told.get("aligned_with", ())),
        retention_years_after_market=told.get("retention_years_after_market", 0),
    )


def _section(told: Mapping[str, Any]) -> Section:
    return Section(
        id=told["id"],
        title=told["title"],
        guidance=told["guidance"],
        tiers=_needs(told["tiers"]),
        cites=tuple(told["cites"]),
        fields=tuple(map(_field, told["fields"])),
        required_when=told.get("required_when", ""),
    )


def _field(told: Mapping[str, Any]) -> TemplateField:
    return TemplateField(
        key=told["key"],
        label=told["label"],
        type=FieldType(told["type"]),
        source=Source(told["source"]),
        autofill=told.get("autofill", ""),
        help=told.get("help", ""),
        columns=tuple(told.get("columns", ())),
        choices=tuple(told.get("choices", ())),
        evidence_types=tuple(told.get("evidence_types", ())),
        tiers=_needs(told["tiers"]) if "tiers" in told else (),
        required_when=told.get("required_when", ""),
        not_applicable_allowed=told.get("not_applicable_allowed", False),
        cites=tuple(told.get("cites", ())),
        maps=tuple(told.get("maps", {}).items()),
    )


def _needs(told: Mapping[str, str]) -> tuple[Need, ...]:
    return tuple(Need(told[str(tier)]) for tier in TIERS)
