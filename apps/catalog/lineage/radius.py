"""The blast radius: which versions and assets something reaches, and whom to tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from apps.accounts.models import User
from apps.catalog.lifecycle import Stage
from apps.catalog.lineage.walking import Lineage, Node
from apps.catalog.models import Asset, ModelVersion

_ORDER = {stage: place for place, stage in enumerate(
    (Stage.PRODUCTION, Stage.STAGING, Stage.DEVELOPMENT, Stage.ARCHIVED, Stage.DECOMMISSIONED)
)}  # fmt: skip


@dataclass(frozen=True)
class Affected:
    """A version downstream, with how far it lies."""

    version: ModelVersion
    distance: int
    name: str
    href: str

    @property
    def is_in_production(self) -> bool:
        return self.version.stage == Stage.PRODUCTION


@dataclass(frozen=True)
class Notified:
    """Somebody who answers for something downstream, with what that is."""

    person: User
    answers_for: tuple[str, ...]
    has_production: bool

    @property
    def name(self) -> str:
        return str(self.person)


@dataclass(frozen=True)
class BlastRadius:
    """All that lies downstream: versions, those in production first, and assets."""

    versions: tuple[Affected, ...]
    assets: tuple[Node, ...]
    people: tuple[Notified, ...]

    @classmethod
    def of(cls, lineage: Lineage) -> Self:
        """Return the blast radius of where a lineage starts."""
        below = [lineage.nodes[ref] for ref in lineage.down.nodes if ref != lineage.start.ref]
        versions = [
            Affected(node.thing, node.distance, node.name, node.href)
            for node in below
            if isinstance(node.thing, ModelVersion)
        ]
        versions.sort(key=_rank)
        assets = tuple(node for node in below if isinstance(node.thing, Asset))
        return cls(tuple(versions), assets, tuple(_people(versions, assets)))

    @property
    def production_count(self) -> int:
        return sum(affected.is_in_production for affected in self.versions)

    @property
    def is_empty(self) -> bool:
        return not self.versions and not self.assets


def _rank(affected: Affected) -> tuple[int, int, str, int]:
    version = affected.version
    return (
        _ORDER[Stage(version.stage)],
        affected.distance,
        version.model.name,
        -version.number,
    )


def _people(versions: Iterable[Affected], assets: Iterable[Node]) -> list[Notified]:
    """Return owners, those of what is in production first, then by name."""
    owners: dict[int, User] = {}
    things: dict[int, dict[str, None]] = {}
    producing: set[int] = set()
    for affected in versions:
        owner = affected.version.model.owner
        owners[owner.pk] = owner
        things.setdefault(owner.pk, {})[affected.version.model.name] = None
        if affected.is_in_production:
            producing.add(owner.pk)
    for node in assets:
        if isinstance(node.thing, Asset) and node.thing.owner is not None:
            owners[node.thing.owner.pk] = node.thing.owner
            things.setdefault(node.thing.owner.pk, {})[node.name] = None
    told = [Notified(owners[pk], tuple(named), pk in producing) for pk, named in things.items()]
    return sorted(told, key=lambda one: (not one.has_production, str(one.person), one.person.pk))
