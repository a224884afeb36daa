"""What the page of a deployment shows: what is to run, how it stands, what is seen, and when."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals.serving import standing
from apps.approvals.serving.operations import rollouts as rules
from apps.approvals.serving.standing import Standing
from apps.catalog import queries as catalog
from apps.console.buttons import Button
from apps.console.serving import words
from apps.console.serving.rollouts import told_of
from apps.core import links
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.deployments import deployers, sighting_queries
from apps.deployments.models import Deployment, Drill, Placement, Rollout, Sighting
from apps.risk import finding_queries
from apps.risk.models import Finding

ROLLOUTS_SHOWN = 10
DRILLS_SHOWN = 5
ENDED_SHOWN = 10
NEWEST_FIRST = Order(("number",))
SECONDS_AT_WORK, SECONDS_AWAITED = 3, 15
"""How long the page waits before it looks again: while a worker is at it, and for confirmation."""
DRILL_TONES = {
    Drill.State.LEAVING: "info",
    Drill.State.RETURNING: "info",
    Drill.State.PASSED: "good",
    Drill.State.FAILED: "bad",
}


def one(request: ActorRequest, deployment: Deployment) -> dict[str, Any]:
    """Return everything the page shows."""
    return {
        **part(request, deployment),
        "crumbs": [
            ("Deployments", reverse("deployments:list")),
            (deployment.model.name, deployment.model.get_absolute_url()),
        ],
        "title": str(deployment),
        "facts": _facts(deployment, request.actor),
        **_buttons(deployment, request.actor),
    }


def part(request: ActorRequest, deployment: Deployment) -> dict[str, Any]:
    """Return what the part shows that follows a rollout, and how soon it looks again."""
    stands = standing.of_one(deployment, at=now())
    found = links.page_of(request, _rollouts(deployment), NEWEST_FIRST, ROLLOUTS_SHOWN)
    may = request.actor.may(rules.RECORD_BY_HAND.permission, deployment.model)
    running = _running(deployment)
    rows = sighting_queries.ended_of(deployment)[:ENDED_SHOWN]
    ended = [_seen(one, deployment) for one in rows]
    return {
        "deployment": deployment,
        "mark": words.of_drift(stands.drift.state),
        "points": _points(stands),
        "findings": _findings(deployment, request.actor),
        "placements": stands.placements,
        "aside": _aside(deployment, stands),
        "is_in_effect": deployment.desired_id == deployment.in_effect_id,
        "in_effect": running,
        "sightings": [_seen(one, deployment) for one in stands.sightings],
        "ended": ended,
        "ended_aside": f"the {ENDED_SHOWN} that ended last" if ended else "",
        "rollouts": [told_of(one, may_record=may) for one in found.rows],
        "drills": _drills(deployment),
        "newer": _beside(deployment, links.to_page(request, found.newer)),
        "older": _beside(deployment, links.to_page(request, found.older)),
        "part_url": reverse("deployments:deployment_part", args=[deployment.pk]),
        "page_url": deployment.get_absolute_url(),
        "seconds": seconds_until_next_look(deployment.desired, request.actor),
    }


def seconds_until_next_look(desired: Rollout | None, reader: Actor) -> int:
    """Return after how many seconds the page looks again; 0 when there is nothing to wait for.

    What people carry out by hand can take days, and each look of an examiner is recorded.
    """
    if desired is None or desired.is_final or catalog.exam_limits_of(reader) is not None:
        return 0
    if desired.state != Rollout.State.AWAITED:
        return SECONDS_AT_WORK
    return 0 if desired.deployer == rules.BY_HAND else SECONDS_AWAITED


def why_not(deployment: Deployment, actor: Actor) -> str:
    """Say what keeps somebody from asking for a rollout; nothing when nothing does."""
    if actor.may(rules.DEPLOY.permission, deployment.model):
        return ""
    return f"{rules.DEPLOY.refusal} People on the page of the model names them."


def _rollouts(deployment: Deployment) -> Any:
    rows = deployment.rollouts.select_related("asked_by", "restores")
    return rows.prefetch_related("placements__version")


def _running(deployment: Deployment) -> Sequence[Placement]:
    """Return what was brought about last, where that is not what is to run."""
    if deployment.in_effect is None or deployment.in_effect_id == deployment.desired_id:
        return ()
    return list(deployment.in_effect.placements.select_related("version__model").order_by("pk"))


def _aside(deployment: Deployment, stands: Standing) -> str:
    """Say whether what is to run was brought about."""
    if deployment.desired_id != deployment.in_effect_id:
        return "not brought about yet"
    return "and was brought about" if stands.placements else ""


def _points(stands: Standing) -> list[dict[str, Any]]:
    """Return what is to be said of how a deployment stands, and what to do about it."""
    found = [
        {
            "text": point.text,
            "mark": words.of_drift(point.state),
            "remedy": words.WHAT_TO_DO.get(point.state, ""),
        }
        for point in stands.drift.points
    ]
    if found:
        return found
    mark = words.of_drift(stands.drift.state)
    return [{"text": text, "mark": mark, "remedy": ""} for text in stands.drift.why]


def _findings(deployment: Deployment, actor: Actor) -> Sequence[Finding]:
    """Return the findings that stand about this deployment, for who sees findings."""
    stand = finding_queries.findings_visible_to(actor).filter(
        model=deployment.model_id,
        cause__startswith=f"drift:{deployment.record_id}:",
        state__in=Finding.STANDING,
    )
    return list(stand.order_by("-pk"))


def _seen(one: Sighting, deployment: Deployment) -> dict[str, Any]:
    """Return a sighting; a version of another model is not named to who may not know of it."""
    version = one.version
    is_own = version is not None and version.model_id == deployment.model_id
    return {
        "sighting": one,
        "version": version if is_own else None,
        "called": one.called if version is None else "",
        "digest": one.digest,
    }


def _drills(deployment: Deployment) -> list[dict[str, Any]]:
    rows = deployment.drills.select_related("started_by").order_by("-pk")[:DRILLS_SHOWN]
    return [{"drill": row, "tone": DRILL_TONES[Drill.State(row.state)]} for row in rows]


def _beside(deployment: Deployment, address: str) -> str:
    """Return the address of a page of the list on the whole page, also when a part was asked."""
    query = address.partition("?")[2]
    return f"{deployment.get_absolute_url()}?{query}" if query else ""


def _facts(deployment: Deployment, actor: Actor) -> list[dict[str, Any]]:
    environment = deployment.environment
    is_exam = catalog.exam_limits_of(actor) is not None
    known = deployers.named_or_none(environment.deployer)
    facts: list[dict[str, Any]] = [
        {"term": "Model", "value": deployment.model.name,
         "href": deployment.model.get_absolute_url()},
        {"term": "Environment", "value": str(environment),
         "href": "" if is_exam else environment.get_absolute_url()},
        {"term": "Service", "value": deployment.service},
        {"term": "Admits", "value": words.stages_in_words(environment).capitalize()},
        {"term": "Not admissible", "value": words.ENFORCEMENT[environment.enforcement]},
        {"term": "Carried out by", "value": known.title if known else environment.deployer},
        {"term": "First asked for", "at": deployment.created_at},
    ]  # fmt: skip
    return facts


def _buttons(deployment: Deployment, actor: Actor) -> dict[str, Button]:
    why = why_not(deployment, actor)
    why_nothing = why or _why_nothing(deployment)
    address = [deployment.pk]
    put = reverse("deployments:deploy", args=[deployment.model.name])
    return {
        "put": Button(
            "Put a version here", f"{put}?environment={deployment.environment.name}", why
        ),
        "shift": Button("Shift traffic", reverse("deployments:shift", args=address), why_nothing),
        "roll_back": Button("Roll back", reverse("deployments:roll_back", args=address), why),
        "withdraw": Button("Withdraw", reverse("deployments:withdraw", args=address), why_nothing),
        "drill": Button("Try the way back", reverse("deployments:drill", args=address), why),
    }


def _why_nothing(deployment: Deployment) -> str:
    """Say that nothing is to run here, if so."""
    desired = deployment.desired
    is_empty = desired is None or not desired.placements.exists()
    return "Possible once a version is to run here." if is_empty else ""
