"""A call of an MLflow client: found by its token, read into a struct, answered as JSON."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.access import by_token
from apps.accounts.tokens import actor_of_bearer
from apps.api.mlflow import errors
from apps.core.actors import Actor
from apps.core.errors import DomainError

Json = Mapping[str, Any]
MOST_BODY = 2**20

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_MISSING_FIELD = re.compile(r"missing required field `(\w+)`|length >= 1 - at `\$\.(\w+)`")

Given = Annotated[str, msgspec.Meta(min_length=1)]
"""A parameter that is required: an empty one is missing, too."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a client sends. Fields that are not declared are ignored: clients add some."""


class Nothing(Asked, frozen=True):
    """A call without fields of its own."""


Sent = TypeVar("Sent", bound=Asked)


@dataclass(frozen=True)
class Call(Generic[Sent]):
    """One call: who makes it, what was asked, and the request underneath, for streams."""

    actor: Actor
    asked: Sent
    request: HttpRequest


Handler = Callable[..., Json | HttpResponseBase]


@dataclass(frozen=True)
class Endpoint:
    """A method and a path below the server's address, and who answers there."""

    method: str
    path: str
    asked: type[Asked]
    handler: Handler
    most: int
    reads_body: bool

    def __call__(self, call: Call[Any], **places: Any) -> Json | HttpResponseBase:
        return self.handler(call, **places)


def endpoint(
    method: str,
    path: str,
    asked: type[Asked] = Nothing,
    *,
    most: int = MOST_BODY,
    reads_body: bool = True,
) -> Callable[[Handler], Endpoint]:
    """Make a function the answer to a method at a path, with its fields read into ``asked``.

    The function takes the call, and by keyword what the path captures. It returns the fields of
    the answer, or a whole response. With ``reads_body=False`` the body is left to it as a stream.
    """
    return lambda handler: Endpoint(method, path, asked, handler, most, reads_body)


def urls(endpoints: Iterable[Endpoint]) -> list[URLPattern]:
    """Return one route for each path, answering the methods that have an endpoint there."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for found in endpoints:
        by_path.setdefault(found.path, {})[found.method] = found
    return [path(route, _view(methods), name=_name(route)) for route, methods in by_path.items()]


def _name(route: str) -> str:
    """Return the name of a route: the part that tells it from others, ``webhooks/{uid}``."""
    return re.sub(r"<\w+:(\w+)>", r"{\1}", re.sub(r"^api/2\.0/(mlflow/)?", "", route))


def _view(methods: Mapping[str, Endpoint]) -> Callable[..., HttpResponseBase]:
    return csrf_exempt(by_token(partial(_answer, methods)))  # no cookie opens anything here


def _answer(
    methods: Mapping[str, Endpoint], request: HttpRequest, **places: Any
) -> HttpResponseBase:
    """Find who calls, read what is asked, and answer, or say why not."""
    actor = actor_of_bearer(request)
    if actor is None:
        return errors.not_signed_in()
    found = methods.get(request.method or "")
    if found is None:
        response = errors.said("BAD_REQUEST", "This method is not known here.", 405)
        response.headers["Allow"] = ", ".join(sorted(methods))
        return response
    try:
        _require_places(places)
        answer = found(Call(actor, _read(found, request), request), **places)
    except DomainError as refusal:
        return errors.answer(refusal)
    except UnreadablePostError:
        return errors.said("BAD_REQUEST", "The request broke off.", 400)
    return answer if isinstance(answer, HttpResponseBase) else json_response(answer)


def json_response(answer: Json) -> HttpResponse:
    """Answer with fields as JSON."""
    return HttpResponse(msgspec.json.encode(answer), content_type=errors.JSON)


def _require_places(places: Mapping[str, object]) -> None:
    if any("\0" in str(place) for place in places.values()):
        raise errors.absent("There is nothing here that you can see.")


def _read(found: Endpoint, request: HttpRequest) -> Asked:
    if not found.reads_body:
        return found.asked()
    try:
        if request.method == "GET":
            return msgspec.convert(_query(found.asked, request), found.asked, strict=False)
        return msgspec.json.decode(_body(found, request), type=found.asked, strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError) as error:
        raise _malformed(error) from None


def _query(asked: type[Asked], request: HttpRequest) -> dict[str, Any]:
    """Return the parameters of the address; one declared as a list may come several times."""
    lists = {
        field.name
        for field in msgspec.structs.fields(asked)
        if getattr(field.type, "__origin__", None) is list
    }
    given = [value for _, values in request.GET.lists() for value in values]
    if any(
        "\0" in value or "\ufffd" in value for value in given
    ):  # what cannot be decoded is \ufffd
        raise errors.invalid("A parameter holds a NUL, or is no text in UTF-8.")
    return {
        key: request.GET.getlist(key) if key in lists else request.GET[key] for key in request.GET
    }


def _body(found: Endpoint, request: HttpRequest) -> bytes:
    body = request.read(found.most + 1)
    if len(body) > found.most:
        raise errors.invalid(f"The request is longer than {found.most:,} bytes.")
    if _NUL.search(body) or b"\0" in body:
        raise errors.invalid("The request holds a NUL.")
    return body or b"{}"


def _malformed(error: Exception) -> DomainError:
    missing = _MISSING_FIELD.search(str(error))
    if missing:
        return errors.missing(missing[1] or missing[2])
    return errors.invalid(f"The request cannot be read: {error}.")
