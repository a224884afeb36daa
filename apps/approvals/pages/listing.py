"""Lists of promotion requests: those that are open with what is left, and those decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals import cases, queries
from apps.approvals.models import PromotionRequest
from apps.approvals.pages import frame, gate, transitions
from apps.core import links
from apps.core.paging import Order

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))
STATE = "state"
DECIDED = "decided"


@dataclass(frozen=True)
class Row:
    """A request as the list shows it: how far its gate is open, or how it was decided."""

    request: PromotionRequest
    status: str
    tone: str

    @property
    def to(self) -> str:
        """Where it leads."""
        return transitions.of(self.request).to


def on_page(request: ActorRequest) -> dict[str, object]:
    """Return what the list shows: the page the address asks for, of open or decided requests."""
    is_decided = links.asked(request, STATE) == DECIDED
    visible = queries.requests_visible_to(request.actor)
    wanted = queries.decided(visible) if is_decided else queries.still_open(visible)
    found = links.page_of(request, wanted, NEWEST_FIRST, PAGE_SIZE)
    return {
        "rows": _decided(found.rows) if is_decided else _open(found.rows),
        "is_decided": is_decided,
        "tabs": _tabs(request, is_decided=is_decided),
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }


def _open(requests: Sequence[PromotionRequest]) -> list[Row]:
    """Judge the open requests of a page together."""
    judged = cases.complete(requests, at=now()) if requests else []
    return [Row(case.request, *gate.in_words(case.readiness)) for case in judged]


def _decided(requests: Sequence[PromotionRequest]) -> list[Row]:
    return [
        Row(
            request,
            transitions.state_of(request),
            frame.STATE_TONES[PromotionRequest.State(request.state)],
        )
        for request in requests
    ]


def _tabs(request: HttpRequest, *, is_decided: bool) -> list[dict[str, object]]:
    return [
        {"label": "Open", "url": links.with_query(request, state=""), "current": not is_decided},
        {
            "label": "Decided",
            "url": links.with_query(request, state=DECIDED),
            "current": is_decided,
        },
    ]
