"""Pages of models and versions: found along an order and put together in one statement.

The inner query finds the ids of a page and nothing else, so that rows the page does not show are
never carried through a sort; tags and aliases are looked up for the rows of the page alone. Where
all belongs to one model an index gives the order, so there the rows themselves are found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from django.db import connection

from apps.api.mlflow import keysets, shapes
from apps.api.mlflow.keysets import Column
from apps.api.mlflow.searched import Part
from apps.api.mlflow.statements import (
    MODEL_COLUMNS,
    VERSION_COLUMNS,
    filled,
    for_each_database,
)
from apps.core.kept import kept
from apps.core.patience import patience

_MODELS = for_each_database(
    """
SELECT $model_columns, m.id, CAST($model_tags AS text), CAST($model_aliases AS text)
FROM (
    SELECT m.id FROM $model m WHERE m.deleted_at IS NULL AND $met ORDER BY $order LIMIT $most
) page JOIN $model m ON m.id = page.id ORDER BY $order
"""
)
_VERSIONS = for_each_database(
    """
SELECT $version_columns, CAST($version_tags AS text)
FROM (
    SELECT v.id FROM $model m JOIN $version v ON v.model_id = m.id
    WHERE m.deleted_at IS NULL AND v.deleted_at IS NULL AND $met ORDER BY $order LIMIT $most
) page JOIN $version v ON v.id = page.id JOIN $model m ON m.id = v.model_id
JOIN $user u ON u.id = v.created_by_id ORDER BY $order
"""
)
_VERSIONS_OF_ONE = for_each_database(
    """
SELECT $version_columns, CAST($version_tags AS text)
FROM (
    SELECT v.* FROM $version v WHERE v.deleted_at IS NULL AND $met ORDER BY $order LIMIT $most
) v JOIN $model m ON m.id = v.model_id JOIN $user u ON u.id = v.created_by_id ORDER BY $order
"""
)
_THE_MODEL = for_each_database("SELECT m.id FROM $model m WHERE m.deleted_at IS NULL AND $met")
_NO_MODEL = 0
_LATEST = for_each_database(
    """
SELECT m.id, $version_columns, CAST($version_tags AS text)
FROM $model m CROSS JOIN $newest JOIN $user u ON u.id = v.created_by_id
WHERE m.id $among ORDER BY m.id
"""
)
_pairs = msgspec.json.Decoder(list[tuple[str, str]] | None).decode
_numbered = msgspec.json.Decoder(list[tuple[str, int]] | None).decode


@dataclass(frozen=True)
class Asked:
    """Which page is asked for: of what, in which order, how long, beyond which, and for whom."""

    met: Sequence[Part]
    order: Sequence[Column]
    size: int
    token: str
    bound_to: Sequence[object]
    is_kept: bool = False
    """Whether the database is to keep the statement: asked often, and planned well for all."""
    is_about_one: bool = False
    """Whether all that can be found belongs to one model."""


@dataclass(frozen=True)
class Page:
    """Models or versions as clients read them, and the address of the next page if there is one."""

    rows: Sequence[shapes.Shape]
    token: str


def models(asked: Asked) -> Page:
    """Return a page of models with tags, aliases and newest versions.

    Raises:
        Refusal: when the token is not one of this list, order and caller.
        TookTooLong: when the database is at it for seconds.
    """
    rows, token = _page(_MODELS, asked, MODEL_COLUMNS)
    latest = _latest_of([row[len(MODEL_COLUMNS)] for row in rows])
    return Page([_model(row, latest) for row in rows], token)


def versions(asked: Asked) -> Page:
    """Return a page of versions with their tags; it raises what ``models`` raises."""
    statement = _VERSIONS
    if asked.is_about_one:
        of_versions = [part for part in asked.met if part.is_about_version]
        met = [Part("v.model_id = %s", (_model_of(asked),)), *of_versions]
        statement, asked = _VERSIONS_OF_ONE, replace(asked, met=met, is_kept=False)
    rows, token = _page(statement, asked, VERSION_COLUMNS)
    return Page([_version(row) for row in rows], token)


def _model_of(asked: Asked) -> int:
    """Return the id of the one model versions are asked of, or an id that none has.

    With the id at hand, PostgreSQL knows whether the model has so many versions that it is better
    to follow their order than to sort them; so that statement is planned each time.
    """
    of_model = [part for part in asked.met if not part.is_about_version]
    found = _fetched(filled(_THE_MODEL[connection.vendor], met=_joined(of_model)), of_model, asked)
    return int(found[0][0]) if found else _NO_MODEL


def _page(
    statement: Mapping[str, str], asked: Asked, read: Sequence[str]
) -> tuple[list[Sequence[Any]], str]:
    """Return the rows of a page, which begin with what is read, and the address of the next."""
    parts = list(asked.met)
    if asked.token:
        parts.append(_beyond(asked.order, keysets.opened(asked.token, asked.order, asked.bound_to)))
    whole = filled(
        statement[connection.vendor],
        met=_joined(parts),
        order=", ".join(f"{by.name} {'ASC' if by.is_ascending else 'DESC'}" for by in asked.order),
        most=str(asked.size + 1),  # which decides how it is planned
    )
    found = _fetched(whole, parts, asked)
    shown = found[: asked.size]
    if len(found) <= asked.size:
        return shown, ""
    last = dict(zip(read, shown[-1], strict=False))
    key = [_key(column.name, last[column.name]) for column in asked.order]
    return shown, keysets.address(key, asked.order, asked.bound_to)


def _joined(parts: Sequence[Part]) -> str:
    return " AND ".join(part.text for part in parts)


def _key(column: str, value: Any) -> Any:
    return shapes.moment(value) if column.endswith("_at") else value


def _beyond(order: Sequence[Column], key: Sequence[Any]) -> Part:
    """Return the condition that a row lies beyond a key; its first part is one index range."""
    text, parameters = "1 = 0", list[Any]()
    for column, value in reversed(list(zip(order, key, strict=True))):
        sign = ">" if column.is_ascending else "<"
        text = f"{column.name} {sign} %s OR ({column.name} = %s AND ({text}))"
        parameters = [value, value, *parameters]
    first = order[0]
    ranged = f"{first.name} {'>=' if first.is_ascending else '<='} %s"
    return Part(f"{ranged} AND ({text})", (key[0], *parameters))


def _latest_of(ids: Sequence[int]) -> Mapping[int, list[shapes.Shape]]:
    """Return the newest version in each stage of each model."""
    if not ids:
        return {}
    asked = msgspec.json.encode(ids).decode()
    by_model = groupby(kept(_LATEST[connection.vendor], [asked]), key=itemgetter(0))
    return {pk: [_version(row) for _, *row in rows] for pk, rows in by_model}


def _fetched(statement: str, parts: Sequence[Part], asked: Asked) -> list[Sequence[Any]]:
    parameters = [value for part in parts for value in part.parameters]
    with patience():
        if asked.is_kept:
            return kept(statement, parameters)
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            found: list[Sequence[Any]] = cursor.fetchall()
    return found


def _model(row: Sequence[Any], latest: Mapping[int, list[shapes.Shape]]) -> shapes.Shape:
    *columns, pk, tags, aliases = row
    return shapes.model(
        tuple(columns),
        latest=shapes.one_of_each_stage(latest.get(pk, ())),
        tags=sorted(_pairs(tags or "null") or ()),
        aliases=sorted(_numbered(aliases or "null") or ()),
    )


def _version(row: Sequence[Any]) -> shapes.Shape:
    *columns, tags = row
    return shapes.version(tuple(columns), tags=sorted(_pairs(tags or "null") or ()))
