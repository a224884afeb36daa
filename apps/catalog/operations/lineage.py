"""Assets are declared, described and retired; edges of lineage are declared and ended."""

import re
from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import urlsplit

from apps.accounts import rules
from apps.accounts.models import Team, User
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.audit.governed import REGISTRY
from apps.catalog import lineage
from apps.catalog.lineage import End, Sight
from apps.catalog.models import Asset, LineageEdge, ModelVersion
from apps.catalog.models.lineage import MOST_ASSET_NAME, MOST_LOCATION
from apps.catalog.operations.turns import one_at_a_time
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused, require_text

_ASSETS = "catalog.declare_assets"
_ASSETS_REFUSAL = (
    "You do not have the right to declare assets. Model owners and developers have it."
)
_VERSION = "catalog.change_registeredmodel"
_VERSION_REFUSAL = "You do not have the right to say what this model is made from."

DECLARE_ASSET = Action("asset.declare", permission=_ASSETS, refusal=_ASSETS_REFUSAL)
DESCRIBE_ASSET = Action("asset.describe", permission=_ASSETS, refusal=_ASSETS_REFUSAL)
RETIRE_ASSET = Action(
    "asset.retire", permission=_ASSETS, needs_reason=True, refusal=_ASSETS_REFUSAL
)
DECLARE_EDGE = Action("version.declare_lineage", permission=_VERSION, refusal=_VERSION_REFUSAL)
DECLARE_ASSET_EDGE = Action("asset.declare_lineage", permission=_ASSETS, refusal=_ASSETS_REFUSAL)
END_EDGE = Action(
    "version.end_lineage", permission=_VERSION, needs_reason=True, refusal=_VERSION_REFUSAL
)
END_ASSET_EDGE = Action(
    "asset.end_lineage", permission=_ASSETS, needs_reason=True, refusal=_ASSETS_REFUSAL
)

MOST_DESCRIPTION = 5000
_DIGEST = re.compile(r"[A-Za-z0-9:+/=_.\-]{0,128}")
_LICENSE = re.compile(r"[A-Za-z0-9.+\-() ]{0,200}")


class AssetTaken(RuleBroken):
    """An asset in use has the same kind, name, version and digest."""

    code = "asset_taken"


class LoopRefused(RuleBroken):
    """An edge would let something flow into itself."""

    code = "lineage_loop"


@dataclass(frozen=True)
class AssetFacts:
    """What may change about an asset. What names it (kind, name, version, digest) never does."""

    location: str = ""
    description: str = ""
    owner: User | None = None
    team: Team | None = None
    sensitivity: str = ""
    license: str = ""


def declare_asset(
    *,
    by: Actor,
    kind: str,
    name: str,
    version: str = "",
    digest: str = "",
    facts: AssetFacts | None = None,
) -> Asset:
    """Declare something beside models that lineage can name, once for the whole organization."""
    with change(DECLARE_ASSET, REGISTRY, by=by) as record:
        one_at_a_time()
        require_identity(kind, name, version, digest)
        asset = Asset(
            kind=kind,
            name=name,
            version=version,
            digest=digest,
            declared_at=record.time,
            declared_by_id=by.user_id,
        )
        _require_free(asset)
        set_facts(asset, facts or AssetFacts())
        asset.save()
        record.about(asset)
        record.note(kind=kind)
    return asset


def describe_asset(asset: Asset, facts: AssetFacts, *, by: Actor) -> Asset:
    """Change where an asset lies, who answers for it and what it says about itself."""
    with change(DESCRIBE_ASSET, asset, by=by) as record:
        _require_in_use(asset)
        changed = set_facts(asset, facts)
        if changed:
            asset.save()
        record.note(changed=changed)
    return asset


def retire_asset(asset: Asset, *, by: Actor, reason: str) -> Asset:
    """Take an asset out of use: nothing new is joined to it, and what was joined stays."""
    with change(RETIRE_ASSET, asset, by=by, reason=reason) as record:
        _require_in_use(asset)
        asset.ended_at = record.time
        asset.save()
    return asset


def declare_edge(
    origin: End,
    target: End,
    relation: str,
    *,
    by: Actor,
    source: str = LineageEdge.Source.DECLARED,
) -> LineageEdge:
    """Declare that something flows from an origin to a target.

    Raises:
        LoopRefused: when the target already leads to the origin.
    """
    version = version_between(origin, target)
    declaring = (
        change(DECLARE_EDGE, version, by=by)
        if version is not None
        else change(DECLARE_ASSET_EDGE, target, by=by)
    )
    with declaring as record:
        one_at_a_time()
        if source not in {LineageEdge.Source.DECLARED, LineageEdge.Source.INFERRED}:
            raise InputRefused(
                "What is observed comes from runs; declare it, or say it is inferred."
            )
        lineage.require_fits(relation, origin, target)
        for end in (origin, target):
            _require_joinable(end)
        edge = edge_between(origin, target, relation, source, by=by, at=record.time)
        _require_new(edge)
        _require_no_loop(origin, target, by)
        edge.save()
        record.about(edge)
        _note(record, edge)
    return edge


def end_edge(edge: LineageEdge, *, by: Actor, reason: str) -> LineageEdge:
    """Take back an edge that does not hold; that it was said stays on record."""
    ending = (
        change(END_EDGE, edge, by=by, reason=reason)
        if version_between(edge.origin, edge.target) is not None
        else change(END_ASSET_EDGE, edge, by=by, reason=reason)
    )
    with ending as record:
        if edge.ended_at is not None:
            raise RuleBroken("This was ended already.")
        edge.end(record.time)
        _note(record, edge)
    return edge


def version_between(origin: End, target: End) -> ModelVersion | None:
    """Return the version whose model an edge belongs to, the target first; none between assets."""
    return next((end for end in (target, origin) if isinstance(end, ModelVersion)), None)


def edge_between(
    origin: End, target: End, relation: str, source: str, *, by: Actor, at: datetime
) -> LineageEdge:
    """Return an edge that is not stored yet."""
    return LineageEdge(
        relation=relation,
        source=source,
        declared_at=at,
        declared_by_id=by.user_id,
        **{f"origin_{lineage.ref_of(origin)[0]}": origin},
        **{f"target_{lineage.ref_of(target)[0]}": target},
    )


def require_identity(kind: str, name: str, version: str, digest: str) -> None:
    """Refuse what cannot name an asset."""
    if kind not in Asset.Kind.values:
        raise InputRefused(f"The kind of an asset is one of {', '.join(Asset.Kind.values)}.")
    for label, text, most in (("name", name, MOST_ASSET_NAME), ("version", version, 120)):
        require_text(text, f"The {label}", most)
        if text != text.strip():
            raise InputRefused(f"The {label} begins or ends with a space.")
    if not name:
        raise InputRefused("Give the asset a name.")
    if not _DIGEST.fullmatch(digest):
        raise InputRefused("A digest holds at most 128 letters, digits and : + / = _ . -")


def _require_free(asset: Asset) -> None:
    same = {name: getattr(asset, name) for name in ("kind", "name", "version", "digest")}
    if Asset.objects.filter(**same, ended_at=None).exists():
        raise AssetTaken(
            f"The {asset.get_kind_display().lower()} “{asset}” is declared already. "
            "Use that one, or give this one a version or digest of its own."
        )


def set_facts(asset: Asset, facts: AssetFacts) -> list[str]:
    """Set the facts, provided they hold what they may; return which ones changed."""
    _require_location(facts.location)
    require_text(facts.description, "The description", MOST_DESCRIPTION, lines=True)
    if facts.sensitivity and facts.sensitivity not in Asset.Sensitivity.values:
        raise InputRefused(f"The sensitivity is one of {', '.join(Asset.Sensitivity.values)}.")
    if not _LICENSE.fullmatch(facts.license):
        raise InputRefused(
            "A license is an SPDX expression, such as CC-BY-4.0 or MIT OR Apache-2.0."
        )
    if facts.owner is not None and facts.owner != asset.owner:
        rules.require_open(facts.owner)
        rules.require_colleague(facts.owner)
    given = {field.name: getattr(facts, field.name) for field in fields(facts)}
    changed = [name for name, value in given.items() if getattr(asset, name) != value]
    for name in changed:
        setattr(asset, name, given[name])
    return changed


def _require_location(location: str) -> None:
    require_text(location, "The location", MOST_LOCATION)
    try:
        parts = urlsplit(location)
    except ValueError:
        raise InputRefused("The location is no address.") from None
    if "@" in parts.netloc:
        raise InputRefused("The location holds a user or password. Leave them out.")


def _require_in_use(asset: Asset) -> None:
    if not asset.is_in_use:
        raise RuleBroken(f"{asset} is retired, so nothing about it changes any more.")


def _require_joinable(end: End) -> None:
    end.refresh_from_db()
    if isinstance(end, Asset):
        if not end.is_in_use:
            raise RuleBroken(f"{end} is retired, so nothing new is joined to it.")
    elif end.deleted_at is not None:
        raise RuleBroken(f"{end} was deleted, so nothing is joined to it.")


def _require_new(edge: LineageEdge) -> None:
    said = {name: getattr(edge, name) for name in LineageEdge.RECORD.fields if name != "source"}
    if LineageEdge.objects.filter(**said).exists():
        raise RuleBroken(f"That is known already: {edge} ({edge.get_relation_display().lower()}).")


def _require_no_loop(origin: End, target: End, by: Actor) -> None:
    if lineage.ref_of(origin) == lineage.ref_of(target):
        raise LoopRefused(f"{origin} cannot flow into itself.")
    way = lineage.loop_through(origin, target)
    if way:
        steps = [origin, *way]
        named = " → ".join(_names(steps, by))
        raise LoopRefused(
            f"This would close a loop: {named}. Declare the part that comes later as a version "
            "or asset of its own."
        )


def _names(steps: list[End], by: Actor) -> list[str]:
    """Return the steps by name; what the actor may not see stays unnamed."""
    sight = Sight.of(by)
    pks = [step.pk for step in steps if isinstance(step, ModelVersion)]
    visible = set(sight.versions.filter(pk__in=pks).values_list("pk", flat=True))
    return [
        str(step) if isinstance(step, Asset) or step.pk in visible else "a version you may not see"
        for step in steps
    ]


def _note(record: Record, edge: LineageEdge) -> None:
    """Name both ends in the event by their ids; who reads it may see only one of them."""
    record.note(
        relation=edge.relation,
        source=edge.source,
        flows_from=edge.origin.record_id,
        flows_to=edge.target.record_id,
    )
