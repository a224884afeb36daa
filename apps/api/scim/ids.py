"""The ids that the SCIM door knows rows by: those of the record."""

from apps.audit.governed import RecordKind

MOST_DIGITS = 18


def pk_or_none(kind: RecordKind, text: str) -> int | None:
    """Return the number of a row that an id of its kind names: 7 of ``dpe_7``."""
    prefix, _, number = text.partition("_")
    is_number = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    return int(number) if prefix == kind.prefix and is_number else None
