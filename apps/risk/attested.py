"""The record of a model as its owner attests it: a snapshot, what changed in it, its terms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.accounts.signing.terms import Terms
from apps.catalog.inventory import fields, sheets
from apps.catalog.inventory.reading import Inventory
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.digests import digest_of
from apps.risk.facts.judged import Judged
from apps.risk.models import OwnerAttestation

Snapshot = Mapping[str, Any]
OWN = {
    "name": "Name",
    "title": "Title",
    "owner": "Accountable owner",
    "team": "Team",
    "domain": "Domain",
    "kind": "Kind",
    "method": "Method",
    "intended_use": "Intended use",
    "out_of_scope_uses": "Uses out of scope",
    "limitations": "Limitations",
    "flags": "What policies read",
    "runs_several": "Runs several versions in production",
}
"""What the row of a model says, in the words of its page."""
RECORD, INVENTORY, TIER, USES, SUPPLIERS, SERVING = (
    "Model",
    "Inventory",
    "Tier",
    "Uses",
    "Third parties",
    "In production",
)


@dataclass(frozen=True)
class Line:
    """One thing the record says, under the heading of its part."""

    part: str
    name: str
    value: str

    @property
    def key(self) -> tuple[str, str]:
        return self.part, self.name


@dataclass(frozen=True)
class Change:
    """One line that differs between two snapshots; a table of differences takes it as it is."""

    name: str
    before: str | None
    after: str | None


def snapshot_of(model: RegisteredModel, at: datetime) -> dict[str, Any]:
    """Return what the record of a model says at a moment: row, inventory, tier, uses, suppliers."""
    sheets.read_again(model)
    tier = Judged.of([model.pk]).tier(model.pk, at)
    serving = model.versions.filter(stage=Stage.PRODUCTION, deleted_at=None).order_by("number")
    return {
        "model": {
            **{name: getattr(model, name) for name in OWN if name not in {"owner", "team"}},
            "flags": sorted(model.flags),
            "owner": model.owner.record_id,
            "team": model.team.record_id if model.team else None,
        },
        "tier": {
            "tier": tier.tier,
            "tiering": tier.tiering.record_id if tier.tiering else None,
            "override": tier.override.record_id if tier.override else None,
        },
        "inventory": sheets.recorded(model),
        "uses": _beside(model.use_cases.filter(ended_at=None)),
        "third_parties": _beside(model.third_parties.filter(ended_at=None)),
        "in_production": [[one.number, one.content_digest] for one in serving],
    }


def terms_of(model: RegisteredModel, snapshot: Snapshot) -> Terms:
    """Return what the signature of the owner binds."""
    named = {"model": model.record_id, "snapshot": digest_of(snapshot)}
    return Terms("owner_attestation", named, {"says": "The record is right as it was shown."})


def newest(model: RegisteredModel) -> OwnerAttestation | None:
    """Return the attestation of a model that was given last."""
    given = OwnerAttestation.objects.filter(model=model)
    found: OwnerAttestation | None = given.order_by("-signed_at", "-pk").first()
    return found


def lines(snapshot: Snapshot) -> list[Line]:
    """Return what a snapshot says, line by line, in words."""
    known, people = fields.in_force(), _people(snapshot)
    found = [
        *_own(snapshot["model"], people),
        Line(TIER, "Tier", _tier(snapshot["tier"])),
        *_values(INVENTORY, snapshot["inventory"], _labels(known)),
    ]
    for part, rows in ((USES, snapshot["uses"]), (SUPPLIERS, snapshot["third_parties"])):
        for row in rows:
            found.append(Line(part, row["title"], ""))
            found += _values(part, row["values"], _labels(known), before=f"{row['title']}: ")
    serving = ", ".join(f"{number} ({digest})" for number, digest in snapshot["in_production"])
    return [*found, Line(SERVING, "Versions", serving or "None")]


def changes(before: Snapshot, after: Snapshot) -> list[Change]:
    """Return what differs between two snapshots, in the order of the newer one."""
    earlier = {line.key: line for line in lines(before)}
    later = {line.key: line for line in lines(after)}
    keys = [*later, *(key for key in earlier if key not in later)]
    return [
        Change(f"{key[0]}: {key[1]}", _said(earlier.get(key)), _said(later.get(key)))
        for key in keys
        if _said(earlier.get(key)) != _said(later.get(key))
    ]


def _beside(rows: Any) -> list[dict[str, Any]]:
    return [
        {"id": row.record_id, "title": row.title, "values": dict(row.values)}
        for row in rows.order_by("pk")
    ]


def _own(row: Mapping[str, Any], people: Mapping[str, str]) -> Iterator[Line]:
    for key, label in OWN.items():
        value = row[key]
        yield Line(RECORD, label, people.get(str(value), "") or _in_words(value))


def _values(
    part: str, values: Mapping[str, Any], labels: Mapping[str, str], before: str = ""
) -> Iterator[Line]:
    for key in sorted(values, key=lambda key: labels.get(key, key)):
        yield Line(part, before + labels.get(key, key), _in_words(values[key]))


def _labels(known: Inventory) -> dict[str, str]:
    return {
        field.key: field.label
        for entity in known.entities
        for group in entity.groups
        for field in group.fields
    }


def _people(snapshot: Snapshot) -> dict[str, str]:
    """Return the name of the owner, by the id the snapshot keeps."""
    owner = str(snapshot["model"]["owner"])
    found = User.objects.filter(pk=int(owner.rpartition("_")[2])).first()
    return {owner: str(found)} if found else {}


def _tier(told: Mapping[str, Any]) -> str:
    if not told["tier"]:
        return "None yet"
    return f"{told['tier']}{', signed instead of the assessed one' if told['override'] else ''}"


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_in_words(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(inner) for inner in value)
    return "" if value is None else str(value)


def _said(line: Line | None) -> str | None:
    return line.value if line is not None else None
