"""Which obligations a waiver covers: those it names, each open and in front of a gate."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from apps.approvals import waiving
from apps.approvals.models import Waiver, WaiverObligation
from apps.approvals.obligations import Obligation
from apps.approvals.policies import Condition
from apps.approvals.waiver_facts import EVER_GRANTED
from apps.approvals.waiver_rules import Rules
from apps.catalog.models import ModelVersion
from apps.core.errors import RuleBroken

MOST_TOLD = 20


def named(
    version: ModelVersion,
    condition: Condition,
    obligations: Collection[str],
    rules: Rules,
    at: datetime,
) -> frozenset[str]:
    """Return the ids of the obligations a waiver of a condition is to cover.

    Raises:
        RuleBroken: when one of them closes no gate, or when there is none to name or none named.
    """
    if not condition.asks_obligations:
        if obligations:
            raise RuleBroken(
                f"“{condition.title}” does not ask that obligations be closed, so a waiver of it "
                "names none."
            )
        return frozenset()
    there = waiving.coverable(version, condition.id, rules, at)
    if not there:
        raise RuleBroken(
            f"No open obligation closes a gate of {version} now. There is nothing to waive."
        )
    if not obligations:
        raise RuleBroken(f"Name the obligations it covers, at least one of {_in_words(there)}.")
    if not {*obligations} <= {one.id for one in there}:
        raise RuleBroken(
            "An obligation that was named is not open, or closes no gate. Those that do: "
            f"{_in_words(there)}."
        )
    return frozenset(obligations)


def carried(waiver: Waiver, condition: Condition, rules: Rules, at: datetime) -> frozenset[str]:
    """Return the ids of the obligations a renewal covers: those still open, and no others.

    Raises:
        RuleBroken: when it was renewed already, none of them is open any more, or it names none.
    """
    if is_renewed(waiver):
        raise RuleBroken("It was renewed already. Renew the newer one.")
    if not condition.asks_obligations:
        return frozenset()
    if not waiver.covered:
        raise RuleBroken(
            "A waiver of this condition names obligations by now, and this one names none. "
            "Ask for a new one."
        )
    kept = still_open(waiver, rules, at)
    if not kept:
        raise RuleBroken(
            "None of the obligations it covers closes a gate any more. There is nothing to renew."
        )
    return frozenset(one.id for one in kept)


def still_open(waiver: Waiver, rules: Rules, at: datetime) -> list[Obligation]:
    """Return the obligations a waiver covers, and no renewal of it yet, that close a gate now."""
    there = waiving.coverable(waiver.version, waiver.condition, rules, at)
    left = waiver.covered - _renewed(waiver)
    return [one for one in there if one.id in left]


def is_renewed(waiver: Waiver) -> bool:
    """Say whether renewals that were granted cover all that a waiver does.

    An obligation that was put off when it was renewed can be left over.
    """
    return _renewals(waiver).exists() and waiver.covered <= _renewed(waiver)


def _renewed(waiver: Waiver) -> frozenset[str]:
    return frozenset(each for one in _renewals(waiver) for each in one.covered)


def _renewals(waiver: Waiver) -> "QuerySet[Waiver]":
    renewals: QuerySet[Waiver] = waiver.renewed_by.filter(state__in=EVER_GRANTED)
    return renewals


def cover(waiver: Waiver, obligations: Collection[str]) -> None:
    """Keep which obligations a waiver covers, inside the change that asks for it."""
    waiver.covered = frozenset(obligations)
    if not obligations:
        return
    for row in waiver.root.obligations.order_by("pk"):
        if row.record_id in waiver.covered:
            WaiverObligation(waiver=waiver, obligation=row).save()


def _in_words(there: Collection[Obligation]) -> str:
    told = "; ".join(_told(list(there)[:MOST_TOLD]))
    more = len(there) - MOST_TOLD
    return f"{told}; and {more} more" if more > 0 else told


def _told(obligations: Iterable[Obligation]) -> Iterable[str]:
    return (f"“{one.title}” ({one.id})" for one in obligations)
