"""What the pages of environments show: what may run there, what is to, and what is seen."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals.serving import standing
from apps.catalog import queries as catalog
from apps.console.buttons import Button
from apps.console.serving import cells, words
from apps.core import links
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.deployments import deployers, queries, sighting_queries
from apps.deployments.models import Environment, Look
from apps.deployments.operations import environments as rules
from apps.deployments.sighting_queries import Coverage
from apps.validation.models import MonitoringSeries
from apps.validation.monitoring import queries as monitoring

PAGE_SIZE = 25
STRAYS_SHOWN = 50
SERIES_SHOWN = 20
BY_NAME = Order(("name",), least_first=True)
BY_SERVICE = Order(("service",), least_first=True)
BEGINS_WITH = {"admits": ["production"], "enforcement": "prevent", "deployer": "by_hand"}
"""What a new environment begins with: production alone, and what may not run is refused."""
NOBODY_LOOKS = "Nobody has looked there yet. An agent or the deployer reports what runs."


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return what the list shows: each environment with how much of it is seen."""
    is_closed = bool(links.asked(request, "closed"))
    visible = queries.environments_visible_to(request.actor)
    rows = visible.filter(closed_at__isnull=not is_closed).select_related("owner", "look")
    found = links.page_of(request, rows, BY_NAME, PAGE_SIZE)
    covered = sighting_queries.coverage_of(found.rows, at=now())
    counts = _counts(request.actor, found.rows)
    return {
        "rows": [
            {
                "environment": one,
                "admits": words.stages_in_words(one),
                "enforcement": words.ENFORCEMENT[one.enforcement],
                "coverage": coverage_in_words(covered[one.pk]),
                "deployments": counts.get(one.pk, 0),
                "look": look_of(one),
            }
            for one in found.rows
        ],
        "is_closed": is_closed,
        "open_url": links.with_query(request, closed=""),
        "closed_url": links.with_query(request, closed="yes"),
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "create": Button(
            "Describe an environment",
            reverse("deployments:create_environment"),
            why_not_manage(request.actor),
        ),
    }


def one(request: ActorRequest, environment: Environment) -> dict[str, Any]:
    """Return everything the page of an environment shows."""
    at = now()
    rows = queries.deployments_visible_to(request.actor).filter(environment=environment)
    found = links.page_of(request, rows, BY_SERVICE, PAGE_SIZE)
    told = cells.of_deployments(found.rows, at=at)
    covered = sighting_queries.coverage(environment, at=at)
    return {
        "environment": environment,
        "statuses": [] if environment.is_open else [{"label": "Closed", "tone": "idle"}],
        "lead": environment.description,
        "facts": _facts(environment),
        "cells": [told[row.pk] for row in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "coverage": coverage_in_words(covered),
        "trouble": trouble_of(environment),
        "series": _series(request.actor, environment),
        "crumbs": crumbs(),
        **_strays(request.actor, environment),
        **_buttons(environment, request.actor),
    }


def crumbs(environment: Environment | None = None) -> list[tuple[str, str]]:
    """Return the way to the environments, or to one of them."""
    way = [
        ("Deployments", reverse("deployments:list")),
        ("Environments", reverse("deployments:environments")),
    ]
    return [*way, (str(environment), environment.get_absolute_url())] if environment else way


def why_not_manage(actor: Actor) -> str:
    """Say what keeps somebody from describing environments; nothing when nothing does."""
    return "" if actor.may(rules.CREATE.permission) else rules.CREATE.refusal


def why_not_change(environment: Environment, actor: Actor) -> str:
    """Say what keeps somebody from changing an environment; nothing when nothing does."""
    if not environment.is_open:
        return "It is closed, so nothing about it changes any more."
    return why_not_manage(actor)


def coverage_in_words(coverage: Coverage) -> str:
    """Say how much of what is to run somewhere is seen there."""
    if not coverage.expected:
        return "Nothing is to run"
    return f"We see {coverage.seen} of {coverage.expected}"


def look_of(environment: Environment) -> Look | None:
    """Return when an environment was looked at last; nothing when it never was."""
    return getattr(environment, "look", None)


def trouble_of(environment: Environment) -> str:
    """Say what went wrong when an environment was last asked what runs there, if it did."""
    look = look_of(environment)
    return look.trouble if look is not None else ""


def _counts(actor: Actor, environments: Sequence[Environment]) -> Mapping[int, int]:
    """Count the deployments somebody sees in some environments, by environment."""
    rows = queries.deployments_visible_to(actor).filter(environment__in=environments)
    counted = rows.order_by().values("environment").annotate(there=Count("pk"))
    return dict(counted.values_list("environment", "there"))


def _strays(actor: Actor, environment: Environment) -> dict[str, Any]:
    """Return what is seen and belongs to no deployment; of models one does not see, how much."""
    found = standing.strays_of([environment], at=now())
    models = {one.sighting.version.model_id for one in found if one.sighting.version}
    visible = set(
        catalog.models_visible_to(actor).filter(pk__in=models).values_list("pk", flat=True)
    )
    shown = [
        {"stray": one, "mark": words.of_drift(one.point.state)}
        for one in found
        if one.sighting.version is None or one.sighting.version.model_id in visible
    ]
    return {
        "strays": shown[:STRAYS_SHOWN],
        "more_strays": max(0, len(shown) - STRAYS_SHOWN),
        "hidden_strays": len(found) - len(shown),
    }


def _series(actor: Actor, environment: Environment) -> QuerySet[MonitoringSeries]:
    """Return what is measured somewhere of that name."""
    called = Q(environment__iexact=environment.name)
    if environment.title:
        called |= Q(environment__iexact=environment.title)
    live = monitoring.series_visible_to(actor).filter(called, ended_at=None)
    return live.order_by("model__name", "metric", "pk")[:SERIES_SHOWN]


def _facts(environment: Environment) -> list[dict[str, Any]]:
    look = look_of(environment)
    facts: list[dict[str, Any]] = [
        {"term": "Name", "value": environment.name},
        {"term": "Admits", "value": words.stages_in_words(environment).capitalize()},
        {"term": "Not admissible", "value": words.ENFORCEMENT[environment.enforcement]},
        {"term": "Carried out by", "value": _deployer(environment)},
        {"term": "Region", "value": environment.region},
        {"term": "Owner", "person": str(environment.owner)},
        {"term": "Uses", "value": ", ".join(map(str, environment.uses))},
        {"term": "Seen within", "value": _within(environment)},
        {"term": "Last look", "at": look.looked_at if look else None},
        {"term": "Last tried", "at": look.tried_at if look else None},
        {"term": "Described", "at": environment.created_at},
        {"term": "Closed", "at": environment.closed_at},
    ]
    return [fact for fact in facts if any(value for key, value in fact.items() if key != "term")]


def _deployer(environment: Environment) -> str:
    known = deployers.named_or_none(environment.deployer)
    return known.title if known else f"{environment.deployer}, which is not installed"


def _within(environment: Environment) -> str:
    minutes = environment.seen_within_minutes
    return f"{minutes:,} minutes" if minutes else "Not said: nothing is missed there"


def _buttons(environment: Environment, actor: Actor) -> dict[str, Button]:
    why = why_not_change(environment, actor)
    address = [environment.name]
    return {
        "edit": Button("Change", reverse("deployments:change_environment", args=address), why),
        "close": Button("Close", reverse("deployments:close_environment", args=address), why),
    }
