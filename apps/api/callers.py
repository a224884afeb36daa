"""Who calls: the owner of an API token. Cookies are never looked at."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja import Router
from ninja.security.http import HttpAuthBase

from apps.accounts.tokens import actor_of_bearer
from apps.api import problems, strictness
from apps.api.strictness import NO_QUERY, Query
from apps.core.actors import Actor

View = tuple[str, str]
"""A view by the name of its address and its method."""


class Call(HttpRequest):
    """A request by the owner of a token."""

    actor: Actor


class TokenOwner(HttpAuthBase):
    """Finds who calls, and refuses parameters of the address that its view does not declare."""

    openapi_scheme = "bearer"

    def __init__(self, routers: Iterable[Router]) -> None:
        super().__init__()
        self._queries = _declared(routers)

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of_bearer(request)
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]
            match = request.resolver_match
            assert match is not None
            strictness.require_place(match.kwargs)
            view = (str(match.url_name), request.method or "")
            self._queries.get(view, NO_QUERY).require(request.GET)
        return actor


def _declared(routers: Iterable[Router]) -> Mapping[View, Query]:
    """Return the parameters every view declares."""
    return {
        (str(path.url_name), method): Query.of(operation)
        for router in routers
        for path in router.path_operations.values()
        for operation in path.operations
        for method in operation.methods
    }


def token_owners_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view of the framework, such as the description of the API, to owners of tokens."""

    @require_safe
    def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if actor_of_bearer(request) is None:
            return problems.not_signed_in()
        return view(request, **kwargs)

    return opened
