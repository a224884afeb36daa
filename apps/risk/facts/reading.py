"""Reads everything judged of some models in one query, and puts the rows together again."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import JSONObject
from django.db.models.sql.compiler import SQLCompiler

from apps.risk.models import (
    Assessment,
    Finding,
    Incident,
    Obligation,
    OwnerAttestation,
    ReportDuty,
    TierOverride,
)

_LIVE_USE = {"use_case__ended_at": None}


class Told(JSONObject):
    """Some columns as one JSON value.

    Django asks SQLite with each new connection whether it knows JSON, inside a transaction, and
    takes one that had to wait for a writer for a no (``supports_json_field``). SQLite has known
    JSON since 3.38, so nothing is asked here.
    """

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        sql, params = Func.as_sql(self, compiler, connection, **extra)
        return sql, tuple(params)


def rows_of(
    model_ids: Collection[int], beside: Sequence["QuerySet[Any, Any]"]
) -> Iterable[tuple[str, int, Any, Any]]:
    """Read every row there is, each as its kind, its model, its columns, and what it keeps."""
    first, *others = (
        as_one(
            "assessment",
            Assessment.objects.filter(
                model__in=model_ids, state__in=[*Assessment.OPEN, Assessment.State.APPROVED]
            ),
            _OF_ASSESSMENT,
            F("result"),
        ),
        as_one(
            "obligation",
            Obligation.objects.filter(model__in=model_ids, state__in=Obligation.LIVE, **_LIVE_USE),
            _OF_OBLIGATION,
            F("gates"),
        ),
        as_one(
            "override",
            TierOverride.objects.filter(model__in=model_ids, state=TierOverride.State.GRANTED),
            _OF_OVERRIDE,
            F("roles"),
        ),
        as_one(
            "attestation",
            OwnerAttestation.objects.filter(model__in=model_ids),
            _OF_ATTESTATION,
            Told(snapshot=F("snapshot_digest")),
        ),
        as_one(
            "finding",
            Finding.objects.filter(model__in=model_ids, state__in=Finding.UNSETTLED),
            _OF_FINDING,
            Told(number=F("version__number")),
        ),
        as_one(
            "incident",
            Incident.objects.filter(model__in=model_ids, state=Incident.State.OPEN),
            _OF_INCIDENT,
            Told(severity=F("severity")),
        ),
        as_one(
            "duty",
            ReportDuty.objects.filter(
                incident__model__in=model_ids, reported_at=None, set_aside_at=None
            ),
            _OF_DUTY,
            Told(clock=F("clock")),
            of_model="incident__model_id",
        ),
    )
    rows: Iterable[tuple[str, int, Any, Any]] = first.union(*others, *beside, all=True)
    return rows


def as_one(
    word: str,
    rows: "QuerySet[Any, Any]",
    columns: Sequence[str],
    kept: F | Told | None = None,
    *,
    of_model: str = "model_id",
) -> "QuerySet[Any, Any]":
    """Return rows as they are read with all others: a word, a model, columns, and what is kept."""
    told = Told(**{name: F(name) for name in columns})
    return rows.order_by().values_list(Value(word), of_model, told, kept or told)


_OF_ASSESSMENT = (
    "id",
    "questionnaire_id",
    "kind",
    "version_id",
    "use_case_id",
    "state",
    "outcome",
    "approved_at",
    "valid_until",
    "stale_at",
)
_OF_OBLIGATION = (
    "id",
    "version_id",
    "use_case_id",
    "assessment_id",
    "key",
    "kind",
    "ref",
    "count",
    "title",
    "applies_from",
    "state",
    "deferred_until",
)
_OF_OVERRIDE = ("id", "assessment_id", "assessed_tier", "tier", "ends_on", "state", "decided_at")
_OF_ATTESTATION = ("id", "signed_at")
_OF_FINDING = ("id", "severity", "state", "due", "cause")
_OF_INCIDENT = ("id", "severity", "state")
_OF_DUTY = ("id", "due_at")
_DAYS = frozenset({"due", "valid_until", "applies_from", "deferred_until", "ends_on"})
_MOMENTS = frozenset({"due_at", "approved_at", "stale_at", "decided_at", "signed_at"})


def _assessment(told: Mapping[str, Any], result: Any) -> Assessment:
    return Assessment(**_typed(told), result=result)


def _obligation(told: Mapping[str, Any], gates: Any) -> Obligation:
    return Obligation(**_typed(told), gates=gates)


def _override(told: Mapping[str, Any], roles: Any) -> TierOverride:
    return TierOverride(**_typed(told), roles=roles)


def _attestation(told: Mapping[str, Any], kept: Any) -> OwnerAttestation:
    return OwnerAttestation(**_typed(told), snapshot_digest=kept["snapshot"])


def _finding(told: Mapping[str, Any], kept: Any) -> Finding:
    finding = Finding(**_typed(told))
    finding.first_number = kept["number"]
    return finding


def _incident(told: Mapping[str, Any], _: Any) -> Incident:
    return Incident(**_typed(told))


def _duty(told: Mapping[str, Any], _: Any) -> ReportDuty:
    return ReportDuty(**{name: value for name, value in _typed(told).items() if name in _OF_DUTY})


READ: Mapping[str, Callable[[Mapping[str, Any], Any], Any]] = {
    "finding": _finding,
    "incident": _incident,
    "duty": _duty,
    "assessment": _assessment,
    "obligation": _obligation,
    "override": _override,
    "attestation": _attestation,
}


def _typed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns with days and moments as such; the database says them as text in JSON."""
    return {name: _value(name, value) for name, value in told.items()}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(value)
    if name in _MOMENTS:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value
