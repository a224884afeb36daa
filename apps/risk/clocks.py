"""Reporting clocks: which reports of an incident authorities expect, and until when. Pure.

They are data (``content/reporting_clocks.yaml``); whether a law applies is for people to say, by
ticking what is true of an incident.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator

from apps.core import shapes, strict_yaml
from apps.core.errors import DomainError
from apps.core.months import in_months
from apps.risk.models import Incident

CONTENT = Path(__file__).resolve().parent / "content"
DISCOVERED, CLASSIFIED = "discovered", "classified"
"""The moments of an incident a clock may run from; any other is the report of an earlier clock."""
_UNITS = ("hours", "days", "months")


class ClocksRefused(DomainError):
    """The text is no set of reporting clocks; the message says everything that is wrong."""

    code = "clocks_refused"


@dataclass(frozen=True)
class Fact:
    """Something a person says is true of an incident."""

    id: str
    title: str
    help: str


@dataclass(frozen=True)
class Span:
    """So long after something."""

    after: str
    unit: str
    count: int

    def end(self, start: datetime) -> datetime:
        """Return when it is over: months end on the same day, or the last one there is."""
        if self.unit != "months":
            return start + timedelta(**{self.unit: self.count})
        return datetime.combine(in_months(start.date(), self.count), start.timetz())

    @property
    def words(self) -> str:
        """How long it is, in words."""
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"


@dataclass(frozen=True)
class Clock:
    """One report: to whom, under which facts, and until when."""

    id: str
    title: str
    authority: str
    applies_when: tuple[str, ...]
    unless: tuple[str, ...]
    spans: tuple[Span, ...]
    """The first of their ends counts."""
    cites: tuple[str, ...]

    def applies(self, traits: Collection[str]) -> bool:
        """Say whether the report is due by what is true of an incident."""
        return all(one in traits for one in self.applies_when) and not any(
            one in traits for one in self.unless
        )

    def due(self, moments: Mapping[str, datetime]) -> datetime:
        """Return until when it is due, by the moments its spans run from."""
        return min(span.end(moments[span.after]) for span in self.spans)


@dataclass(frozen=True)
class Clocks:
    """The facts a person may tick, and the reports that follow."""

    law_as_of: str
    facts: tuple[Fact, ...]
    clocks: tuple[Clock, ...]

    def fact_or_none(self, fact_id: str) -> Fact | None:
        return next((one for one in self.facts if one.id == fact_id), None)

    def clock_or_none(self, clock_id: str) -> Clock | None:
        return next((one for one in self.clocks if one.id == clock_id), None)

    def applying(self, traits: Collection[str]) -> tuple[Clock, ...]:
        """Return the reports that are due by what is true of an incident, in their order."""
        return tuple(one for one in self.clocks if one.applies(traits))

    def after(self, clock_id: str) -> tuple[Clock, ...]:
        """Return the reports whose time runs from another one."""
        return tuple(
            one for one in self.clocks if any(span.after == clock_id for span in one.spans)
        )


def moments_of(incident: Incident) -> dict[str, datetime]:
    """Return the moments of an incident that clocks run from."""
    return {DISCOVERED: incident.discovered_at, CLASSIFIED: incident.classified_at}


@cache
def shipped() -> Clocks:
    """Return the clocks that come with Signet."""
    return parse((CONTENT / "reporting_clocks.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Clocks:
    """Read a set of clocks strictly.

    Raises:
        ClocksRefused: with everything that is wrong, in words.
    """
    try:
        document = strict_yaml.load(text)
    except strict_yaml.YamlRefused as refusal:
        raise ClocksRefused(str(refusal)) from refusal
    wrong = [f"{problem.words}" for problem in shapes.problems(_validator(), document)]
    told = cast(dict[str, Any], document)
    wrong = wrong or list(_contradictions(told))
    if wrong:
        raise ClocksRefused(" ".join(wrong))
    facts = tuple(Fact(**one) for one in told["facts"])
    return Clocks(told["law_as_of"], facts, tuple(_clock(one) for one in told["clocks"]))


def _clock(told: Mapping[str, Any]) -> Clock:
    return Clock(
        told["id"],
        told["title"],
        told["authority"],
        tuple(told["applies_when"]),
        tuple(told.get("unless", ())),
        tuple(_span(one) for one in _spans_in(told)),
        tuple(told["cites"]),
    )


def _spans_in(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [told, told["at_most"]] if "at_most" in told else [told]


def _span(told: Mapping[str, Any]) -> Span:
    [unit] = [unit for unit in _UNITS if unit in told]
    return Span(told["after"], unit, told[unit])


def _contradictions(told: Mapping[str, Any]) -> Iterator[str]:
    """Say what a text of the right shape still says wrongly."""
    facts = {one["id"] for one in told["facts"]}
    for kind in ("facts", "clocks"):
        for name, count in Counter(one["id"] for one in told[kind]).items():
            if count > 1:
                yield f"Two {kind} are called {name!r}."
    earlier: dict[str, Mapping[str, Any]] = {}
    for clock in told["clocks"]:
        yield from _wrong_in(clock, facts, earlier)
        earlier[clock["id"]] = clock


def _wrong_in(
    clock: Mapping[str, Any], facts: Collection[str], earlier: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    name = clock["id"]
    if name in {DISCOVERED, CLASSIFIED}:
        yield f"A clock cannot be called {name!r}: that is a moment of the incident."
    for fact in (*clock["applies_when"], *clock.get("unless", ())):
        if fact not in facts:
            yield f"Clock {name!r} names the fact {fact!r}, which there is not."
    for span in _spans_in(clock):
        if sum(unit in span for unit in _UNITS) != 1:
            yield f"Clock {name!r} says its time in one of hours, days and months."
        start = span["after"]
        if start in {DISCOVERED, CLASSIFIED}:
            continue
        if start not in earlier:
            yield f"Clock {name!r} runs from {start!r}, which is no clock before it."
        elif _asked(earlier[start]) != _asked(clock):
            yield f"Clock {name!r} runs from {start!r} and has to apply when that does."


def _asked(clock: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    return set(clock["applies_when"]), set(clock.get("unless", ()))


@cache
def _validator() -> Draft202012Validator:
    schema = (CONTENT / "reporting_clocks.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))
