"""The page of a model as it was, and of what is different about it at two moments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from apps.accounts.models import AbstractDuty
from apps.approvals.models import Authorization
from apps.approvals.past import differences
from apps.approvals.past.models import PastModel, model_at
from apps.catalog.models import RegisteredModel
from apps.console.as_of import entries, facts
from apps.console.as_of.asking import Asked, at_query
from apps.console.as_of.production import authorization_in_words
from apps.console.queries.people import Holder
from apps.core.actors import Actor


def page(model: RegisteredModel, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return what was true of a model, or that it was not registered yet."""
    assert asked.at is not None
    found = model_at(model, asked.at, actor)
    if found is None:
        return {"found": None}
    row, query = found.row, at_query(asked.at)
    standing = {one.version_id: one for one in found.authorizations}
    return {
        "found": found,
        "flags": [row.Flag(flag).label for flag in row.flags if flag in row.Flag],
        "facts": _facts(found),
        "serving": [
            (
                f"Version {one.number}",
                _version_url(model, one.number, query),
                *authorization_in_words(standing.get(one.pk), asked.at),
            )
            for one in found.in_production
        ],
        "versions": [_version(model, found, one, standing, query) for one in found.versions],
        "answers": facts.answers("model", found.sheet.values if found.sheet else {}),
        "holders": holders(found, found.duties),
        "everywhere": holders(found, found.everywhere),
    }


def _version_url(model: RegisteredModel, number: int, query: str) -> str:
    return f"{reverse('as_of:version', args=[model.name, number])}?{query}"


def _version(
    model: RegisteredModel,
    found: PastModel,
    one: Any,
    standing: Mapping[int, Authorization],
    query: str,
) -> dict[str, Any]:
    aliases = [str(alias) for alias in found.aliases if alias.version_id == one.pk]
    return {
        "row": one,
        "url": _version_url(model, one.number, query),
        "statuses": [facts.stage_status(one.stage), *({"label": alias} for alias in aliases)],
        "is_authorized": one.pk in standing,
    }


def holders(found: PastModel, duties: Iterable[AbstractDuty]) -> list[Holder]:
    """Return who held which roles, by name."""
    roles: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for duty in duties:
        roles[found.holder(duty), duty.team_id is not None].append(duty.get_role_display())
    return [
        Holder(name, is_team, tuple(sorted(held)))
        for (name, is_team), held in sorted(roles.items())
    ]


def _facts(found: PastModel) -> list[dict[str, Any]]:
    row, names = found.row, found.names
    return facts.told(
        {"term": "Name then", "value": row.name},
        {"term": "Title", "value": row.title},
        {"term": "Owner", "person": names.person(row.owner_id)},
        {"term": "Team", "value": names.team(row.team_id)},
        {"term": "Tier", "value": found.tier.in_words},
        {"term": "Tier since", "at": found.tier.since},
        {"term": "Kind", "value": row.get_kind_display()},
        {"term": "Method", "value": row.method},
        {"term": "Domain", "value": row.domain},
        {"term": "Tags", "value": facts.tags(found.tags)},
        {"term": "Uses", "value": ", ".join(one.title for one in found.uses)},
        {"term": "Suppliers", "value": ", ".join(one.title for one in found.suppliers)},
        {"term": "Legal holds", "value": str(len(found.holds)) if found.holds else ""},
        {"term": "Registered", "at": row.created_at},
        {"term": "By", "person": names.person(row.created_by_id)},
    )


def compared(model: RegisteredModel, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return what is different about a model at two moments."""
    found = differences.of_model(model, *asked.moments, actor)
    visible = entries.seen(actor, (one.event for one in found))
    return {
        "differences": [entries.row(one, one.about, one.name, visible) for one in found],
        "more": 0,
    }
