"""Statements in SQL as templates: filled with parts, for each database."""

from collections.abc import Mapping
from string import Template

from apps.accounts.models import User
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelTag, ModelVersion, RegisteredModel, VersionTag

_TABLES = {
    "model": RegisteredModel._meta.db_table,
    "version": ModelVersion._meta.db_table,
    "alias": Alias._meta.db_table,
    "model_tag": ModelTag._meta.db_table,
    "version_tag": VersionTag._meta.db_table,
    "user": User._meta.db_table,
}
_FUNCTIONS = {
    "sqlite": {"many": "json_group_array", "row": "json_array", "inner": "json"},
    "postgresql": {"many": "json_agg", "row": "json_build_array", "inner": ""},
}
"""How each database makes a JSON list of rows, of columns, and keeps a list within a list."""

MODEL_COLUMNS = ("m.name", "m.created_at", "m.touched_at", "m.description")
"""What ``shapes.model`` takes of a registered model ``m``, in this order."""

VERSION_COLUMNS = (
    "m.name",
    "v.number",
    "v.created_at",
    "v.touched_at",
    "u.username",
    "v.stage",
    "v.description",
    "v.source",
    "v.run_uid",
    "v.readiness",
    "v.run_link",
)
"""What ``shapes.version`` takes of a version ``v`` and who made it, in this order."""

_PARTS = {
    "model_columns": ", ".join(MODEL_COLUMNS),
    "version_columns": ", ".join(VERSION_COLUMNS),
    "model_tags": "(SELECT $many($row(t.key, t.value)) FROM $model_tag t WHERE t.model_id = m.id)",
    "model_aliases": """(
        SELECT $many($row(a.name, n.number)) FROM $alias a
        JOIN $version n ON n.id = a.version_id WHERE a.model_id = m.id)""",
    "version_tags": """(
        SELECT $many($row(t.key, t.value)) FROM $version_tag t WHERE t.version_id = v.id)""",
}
NEWEST_IN_STAGE = """(
    SELECT n.id FROM $version n
    WHERE n.model_id = m.id AND n.stage = $stage AND n.deleted_at IS NULL
    ORDER BY n.number DESC LIMIT 1)"""
STAGES = tuple(f"'{stage}'" for stage in Stage.values)


def filled(statement: str, **parts: str) -> str:
    """Return a statement with some of its parts filled in."""
    return Template(statement).safe_substitute(parts)


def for_each_database(statement: str, **parts: str) -> Mapping[str, str]:
    """Return a statement, with some of its parts filled in, as each database understands it."""
    whole = filled(filled(statement, **parts), **_PARTS)
    return {
        vendor: filled(whole, **_TABLES, **functions) for vendor, functions in _FUNCTIONS.items()
    }
