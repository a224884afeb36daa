"""Closed by default: a view says who may open it, or nobody can."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from django.http import HttpRequest
from django.urls import ResolverMatch

from apps.accounts.models import User
from apps.core.actors import Actor

View = TypeVar("View", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may open a page at all; what they see there is up to queries and operations."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    STAFF = "staff"
    TOKEN = "token"  # noqa: S105 - the name of a way to sign in, not a secret


class ActorRequest(HttpRequest):
    """A request whose actor is known."""

    actor: Actor
    user: User


NAMESPACES = {"admin": Access.STAFF, "v1": Access.TOKEN}
"""Packages whose views carry no declaration of ours."""


def public(view: View) -> View:
    """Let anybody open a view."""
    view.access = Access.PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Let every signed-in person open a view."""
    view.access = Access.SIGNED_IN  # type: ignore[attr-defined]
    return view


def staff_only(view: View) -> View:
    """Let people who may enter the admin open a view."""
    view.access = Access.STAFF  # type: ignore[attr-defined]
    return view


def by_token(view: View) -> View:
    """Let programs with an API token open a view, and no browser session."""
    view.access = Access.TOKEN  # type: ignore[attr-defined]
    return view


def access_to(match: ResolverMatch) -> Access | None:
    """Return what a resolved URL declares, or None when it is closed."""
    for namespace in match.namespaces:
        if namespace in NAMESPACES:
            return NAMESPACES[namespace]
    return getattr(match.func, "access", None)
