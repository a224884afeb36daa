"""One model whole."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import authorized, beside
from apps.approvals import operations as approvals
from apps.approvals import queries as requests
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ExamRoom, ModelVersion, RegisteredModel
from apps.console.buttons import Button
from apps.console.queries import inbox, labels, people, record, versions
from apps.console.serving import runs_in
from apps.core import links
from apps.risk.pages import tiers

VERSIONS_SHOWN = 15
ENTRIES_SHOWN = 10


@signed_in
@require_safe
def model(request: ActorRequest, name: str) -> HttpResponse:
    """Show one model: what it is for, who answers for it, its versions, and what happened."""
    found = _find(request, name)
    listed = versions.of_model(found)
    shown = links.page_of(request, listed, versions.NEWEST_FIRST, VERSIONS_SHOWN)
    held = people.permissions_on(found, request.actor)
    current = approvals.serving(found)
    target = approvals.rollback_target(current) if current else None
    open_requests = requests.open_requests_visible_to(request.actor).filter(version__model=found)
    page = {
        "model": found,
        "lead": found.description or found.intended_use,
        "rows": versions.rows(found, shown.rows),
        "newer": links.to_page(request, shown.newer),
        "older": links.to_page(request, shown.older),
        "serving": _serving(found),
        "rollback_target": target,
        "requests": inbox.in_waiting(open_requests, now=now()),
        "facts": [*_facts(found), *beside.facts_of(found)],
        "emergency": beside.emergency_on(found),
        "tier": tiers.beside(found, now()),
        "flags": [found.Flag(flag).label for flag in found.flags if flag in found.Flag],
        "holders": people.on_model(found),
        "holders_everywhere": people.everywhere(),
        **runs_in.of_model(found, held, at=now()),
        **_activity(request, found),
        **_buttons(found, held, current, target),
    }
    return render(request, "console/model.html", page)


def _find(request: ActorRequest, name: str) -> RegisteredModel:
    found = catalog.model_or_none(request.actor, name)
    if found is None:
        raise Http404
    return found


def _activity(request: ActorRequest, model: RegisteredModel) -> dict[str, Any]:
    """Return the newest entries about a model, unless an exam leaves the record out."""
    if not catalog.is_shown(request.actor, ExamRoom.Part.RECORD):
        return {}
    return {
        "lines": record.newest_on(model, ENTRIES_SHOWN),
        "activity": f"{reverse('audit:list')}?{urlencode({'about': model.name})}",
    }


def _serving(model: RegisteredModel) -> list[tuple[ModelVersion, str]]:
    """Return the versions in production, each with until when it is authorized."""
    there = list(model.versions.filter(stage=Stage.PRODUCTION).order_by("-number"))
    standing = authorized.of_versions(there)
    return [(version, authorized.told(standing.get(version.pk))) for version in there]


_WITH_PAST = frozenset({"Owner", "Team", "Kind", "Method", "Domain"})
"""Facts that can have said something else before; each is a column of the model's row."""


def _facts(model: RegisteredModel) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"term": "Name", "value": model.name},
        {"term": "Owner", "person": str(model.owner)},
        {"term": "Team", "value": model.team and model.team.name},
        {"term": "Kind", "value": model.get_kind_display()},
        {"term": "Method", "value": model.method},
        {"term": "Domain", "value": model.domain},
        {"term": "Tags", "value": labels.tags_in_words(model)},
        {"term": "Registered", "at": model.created_at},
        {"term": "By", "person": str(model.created_by)},
    ]
    told = [fact for fact in facts if any(value for key, value in fact.items() if key != "term")]
    for fact in told:
        if fact["term"] in _WITH_PAST:
            fact["past"] = reverse("models:past_inventory", args=[model.name, fact["term"].lower()])
    return told


def _buttons(
    model: RegisteredModel,
    held: frozenset[str],
    current: ModelVersion | None,
    target: ModelVersion | None,
) -> dict[str, Button]:
    may_not = f"Ask {model.owner}, the model's owner, to make you a developer."
    return {
        "register": Button(
            "Register version",
            reverse("models:register_version", args=[model.name]),
            "" if "catalog.register_version" in held else may_not,
        ),
        "describe": Button(
            "Describe",
            reverse("models:describe", args=[model.name]),
            "" if "catalog.change_registeredmodel" in held else may_not,
        ),
        "access": Button("Access", reverse("models:access", args=[model.name])),
        "monitoring": Button("Monitoring", reverse("models:monitoring", args=[model.name])),
        "inventory": Button("Inventory", reverse("models:inventory", args=[model.name])),
        "roll_back": Button(
            f"Roll back to version {target.number}" if target else "Roll back",
            reverse("approvals:roll_back", args=[model.name]),
            _why_no_rollback(held, current, target),
        ),
    }  # fmt: skip


def _why_no_rollback(
    held: frozenset[str], current: ModelVersion | None, target: ModelVersion | None
) -> str:
    """Say what would make a rollback possible; nothing when it is."""
    if current is None:
        return "Possible once a version is in production."
    if target is None:
        return f"Version {current.number} replaced no other version, so there is none to return to."
    if approvals.ROLL_BACK.permission not in held:
        return "Ask an operator of this model: People names them."
    return ""
