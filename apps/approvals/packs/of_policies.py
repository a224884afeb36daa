"""The policies by which anything in a pack was judged: their texts, and the chains that prove them.

The record names a policy by the digest of what it says, and those who signed it signed the digest
of its text as well. Both files are in the pack, so that neither has to be believed.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.approvals import policies, policy_queries
from apps.approvals.models import PolicySignOff, PolicyVersion
from apps.approvals.packs import chains
from apps.approvals.packs.chains import Chain, Head
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.rows import last_states, record_of, signature_of
from apps.approvals.packs.told import ToldSection
from apps.approvals.policy_statements import text_digest
from apps.audit import past
from apps.audit.governed import GovernedRow
from apps.core.digests import digest_of_bytes
from apps.core.errors import RuleBroken

UNKNOWN = "This release of Signet holds no text of this digest: another one came with it."
SHIPPED = "Comes with Signet; nobody here published it, so the record has no chain of it."
PUBLISHED = "Published here: its chain in this pack proves its text."


@dataclass(frozen=True)
class Enacted:
    """A policy as the pack holds it: published here, or one that comes with Signet."""

    digest: str
    id: str
    number: str
    title: str
    text: str
    row: PolicyVersion | None = None
    sign_offs: Sequence[PolicySignOff] = ()

    @property
    def folder(self) -> str:
        """Return where its files stand; two may go by one number."""
        return f"policies/{self.id}-{self.number}-{self.digest.removeprefix('sha256:')[:8]}"


@dataclass(frozen=True)
class Policies:
    """What was added: for the manifest, for the front page, and the chains to be proven."""

    listed: Sequence[dict[str, Any]]
    section: ToldSection
    heads: Mapping[str, Head]
    """By the folder in which each chain stands."""


def add(contents: Contents, digests: Collection[str], heads: Mapping[str, Head]) -> Policies:
    """Add the policies of some digests; ``heads`` are the ends of all chains as they are now."""
    found = _enacted(digests, heads)
    ends = {one.folder: heads[one.row.record_ref] for one in found.values() if one.row is not None}
    read = Chain.of_each(ends.values())
    states = _as_left(read)
    for one in found.values():
        _add(contents, one)
        if one.row is not None:
            chain = read[one.row.record_ref]
            rows = _rows(one, chain, states)
            texts = chain.texts_of_signatures()
            chains.add(contents, chain, one.folder, texts=texts, rows=rows)
    listed = [_listed(digest, found.get(digest)) for digest in sorted(digests)]
    return Policies(listed, _section(digests, found), ends)


def _enacted(digests: Collection[str], heads: Mapping[str, Head]) -> dict[str, Enacted]:
    """Return the policies of some digests that are known here, in order of their digests."""
    kept = policy_queries.that_were_in_force().filter(digest__in=digests)
    rows = [row for row in kept.order_by("published_at", "pk") if row.record_ref in heads]
    signed: dict[int, list[PolicySignOff]] = {row.pk: [] for row in rows}
    given_to = PolicySignOff.objects.filter(policy__in=rows).select_related("signer")
    for given in given_to.order_by("pk"):
        signed[given.policy_id].append(given)
    known = {
        row.digest: Enacted(
            row.digest, row.policy_id, row.number, row.title, row.text, row, signed[row.pk]
        )
        for row in rows
    }
    for name in policies.SHIPPED:
        if not known.keys() >= set(digests):  # reading one takes its time
            one = policies.shipped(name)
            shipped = Enacted(one.digest, one.id, one.version, one.title, one.text)
            known.setdefault(one.digest, shipped)
    return {digest: known[digest] for digest in sorted(digests) if digest in known}


def _add(contents: Contents, one: Enacted) -> None:
    """Add the text of a policy, what it says in its one form, and who signed it.

    Raises:
        RuleBroken: when the text that is stored is not the one that was signed.
    """
    said = policies.canonical_form(one.text)
    texts = {json.loads(given.statement).get("text") for given in one.sign_offs}
    if digest_of_bytes(said) != one.digest or texts - {text_digest(one.text)}:
        raise RuleBroken(
            f"The stored text of {one.title} {one.number} is not the one that was signed."
        )
    contents.add(f"{one.folder}/policy.yaml", one.text.encode())
    contents.add(f"{one.folder}/policy.canonical.json", said)
    contents.add_json(
        f"{one.folder}/policy.json",
        {
            "id": one.id,
            "number": one.number,
            "title": one.title,
            "digest": one.digest,
            "published": record_of(one.row) if one.row else None,
            "sign_offs": [signature_of(given, one.folder) for given in one.sign_offs],
        },
    )


def _as_left(read: Mapping[str, Chain]) -> dict[str, PolicyVersion]:
    """Return each policy as its own chain left it: what replaced it stands in another chain."""
    last = {
        root: entry["id"]
        for root, chain in read.items()
        for entry in chain.entries
        if any(row["row"] == root for row in entry["rows"])
    }
    states = PolicyVersion.history.filter(event__in=list(last.values())).order_by("history_id")
    rows = [(past.row_of(PolicyVersion, state), str(state.event_id)) for state in states]
    return {row.record_ref: row for row, event in rows if last.get(row.record_ref) == event}


def _rows(one: Enacted, chain: Chain, states: Mapping[str, PolicyVersion]) -> Iterator[GovernedRow]:
    left = last_states(chain.entries)
    own = [states[chain.root]] if chain.root in states else []
    for row in (*own, *one.sign_offs):
        if row.state_digest() == left.get(row.record_ref):
            yield row


def _listed(digest: str, one: Enacted | None) -> dict[str, str]:
    return {
        "digest": digest,
        "folder": one.folder if one else "",
        "root": one.row.record_ref if one and one.row else "",
        "left_out": "" if one else UNKNOWN,
    }


def _section(digests: Collection[str], found: Mapping[str, Enacted]) -> ToldSection:
    rows, files = [], []
    for digest in sorted(digests):
        one = found.get(digest)
        if one is None:
            rows.append(("Not known here", digest, UNKNOWN, ""))
            continue
        files.append(f"{one.folder}/policy.yaml")
        named = f"{one.title} {one.number}"
        rows.append((named, digest, PUBLISHED if one.row else SHIPPED, files[-1]))
    return ToldSection(
        "Policies it was judged by",
        columns=("Policy", "Digest of what it says", "Where it comes from", "Text"),
        rows=tuple(rows),
        files=tuple(files),
    )
