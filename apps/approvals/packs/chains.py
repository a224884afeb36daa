"""The chains a pack tells of: their exact entries, the texts they commit to, and what is signed."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef

from apps.accounts.signing.signature import Signature
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.rows import signature_of, statement_path
from apps.audit.entries import leaf_hash
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent, AuditText
from apps.core.digests import canonical, digest_of_bytes
from apps.core.errors import RuleBroken


@dataclass(frozen=True)
class Head:
    """How far a chain goes: its last entry."""

    root: str
    last: AuditEvent

    @property
    def entries(self) -> int:
        """How many entries there are."""
        return self.last.chain_rev or 0

    @property
    def time(self) -> datetime:
        """When its last entry was written."""
        return datetime.fromisoformat(json.loads(bytes(self.last.entry))["time"])

    def read(self) -> "Chain":
        """Read the chain as far as it goes here."""
        return Chain.of(self.root, until=self.last.chain_rev)

    def told(self, folder: str) -> dict[str, object]:
        """Return what the manifest says of it."""
        return {
            "root": self.root,
            "folder": folder,
            "entries": self.entries,
            "last": leaf_hash(bytes(self.last.entry)).hex(),
        }


def heads_of(roots: Collection[str]) -> dict[str, Head]:
    """Return how far some chains go now, in one query."""
    events = AuditEvent.objects.filter(chain_root__in=roots)
    later = AuditEvent.objects.filter(
        chain_root=OuterRef("chain_root"), chain_rev__gt=OuterRef("chain_rev")
    )
    last = events.filter(~Exists(later))
    return {str(event.chain_root): Head(str(event.chain_root), event) for event in last}


@dataclass(frozen=True)
class Chain:
    """The entries of one root from its first on, as they are stored."""

    root: str
    events: tuple[AuditEvent, ...]
    entries: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, root: str, *, until: int | None) -> Self:
        """Read a chain to an entry of that number."""
        events = AuditEvent.objects.filter(chain_root=root, chain_rev__lte=until)
        return cls._of(root, events.prefetch_related("texts").order_by("chain_rev"))

    @classmethod
    def of_each(cls, heads: Iterable[Head]) -> dict[str, Self]:
        """Read some chains as far as they go, in two queries however many they are."""
        until = {head.root: head.entries for head in heads}
        events = AuditEvent.objects.filter(chain_root__in=until).prefetch_related("texts")
        found: dict[str, list[AuditEvent]] = {root: [] for root in until}
        for event in events.order_by("chain_rev", "pk"):
            root = str(event.chain_root)
            if (event.chain_rev or 0) <= until[root]:
                found[root].append(event)
        return {root: cls._of(root, those) for root, those in found.items()}

    @classmethod
    def _of(cls, root: str, events: Iterable[AuditEvent]) -> Self:
        found = tuple(events)
        return cls(root, found, tuple(json.loads(bytes(event.entry)) for event in found))

    def lines(self) -> Iterator[bytes]:
        """Yield the entries, exact to the byte, each on a line: canonical JSON holds no break."""
        return (bytes(event.entry) + b"\n" for event in self.events)

    def texts(self) -> Iterator[bytes]:
        """Yield the reasons that were not erased, each with the salt its entry commits with."""
        return _texts_of(self.events)

    def texts_of_signatures(self) -> Iterator[bytes]:
        """Yield the reasons that somebody gave for signing, and no others."""
        told = zip(self.events, self.entries, strict=True)
        return _texts_of(event for event, entry in told if entry["sign"])


@dataclass(frozen=True)
class Left:
    """What a chain left behind: the rows that are as it left them, and the policies it names."""

    rows: frozenset[str]
    policies: frozenset[str]
    """The digests of those by which something was judged."""


def add(
    contents: Contents,
    chain: Chain,
    folder: str,
    *,
    texts: Iterable[bytes],
    rows: Iterable[GovernedRow],
) -> Left:
    """Add a chain: entries, texts, rows as it left them, and all that was signed."""
    contents.add(f"{folder}/timeline.jsonl", chain.lines())
    contents.add(f"{folder}/texts.jsonl", texts)
    signed: list[Signature] = []
    left: dict[str, str] = {}
    contents.add(f"{folder}/rows.jsonl", _rows(rows, signed, left))
    _add_signed(contents, chain, signed, folder)
    named = {*left.values(), *map(_judged_by, chain.entries)}
    return Left(frozenset(left), frozenset(named - {""}))


def _texts_of(events: Iterable[AuditEvent]) -> Iterator[bytes]:
    for event in events:
        for text in event.texts.all():
            if text.kind == AuditText.Kind.REASON:
                told = {
                    "event": str(event.uid),
                    "salt": bytes(text.salt).hex(),
                    "text": text.text,
                }
                yield canonical(told) + b"\n"


def _judged_by(entry: Mapping[str, Any]) -> str:
    """Return the digest of the policy by which a gate was judged, as an entry says."""
    return str(entry["detail"].get("readiness", {}).get("policy_digest", ""))


def _add_signed(contents: Contents, chain: Chain, signed: Iterable[Signature], folder: str) -> None:
    words = {statement_path(folder, one): one.statement.encode() for one in signed}
    _require_all(words, chain, folder)
    for path in sorted(words):
        contents.add(path, words[path])
    proofs = _passkeys(chain.entries)
    told = [
        signature_of(one, folder) | {"webauthn": proofs.get(one.statement_digest)} for one in signed
    ]
    contents.add_json(f"{folder}/signatures.json", told)


def _require_all(words: Mapping[str, bytes], chain: Chain, folder: str) -> None:
    """Refuse to tell of signatures whose words the database does not hold as they were signed."""
    told = {entry["sign"]["statement"] for entry in chain.entries if entry["sign"]}
    held = {digest_of_bytes(statement) for statement in words.values()}
    if told - held:
        raise RuleBroken(
            f"The words of {len(told - held)} signatures in {folder} are not as the record says "
            "they were signed. Have the record verified, with its rows."
        )


def _rows(
    rows: Iterable[GovernedRow], signed: list[Signature], left: dict[str, str]
) -> Iterator[bytes]:
    """Yield rows as they are digested; note what was signed, and the policy each names."""
    for row in rows:
        if isinstance(row, Signature):
            signed.append(row)
        left[row.record_ref] = getattr(row, "policy_digest", None) or ""
        yield canonical(row.as_digested()) + b"\n"


def _passkeys(entries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the signatures of passkeys, by the digest of the statement they are given to."""
    signs = (entry["sign"] for entry in entries if entry["sign"])
    return {sign["statement"]: sign["webauthn"] for sign in signs if "webauthn" in sign}
