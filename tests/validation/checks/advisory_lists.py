"""Advisories in the OSV schema, and the index checks read, built in memory."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from apps.validation import lists
from tests.validation.checks.stored import StoredFile

SHIPPED = Path(lists.__file__).parent / "content" / "advisories.json"
"""Well-known advisories, taken by hand from the databases that publish them."""


def advisory(
    package: str = "numpy", identity: str = "PYSEC-2099-1", *events: dict[str, str], **more: Any
) -> dict[str, Any]:
    """An advisory about one package of PyPI; about every version unless events say otherwise."""
    ranges = [{"type": "ECOSYSTEM", "events": list(events) or [{"introduced": "0"}]}]
    affected = [{"package": {"ecosystem": "PyPI", "name": package}, "ranges": ranges}]
    return {
        "id": identity,
        "modified": "2026-01-01T00:00:00Z",
        "affected": affected,
        "database_specific": {"severity": "HIGH"},
        **more,
    }


def as_array(entries: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps(entries).encode()


def as_lines(entries: Sequence[Mapping[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(entry).encode() for entry in entries) + b"\n"


def as_zip(entries: Sequence[Mapping[str, Any]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", "What this is.")
        for entry in entries:
            archive.writestr(f"all/{entry['id']}.json", json.dumps(entry))
    return packed.getvalue()


def index_of(data: bytes) -> StoredFile:
    """Load a list as an operator does, up to the bytes that are kept."""
    return StoredFile("advisories", b"".join(lists.read_advisories(io.BytesIO(data)).kept))


def shipped_index() -> StoredFile:
    return index_of(SHIPPED.read_bytes())
