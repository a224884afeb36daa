"""The list of policies: the one in force, those before it, drafts; and which applied when."""

from datetime import datetime
from typing import Any

from apps.accounts.access import ActorRequest
from apps.approvals import in_force, policy_queries
from apps.approvals.models import PolicyVersion
from apps.approvals.pages import policy_desk
from apps.approvals.policies import SHIPPED, Policy, shipped
from apps.core import links
from apps.core.actors import Actor
from apps.core.paging import Order

PAGE_SIZE = 25
MOST_TEXTS = 20
NEWEST_FIRST = Order(("id",))
State = PolicyVersion.State


def on_page(request: ActorRequest) -> dict[str, Any]:
    """Return what the list shows to its reader."""
    visible = policy_queries.policies_visible_to(request.actor)
    found = links.page_of(request, visible, NEWEST_FIRST, PAGE_SIZE)
    now = in_force.policy()
    return {
        "rows": [(version, policy_desk.status(version)) for version in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "in_force": now,
        "shipped": [(name, shipped(name), shipped(name).digest == now.digest) for name in SHIPPED],
        "may_write": request.actor.may(policy_queries.WRITE),
        "is_published": visible.filter(state=State.PUBLISHED).exists(),
    }


def version_of(policy: Policy, at: datetime | None) -> PolicyVersion | None:
    """Return the version that holds the text of a policy that applied at a moment."""
    published = policy_queries.that_were_in_force().filter(digest=policy.digest)
    return published.filter(published_at__lte=at).first() if at else published.first()


def texts_to_begin_with(actor: Actor) -> list[tuple[str, str]]:
    """Return the newest versions a draft may begin with, as a form offers them."""
    visible = policy_queries.policies_visible_to(actor).order_by("-pk")[:MOST_TEXTS]
    return [(str(one.pk), f"{one}, {one.get_state_display().lower()}") for one in visible]
