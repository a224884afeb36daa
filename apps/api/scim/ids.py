"""The ids that the SCIM door knows rows by, those of the record, and versions of what it shows."""

from collections.abc import Mapping

from apps.audit.governed import RecordKind
from apps.core.digests import digest_of

MOST_DIGITS = 18


def pk_or_none(kind: RecordKind, text: str) -> int | None:
    """Return the number of a row that an id of its kind names: 7 of ``dpe_7``."""
    prefix, _, number = text.partition("_")
    is_number = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    return int(number) if prefix == kind.prefix and is_number else None


def version_of(shown: Mapping[str, object]) -> str:
    """Return the weak entity tag of what a resource is made from (RFC 7644, section 3.14)."""
    return f'W/"{digest_of(shown).rpartition(":")[2][:16]}"'
