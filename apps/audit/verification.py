"""Looks through the chain of a root, and keeps what was found last: a chain proves it is whole.

A chain is whole when its entries are numbered without a gap, each names the one before it, all
bear the application's tag, their columns repeat them, and it still begins with what was verified
the last time. That the rows agree with the record, and that nobody took entries from its end
before they were ever verified, is not looked at here.
"""

import hmac
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, OuterRef, Q, Subquery

from apps.audit.entries import NO_PREVIOUS, leaf_hash, origin_tag
from apps.audit.models import AuditEvent, ChainCheck
from apps.audit.writing import newest_tag_key
from apps.core.digests import canonical, utc_text

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=12)
"""How old the last look at a chain may be before the next one is due."""
MOST_ENTRIES = 20_000
"""After how many entries a sweep leaves the other chains to the next one."""
MOST_CHAINS = 1000
_KEPT = ("at", "entries", "leaf", "trouble", "tag", "tag_key")


@dataclass(frozen=True)
class Standing:
    """What the last look at a chain found, and when; a look that was tampered with is none."""

    at: datetime
    is_whole: bool
    trouble: str


def verify(root: str, *, at: datetime) -> Standing:
    """Look through the whole chain of a root (``model:mdl_3``) and keep what was found."""
    before = ChainCheck.objects.filter(chain_root=root).first()
    walk = _Walk(before if before and _is_ours(before) else None)
    for event in AuditEvent.objects.filter(chain_root=root).order_by("chain_rev").iterator():
        walk.take(event)
    trouble, known = walk.conclude(), walk.known
    is_kept = bool(trouble) and known is not None  # what was seen once is not forgotten
    check = ChainCheck(
        chain_root=root,
        at=at,
        entries=known.entries if known and is_kept else walk.length,
        leaf=known.leaf if known and is_kept else walk.leaf,
        trouble=trouble,
        tag_key=newest_tag_key()[0],
    )
    check.tag = tag_of(check)
    told = {name: getattr(check, name) for name in _KEPT}
    ChainCheck.objects.update_or_create(chain_root=root, defaults=told)
    if trouble:
        logger.error("The record of %s is not whole: %s", root, trouble)
    return _standing(check)


def verify_due(*, now: datetime) -> int:
    """Look through the chains that were never verified or not for hours; return how many."""
    done = entries = 0
    for root, length in _due(now):
        verify(root, at=now)
        done, entries = done + 1, entries + length
        if entries >= MOST_ENTRIES:
            break
    return done


def standings(roots: Collection[str]) -> Mapping[str, Standing]:
    """Return what the last look at some chains found, by root, in one query."""
    found = ChainCheck.objects.filter(chain_root__in=roots)
    return {check.chain_root: _standing(check) for check in found if _is_ours(check)}


class _Walk:
    """Goes through the entries of a chain in order, and stops at the first trouble."""

    def __init__(self, known: ChainCheck | None) -> None:
        self.known = known
        self.length = 0
        self.leaf = NO_PREVIOUS
        self.trouble = ""

    def take(self, event: AuditEvent) -> None:
        if not self.trouble:
            self.trouble = self._trouble_with(event)

    def conclude(self) -> str:
        """Say what is wrong with the chain, or nothing."""
        if not self.trouble and self.known and self.length < self.known.entries:
            self.trouble = f"It has {self.length} entries and had {self.known.entries}."
        return self.trouble

    def _trouble_with(self, event: AuditEvent) -> str:
        raw = bytes(event.entry)
        place = f"Entry {self.length + 1}"
        if not _is_tagged(event, raw):
            return f"{place} was not written by the application."
        entry = json.loads(raw)
        link = entry["chain"] or {}
        if link != {"root": event.chain_root, "rev": self.length + 1, "prev": self.leaf}:
            return f"{place} does not follow the one before it."
        if not _is_repeated(event, entry):
            return f"The columns of entry {self.length + 1} say something else than it does."
        self.length, self.leaf = self.length + 1, leaf_hash(raw).hex()
        if self.known and self.length == self.known.entries and self.leaf != self.known.leaf:
            return f"{place} is not the one that was there when it was last verified."
        return ""


def _is_tagged(event: AuditEvent, raw: bytes) -> bool:
    key = settings.AUDIT_TAG_KEYS.get(event.tag_key)
    return key is not None and hmac.compare_digest(bytes(event.tag), origin_tag(raw, key=key))


def _is_repeated(event: AuditEvent, entry: Mapping[str, object]) -> bool:
    actor, subject = entry["actor"], entry["subject"]
    assert isinstance(actor, dict)
    assert isinstance(subject, dict)
    told = (str(event.uid), event.action, event.outcome, event.actor_id)
    return (
        told == (entry["id"], entry["action"], entry["outcome"], actor["id"])
        and (event.subject_type, event.subject_id) == (subject["type"], subject["id"])
        and (str(event.parent_uid) if event.parent_uid else None) == entry["parent"]
    )


def _due(now: datetime) -> list[tuple[str, int]]:
    """Return the chains to look through, never verified ones first, each with its length."""
    last = ChainCheck.objects.filter(chain_root=OuterRef("chain_root")).values("at")
    chains = (
        AuditEvent.objects.exclude(chain_root=None)
        .order_by()
        .values("chain_root")
        .annotate(length=Max("chain_rev"), looked=Subquery(last[:1]))
    )
    is_due = Q(looked=None) | Q(looked__lte=now - EVERY)
    due = chains.filter(is_due).order_by(F("looked").asc(nulls_first=True))
    rows = due.values_list("chain_root", "length")[:MOST_CHAINS]
    return [(str(root), int(length)) for root, length in rows]


def _standing(check: ChainCheck) -> Standing:
    return Standing(check.at, check.trouble == "", check.trouble)


def tag_of(check: ChainCheck) -> bytes:
    """Return the tag that tells a result of the application from one written by SQL."""
    said = {
        "root": check.chain_root,
        "at": utc_text(check.at),
        "entries": check.entries,
        "leaf": check.leaf,
        "trouble": check.trouble,
    }
    return origin_tag(
        b"chain check\n" + canonical(said), key=settings.AUDIT_TAG_KEYS[check.tag_key]
    )


def _is_ours(check: ChainCheck) -> bool:
    if check.tag_key not in settings.AUDIT_TAG_KEYS:
        return False
    return hmac.compare_digest(bytes(check.tag), tag_of(check))
