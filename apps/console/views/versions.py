"""One version whole: overview, metrics, history. Its checks are shown by validation."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.models import User
from apps.approvals import authorized, beside
from apps.approvals import operations as approvals
from apps.approvals.pages import transitions
from apps.catalog import prompts
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion
from apps.console.buttons import Button
from apps.console.queries import labels, measures, people, record, telling, trends, versions
from apps.console.queries.versions import Ahead
from apps.console.serving import runs_in
from apps.core import links
from apps.integrations.mlflow_import.queries import import_state

HEADLINE_MEASURES = 4
TRENDS_SHOWN = 6
ENTRIES_SHOWN = 50


@signed_in
@require_safe
def version(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show what a version is: its signature, what it measured, where it came from, what is left."""
    found = find(request, name, number)
    champion = measures.champion_beside(found)
    datasets = measures.by_dataset(found, champion)
    ahead = versions.ahead(found, request.actor, at=now())
    held = people.permissions_on(found.model, request.actor)
    page = frame(found) | {
        "lead": found.description or found.model.intended_use,
        "prompt": prompts.text_of(found),
        "signature": versions.signature(found),
        "example": versions.example(found),
        "headline": measures.headline(datasets, HEADLINE_MEASURES),
        "champion": champion,
        "origin": _origin(found),
        "environment": _environment(found),
        "ahead": ahead,
        "emergency": beside.emergency_on(found),
        "facts": _facts(found),
        "request_button": _request_button(found, ahead, may_ask=_may_ask(held)),
        "moves": transitions.other_moves(found, held, is_asked=bool(ahead and ahead.request)),
        **runs_in.of_version(found, held, at=now()),
    }
    return render(request, "console/version.html", page)


@signed_in
@require_safe
def version_metrics(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show everything a version's run measured and was given."""
    found = find(request, name, number)
    champion = measures.champion_beside(found)
    datasets = measures.by_dataset(found, champion)
    page = frame(found) | {
        "champion": champion,
        "datasets": datasets,
        "trends": trends.over_versions(found, measures.headline(datasets, TRENDS_SHOWN)),
        "series": measures.series(found),
        "parameters": found.run.parameters.order_by("key") if found.run else (),
    }
    return render(request, "console/version_metrics.html", page)


@signed_in
@require_safe
def version_history(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show what the record holds about a version."""
    found = find(request, name, number)
    events = record.events_of_version(found, request.actor)
    shown = links.page_of(request, events, record.ORDER, ENTRIES_SHOWN)
    page = frame(found) | {
        "lines": telling.folded(telling.lines(shown.rows)),
        "newer": links.to_page(request, shown.newer),
        "older": links.to_page(request, shown.older),
    }
    return render(request, "console/version_history.html", page)


def find(request: ActorRequest, name: str, number: int) -> ModelVersion:
    """Return a version the reader may see, or answer that there is none."""
    found = catalog.version_or_none(request.actor, name, number)
    if found is None:
        raise Http404
    return found


def frame(version: ModelVersion) -> dict[str, Any]:
    """Return what every page of a version begins with."""
    return {
        "version": version,
        "title": version.heading,
        "here": f"Version {version.number}",
        "statuses": versions.statuses(version),
        "crumbs": [
            ("Models", reverse("models:list")),
            (version.model.name, version.model.get_absolute_url()),
        ],
    }


def _may_ask(held: frozenset[str]) -> bool:
    return approvals.REQUEST_PROMOTION.permission in held


def _request_button(version: ModelVersion, ahead: Ahead | None, *, may_ask: bool) -> Button:
    """Return the way to the open request or to ask for one, or what stands in its way."""
    if ahead is not None and ahead.request is not None:
        return Button(f"See {ahead.request}", ahead.request.get_absolute_url())
    href = reverse("approvals:request", args=[version.model.name, version.number])
    label = ahead.words.ask if ahead else "Request promotion"
    return Button(label, href, _why_not(version, ahead, may_ask=may_ask))


def _why_not(version: ModelVersion, ahead: Ahead | None, *, may_ask: bool) -> str:
    if not version.is_ready:
        return "Possible once the version's files are complete."
    if ahead is None:
        return f"Nothing leads on from {version.get_stage_display().lower()}."
    if not may_ask:
        return f"Ask {version.model.owner}, the model's owner, or a developer to request it."
    return ""


def _facts(version: ModelVersion) -> list[dict[str, Any]]:
    return _told(
        {"term": "Owner", "person": str(version.model.owner)},
        {"term": "Registered by", "person": str(version.created_by)},
        {"term": "Registered", "at": version.created_at},
        {"term": "Authorized", "at": version.authorized_at},
        {"term": "Authorization", "value": authorized.in_words(version)},
        {"term": "Tags", "value": labels.tags_in_words(version)},
        {"term": "Change", "value": version.get_change_class_display()},
        {"term": "Built on", "value": _base(version), "href": _base_href(version)},
        {"term": "Contributors", "value": _contributors(version)},
        {"term": "Size", "value": versions.size_in_words(version)},
        {"term": "Digest", "digest": version.content_digest},
    )


def _base(version: ModelVersion) -> str:
    return str(version.base_version) if version.base_version else ""


def _base_href(version: ModelVersion) -> str:
    base = version.base_version
    return base.get_absolute_url() if base and base.model.name != catalog.OUTSIDE else ""


def _contributors(version: ModelVersion) -> str:
    """Return who built the version, and so never signs it."""
    prefix = f"{User.RECORD.prefix}_"
    pks = [int(who.removeprefix(prefix)) for who in version.contributors if who.startswith(prefix)]
    return ", ".join(str(user) for user in User.objects.filter(pk__in=pks).order_by("display_name"))


def _origin(version: ModelVersion) -> list[dict[str, Any]]:
    run = version.run
    commit = f"{version.code_commit}{', with uncommitted changes' if version.code_is_dirty else ''}"
    return _told(
        {"term": "Run", "value": str(run) if run else ""},
        {"term": "Run id", "digest": run.uid if run and run.name else ""},
        {"term": "Source", "value": "" if prompts.is_prompt(version.model) else version.source},
        {"term": "Files", "value": _import(version)},
        {"term": "Repository", "value": version.code_repository},
        {"term": "Commit", "value": commit if version.code_commit else ""},
    )


def _import(version: ModelVersion) -> str:
    """Say how it goes with fetching files that lie elsewhere; nothing once they are here."""
    state = None if version.is_ready else import_state(version, now=now())
    if state is None:
        return "" if version.is_ready else "Kept elsewhere, so no check and no gate can see them."
    return f"{state.label}: {state.note}" if state.note else state.label


def _environment(version: ModelVersion) -> list[dict[str, Any]]:
    return _told(
        {"term": "Framework", "value": version.framework},
        {"term": "Flavors", "value": ", ".join(map(str, version.flavors))},
        {"term": "Python", "value": version.python_version},
        {"term": "Container", "digest": version.container_digest},
    )


def _told(*facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Keep the facts that are known."""
    return [fact for fact in facts if any(fact[key] for key in fact if key not in {"term", "href"})]
