"""The first page: what waits on the person, what serves, and how the whole stands."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.console.queries import inbox as queries

ADD_MODEL = "catalog.add_registeredmodel"


@signed_in
@require_safe
def inbox(request: ActorRequest) -> HttpResponse:
    """Show what waits on the person who is signed in."""
    desk = queries.desk_of(request.actor, now=now())
    page = {
        "desk": desk,
        "inbox_count": len(desk.decisions) - len(desk.to_carry_out),
        "lead": _lead(desk),
        "serving": queries.in_production(request.actor),
        "portfolio": queries.portfolio(request.actor),
        "may_register": request.actor.may(ADD_MODEL),
    }
    return render(request, "console/inbox.html", page)


def _lead(desk: queries.Desk) -> str:
    """Say in one sentence how much waits, and that all that is needed is close by."""
    judged = len(desk.judged)
    decisions = len(desk.decisions) - judged
    if decisions + judged == 0:
        return "No decision waits on you."
    if decisions + judged == 1:
        return "1 decision. Everything you need for it is on the page behind the line."
    counted = []
    if decisions:
        counted.append("1 decision" if decisions == 1 else f"{decisions} decisions")
    if judged:
        counted.append(f"{judged} more about risk" if decisions else f"{judged} about risk")
    return (
        f"{' and '.join(counted)}, oldest first. "
        "Everything you need to decide is on the page behind each line."
    )
