"""Governed rows as a pack tells them: by the ids of the record, and as the record digests them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Model

from apps.accounts.signing.signature import Signature
from apps.audit.governed import GovernedRow
from apps.audit.timeline import governed_rows
from apps.catalog.models import RegisteredModel
from apps.core.digests import utc_text

_AT_ONCE = 200
_WITHOUT = frozenset({"accounts"})
"""Apps whose rows stay out: they are about people."""


def record_of(row: GovernedRow) -> dict[str, Any]:
    """Return the governed fields of a row; rows it refers to by the ids the record knows."""
    told: dict[str, Any] = {"id": row.record_id}
    for name in row.RECORD.fields:
        field: Any = row._meta.get_field(name)
        value = getattr(row, field.attname)
        if field.is_relation:
            told[field.name] = id_of(field.related_model, value)
        else:
            told[name] = value
    return told


def id_of(kind: type[Model], pk: int | None) -> str | int | None:
    """Return the id the record knows a row by; where it knows none, that of the table."""
    return kind.RECORD.id_of(pk) if pk is not None and issubclass(kind, GovernedRow) else pk


def signature_of(signed: Signature, statements: str) -> dict[str, Any]:
    """Return a signature as it is printed (21 CFR 11.50), with where its exact words stand."""
    return {
        "id": signed.record_id,
        "printed_name": signed.signer_name,
        "user_id": id_of(type(signed.signer), signed.signer_id),
        "role": signed.role,
        "meaning": signed.printed_meaning,
        "signed_at": utc_text(signed.signed_at),
        "method": signed.method,
        "reason": getattr(signed, "reason", ""),
        "statement_digest": signed.statement_digest,
        "statement_file": statement_path(statements, signed),
    }


def statement_path(folder: str, signed: Signature) -> str:
    """Return where the words of a signature stand, by their digest."""
    return f"{folder}/statements/{signed.statement_digest.removeprefix('sha256:')}.json"


def last_states(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the digest of the state that a chain last left each row in, of those still there."""
    last: dict[str, str | None] = {}
    for entry in entries:
        if entry["outcome"] == "done":
            last.update((row["row"], row["after"]) for row in entry["rows"])
    return {ref: after for ref, after in last.items() if after is not None}


def rows_as_left(model: RegisteredModel, states: Mapping[str, str]) -> Iterator[GovernedRow]:
    """Yield the rows of a model that are as its chain last left them, by their reference."""
    by_kind: dict[str, list[int]] = {}
    for ref in states:
        word, _, record_id = ref.partition(":")
        by_kind.setdefault(word, []).append(int(record_id.rpartition("_")[2]))
    versions = {version.pk: version for version in model.versions.all()}
    for word in sorted(by_kind):
        kind = governed_rows().get(word)
        if kind is None or kind._meta.app_label in _WITHOUT:
            continue
        for row in _read(kind, sorted(by_kind[word])):
            _point_to(row, model, versions)
            is_left_so = row.state_digest() == states[row.record_ref]
            if is_left_so and row.root.record_ref == model.record_ref:
                yield row


def _read(kind: type[GovernedRow], ids: list[int]) -> Iterator[GovernedRow]:
    for start in range(0, len(ids), _AT_ONCE):
        rows = kind._base_manager.filter(pk__in=ids[start : start + _AT_ONCE])
        yield from rows.order_by("pk")


def _point_to(row: Any, model: RegisteredModel, versions: Mapping[int, Model]) -> None:
    """Let a row lead to its model and version as they were read already."""
    if getattr(row, "model_id", None) == model.pk:
        row.model = model
    version = versions.get(getattr(row, "version_id", None) or 0)
    if version is not None:
        row.version = version
