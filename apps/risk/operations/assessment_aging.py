"""Approved assessments are made stale early, by events and by newer questionnaires."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.errors import RuleBroken
from apps.core.sweeping import batches, sweeping
from apps.risk import observed, offered
from apps.risk.models import Assessment
from apps.risk.questionnaires import Questionnaire
from apps.risk.questionnaires.numbers import is_major

MAKE_STALE = Action("assessment.make_stale", permission=BY_WORKER)
MOST_WORDS = 300


def make_stale(assessment: Assessment, *, why: str, by: Actor = SYSTEM) -> Assessment:
    """Let an approved assessment count no longer; inside another change, by whoever acts there.

    Raises:
        RuleBroken: when it is not approved by now, or stale already.
    """
    with change(MAKE_STALE, assessment, by=by) as record:
        assessment.require_state(Assessment.State.APPROVED)
        if assessment.stale_at is not None:
            raise RuleBroken(f"It is stale already: {assessment.stale_because}")
        assessment.stale_at, assessment.stale_because = record.time, why[:MOST_WORDS]
        assessment.save()
        record.note(why=assessment.stale_because)
    return assessment


def make_outdated_stale() -> int:
    """Make stale what was assessed by a version of before a major one; return how many."""
    newest = {one.id: one for one in offered.offered()}
    with sweeping() as sweep:
        for rows in batches(_counting().defer("questionnaire__text")):
            sweep.each([one for one in rows if _is_outdated(one, newest)], _outdate(newest))
    return sweep.done


def make_overtaken_stale() -> int:
    """Make stale what something recorded since asks to assess anew; return how many."""
    with sweeping() as sweep:
        for rows in batches(_counting().defer("questionnaire__text")):
            why = observed.since_approval(rows)
            sweep.each([one for one in rows if one.pk in why], _because(why))
    return sweep.done


def make_stale_of_before(at: datetime, trigger: str, *, why: str) -> int:
    """Make stale what was approved before an event that concerns every model; return how many."""
    with sweeping() as sweep:
        for rows in batches(_counting().filter(approved_at__lt=at)):
            asking = [
                one for one in rows if trigger in offered.asked_of(one.questionnaire).triggers
            ]
            sweep.each(asking, lambda one: make_stale(one, why=why))
    return sweep.done


def _because(why: Mapping[int, str]) -> Callable[[Assessment], Assessment]:
    return lambda one: make_stale(one, why=why[one.pk])


def _outdate(newest: Mapping[str, Questionnaire]) -> Callable[[Assessment], Assessment]:
    return lambda one: make_stale(one, why=f"{newest[one.kind]} asks otherwise.")


def _is_outdated(assessment: Assessment, newest: Mapping[str, Questionnaire]) -> bool:
    newer = newest.get(assessment.kind)
    return newer is not None and is_major(assessment.questionnaire.number, newer.version)


def _counting() -> QuerySet[Assessment]:
    found = Assessment.objects.filter(state=Assessment.State.APPROVED, stale_at=None)
    return found.select_related("questionnaire", "model", "version", "use_case").order_by("pk")
