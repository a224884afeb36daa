"""What a report changes about what is seen: pure, to be asked before a change and within one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.deployments.matching import Told
from apps.deployments.models import Sighting

OTHER = "Something else is there."
GONE = "It is not there any more."
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Report:
    """When a look was, whether it was at everything, and who looked."""

    at: datetime
    complete: bool
    source: str
    within: timedelta
    """After how long what another source saw, and nobody since, is gone for a complete look."""


@dataclass(frozen=True)
class Plan:
    """What a report changes, and what it only repeats."""

    begin: Sequence[Told] = ()
    again: Sequence[tuple[Sighting, Told]] = ()
    moved: Sequence[tuple[Sighting, Told]] = ()
    """Seen again, and found to be of another version or deployment than was known."""
    end: Sequence[tuple[Sighting, str]] = ()
    late: int = 0
    """How much was told of endpoints about which something newer is known."""
    unknown: int = 0
    """How much of what was told nobody registered."""

    @property
    def is_news(self) -> bool:
        """Whether anything governed changes."""
        return bool(self.begin or self.moved or self.end)


def plan(
    report: Report,
    told: Sequence[Told],
    going_on: Sequence[Sighting],
    left_at: Mapping[str, datetime],
) -> Plan:
    """Hold what is told against the sightings that go on.

    An endpoint is told whole: what goes on there and is not told has ended. ``left_at`` says when
    something ended last at endpoints; what is older than anything known of one changes nothing.
    """
    there = _by_endpoint(going_on)
    begin, again, moved = list[Told](), list[tuple[Sighting, Told]](), list[tuple[Sighting, Told]]()
    end, late = list[tuple[Sighting, str]](), 0
    for endpoint, contents in _told_by_endpoint(told).items():
        known = there.pop(endpoint, [])
        if _newest(known, left_at.get(endpoint)) > report.at:
            late += len(contents)
            continue
        for one in contents:
            row = next((row for row in known if is_same(row, one)), None)
            if row is None:
                begin.append(one)
                continue
            known.remove(row)
            (moved if _is_moved(row, one) else again).append((row, one))
        end += [(row, OTHER) for row in known]
    if report.complete:
        end += [(row, GONE) for rows in there.values() for row in rows if _is_gone(row, report)]
    unknown = sum(one.version_id is None for one in told)
    return Plan(begin, again, moved, sorted(end, key=lambda pair: pair[0].pk), late, unknown)


def is_same(row: Sighting, told: Told) -> bool:
    """Say whether what is told at an endpoint is what a sighting there saw.

    A digest is more than a name: told for the first time, it is seen anew.
    """
    if told.digest:
        return row.digest == told.digest
    is_content = bool(row.digest) and row.digest == told.content
    is_version = told.version_id is not None and row.version_id == told.version_id
    return is_content or is_version or row.called == told.called


def _is_moved(row: Sighting, told: Told) -> bool:
    """Say whether a sighting is now found to be of another version, or another deployment.

    A name alone does not overrule what a digest said.
    """
    if row.digest and not told.digest:
        return False
    return (row.version_id, row.deployment_id) != (told.version_id, told.deployment_id)


def _is_gone(row: Sighting, report: Report) -> bool:
    if row.source == report.source:
        return row.last_seen_at <= report.at
    return row.last_seen_at <= report.at - report.within


def _newest(known: Iterable[Sighting], left_at: datetime | None) -> datetime:
    moments = [row.last_seen_at for row in known]
    return max([*moments, *([left_at] if left_at else [])], default=_BEFORE_ALL)


def _by_endpoint(rows: Iterable[Sighting]) -> dict[str, list[Sighting]]:
    found: dict[str, list[Sighting]] = defaultdict(list)
    for row in rows:
        found[row.endpoint].append(row)
    return found


def _told_by_endpoint(told: Iterable[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        found[one.endpoint].append(one)
    return found
