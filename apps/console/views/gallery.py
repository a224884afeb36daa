"""The gallery of components."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template import engines
from django.views.decorators.http import require_GET

from apps.accounts.access import signed_in
from apps.console.gallery import GROUPS, Group, Piece, State


@signed_in
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in each of its states, with the template that draws it."""
    token = get_token(request)
    return render(
        request, "console/gallery.html", {"groups": [_group(one, token) for one in GROUPS]}
    )


def draw(state: State, csrf_token: str) -> str:
    """Draw one state of a component the way a page would."""
    template = engines["django"].from_string(state.source)
    return template.render({**state.context, "csrf_token": csrf_token})


def _group(group: Group, token: str) -> dict[str, Any]:
    return {"title": group.title, "pieces": [_piece(piece, token) for piece in group.pieces]}


def _piece(piece: Piece, token: str) -> dict[str, Any]:
    states = [
        {"title": state.title, "source": state.source, "drawn": draw(state, token)}
        for state in piece.states
    ]
    return {"piece": piece, "states": states}
