"""What a run of a job was seen to read and make, and which lines of lineage follow from it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Self, TypeAlias
from uuid import UUID

from django.db.models import Q

from apps.catalog import lineage
from apps.catalog.lineage import End, Way
from apps.catalog.models import Asset, LineageEdge, ModelVersion, RegisteredModel, Relation
from apps.catalog.operations.lineage import version_between
from apps.core.inputs import InputRefused

MOST_SEEN = 100
"""How many things one event of a run names as read or made."""
MOST_MADE_VERSIONS = 10

Key: TypeAlias = tuple[str, int]
_TAKEN_BACK = "Somebody ended this link, and it stays ended."
_LOOP = "It would close a loop with what is known already."


@dataclass(frozen=True)
class SeenAsset:
    """Something beside models that an event named; what it said of it counts if nobody knew it.

    The owner is a sign-in name, and the team a name, which may both be known here or not.
    """

    kind: str
    name: str
    version: str = ""
    location: str = field(default="", compare=False)
    description: str = field(default="", compare=False)
    owner: str = field(default="", compare=False)
    team: str = field(default="", compare=False)


Seen: TypeAlias = SeenAsset | ModelVersion


@dataclass(frozen=True)
class SeenRun:
    """One event of a run: its job, what it read and what it made so far."""

    run: UUID
    job: SeenAsset
    read: Sequence[Seen] = ()
    made: Sequence[Seen] = ()

    @property
    def ends(self) -> Sequence[Seen]:
        return [*self.made, *self.read]

    @property
    def versions(self) -> Sequence[ModelVersion]:
        """The versions it names, each once, in the order their models are locked in."""
        found = {end.pk: end for end in self.ends if isinstance(end, ModelVersion)}
        return sorted(found.values(), key=lambda version: (version.model_id, version.pk))

    @property
    def models(self) -> Sequence[RegisteredModel]:
        return list({version.model_id: version.model for version in self.versions}.values())

    def require_within_limits(self) -> None:
        """Refuse an event that names more than one change can record."""
        if len(self.ends) > MOST_SEEN:
            raise InputRefused(
                f"An event names at most {MOST_SEEN} inputs and outputs together; "
                f"this names {len(self.ends)}."
            )
        made = sum(isinstance(end, ModelVersion) for end in self.made)
        if made > MOST_MADE_VERSIONS:
            raise InputRefused(
                f"A run makes at most {MOST_MADE_VERSIONS} versions of models; this made {made}."
            )


@dataclass(frozen=True)
class Line:
    """A link from an origin to a target: new, or known and not observed before."""

    origin: End
    target: End
    relation: str
    known: LineageEdge | None = None

    @property
    def subject(self) -> End:
        """What the link belongs to: the version it touches, the target's first, or the target."""
        return version_between(self.origin, self.target) or self.target

    @property
    def key(self) -> tuple[str, Key, Key]:
        return self.relation, key_of(self.origin), key_of(self.target)


@dataclass(frozen=True)
class LeftOut:
    """A link that an event told of and that is not recorded, with why."""

    origin: str
    target: str
    relation: str
    why: str

    @classmethod
    def of(cls, line: Line, why: str) -> Self:
        return cls(str(line.origin), str(line.target), line.relation, why)


@dataclass(frozen=True)
class Plan:
    """What is to be written for an event, as lineage stands now; assets nobody knew have no id."""

    job: Asset
    assets: Sequence[Asset]
    lines: Sequence[Line]
    left_out: Sequence[LeftOut]

    @classmethod
    def of(cls, seen: SeenRun) -> Self:
        assets = _assets(seen)
        job = assets[seen.job]
        made, read = _ends(seen.made, assets), _ends(seen.read, assets)
        lines, left_out = _sorted_out(job, made, read)
        touched = {id(end) for line in lines for end in (line.origin, line.target)}
        new = [one for one in assets.values() if is_new(one) and id(one) in touched]
        return cls(job, new, lines, tuple(left_out))

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def roots(self) -> Sequence[Asset]:
        """The job and the assets links belong to, where they are known, in the order of locks."""
        subjects = [line.subject for line in self.lines]
        found = [self.job, *(one for one in subjects if isinstance(one, Asset))]
        known = {asset.pk: asset for asset in found if not is_new(asset)}
        return [known[pk] for pk in sorted(known)]


def key_of(end: End) -> Key:
    """Return what tells an end from others, one that is not stored yet, too."""
    return ("new", id(end)) if is_new(end) else lineage.ref_of(end)


def is_new(end: End) -> bool:
    """Say whether an end is not stored yet."""
    return end._state.adding


def _ends(seen: Sequence[Seen], assets: Mapping[SeenAsset, Asset]) -> list[End]:
    """Return what is meant by what was named, each once."""
    ends = [one if isinstance(one, ModelVersion) else assets[one] for one in seen]
    return list({key_of(end): end for end in ends}.values())


def _assets(seen: SeenRun) -> Mapping[SeenAsset, Asset]:
    """Return the asset in use that each name stands for, or a new one that is not stored."""
    named = dict.fromkeys([seen.job, *(one for one in seen.ends if isinstance(one, SeenAsset))])
    in_use = Asset.objects.filter(
        kind__in={one.kind for one in named},
        name__in={one.name for one in named},
        digest="",
        ended_at=None,
    )
    known = {(asset.kind, asset.name, asset.version): asset for asset in in_use}
    return {
        one: known.get((one.kind, one.name, one.version))
        or Asset(kind=one.kind, name=one.name, version=one.version)
        for one in named
    }


def _sorted_out(
    job: Asset, made: Sequence[End], read: Sequence[End]
) -> tuple[list[Line], list[LeftOut]]:
    """Return the lines to write, and those that cannot be."""
    told = list(_told(job, made, read))
    known = _known(told)
    lines, left_out = [], []
    loops = _loops(job, made, told) if any(line.key not in known for line in told) else frozenset()
    for line in told:
        edge = known.get(line.key)
        if edge is None and line.key in loops:
            left_out.append(LeftOut.of(line, _LOOP))
        elif edge is None:
            lines.append(line)
        elif edge.ended_at is not None:
            left_out.append(LeftOut.of(line, _TAKEN_BACK))
        elif edge.source != LineageEdge.Source.OBSERVED:
            lines.append(Line(line.origin, line.target, line.relation, edge))
    return lines, left_out


def _told(job: Asset, made: Sequence[End], read: Sequence[End]) -> Iterator[Line]:
    """Yield what an event says: what the job reads and makes, and what made versions come from."""
    for end in made:
        is_version = isinstance(end, ModelVersion)
        yield Line(job, end, Relation.BUILT_BY if is_version else Relation.WRITES)
    for end in read:
        yield Line(end, job, Relation.READS)
    for version in made:
        if isinstance(version, ModelVersion):
            for end in read:
                is_base = isinstance(end, ModelVersion)
                yield Line(end, version, Relation.DERIVED_FROM if is_base else Relation.TRAINED_ON)


def _known(told: Sequence[Line]) -> Mapping[tuple[str, Key, Key], LineageEdge]:
    """Return the edges that are there already; one in force counts before one that was ended."""
    rows = LineageEdge.objects.filter(
        _among("origin", [line.origin for line in told]),
        _among("target", [line.target for line in told]),
        relation__in={line.relation for line in told},
    )
    ends = ("origin_asset", "origin_version__model", "target_asset", "target_version__model")
    edges = sorted(rows.select_related(*ends), key=lambda edge: edge.ended_at is None)
    return {Line(edge.origin, edge.target, edge.relation).key: edge for edge in edges}


def _among(end: str, things: Sequence[End]) -> Q:
    stored = [thing for thing in things if not is_new(thing)]
    assets = {thing.pk for thing in stored if isinstance(thing, Asset)}
    versions = {thing.pk for thing in stored if isinstance(thing, ModelVersion)}
    return Q(**{f"{end}_asset__in": assets}) | Q(**{f"{end}_version__in": versions})


def _loops(
    job: Asset, made: Sequence[End], told: Sequence[Line]
) -> Collection[tuple[str, Key, Key]]:
    """Return the lines that would let something flow into itself.

    What the job makes goes before what it reads: of a table it reads and writes, that it writes it
    is kept. Every line is held against what is stored and against the lines before it.
    """
    above = _reach([job], Way.UP)
    kept = [end for end in made if key_of(end) not in above]
    versions = [end for end in kept if isinstance(end, ModelVersion)]
    below_job, below_versions = _reach([job, *kept], Way.DOWN), _reach(versions, Way.DOWN)
    fine = {key_of(end) for end in kept}

    def closes(line: Line) -> bool:
        if line.origin is job:
            return key_of(line.target) not in fine
        if line.target is job:
            return key_of(line.origin) in below_job
        return key_of(line.target) not in fine or key_of(line.origin) in below_versions

    return {line.key for line in told if closes(line)}


def _reach(ends: Sequence[End], way: Way) -> frozenset[Key]:
    """Return what lies above or below some ends, themselves included."""
    stored = [end for end in ends if not is_new(end)]
    return frozenset(chain(lineage.reach(stored, way), map(key_of, ends)))
