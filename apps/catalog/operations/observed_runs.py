"""What jobs are seen to read and make becomes lineage: an event of a run is one change."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

from apps.accounts.models import Team, User
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.audit.governed import REGISTRY
from apps.catalog.lineage import End
from apps.catalog.models import Asset, LineageEdge, ModelVersion
from apps.catalog.operations.lineage import AssetFacts, edge_between, require_identity, set_facts
from apps.catalog.operations.observing import (
    EDGES_IN_AN_EVENT,
    OBSERVE_INPUTS,
    note_asset,
    plain_location,
)
from apps.catalog.operations.seen_runs import (
    Key,
    LeftOut,
    Line,
    Plan,
    SeenAsset,
    SeenRun,
    key_of,
)
from apps.catalog.operations.turns import one_at_a_time
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

OBSERVE_RUN = Action(
    "asset.observe_lineage",
    permission="catalog.declare_assets",
    refusal="You do not have the right to record lineage. Model owners and developers have it.",
)
_TRIES = 3


class Overtaken(RuleBroken):
    """Another event recorded the same things while this one waited for its turn."""

    code = "overtaken"


@dataclass(frozen=True)
class Observed:
    """What an event added to lineage, and what of it was left out."""

    assets: int = 0
    edges: int = 0
    left_out: Sequence[LeftOut] = ()


def observe_run(seen: SeenRun, *, by: Actor) -> Observed:
    """Record what a run of a job was seen to read and make; what is known is left as it is.

    It takes the right to declare assets, and for every version it names the right to register
    versions of its model. An event that says nothing new leaves no trace. Where others record the
    same things at the same moment it begins anew.
    """
    seen.require_within_limits()
    for _ in range(_TRIES - 1):
        with suppress(Overtaken):
            return _observe(seen, by)
    return _observe(seen, by)


def _observe(seen: SeenRun, by: Actor) -> Observed:
    plan = Plan.of(seen)
    if plan.is_empty and _has_rights(seen, by):
        return Observed(left_out=plan.left_out)
    with _opened(seen, plan, by) as record:
        if not _has_rights(seen, by):
            raise NotAllowed(OBSERVE_RUN.refusal)
        locked = _locked(record, seen, plan)
        one_at_a_time()
        plan = _still(Plan.of(seen), locked)
        _require_there(seen.versions)
        for asset in plan.assets:
            _note(asset, seen, by)
        if not seen.versions:
            record.about(plan.job)
        _write(plan, record, by)
        observed = Observed(len(plan.assets), len(plan.lines), plan.left_out)
        record.note(
            run=str(seen.run),
            job=plan.job.record_id,
            assets=observed.assets,
            edges=observed.edges,
            left_out=len(observed.left_out),
        )
    return observed


def _has_rights(seen: SeenRun, by: Actor) -> bool:
    on_models = all(by.may(OBSERVE_INPUTS.permission, model) for model in seen.models)
    return on_models and by.may(OBSERVE_RUN.permission)


def _opened(seen: SeenRun, plan: Plan, by: Actor) -> AbstractContextManager[Record]:
    """Open the change for what is locked first: a model before assets, each by its id."""
    if seen.versions:
        return change(OBSERVE_INPUTS, seen.versions[0], by=by)
    return change(OBSERVE_RUN, plan.roots[0] if plan.roots else REGISTRY, by=by)


def _locked(record: Record, seen: SeenRun, plan: Plan) -> set[int]:
    """Lock every root the event writes to, and return the ids of the assets among them."""
    for model in seen.models:
        record.lock(model)
    for asset in plan.roots:
        record.lock(asset)
    return {asset.pk for asset in plan.roots}


def _still(plan: Plan, locked: set[int]) -> Plan:
    """Refuse to go on when others declared meanwhile what this change would have to lock now.

    A lock taken while others wait for their turn could let two changes wait for each other.
    """
    if any(asset.pk not in locked for asset in plan.roots):
        raise Overtaken("Another event records the same things at this moment. Send it again.")
    return plan


def _require_there(versions: Sequence[ModelVersion]) -> None:
    named = ModelVersion.objects.filter(pk__in=[version.pk for version in versions])
    gone = named.exclude(deleted_at=None).select_related("model").first()
    if gone is not None:
        raise RuleBroken(f"{gone} was deleted, so nothing is joined to it.")


def _note(asset: Asset, seen: SeenRun, by: Actor) -> None:
    """Write an asset nobody knew, with what the event said of it."""
    wanted = SeenAsset(asset.kind, asset.name, asset.version)
    told = next(one for one in (seen.job, *seen.ends) if one == wanted)
    assert isinstance(told, SeenAsset)
    require_identity(asset.kind, asset.name, asset.version, asset.digest)
    set_facts(asset, _facts(told))
    note_asset(asset, by=by)


def _facts(told: SeenAsset) -> AssetFacts:
    """Return what is kept of what an event says; whom nobody knows here owns nothing."""
    people = User.objects.filter(username=told.owner, is_active=True, is_examiner=False)
    return AssetFacts(
        location=plain_location(told.location),
        description=told.description,
        owner=people.first() if told.owner else None,
        team=Team.objects.filter(name=told.team).first() if told.team else None,
    )


def _write(plan: Plan, record: Record, by: Actor) -> None:
    """Write the lines, each in an event of what it belongs to, a limited number in each."""
    parts = list(_in_parts(plan.lines))
    own = next((part for part in parts if part[0].record_id == record.subject.record_id), None)
    if own is not None:
        _save(own[1], record, by)
        parts.remove(own)
    for subject, lines in parts:
        action = OBSERVE_INPUTS if isinstance(subject, ModelVersion) else OBSERVE_RUN
        with change(action, subject, by=by) as part:
            _save(lines, part, by)


def _in_parts(lines: Sequence[Line]) -> Iterator[tuple[End, Sequence[Line]]]:
    grouped: dict[Key, list[Line]] = {}
    for line in lines:
        grouped.setdefault(key_of(line.subject), []).append(line)
    for group in grouped.values():
        for start in range(0, len(group), EDGES_IN_AN_EVENT):
            yield group[0].subject, group[start : start + EDGES_IN_AN_EVENT]


def _save(lines: Sequence[Line], record: Record, by: Actor) -> None:
    for line in lines:
        edge = line.known or edge_between(
            line.origin,
            line.target,
            line.relation,
            LineageEdge.Source.OBSERVED,
            by=by,
            at=record.time,
        )
        edge.source = LineageEdge.Source.OBSERVED
        edge.save()
