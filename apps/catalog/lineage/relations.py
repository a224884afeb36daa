"""What edges say, in words read along the flow and against it, and what they may join."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from apps.catalog.models import Asset, ModelVersion, Relation
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused

End: TypeAlias = Asset | ModelVersion

VERSION = "version"
"""The kind of an end that is no asset."""

_KIND = Asset.Kind
_DATA = frozenset({_KIND.DATASET, _KIND.FEATURE_VIEW})
_MODELS = frozenset({VERSION, _KIND.BASE_MODEL})
_RUNNERS = frozenset({_KIND.SERVICE, _KIND.CONTAINER})
_PROGRAMS = frozenset({_KIND.PIPELINE, _KIND.SERVICE, _KIND.DASHBOARD, VERSION})


@dataclass(frozen=True)
class Wording:
    """An edge in words, and the kinds it may join; no kinds means any."""

    onward: str
    back: str
    origins: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The words along the flow, short enough to stand on a line."""
        return self.onward.removeprefix("is ").removeprefix("the ")


WORDINGS: Mapping[str, Wording] = {
    Relation.TRAINED_ON: Wording("trains", "was trained on", _DATA, frozenset({VERSION})),
    Relation.EVALUATED_ON: Wording("evaluates", "was evaluated on", _DATA, frozenset({VERSION})),
    Relation.DERIVED_FROM: Wording(
        "is the base of", "is derived from", _DATA | _MODELS, _DATA | _MODELS
    ),
    Relation.BUILT_BY: Wording(
        "builds",
        "was built by",
        frozenset({_KIND.PIPELINE, _KIND.REPOSITORY, _KIND.SERVICE, _KIND.CONTAINER}),
    ),
    Relation.READS: Wording("is read by", "reads", targets=_PROGRAMS),
    Relation.WRITES: Wording("writes", "is written by", origins=_PROGRAMS),
    Relation.FEEDS: Wording("feeds", "is fed by"),
    Relation.RUNS_IN: Wording("runs", "runs in", origins=_RUNNERS),
    Relation.USES: Wording("is used by", "uses"),
    Relation.SERVES: Wording("is served by", "serves", _MODELS, _RUNNERS),
}


def kind_of(end: End) -> str:
    """Return the kind of an end of an edge: an asset's own, or that of versions."""
    return end.kind if isinstance(end, Asset) else VERSION


def label_of(kind: str) -> str:
    """Return a kind of end in words."""
    return "Model version" if kind == VERSION else Asset.Kind(kind).label


def require_fits(relation: str, origin: End, target: End) -> None:
    """Refuse an edge that joins what it cannot join."""
    if relation not in Relation.values:
        raise InputRefused(f"A relation is one of {', '.join(Relation.values)}.")
    wording = WORDINGS[relation]
    for end, kinds, where in ((origin, wording.origins, "from"), (target, wording.targets, "to")):
        if kinds and kind_of(end) not in kinds:
            named = " or ".join(sorted(label_of(kind).lower() for kind in kinds))
            raise RuleBroken(
                f"“{Relation(relation).label}” leads {where} a {named}; "
                f"{end} is a {label_of(kind_of(end)).lower()}."
            )


def choices_for(kind: str) -> list[tuple[str, str]]:
    """Return what may be said of something of a kind, each as "this …" with the other end after."""
    against = [
        (f"{relation}:origin", wording.back)
        for relation, wording in WORDINGS.items()
        if not wording.targets or kind in wording.targets
    ]
    along = [
        (f"{relation}:target", wording.onward)
        for relation, wording in WORDINGS.items()
        if not wording.origins or kind in wording.origins
    ]
    return against + along


def split_choice(choice: str, here: End, other: End) -> tuple[str, End, End]:
    """Return the relation, origin and target of what was chosen for something and another end."""
    relation, _, place = choice.partition(":")
    return (relation, other, here) if place == "origin" else (relation, here, other)
