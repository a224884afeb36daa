"""Policies to be read: the list, one version, which applied when, what differs, the dry run."""

from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import in_force, policies, policy_queries
from apps.approvals.dry_runs import asking
from apps.approvals.models import PolicyVersion
from apps.approvals.pages import policy_comparison, policy_desk, policy_list
from apps.approvals.pages.policies import readable
from apps.approvals.policies import Policy
from apps.core.clock import database_now
from apps.core.errors import DomainError


@signed_in
@require_safe
def listed(request: ActorRequest) -> HttpResponse:
    """List the policy in force, those before it, and drafts for those who may see them."""
    return render(request, "approvals/policies/list.html", policy_list.on_page(request))


@signed_in
@require_safe
def at(request: ActorRequest) -> HttpResponse:
    """Say which policy applied at the end of a day."""
    asked = request.GET.get("on", "")
    day = _day(asked)
    moment = datetime.combine(day, time.max, tzinfo=UTC) if day else None
    applied = in_force.policy_at(moment) if moment and moment.year > 1 else None
    is_bad = bool(asked) and day is None
    page = {"asked": asked, "day": day, "applied": applied, "is_bad": is_bad}
    if applied is not None:
        page["version"] = policy_list.version_of(applied, moment)
    return render(request, "approvals/policies/at.html", page, status=422 if is_bad else 200)


@signed_in
@require_safe
def shipped(request: ActorRequest, shipped: str) -> HttpResponse:
    """Show a policy that comes with Signet."""
    policy = _shipped(shipped)
    is_in_force = in_force.policy().digest == policy.digest
    page = {**readable(policy), "shipped": shipped, "is_in_force": is_in_force}
    return render(request, "approvals/policies/shipped.html", page)


@signed_in
@require_safe
def shipped_text(request: ActorRequest, shipped: str) -> HttpResponse:  # noqa: ARG001 - Django's
    """Give the text of a policy that comes with Signet."""
    policy = _shipped(shipped)
    return _as_file(policy.text, policy.id, policy.version)


@signed_in
@require_safe
def policy(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one version: what it asks, who signed it, what is left to do."""
    return show(request, found(request, pk))


@signed_in
@require_safe
def text(request: ActorRequest, pk: int) -> HttpResponse:
    """Give the text of a version, as it was signed."""
    version = found(request, pk)
    return _as_file(version.text, version.policy_id, version.number)


@signed_in
@require_safe
def comparison(request: ActorRequest, pk: int) -> HttpResponse:
    """Show what a version says otherwise than another: in words, then line by line."""
    version = found(request, pk)
    page = policy_comparison.page(version, request.actor, request.GET.get("with", ""))
    return render(request, "approvals/policies/comparison.html", page)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def dry_run(request: ActorRequest, pk: int) -> HttpResponse:
    """Show what a version would change, or let a worker find out."""
    version = found(request, pk)
    _require_drafts(request)
    refusal = ""
    if request.method == "POST":
        try:
            asking.ask(version, by=request.actor)
        except DomainError as refused:
            refusal = str(refused)
        else:
            messages.success(request, "The dry run was asked for.")
            return redirect("approvals:dry_run", pk=version.pk)
    page = {**_dry_run(version), "refusal": refusal, **_may_ask(request, version)}
    return render(request, "approvals/policies/dry_run.html", page, status=422 if refusal else 200)


@signed_in
@require_safe
def dry_run_part(request: ActorRequest, pk: int) -> HttpResponse:
    """Answer the page of a dry run, which asks how far it is until it is over."""
    version = found(request, pk)
    _require_drafts(request)
    return render(request, "approvals/policies/_dry_run.html", _dry_run(version))


# -- shared with the views of drafts and of signing


def found(request: ActorRequest, pk: int) -> PolicyVersion:
    """Return a version the reader may see, or answer as for none."""
    return get_object_or_404(policy_queries.policies_visible_to(request.actor), pk=pk)


def show(request: ActorRequest, version: PolicyVersion, **refused: Any) -> HttpResponse:
    """Show a version, with a form that was refused if one was."""
    page = {
        **policy_desk.page(version, request.actor, **refused),
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    return render(request, "approvals/policies/policy.html", page, status=422 if refused else 200)


def _require_drafts(request: ActorRequest) -> None:
    if not policy_queries.may_see_drafts(request.actor):
        raise Http404


def _dry_run(version: PolicyVersion) -> dict[str, Any]:
    run = asking.newest(version)
    return {
        "version": version,
        "run": run,
        "report": run.report if run else {},
        "is_waiting": policy_desk.is_waiting(run),
        "is_outdated": run is not None and run.digest != version.digest,
        "part_url": reverse("approvals:dry_run_part", args=[version.pk]),
        "page_url": reverse("approvals:dry_run", args=[version.pk]),
    }


def _may_ask(request: ActorRequest, version: PolicyVersion) -> dict[str, bool]:
    is_open = version.state in {PolicyVersion.State.DRAFT, PolicyVersion.State.PROPOSED}
    return {"may_ask": is_open and any(request.actor.may(one) for one in asking.MAY_ASK)}


def _shipped(name: str) -> Policy:
    if name not in policies.SHIPPED:
        raise Http404
    return policies.shipped(name)


def _day(text: str) -> Any:
    """Return a day that was typed, or nothing for what is none or lies ahead."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and day <= database_now().date() else None


def _as_file(text: str, policy_id: str, number: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{policy_id}-{number}.yaml"'
    return answer
