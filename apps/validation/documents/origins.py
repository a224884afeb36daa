"""Where the value of a field comes from, in words."""

from collections.abc import Mapping

from apps.validation.documents.reading import FieldType, Source, TemplateField

ORIGINS: Mapping[str, str] = {
    "model": "the model's record",
    "version": "the version's record",
    "dependencies": "lineage",
    "findings": "findings",
    "approvals": "sign-offs",
    "validation": "validations",
    "incidents": "incidents",
    "waivers": "waivers",
    "retention": "the retention schedule",
    "organization": "your organization's details",
}


def origin_in_words(asked: TemplateField) -> str:
    """Say where the value of a field comes from."""
    if asked.is_written:
        return "written here"
    if asked.type is FieldType.SIGNATURES:
        return "the signatures of this document"
    if asked.type is FieldType.EVIDENCE:
        return "evidence"
    if asked.source is Source.ASSESSMENT:
        return "an approved assessment"
    entity = asked.autofill.partition(".")[0]
    return ORIGINS.get(entity, "the registry")
