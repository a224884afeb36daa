"""What the frame of every page shows to the person who is signed in."""

from collections.abc import Callable
from functools import partial
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from apps.accounts.access import ActorRequest
from apps.audit.middleware import is_being_sealed
from apps.console.queries import badge
from apps.core.actors import ANONYMOUS, Actor


def frame(request: HttpRequest) -> dict[str, object]:
    """Return what the masthead shows, and whether what the person did is being sealed still.

    Nothing for strangers and examiners.
    """
    actor = getattr(request, "actor", ANONYMOUS)
    if not actor.is_person or getattr(request, "exam", None) is not None:
        return {}
    return {
        "inbox_count": _inbox_count(request),
        "search_url": reverse("models:list"),
        "being_sealed": SimpleLazyObject(partial(is_being_sealed, request)),
    }


def _inbox_count(request: HttpRequest) -> object:
    """Count when the navigation is drawn, and once only: parts of pages do not draw it."""
    actor = cast(ActorRequest, request).actor
    count: Callable[[], object] = partial(_waiting, actor)
    return SimpleLazyObject(count)


def _waiting(actor: Actor) -> int:
    return badge.number(actor, at=timezone.now())
