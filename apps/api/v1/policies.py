"""Policies that are or were in force, to be read; people write and sign them in the browser."""

from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1.answers.policies import PolicyAnswer, PolicyLine, PolicyPage
from apps.api.v1.asked.common import Limit
from apps.approvals import policy_queries
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order

router = Router(tags=["policies"])
NEWEST_FIRST = Order(("id",))


@router.get("/policies", url_name="policies", response=PolicyPage)
def list_policies(request: Call, limit: Limit = 100, page: str = "") -> PolicyPage:
    """List the policy in force and those before it; until one is published, the starter applies."""
    bound_to = f"policies for {request.actor.id}"
    found = policy_queries.that_were_in_force()
    rows = NEWEST_FIRST.page(found.order_by(), size=limit, mark=page, bound_to=bound_to)
    return PolicyPage(policies=[PolicyLine.of(one) for one in rows.rows], next=rows.older or None)


@router.get("/policies/{int:policy}", url_name="policy", response=PolicyAnswer)
def show_policy(request: Call, policy: int) -> PolicyAnswer:  # noqa: ARG001 - the framework's
    """Show a policy that is or was in force: its text and who signed it."""
    if policy > MOST_INTEGER:
        raise Http404
    found = policy_queries.that_were_in_force().filter(pk=policy).first()
    if found is None:
        raise Http404
    return PolicyAnswer.whole(found, found.sign_offs.order_by("pk"))
