"""How the streams stand, in words for the page that says what protects the record."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from apps.audit.models import AuditEvent
from apps.audit.sealed import NONE_YET, newest_seq
from apps.audit.sealing.health import BAD, GOOD, WARN, Protection
from apps.integrations.models import StreamPosition
from apps.integrations.streams.targets import Stream, SyslogTarget, configured

LATE = timedelta(minutes=1)
TOO_LATE = timedelta(minutes=15)


def standing(*, now: datetime) -> Sequence[Protection]:
    """Return how each stream stands, in the order the operator named them."""
    streams = configured()
    if not streams:
        return []
    newest = newest_seq()
    positions = {row.name: row for row in StreamPosition.objects.all()}
    waiting = _waiting_since(positions)
    return [_of(stream, positions.get(stream.name), newest, waiting, now=now) for stream in streams]


def _waiting_since(positions: Mapping[str, StreamPosition]) -> Mapping[int, datetime]:
    """Return when the entry after each position was written, by its number: one query for all."""
    following = [NONE_YET + 1, *(row.seq + 1 for row in positions.values())]
    found = AuditEvent.objects.filter(leaf__seq__in=following)
    return dict(found.values_list("leaf__seq", "written_at"))


def _of(
    stream: Stream,
    position: StreamPosition | None,
    newest: int,
    waiting: Mapping[int, datetime],
    *,
    now: datetime,
) -> Protection:
    title = f"The stream {stream.name} follows"
    at = StreamPosition(name=stream.name) if position is None else position
    count = newest - at.seq
    if count <= 0:
        words = f"{stream.target} has all {newest + 1:,} sealed entries.{_but(stream)}"
        return Protection(title, GOOD, words, at.given_at)
    age = now - waiting.get(at.seq + 1, now)
    words = " ".join(_behind(stream, at, count, timedelta(seconds=int(age.total_seconds()))))
    tone = BAD if age > TOO_LATE else WARN if age > LATE else GOOD
    return Protection(title, tone, words, at.given_at)


def _behind(stream: Stream, at: StreamPosition, count: int, age: timedelta) -> Iterator[str]:
    entries = "1 entry waits" if count == 1 else f"{count:,} entries wait"
    yield f"{entries} for {stream.target}, the oldest for {age}."
    if at.failures:
        yield f"It took nothing at {at.failures:,} tries in a row: {at.trouble}"
    elif age > LATE:
        yield "Do a worker and beat run?"


def _but(stream: Stream) -> str:
    if isinstance(stream.target, SyslogTarget) and stream.target.scheme == "syslog+udp":
        return " Over UDP nobody says what arrived: use TLS, or a file, where none may be missing."
    return ""
