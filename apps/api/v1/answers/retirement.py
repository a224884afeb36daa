"""How records retire: how long they are kept, what holds them, and which versions are retired."""

from collections.abc import Iterable
from datetime import datetime

from apps.api.v1.answers.base import Answer
from apps.approvals import keeping
from apps.approvals.models import LegalHold, Retention, Retirement


class RetentionAnswer(Answer):
    """For how many years the records of a model are kept after a version is decommissioned."""

    name: str
    years: int
    basis: str
    set_by: str
    set_at: datetime


class HoldAnswer(Answer):
    """A legal hold: while it is in force nothing of the model is disposed of."""

    number: int
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None


class RetiredVersion(Answer):
    """A decommissioned version, and when its records may be disposed of, or were.

    ``retain_until`` counts a retention that was lengthened since.
    """

    version: int
    decommissioned_at: datetime
    retain_until: datetime
    disposed_at: datetime | None


class RetirementAnswer(Answer):
    """How the records of a model retire."""

    model: str
    retention: RetentionAnswer | None
    on_hold: bool
    holds: list[HoldAnswer]
    retired: list[RetiredVersion]

    @classmethod
    def of(
        cls,
        model: str,
        retention: Retention | None,
        holds: Iterable[LegalHold],
        retired: Iterable[Retirement],
    ) -> "RetirementAnswer":
        shown = [_hold(one) for one in holds]
        return cls(
            model=model,
            retention=_retention(retention) if retention else None,
            on_hold=any(one.lifted_at is None for one in shown),
            holds=shown,
            retired=[
                RetiredVersion(
                    version=one.version.number,
                    decommissioned_at=one.decommissioned_at,
                    retain_until=keeping.kept_until(one, retention)
                    if retention
                    else one.retain_until,
                    disposed_at=one.disposed_at,
                )
                for one in retired
            ],
        )


def _retention(kept: Retention) -> RetentionAnswer:
    return RetentionAnswer(
        name=kept.name,
        years=kept.years,
        basis=kept.basis,
        set_by=kept.set_by.username,
        set_at=kept.set_at,
    )


def _hold(hold: LegalHold) -> HoldAnswer:
    return HoldAnswer(
        number=hold.pk,
        reason=hold.reason,
        placed_by=hold.placed_by.username,
        placed_at=hold.placed_at,
        lifted_at=hold.lifted_at,
    )
