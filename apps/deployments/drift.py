"""What is seen held against what is to run and what may: pure, the same for one as for many.

``UNCONFIRMED`` is no drift and no peace either: something is to run and nobody has seen it, since
nobody looks or a rollout has just ended; or what ran before is still there for as long.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db.models import TextChoices

from apps.core.digests import digest_of_bytes
from apps.core.formats import duration, short_digest

GRACE = timedelta(minutes=15)
"""How long after a rollout ended, or a version left production in good order, nothing is wrong."""


class State(TextChoices):
    """How what is seen stands to what is to run, the gravest first."""

    UNKNOWN = "unknown", "Unknown content"
    UNAPPROVED = "unapproved", "Not approved"
    EXPIRED = "expired", "Authorization over"
    WRONG_VERSION = "wrong_version", "Another version"
    NOT_SEEN = "not_seen", "Not seen"
    UNCONFIRMED = "unconfirmed", "Not confirmed"
    IN_STEP = "in_step", "In step"


_GRAVITY = {state: place for place, state in enumerate(State)}
CALM = frozenset({State.UNCONFIRMED, State.IN_STEP})
"""The states in which nothing is known to be wrong."""


class Authority(Enum):
    """Whether a version may run in an environment."""

    HOLDS = "holds"
    OVER = "over"
    """It might once, and its authorization ran out, or ended as another took its place."""
    MISSING = "missing"


@dataclass(frozen=True)
class Wanted:
    """A version that is to run, with the content it had when it was asked for."""

    version_id: int
    digest: str
    name: str
    must_be_seen: bool = True
    """Whether requests go there; one without a share of them may not be up at all."""


@dataclass(frozen=True)
class Spotted:
    """One content that is seen at an endpoint, and what may be said of it."""

    endpoint: str
    digest: str
    called: str
    last_seen_at: datetime
    version_id: int | None = None
    content: str = ""
    """The digest of that version."""
    name: str = ""
    authority: Authority = Authority.HOLDS
    why: str = ""
    """Why it may not run."""
    over_since: datetime | None = None

    @property
    def key(self) -> str:
        """What it is, as a text that stays the same: its digest, else that of its name."""
        return self.digest or self.content or digest_of_bytes(self.called.encode())

    @property
    def told(self) -> str:
        """What it is, for people: its version, else what it says it is, else its digest."""
        if self.version_id is not None:
            return self.name
        return f"“{self.called}”" if self.called else short_digest(self.digest)


@dataclass(frozen=True)
class Terms:
    """By what is judged: when, how often somebody looks, and what rollout is desired since when."""

    at: datetime
    seen_within: timedelta | None = None
    is_under_way: bool = False
    """Whether a rollout waits."""
    since: datetime | None = None
    """Since when what is wanted is to run: when its rollout ended, else when it was asked for."""

    @property
    def is_settling(self) -> bool:
        """Whether what runs may still be on its way."""
        return self.is_under_way or (self.since is not None and self.at < self.since + GRACE)

    def is_live(self, last_seen_at: datetime) -> bool:
        """Say whether what was seen then counts as seen now."""
        return self.seen_within is None or last_seen_at >= self.at - self.seen_within


@dataclass(frozen=True)
class Point:
    """One thing that is not as it should be."""

    state: State
    key: str
    """The content it is about."""
    text: str
    as_of: datetime
    """The newest moment of which this is known."""
    version_id: int | None = None
    endpoint: str = ""


@dataclass(frozen=True)
class Drift:
    """How a deployment stands, and all that is to be said of it, the gravest first."""

    points: Sequence[Point]
    seen: int
    """How many versions that are to run are seen."""
    expected: int
    is_settling: bool = False

    @property
    def state(self) -> State:
        return self.points[0].state if self.points else State.IN_STEP

    @property
    def is_calm(self) -> bool:
        """Whether nothing is known to be wrong."""
        return self.state in CALM

    @property
    def why(self) -> Sequence[str]:
        """What is to be said of it, in sentences."""
        if self.points:
            return tuple(point.text for point in self.points)
        if not self.expected:
            return ("Nothing is to run here, and nothing is seen.",)
        return ("What is to run is seen, and nothing else is.",)


def judge(wanted: Sequence[Wanted], spotted: Iterable[Spotted], terms: Terms) -> Drift:
    """Hold what is seen of a deployment against what is to run, and what may."""
    live = [one for one in spotted if terms.is_live(one.last_seen_at)]
    found = [*_of_seen(wanted, live, terms), *_of_unseen(wanted, live, terms)]
    expected = [one for one in wanted if one.must_be_seen]
    return Drift(
        points=sorted(found, key=lambda point: (_GRAVITY[point.state], point.key, point.endpoint)),
        seen=sum(any(is_it(one, other) for other in live) for one in expected),
        expected=len(expected),
        is_settling=terms.is_settling,
    )


def judge_stray(one: Spotted, terms: Terms) -> Point:
    """Say what is wrong with a content that is seen where no deployment is known."""
    found = _of_authority(one, terms) if one.version_id is not None else _unknown(one)
    if found is not None:
        return found
    text = f"{one.told} is seen at {one.endpoint}, and nothing says that it is to run here."
    return _point(State.UNCONFIRMED, one, text)


def is_it(wanted: Wanted, spotted: Spotted) -> bool:
    """Say whether what is seen is what is to run: by its content, or as what it is known."""
    is_same = bool(spotted.digest) and spotted.digest == wanted.digest
    return is_same or spotted.version_id == wanted.version_id


def gravest(states: Iterable[State]) -> State:
    """Return the gravest of some states; in step when there is none."""
    return min(states, key=_GRAVITY.__getitem__, default=State.IN_STEP)


# -- what is seen ----------------------------------------------------------------------------------


def _of_seen(wanted: Sequence[Wanted], live: Iterable[Spotted], terms: Terms) -> Iterator[Point]:
    for one in live:
        is_wanted = any(is_it(other, one) for other in wanted)
        if one.version_id is None and not is_wanted:
            yield _unknown(one)
        elif (unlawful := _of_authority(one, terms, is_wanted=is_wanted)) is not None:
            yield unlawful
        elif not is_wanted:
            yield _other(one, terms)


def _unknown(one: Spotted) -> Point:
    if not one.digest:
        said = f"says it is {one.told}, which is not registered"
    else:
        claimed = f", and says it is “{one.called}”" if one.called else ""
        said = f"has the digest {short_digest(one.digest)}, which nobody registered{claimed}"
    return _point(State.UNKNOWN, one, f"What is seen at {one.endpoint} {said}.")


def _of_authority(one: Spotted, terms: Terms, *, is_wanted: bool = True) -> Point | None:
    """Say that what is seen may not run, if so."""
    if one.authority is Authority.HOLDS:
        return None
    text = f"{one.told} is seen at {one.endpoint}. {one.why}".strip()
    if one.authority is Authority.MISSING:
        return _point(State.UNAPPROVED, one, text)
    since = one.over_since
    has_just_left = since is not None and terms.at < since + GRACE
    is_leaving = not is_wanted and terms.is_settling
    return _point(State.UNCONFIRMED if has_just_left or is_leaving else State.EXPIRED, one, text)


def _other(one: Spotted, terms: Terms) -> Point:
    if terms.is_settling:
        text = f"{one.told} is still seen at {one.endpoint} while something else is put there."
        return _point(State.UNCONFIRMED, one, text)
    text = f"{one.told} is seen at {one.endpoint}, and is not to run there."
    return _point(State.WRONG_VERSION, one, text)


def _point(state: State, one: Spotted, text: str) -> Point:
    return Point(state, one.key, text, one.last_seen_at, one.version_id, one.endpoint)


# -- what is not seen ------------------------------------------------------------------------------


def _of_unseen(wanted: Iterable[Wanted], live: Sequence[Spotted], terms: Terms) -> Iterator[Point]:
    said = _how_unseen(terms)
    for one in wanted:
        if one.must_be_seen and not any(is_it(one, other) for other in live):
            yield said(one)


def _how_unseen(terms: Terms) -> Callable[[Wanted], Point]:
    """Return what to say of a version that nobody sees."""
    if terms.seen_within is None:
        return _unseen(State.UNCONFIRMED, "nobody has seen it yet", terms.at)
    due = terms.at - terms.seen_within
    if terms.is_settling or (terms.since is not None and terms.since > due):
        return _unseen(State.UNCONFIRMED, "it has just been put there", terms.at)
    within = duration(terms.seen_within)
    return _unseen(State.NOT_SEEN, f"nobody saw it within {within}", due)


def _unseen(state: State, said: str, as_of: datetime) -> Callable[[Wanted], Point]:
    def point(one: Wanted) -> Point:
        text = f"{one.name} is to run here, and {said}."
        return Point(state, one.digest, text, as_of, one.version_id)

    return point
