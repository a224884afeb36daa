"""What the validation report of a version says of its validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.accounts.models import User
from apps.catalog.models import ModelVersion
from apps.validation.documents import standing
from apps.validation.models import Document, DocumentRevision

REPORT = "validation-report"
VALIDATOR = "validator"
NONE: Mapping[str, object] = {
    "status": "none",
    "outcome": "none",
    "digest_matches": False,
    "age_days": -1,
    "open_conditions": 0,
    "overdue_conditions": 0,
}
_PREFIX = f"{User.RECORD.prefix}_"


@dataclass(frozen=True)
class Report:
    """A validation report and the revision it counts by, as far as there are any.

    It is completed once its report is approved, and stays so while the next one is written.
    """

    document: Document | None
    revision: DocumentRevision | None

    @property
    def is_completed(self) -> bool:
        return self.revision is not None and self.revision.state == DocumentRevision.State.APPROVED

    @property
    def validators(self) -> frozenset[int]:
        """Who wrote the report, submitted it, or signed it as a validator."""
        revision = self.revision
        if revision is None:
            return frozenset()
        authors = standing.authors(revision)
        wrote = {int(who.removeprefix(_PREFIX)) for who in authors if who.startswith(_PREFIX)}
        signed = {one.signer_id for one in revision.signatures.all() if one.role == VALIDATOR}
        return frozenset({*wrote, *signed, revision.submitted_by_id})

    def facts(self, version: ModelVersion, at: datetime) -> dict[str, object]:
        """Return what policies read about the validation of a version, but for independence."""
        if self.document is None:
            return dict(NONE)
        revision = self.revision
        if revision is None or not self.is_completed or revision.concluded_at is None:
            return {**NONE, "status": "in_progress"}
        outcome, due = _outcome(revision), _due(revision)
        return {
            "status": "completed",
            "outcome": outcome,
            "digest_matches": bool(version.content_digest)
            and revision.version_digest == version.content_digest,
            "age_days": max((at - revision.concluded_at).days, 0),
            "open_conditions": len(due),
            "overdue_conditions": sum(day is None or day < at.date() for day in due),
        }


def _outcome(revision: DocumentRevision) -> str:
    found = _value(revision, "opinion")
    return found if isinstance(found, str) and found else "none"


def _due(revision: DocumentRevision) -> list[date | None]:
    """Return until when each condition of the report is to be met; none where no day is said."""
    told = revision.values.get("conditions", {})
    rows = told.get("value") or []
    columns = list(told.get("columns", ()))
    place = columns.index("due_date") if "due_date" in columns else len(columns)
    return [_day(row[place]) if place < len(row) else None for row in _rows(rows)]


def _rows(value: object) -> list[Sequence[str]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, list) and any(row)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _value(revision: DocumentRevision, key: str) -> object:
    return revision.values.get(key, {}).get("value")
