"""Pages of models and versions: found along an order and put together in one statement.

The inner query finds the ids of a page and nothing else, so that rows the page does not show are
never carried through a sort; tags and aliases are looked up for the rows of the page alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    NEWEST_IN_STAGE,
    STAGES,
    VERSION_COLUMNS,
    filled,
    for_each_database,
)
from apps.core.patience import patience

_MODELS = for_each_database(
    """
SELECT $model_columns, m.id, CAST($model_tags AS text), CAST($model_aliases AS text)
FROM (
    SELECT m.id FROM $model m WHERE m.deleted_at IS NULL AND $met ORDER BY $order LIMIT %s
) page JOIN $model m ON m.id = page.id ORDER BY $order
"""
)
_VERSIONS = for_each_database(
    """
SELECT $version_columns, CAST($version_tags AS text)
FROM (
    SELECT v.id FROM $model m JOIN $version v ON v.model_id = m.id
    WHERE m.deleted_at IS NULL AND v.deleted_at IS NULL AND $met ORDER BY $order LIMIT %s
) page JOIN $version v ON v.id = page.id JOIN $model m ON m.id = v.model_id
JOIN $user u ON u.id = v.created_by_id ORDER BY $order
"""
)
_LATEST = for_each_database(
    """
SELECT m.id, $version_columns, CAST($version_tags AS text)
FROM $version v JOIN $model m ON m.id = v.model_id JOIN $user u ON u.id = v.created_by_id
WHERE v.id IN (
    SELECT $newest FROM $model m CROSS JOIN ($stages) s WHERE m.id IN ($ids)
) ORDER BY m.id
""",
    newest=filled(NEWEST_IN_STAGE, stage="s.stage"),
    stages=" UNION ALL ".join(f"SELECT {stage} AS stage" for stage in STAGES),
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
    rows, token = _page(_VERSIONS, asked, VERSION_COLUMNS)
    return Page([_version(row) for row in rows], token)


def _page(
    statement: Mapping[str, str], asked: Asked, read: Sequence[str]
) -> tuple[list[Sequence[Any]], str]:
    """Return the rows of a page, which begin with what is read, and the address of the next."""
    parts = list(asked.met)
    if asked.token:
        parts.append(_beyond(asked.order, keysets.opened(asked.token, asked.order, asked.bound_to)))
    whole = filled(
        statement[connection.vendor],
        met=" AND ".join(part.text for part in parts),
        order=", ".join(f"{by.name} {'ASC' if by.is_ascending else 'DESC'}" for by in asked.order),
    )
    parameters = [value for part in parts for value in part.parameters]
    with patience():
        found = _fetched(whole, [*parameters, asked.size + 1])
    shown = found[: asked.size]
    if len(found) <= asked.size:
        return shown, ""
    last = dict(zip(read, shown[-1], strict=False))
    key = [last[column.name] for column in asked.order]
    return shown, keysets.address(key, asked.order, asked.bound_to)


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
    whole = filled(_LATEST[connection.vendor], ids=", ".join(["%s"] * len(ids)))
    by_model = groupby(_fetched(whole, ids), key=itemgetter(0))
    return {pk: [_version(row) for _, *row in rows] for pk, rows in by_model}


def _fetched(statement: str, parameters: Sequence[Any]) -> list[Sequence[Any]]:
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
