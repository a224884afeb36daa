"""Single reads of models and versions: one statement each, with tags, aliases and newest versions.

Clients read a model before nearly everything they do, so this is written in SQL: the database puts
together what belongs to the row, and never looks at more versions than it answers.
"""

from collections.abc import Iterable, Sequence
from string import Template
from typing import Any

import msgspec
from django.db import connection

from apps.accounts.models import User
from apps.api.mlflow import shapes
from apps.catalog.lifecycle import Readiness, Stage
from apps.catalog.models import Alias, ModelTag, ModelVersion, RegisteredModel, VersionTag
from apps.catalog.sight import seen_by
from apps.catalog.tracking import addresses
from apps.core.actors import Actor

Shape = dict[str, Any]
Rows = Sequence[tuple[int, Sequence[Any]]]
"""Ids, each with its columns."""

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

_VERSION = """$row(
    m.name, v.number, v.created_at, v.touched_at, u.username, v.stage, v.description, v.source,
    v.run_uid, v.readiness, v.run_link,
    $inner((SELECT $many($row(t.key, t.value)) FROM $version_tag t WHERE t.version_id = v.id)),
    $aliases
)"""
_ALIASES = "$inner((SELECT $many(a.name) FROM $alias a WHERE a.version_id = v.id))"
_NEWEST_IN_STAGE = """
v.id = (
    SELECT n.id FROM $version n
    WHERE n.model_id = m.id AND n.stage = '$stage' AND n.deleted_at IS NULL
    ORDER BY n.number DESC LIMIT 1)
"""
_HIGHEST = """
v.number = (
    SELECT MAX(n.number) FROM $version n WHERE n.model_id = m.id AND n.deleted_at IS NULL)
"""
_MODEL = """
SELECT m.id, CAST($row(
    m.name, m.created_at, m.touched_at, m.description,
    $inner((SELECT $many($row(t.key, t.value)) FROM $model_tag t WHERE t.model_id = m.id)),
    $inner((SELECT $many($row(a.name, n.number)) FROM $alias a
        JOIN $version n ON n.id = a.version_id WHERE a.model_id = m.id)),
    $inner((SELECT $many($a_version) FROM $version v JOIN $user u ON u.id = v.created_by_id
        WHERE v.model_id = m.id AND v.deleted_at IS NULL AND $is_newest))
) AS text)
FROM $model m WHERE m.deleted_at IS NULL AND $is_asked
"""
_VERSIONS = """
SELECT v.id, CAST($a_version AS text)
FROM $model m JOIN $version v ON v.model_id = m.id JOIN $user u ON u.id = v.created_by_id
WHERE m.deleted_at IS NULL AND v.deleted_at IS NULL AND $is_asked
"""
_PLACE = """
SELECT v.id, CAST($row(v.source, v.readiness, v.content_digest, m.kind) AS text)
FROM $model m JOIN $version v ON v.model_id = m.id
WHERE m.deleted_at IS NULL AND v.deleted_at IS NULL AND $is_asked
"""
_ALIASED = "EXISTS (SELECT 1 FROM $alias a WHERE a.version_id = v.id AND a.name = %s)"


def _with(statement: str, **parts: str) -> str:
    return Template(statement).safe_substitute(parts)


def _for_each_database(statement: str, *, asked: str, aliases: str = "NULL") -> dict[str, str]:
    """Return a statement as each database understands it."""
    newest = " OR ".join(_with(_NEWEST_IN_STAGE, stage=stage) for stage in Stage.values)
    whole = _with(statement, a_version=_VERSION, is_asked=asked)
    whole = _with(whole, is_newest=f"({newest})", aliases=aliases)
    return {
        vendor: _with(whole, **_TABLES, **functions) for vendor, functions in _FUNCTIONS.items()
    }


def _seen_by_name(asked: str) -> dict[str, str]:
    """Return the statement for versions of one model, open only for what the actor sees."""
    where = f"m.name = %s AND {asked} AND $is_seen"
    return _for_each_database(_VERSIONS, asked=where, aliases=_ALIASES)


_READ_MODEL = _for_each_database(_MODEL, asked="m.name = %s AND $is_seen")
_READ_NUMBER = _seen_by_name("v.number = %s")
_READ_ALIASED = _seen_by_name(_ALIASED)
_READ_HIGHEST = _seen_by_name(_HIGHEST)
_READ_NEWEST = _seen_by_name("$is_newest")
_READ_PLACE = _for_each_database(_PLACE, asked="m.name = %s AND v.number = %s AND $is_seen")
_READ_MODELS = _for_each_database(_MODEL, asked="m.id IN ($ids)")
_READ_VERSIONS = _for_each_database(_VERSIONS, asked="v.id IN ($ids)")


def model_or_none(actor: Actor, name: str) -> Shape | None:
    """Return the model of a name as clients read it, if the actor may see it."""
    return next((_model(row) for _, row in _seen(_READ_MODEL, actor, name)), None)


def version_or_none(actor: Actor, name: str, number: int) -> Shape | None:
    """Return a version by its number, if the actor may see it."""
    return _first(_seen(_READ_NUMBER, actor, name, number))


def aliased_or_none(actor: Actor, name: str, alias: str) -> Shape | None:
    """Return the version an alias points at, if the actor may see it."""
    return _first(_seen(_READ_ALIASED, actor, name, alias))


def highest_or_none(actor: Actor, name: str) -> Shape | None:
    """Return the version with the highest number, if the actor may see it."""
    return _first(_seen(_READ_HIGHEST, actor, name))


def latest_of(actor: Actor, name: str) -> list[Shape]:
    """Return the newest version in each stage of a model the actor may see."""
    return _one_of_each_stage(row for _, row in _seen(_READ_NEWEST, actor, name))


def download_uri_or_none(actor: Actor, name: str, number: int) -> str | None:
    """Return where the files of a version are: here by its content, or where its source says."""
    for _, (source, readiness, digest, kind) in _seen(_READ_PLACE, actor, name, number):
        is_here = readiness == Readiness.READY and kind != RegisteredModel.Kind.PROMPT
        return addresses.content_address(digest) if is_here else str(source)
    return None


def models_with_ids(ids: Sequence[int]) -> dict[int, Shape]:
    """Return models by their ids, which were found among what the actor may see."""
    return {pk: _model(row) for pk, row in _of_ids(_READ_MODELS, ids)}


def versions_with_ids(ids: Sequence[int]) -> dict[int, Shape]:
    """Return versions, without aliases, by ids found among what the actor may see."""
    return {pk: _version(row) for pk, row in _of_ids(_READ_VERSIONS, ids)}


def _seen(statement: dict[str, str], actor: Actor, *asked: str | int) -> Rows:
    """Return what a statement finds among what the actor may see."""
    sight = seen_by(actor)
    whole = _with(statement[connection.vendor], is_seen=sight.condition)
    return _rows(whole, [*asked, *sight.parameters])


def _of_ids(statement: dict[str, str], ids: Sequence[int]) -> Rows:
    places = ", ".join(["%s"] * len(ids)) or "NULL"
    return _rows(_with(statement[connection.vendor], ids=places), ids)


def _rows(statement: str, parameters: Sequence[str | int]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchall()
    return [(pk, msgspec.json.decode(text)) for pk, text in found]


def _first(rows: Rows) -> Shape | None:
    return next((_version(row) for _, row in rows), None)


def _model(row: Sequence[Any]) -> Shape:
    *columns, tags, aliases, latest = row
    return shapes.model(
        tuple(columns),
        latest=_one_of_each_stage(latest or ()),
        tags=sorted(tags or ()),
        aliases=sorted(aliases or ()),
    )


def _version(row: Sequence[Any]) -> Shape:
    *columns, tags, aliases = row
    return shapes.version(tuple(columns), tags=sorted(tags or ()), aliases=sorted(aliases or ()))


def _one_of_each_stage(rows: Iterable[Sequence[Any]]) -> list[Shape]:
    """Keep the highest number of what clients call one stage, lowest number first."""
    versions = sorted(map(_version, rows), key=_number)
    by_stage = {version["current_stage"]: version for version in versions}
    return sorted(by_stage.values(), key=_number)


def _number(version: Shape) -> int:
    return int(version["version"])
