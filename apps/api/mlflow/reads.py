"""Single reads of models and versions: one statement each, with tags, aliases and newest versions.

Clients read a model before nearly everything they do, so this is written in SQL: the database puts
together what belongs to the row, and never looks at more versions than it answers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection

from apps.api.mlflow import shapes
from apps.api.mlflow.shapes import Shape
from apps.api.mlflow.statements import filled, for_each_database
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import RegisteredModel
from apps.catalog.sight import seen_by
from apps.catalog.tracking import addresses
from apps.core.actors import Actor
from apps.core.kept import kept

Rows = Sequence[tuple[int, Sequence[Any]]]
"""Ids, each with its columns."""

_VERSION = "$row($version_columns, $inner($version_tags), $aliases)"
_ALIASES = "$inner((SELECT $many(a.name) FROM $alias a WHERE a.version_id = v.id))"
_HIGHEST = """
v.number = (
    SELECT MAX(n.number) FROM $version n WHERE n.model_id = m.id AND n.deleted_at IS NULL)
"""
_MODEL = """
SELECT m.id, CAST($row(
    $model_columns, $inner($model_tags), $inner($model_aliases),
    $inner((SELECT $many($a_version) FROM $newest JOIN $user u ON u.id = v.created_by_id))
) AS text)
FROM $model m WHERE m.deleted_at IS NULL AND $is_asked
"""
_VERSIONS = """
SELECT v.id, CAST($a_version AS text)
FROM $model m JOIN $version v ON v.model_id = m.id JOIN $user u ON u.id = v.created_by_id
WHERE m.deleted_at IS NULL AND v.deleted_at IS NULL AND $is_asked
"""
_LATEST = """
SELECT v.id, CAST($a_version AS text)
FROM $model m CROSS JOIN $newest JOIN $user u ON u.id = v.created_by_id
WHERE m.deleted_at IS NULL AND $is_asked
"""
_PLACE = """
SELECT v.id, CAST($row(v.source, v.readiness, v.content_digest, m.kind) AS text)
FROM $model m JOIN $version v ON v.model_id = m.id
WHERE m.deleted_at IS NULL AND v.deleted_at IS NULL AND $is_asked
"""
_ALIASED = "v.id = (SELECT a.version_id FROM $alias a WHERE a.model_id = m.id AND a.name = %s)"


def _asking(statement: str, *, asked: str, aliases: str = "NULL") -> Mapping[str, str]:
    """Return a statement, with what is asked in it, as each database understands it."""
    whole = filled(statement, a_version=_VERSION, is_asked=asked)
    return for_each_database(whole, aliases=aliases)


def _seen_by_name(asked: str) -> Mapping[str, str]:
    """Return the statement for versions of one model, open only for what the actor sees."""
    where = f"m.name = %s AND {asked} AND $is_seen"
    return _asking(_VERSIONS, asked=where, aliases=_ALIASES)


_READ_MODEL = _asking(_MODEL, asked="m.name = %s AND $is_seen")
_READ_NUMBER = _seen_by_name("v.number = %s")
_READ_ALIASED = _seen_by_name(_ALIASED)
_READ_HIGHEST = _seen_by_name(_HIGHEST)
_READ_NEWEST = _asking(_LATEST, asked="m.name = %s AND $is_seen", aliases=_ALIASES)
_READ_PLACE = _asking(_PLACE, asked="m.name = %s AND v.number = %s AND $is_seen")


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
    return shapes.one_of_each_stage(_version(row) for _, row in _seen(_READ_NEWEST, actor, name))


def download_uri_or_none(actor: Actor, name: str, number: int) -> str | None:
    """Return where the files of a version are: here by its content, or where its source says."""
    for _, (source, readiness, digest, kind) in _seen(_READ_PLACE, actor, name, number):
        is_here = readiness == Readiness.READY and kind != RegisteredModel.Kind.PROMPT
        return addresses.content_address(digest) if is_here else str(source)
    return None


def _seen(statement: Mapping[str, str], actor: Actor, *asked: str | int) -> Rows:
    """Return what a statement finds among what the actor may see."""
    sight = seen_by(actor)
    whole = filled(statement[connection.vendor], is_seen=sight.condition)
    return _rows(whole, [*asked, *sight.parameters])


def _rows(statement: str, parameters: Sequence[str | int]) -> Rows:
    return [(pk, msgspec.json.decode(text)) for pk, text in kept(statement, parameters)]


def _first(rows: Rows) -> Shape | None:
    return next((_version(row) for _, row in rows), None)


def _model(row: Sequence[Any]) -> Shape:
    *columns, tags, aliases, latest = row
    return shapes.model(
        tuple(columns),
        latest=shapes.one_of_each_stage(map(_version, latest or ())),
        tags=sorted(tags or ()),
        aliases=sorted(aliases or ()),
    )


def _version(row: Sequence[Any]) -> Shape:
    *columns, tags, aliases = row
    return shapes.version(tuple(columns), tags=sorted(tags or ()), aliases=sorted(aliases or ()))
