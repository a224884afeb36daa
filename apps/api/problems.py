"""Refusals as ``application/problem+json`` (RFC 9457), all translated in this one place.

Never with a status of 500 or more, which clients repeat, but for what may be repeated: a decision
that waits until the record can be sealed.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apps.api.refusals import KeyReused
from apps.approvals.readiness import Closed, GatesClosed
from apps.audit.preconditions import Stale
from apps.audit.sealing.pressure import SealingStalled
from apps.catalog.disposal import Disposed
from apps.catalog.manifest import LabelRefused
from apps.catalog.operations import FieldsRefused
from apps.core.errors import DomainError, NotAllowed, NotFound
from apps.core.inputs import MOST_BYTES, InputRefused
from apps.core.strict_yaml import YamlRefused
from apps.risk.operations.answers import Conflict, NotAllKept, Written
from apps.risk.operations.assessment_review import NotReady
from apps.risk.questionnaires import QuestionnaireRefused

MOST_FAULTS = 20
MOST_PLACE = 200

STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (NotAllowed, 403),
    (NotFound, 404),
    (InputRefused, 400),
    (LabelRefused, 400),
    (YamlRefused, 400),
    (QuestionnaireRefused, 400),
    (Stale, 412),
    (KeyReused, 422),
    (Disposed, 410),
    (SealingStalled, 503),
    (DomainError, 409),
)
_SAYINGS = {
    "extra_forbidden": "This field is not known here.",
    "missing": "This field is missing.",
}
_BODY = "body"

Members = Sequence[Mapping[str, Any]]


def problem(status: int, detail: str, *, code: str, **members: Members) -> HttpResponse:
    """Answer with a refusal: what it is, in words, and what more there is to say of it.

    ``faults`` are the fields at fault, ``closed`` is what keeps a gate shut, ``conflicts`` are the
    answers that somebody else wrote meanwhile.
    """
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    said |= {name: list(told) for name, told in members.items() if told}
    return JsonResponse(said, status=status, content_type="application/problem+json")


def install(api: NinjaAPI) -> None:
    """Make an API answer every refusal as a problem; anything else is a bug and rises."""
    for kind, translate in TRANSLATIONS.items():
        api.add_exception_handler(kind, _handler(translate))


def answer(error: Exception) -> HttpResponse:
    """Answer an error that is a refusal; any other rises again."""
    for kind in type(error).__mro__:
        if kind in TRANSLATIONS:
            return TRANSLATIONS[kind](error)
    raise error


def not_signed_in() -> HttpResponse:
    """Answer a caller without a token that holds."""
    answer = problem(401, "Send an API token that is still valid.", code="not_signed_in")
    answer.headers["WWW-Authenticate"] = 'Bearer realm="Signet"'
    return answer


def _handler(translate: Callable[[Any], HttpResponse]) -> Callable[..., HttpResponse]:
    return lambda _request, error: translate(error)


def _unknown(_: AuthenticationError) -> HttpResponse:
    return not_signed_in()


def _refused(refusal: DomainError) -> HttpResponse:
    """Answer a refusal of an operation or of the reader of input."""
    return problem(_status(refusal), str(refusal), code=refusal.code, **_members(refusal))


def _status(refusal: DomainError) -> int:
    if isinstance(refusal, NotAllKept) and not refusal.conflicts:
        return 400  # what was sent cannot be kept, whatever stands there
    return next(status for kind, status in STATUSES if isinstance(refusal, kind))


def _members(refusal: DomainError) -> dict[str, Members]:
    """Return what a program needs of a refusal besides its words."""
    if isinstance(refusal, GatesClosed):
        return {"closed": [_closed(found) for found in refusal.closed]}
    if isinstance(refusal, FieldsRefused):
        return {"faults": _faults(refusal.problems)}
    if isinstance(refusal, NotAllKept):
        conflicts = [_conflict(one) for one in refusal.conflicts]
        return {"faults": _faults(refusal.problems), "conflicts": conflicts}
    if isinstance(refusal, NotReady):
        return {"faults": _faults(dict.fromkeys(refusal.keys, str(refusal)))}
    if isinstance(refusal, QuestionnaireRefused):
        return {"faults": [{"place": "text", "says": one} for one in refusal.problems]}
    return {}


def _faults(problems: Mapping[str, str]) -> Members:
    return [{"place": place[:MOST_PLACE], "says": says} for place, says in problems.items()]


def _conflict(found: Conflict) -> dict[str, Any]:
    """Return both texts of an answer, so that the caller can choose."""
    return {
        "question": found.key,
        "by": found.who,
        "at": found.at.isoformat(),
        "theirs": _written(found.theirs),
        "yours": _written(found.mine),
    }


def _written(text: Written) -> dict[str, Any]:
    return {"value": text.value, "note": text.note, "stamp": text.stamp}


def _closed(found: Closed) -> dict[str, str]:
    return {
        "condition": found.gate,
        "title": found.title,
        "reason": found.reason,
        "remedy": found.remedy,
    }


def _absent(_: Http404) -> HttpResponse:
    """Answer alike for what is not there and for what the caller may not see."""
    return problem(404, "There is nothing here that you can see.", code=NotFound.code)


def _invalid(error: ValidationError) -> HttpResponse:
    """Answer input whose fields are not those declared, each with its place."""
    faults = [_fault(found) for found in error.errors[:MOST_FAULTS]]
    first = faults[0]
    detail = f"{first['place']}: {first['says']}" if first["place"] else first["says"]
    return _malformed(detail, faults)


def _unparsed(error: HttpError) -> HttpResponse:
    """Answer a body that could not be parsed with the reason its reader gave."""
    cause = error.__cause__
    return _refused(cause) if isinstance(cause, DomainError) else _malformed(str(error))


def _too_long(_: RequestDataTooBig) -> HttpResponse:
    return _malformed(f"This is longer than {MOST_BYTES:,} bytes.")


def _broken(_: Exception) -> HttpResponse:
    """Answer a request that broke off, or that no client of good will sends."""
    return _malformed("The request broke off or is malformed.")


def _malformed(detail: str, faults: Sequence[Mapping[str, str]] = ()) -> HttpResponse:
    return problem(400, detail, code=InputRefused.code, faults=faults)


def _fault(found: Mapping[str, Any]) -> dict[str, str]:
    source, *place = found["loc"]
    within = place[1:] if source == _BODY else place  # the body's own name is ours, not theirs
    says = _SAYINGS.get(found["type"], f"{found['msg']}.")
    if not within and found["type"] == "missing":
        says = "The body is missing. Send it as JSON."
    return {"place": ".".join(map(str, within))[:MOST_PLACE], "says": says}


TRANSLATIONS: dict[type[Exception], Callable[[Any], HttpResponse]] = {
    DomainError: _refused,
    Http404: _absent,
    AuthenticationError: _unknown,
    ValidationError: _invalid,
    HttpError: _unparsed,
    RequestDataTooBig: _too_long,
    SuspiciousOperation: _broken,
    UnreadablePostError: _broken,
}
