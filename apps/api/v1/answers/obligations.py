"""Obligations: what an assessment asks for, of what, from when, and how that stands."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.risk.models import Obligation
from apps.risk.pages.obligations import GROUPS, Known, group_of

STANDS = dict(zip(GROUPS, ("binding", "later", "put_off", "met"), strict=True))
"""How an obligation stands, by the heading it has on its page."""
LAPSED = "lapsed"


class ObligationLine(Answer):
    """An obligation in a list."""

    number: int
    id: str
    """As waivers name it."""
    model: str
    about: str
    """``model``, ``version`` or ``use_case``."""
    version: int | None
    use: str | None
    questionnaire: str
    key: str
    kind: str
    ref: str
    """By kind: a type of evidence, a template, a condition, a role, or the name of a limit."""
    count: int
    title: str
    gates: list[str]
    applies_from: date | None
    state: str
    stands: str
    """``binding``, ``later``, ``put_off``, ``met`` (also by what is there by now) or ``lapsed``."""
    deferred_until: date | None
    owner: str
    url: str
    page: str

    @classmethod
    def of(cls, row: Obligation, known: Known, *, on: date) -> "ObligationLine":
        return cls(**_line(row, known, on))


class ObligationPage(Answer):
    """Some obligations, the oldest first; ``next`` leads on, or is nothing."""

    obligations: list[ObligationLine]
    next: str | None


class ObligationAnswer(ObligationLine):
    """An obligation whole. People call it met, or put it off, at its ``page``."""

    detail: str
    cites: list[str]
    assessment: int
    opened_at: datetime
    met_at: datetime | None
    met_by: str | None
    met_reason: str
    deferred_by: str | None
    deferred_reason: str
    lapsed_at: datetime | None

    @classmethod
    def whole(cls, row: Obligation, known: Known, *, on: date) -> "ObligationAnswer":
        return cls(
            **_line(row, known, on),
            detail=row.detail,
            cites=list(row.cites),
            assessment=row.assessment_id,
            opened_at=row.opened_at,
            met_at=row.met_at,
            met_by=row.met_by.username if row.met_by else None,
            met_reason=row.met_reason,
            deferred_by=row.deferred_by.username if row.deferred_by else None,
            deferred_reason=row.deferred_reason,
            lapsed_at=row.lapsed_at,
        )


def _line(row: Obligation, known: Known, on: date) -> dict[str, Any]:
    about = "use_case" if row.use_case else "version" if row.version else "model"
    return {
        "number": row.pk,
        "id": row.record_id,
        "model": row.model.name,
        "about": about,
        "version": row.version.number if row.version else None,
        "use": row.use_case.key if row.use_case else None,
        "questionnaire": row.questionnaire,
        "key": row.key,
        "kind": row.kind,
        "ref": row.ref,
        "count": row.count,
        "title": row.title,
        "gates": list(row.gates),
        "applies_from": row.applies_from,
        "state": row.state,
        "stands": STANDS[group_of(row, *known, on)] if row.is_live else LAPSED,
        "deferred_until": row.deferred_until,
        "owner": (row.owner or row.model.owner).username,
        "url": reverse("v1:obligation", args=[row.pk]),
        "page": row.get_absolute_url(),
    }
