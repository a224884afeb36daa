"""The dossier: everything a sign-off binds, in canonical form with one digest.

It names the version's content, the facts recorded with it, what the model is said to be for, the
version it would replace, the newest run of each check, documents, evidence, lineage and waivers by
their digests, what is said about the warnings of the gate, and what the policy in force asks here.
When any of them changes, the digest does, and the sign-off is void.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from apps.approvals.models import PromotionRequest
from apps.approvals.papers import TITLES, Papers
from apps.catalog import training
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.digests import canonical, digest_of
from apps.validation import checks
from apps.validation.models import CheckRun

CARD = {
    "intended_use": "intended use",
    "out_of_scope_uses": "uses out of scope",
    "limitations": "limitations",
    "owner": "owner",
    "kind": "kind",
    "method": "method",
    "domain": "domain",
    "flags": "flags",
}
"""What a model says about itself that a signer relies on, and how each is called in words."""


@dataclass(frozen=True, order=True)
class CheckEvidence:
    """The newest run of one check: its id, conclusion, and the digest it examined."""

    check: str
    run: str
    outcome: str
    examined: str

    @classmethod
    def of(cls, run: CheckRun) -> Self:
        return cls(run.check_name, run.record_id, run.state, run.examined_digest)

    def as_record(self) -> dict[str, str]:
        return {
            "check": self.check,
            "run": self.run,
            "outcome": self.outcome,
            "examined": self.examined,
        }


@dataclass(frozen=True)
class Replaced:
    """The version in production that a promotion would take the place of."""

    version: str
    number: int

    @classmethod
    def of(cls, version: ModelVersion) -> Self:
        return cls(version.record_id, version.number)

    def as_record(self) -> dict[str, Any]:
        return {"version": self.version, "number": self.number}


@dataclass(frozen=True)
class Dossier:
    """What is shown to a signer, and what the signature covers."""

    request: str
    version: str
    target: str
    content: str
    facts: str
    policy: str
    card: Mapping[str, str]
    replaces: Replaced | None
    checks: tuple[CheckEvidence, ...]
    inventory: str | None = None
    """The digest of what the inventory says of the version, its model, uses and suppliers."""
    papers: Mapping[str, str] = field(default_factory=dict)
    """Digests of documents, evidence, lineage and waivers, each where there is any."""
    accepted: tuple[str, ...] = ()
    """The conditions that are not met and that a signer accepts: warned or waived ones."""
    note: str | None = None
    """The digest of what who asked says about the warnings, which signers rely on."""

    @classmethod
    def of(
        cls,
        request: PromotionRequest,
        *,
        gate: str,
        runs: Mapping[str, CheckRun],
        replaces: ModelVersion | None,
        inventory: str | None,
        papers: Papers,
        accepted: Iterable[str],
    ) -> Self:
        """Assemble the dossier of a request as everything stands now.

        ``gate`` is the digest of the gate in force: what of the policy holds here.
        """
        version = request.version
        return cls(
            request=request.record_id,
            version=version.record_id,
            target=request.target,
            content=version.content_digest,
            facts=training.facts_now(version),
            policy=gate,
            card=_card(version.model),
            replaces=Replaced.of(replaces) if replaces else None,
            checks=tuple(sorted(CheckEvidence.of(run) for run in runs.values())),
            inventory=inventory,
            papers=papers,
            accepted=tuple(sorted(accepted)),
            note=digest_of({"value": request.note}) if request.note else None,
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a dossier back from its canonical text."""
        record = json.loads(text)
        del record["v"]
        replaces, found = record.pop("replaces"), record.pop("checks")
        accepted = tuple(record.pop("accepted", ()))
        return cls(
            **record,
            replaces=Replaced(**replaces) if replaces else None,
            checks=tuple(CheckEvidence(**check) for check in found),
            accepted=accepted,
        )

    def as_record(self) -> dict[str, Any]:
        return {
            "v": 1,
            "request": self.request,
            "version": self.version,
            "target": self.target,
            "content": self.content,
            "facts": self.facts,
            "policy": self.policy,
            **self._evidence(),
        }

    @property
    def text(self) -> str:
        """The canonical text, which can be taken away and hashed again."""
        return canonical(self.as_record()).decode("utf-8")

    @property
    def digest(self) -> str:
        return digest_of(self.as_record())

    @property
    def evidence_digest(self) -> str:
        """The digest a statement names as evidence (AUDIT_DESIGN section 7)."""
        return digest_of({"facts": self.facts, **self._evidence()})

    def _evidence(self) -> dict[str, Any]:
        return {
            "card": dict(self.card),
            "replaces": self.replaces.as_record() if self.replaces else None,
            "checks": [check.as_record() for check in self.checks],
            **({"inventory": self.inventory} if self.inventory else {}),
            **({"papers": dict(self.papers)} if self.papers else {}),
            **({"accepted": list(self.accepted)} if self.accepted else {}),
            **({"note": self.note} if self.note else {}),
        }

    def changes_since(self, earlier: "Dossier") -> list[str]:
        """Say in words what differs from an earlier dossier of the same request."""
        return [*self._other_bytes(earlier), *self._other_card(earlier), *self._others(earlier)]

    def _other_bytes(self, earlier: "Dossier") -> Iterator[str]:
        if self.content != earlier.content:
            yield "The version's content changed."
        if self.facts != earlier.facts:
            yield "The facts recorded with the version changed."
        if self.policy != earlier.policy:
            yield "What the policy asks here changed."
        if self.inventory != earlier.inventory:
            yield "What the inventory says changed."
        for name in sorted(self.papers.keys() | earlier.papers.keys()):
            if self.papers.get(name) != earlier.papers.get(name):
                yield f"The {TITLES.get(name, name)} changed."
        if self.accepted != earlier.accepted:
            yield "The conditions that are not met are other ones."
        if self.note != earlier.note:
            yield "What is said about the warnings changed."

    def _other_card(self, earlier: "Dossier") -> Iterator[str]:
        for name in sorted(self.card.keys() | earlier.card.keys()):
            if self.card.get(name) != earlier.card.get(name):
                yield f"The model's {CARD.get(name, name)} changed."

    def _others(self, earlier: "Dossier") -> Iterator[str]:
        if self.replaces != earlier.replaces:
            yield _replacement_change(earlier.replaces, self.replaces)
        then = {check.check: check for check in earlier.checks}
        now = {check.check: check for check in self.checks}
        for name in sorted(then.keys() | now.keys()):
            yield from _check_change(name, then.get(name), now.get(name))


def _card(model: RegisteredModel) -> dict[str, str]:
    return {field: digest_of({"value": _card_value(model, field)}) for field in CARD}


def _card_value(model: RegisteredModel, field: str) -> object:
    return model.owner.record_id if field == "owner" else getattr(model, field)


def _replacement_change(then: Replaced | None, now: Replaced | None) -> str:
    if now is None:
        return "Nothing is in production any more that this would replace."
    instead = f" instead of version {then.number}" if then else ""
    return f"Version {now.number} is in production by now{instead}."


def _check_change(
    name: str, then: CheckEvidence | None, now: CheckEvidence | None
) -> Iterator[str]:
    if then == now:
        return
    known = checks.named_or_none(name)
    title = f"The check {known.title if known else name}"
    if then is None:
        yield f"{title} was added."
    elif now is None:
        yield f"{title} is gone."
    elif then.outcome != now.outcome:
        yield f"{title} was {then.outcome} and is now {now.outcome}."
    else:
        yield f"{title} was run again."
