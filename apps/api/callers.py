"""Who calls: the owner of an API token. Cookies are never looked at."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja.security.http import HttpAuthBase

from apps.accounts.tokens import actor_of_bearer
from apps.api import problems, strictness
from apps.core.actors import Actor

NONE: frozenset[str] = frozenset()


class Call(HttpRequest):
    """A request by the owner of a token."""

    actor: Actor


class TokenOwner(HttpAuthBase):
    """Finds who calls, and refuses parameters of the address that nobody declared.

    ``queries`` names, by view, the parameters it knows; every other view knows none.
    """

    openapi_scheme = "bearer"

    def __init__(self, queries: Mapping[str, frozenset[str]]) -> None:
        super().__init__()
        self._queries = queries

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of_bearer(request)
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]
            match = request.resolver_match
            assert match is not None
            strictness.require_place(match.kwargs)
            strictness.require_query(request.GET, self._queries.get(str(match.url_name), NONE))
        return actor


def token_owners_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view of the framework, such as the description of the API, to owners of tokens."""

    @require_safe
    def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if actor_of_bearer(request) is None:
            return problems.not_signed_in()
        return view(request, **kwargs)

    return opened
