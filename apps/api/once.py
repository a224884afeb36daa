"""Idempotency keys: a request that is sent again with its key is answered again, not done again.

A row with the key is written before anything else, in a transaction of its own, and its constraint
lets one of two requests through. Refusals changed nothing, so they are not kept.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils import timezone

from apps.accounts.tokens import actor_of_bearer
from apps.api import problems
from apps.api.models import MOST_KEY, KeptAnswer
from apps.api.refusals import KeyReused, NotAnswered
from apps.core.actors import Actor
from apps.core.digests import digest_of_bytes
from apps.core.errors import DomainError
from apps.core.inputs import InputRefused

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
HOLDS = timedelta(hours=24)
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
JSON = "application/json; charset=utf-8"

_KEY = re.compile(rf"[ -~]{{1,{MOST_KEY}}}")
_TRIES = 3

Run = Callable[..., HttpResponseBase]


def once(run: Run) -> Run:
    """Make a view that writes answer a repeated request with what it was answered first."""

    @wraps(run)
    def answered(request: HttpRequest, **places: Any) -> HttpResponseBase:
        key = request.headers.get(HEADER)
        actor = actor_of_bearer(request) if key is not None else None
        if key is None or actor is None or request.method not in WRITING:
            return run(request, **places)
        try:
            return _once(partial(run, request, **places), request, key, by=actor)
        except (DomainError, RequestDataTooBig, UnreadablePostError) as refusal:
            return problems.answer(refusal)

    return answered


def clear(now: datetime) -> None:
    """Forget the answers that are older than a day."""
    KeptAnswer.objects.filter(created_at__lt=now - HOLDS).delete()


def _once(run: Run, request: HttpRequest, key: str, *, by: Actor) -> HttpResponseBase:
    if not _KEY.fullmatch(key):
        raise InputRefused(f"{HEADER} holds 1 to {MOST_KEY} printable characters.")
    digest = _digest(request, by)
    kept, is_ours = _claimed(key, digest, by=by)
    if not is_ours:
        return _replayed(kept, digest)
    response = run()
    if response.status_code >= 400 or not isinstance(response, HttpResponse):
        kept.delete()
        return response
    kept.status, kept.answer = response.status_code, response.content.decode()
    kept.save(update_fields=["status", "answer"])
    return response


def _digest(request: HttpRequest, by: Actor) -> str:
    """Return the digest of a request: who sends it with which token, where to, and what."""
    parts = (by.session or "", request.method or "", request.get_full_path())
    body = hashlib.sha256(request.body).hexdigest()
    return digest_of_bytes("\n".join((*parts, body)).encode())


def _claimed(key: str, digest: str, *, by: Actor) -> tuple[KeptAnswer, bool]:
    """Return the row of a key, and whether it was written just now; an old one gives way."""
    now = timezone.now()
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _new(key, digest, by=by, at=now), True
        except IntegrityError:
            found = KeptAnswer.objects.filter(user=by.user_id, key=key).first()
        if found is not None and found.created_at > now - HOLDS:
            return found, False
        KeptAnswer.objects.filter(user=by.user_id, key=key, created_at__lte=now - HOLDS).delete()
    raise _not_answered()


def _new(key: str, digest: str, *, by: Actor, at: datetime) -> KeptAnswer:
    assert by.user_id is not None  # a token has an owner
    return KeptAnswer.objects.create(
        user_id=by.user_id, key=key, request_digest=digest, created_at=at
    )


def _replayed(kept: KeptAnswer, digest: str) -> HttpResponse:
    if kept.request_digest != digest:
        raise KeyReused("This key came with another request. Use a key of its own for each.")
    if kept.status is None:
        raise _not_answered()
    return HttpResponse(
        kept.answer, status=kept.status, content_type=JSON, headers={REPLAYED: "true"}
    )


def _not_answered() -> NotAnswered:
    return NotAnswered(
        "The request with this key goes on still, or broke off. See whether it took effect before "
        "you send it with another key."
    )
