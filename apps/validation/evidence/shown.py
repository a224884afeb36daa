"""Evidence as a page tells it: grouped by type, each item with its state and age in words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.core import formats
from apps.validation.evidence.queries import Counted, is_live
from apps.validation.evidence.types import Binding, EvidenceType, of_binding
from apps.validation.models import EvidenceItem

SOON = timedelta(days=30)
_TONES = {
    EvidenceItem.State.SUBMITTED: ("info", "clock"),
    EvidenceItem.State.VERIFIED: ("good", "check"),
    EvidenceItem.State.DECLINED: ("bad", "x"),
    EvidenceItem.State.WITHDRAWN: ("idle", "circle-off"),
}


@dataclass(frozen=True)
class ItemShown:
    """One item with how it stands."""

    item: EvidenceItem
    label: str
    tone: str
    icon: str
    text: str
    is_live: bool
    ends_soon: bool

    @classmethod
    def of(cls, item: EvidenceItem, at: datetime) -> "ItemShown":
        """Tell an item as of a moment."""
        live, ends = is_live(item, at), item.expires_at
        label, tone, icon = _standing(item, live=live)
        return cls(
            item=item,
            label=label,
            tone=tone,
            icon=icon,
            text=_text(item, at),
            is_live=live,
            ends_soon=live and ends is not None and ends - at < SOON,
        )


@dataclass(frozen=True)
class TypeShown:
    """The items of one type, and what they amount to."""

    kind: EvidenceType
    items: Sequence[ItemShown]
    words: str


@dataclass(frozen=True)
class GroupShown:
    """The types that bind to one kind of thing: those with items, and those without."""

    binding: Binding
    types: Sequence[TypeShown]
    missing: Sequence[EvidenceType]

    @property
    def missing_words(self) -> str:
        """How many types have no item."""
        return "1 type" if len(self.missing) == 1 else f"{len(self.missing)} types"


@dataclass(frozen=True)
class Board:
    """All evidence about a version."""

    groups: Sequence[GroupShown]
    ending: Sequence[ItemShown]

    @classmethod
    def of(cls, items: Sequence[EvidenceItem], at: datetime) -> "Board":
        """Group the items about a version by what they bind to and by type."""
        by_type: dict[str, list[EvidenceItem]] = defaultdict(list)
        for item in items:
            by_type[item.type].append(item)
        groups = [_group(binding, by_type, at) for binding in Binding]
        shown = [one for group in groups for kind in group.types for one in kind.items]
        return cls(groups, [one for one in shown if one.ends_soon])

    @property
    def has_items(self) -> bool:
        return any(group.types for group in self.groups)

    @property
    def verified(self) -> int:
        """How many items count."""
        return sum(shown.is_live and shown.item.verified_at is not None for shown in self._items())

    @property
    def waiting(self) -> int:
        """How many items wait for somebody to verify them."""
        return sum(shown.is_live and shown.item.verified_at is None for shown in self._items())

    def _items(self) -> list[ItemShown]:
        return [one for group in self.groups for kind in group.types for one in kind.items]


def _group(binding: Binding, by_type: Mapping[str, list[EvidenceItem]], at: datetime) -> GroupShown:
    kinds = of_binding(binding)
    return GroupShown(
        binding,
        [_type(kind, by_type[kind.id], at) for kind in kinds if kind.id in by_type],
        [kind for kind in kinds if kind.id not in by_type],
    )


def _type(kind: EvidenceType, items: Sequence[EvidenceItem], at: datetime) -> TypeShown:
    counted = Counted.of(items, at)
    if counted.verified:
        newest = "today" if not counted.newest_age_days else _days(counted.newest_age_days) + " ago"
        words = f"{counted.verified} verified, the newest given {newest}"
    elif counted.unverified:
        words = f"{counted.unverified} waiting for verification, none verified"
    else:
        words = "None that counts"
    return TypeShown(kind, [ItemShown.of(item, at) for item in items], words)


def _standing(item: EvidenceItem, *, live: bool) -> tuple[str, str, str]:
    tone, icon = _TONES[item.state]
    if live or item.state in {EvidenceItem.State.DECLINED, EvidenceItem.State.WITHDRAWN}:
        return item.state.label, tone, icon
    if item.is_damaged:
        return "File damaged", "bad", "triangle-alert"
    if item.use_case is not None and item.use_case.ended_at is not None:
        return "Use ended", "idle", "circle-off"
    return "Too old", "warn", "clock"


def _text(item: EvidenceItem, at: datetime) -> str:
    parts = [f"Given by {item.submitted_by} {formats.since(item.submitted_at, now=at)}"]
    if item.use_case is not None:
        parts.insert(0, str(item.use_case))
    if item.verified_at is not None and item.state == EvidenceItem.State.VERIFIED:
        parts.append(f"verified by {item.verified_by}")
    ends = item.expires_at
    if ends is not None and item.withdrawn_at is None and item.declined_at is None:
        verb = "counts until" if ends > at else "counted until"
        parts.append(f"{verb} {formats.calendar_day((ends - timedelta(seconds=1)).date())}")
    return " · ".join(parts)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
