"""Tells an address what is to run, signed as Signet's webhooks are, and may ask it what runs.

The receiver is held to the contract: it leaves alone an order whose number is older than the last
one it did for that service, and answers an order it did already as if it had just done it.
"""

import json
import time
from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec

from apps.core import deliveries, outbound
from apps.core.errors import DomainError
from apps.core.identifiers import uuid7
from apps.core.inputs import read_json
from apps.deployments.deployers import credentials, targets
from apps.deployments.deployers.contract import CannotLook, Ending, Order, Outcome, Seen, Target

MOST_ANSWER = 2**20
MOST_SEEN = 1000
AGAIN = frozenset({408, 425, 429})
"""Statuses of refusals that hold for the moment only (RFC 9110, 8470 and 6585)."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where orders go, and under the name of which secret they are signed."""

    url: str
    secret: str
    look: str = ""
    """Answers a GET with what runs there; empty: somebody else reports it."""


class _Serving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    endpoint: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    digest: Annotated[str, msgspec.Meta(pattern="^(sha256:[0-9a-f]{64})?$")] = ""
    called: Annotated[str, msgspec.Meta(max_length=300)] = ""
    share: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    requests: Annotated[int, msgspec.Meta(ge=0)] | None = None


class _Answer(msgspec.Struct, frozen=True):
    serving: Annotated[list[_Serving], msgspec.Meta(max_length=MOST_SEEN)]


class Webhook:
    """Posts each order to one address; 2xx is done, 202 accepted, 4xx refused, the rest failed."""

    name: ClassVar[str] = "webhook"
    title: ClassVar[str] = "Webhook"
    can_look: ClassVar[bool] = True

    def problems(self, target: Target) -> Sequence[str]:
        """Return what is wrong with addresses and secret."""
        try:
            given = targets.read(target, Settings)
        except DomainError as refusal:
            return [str(refusal)]
        named = {"The address": given.url} | (
            {"The address to look": given.look} if given.look else {}
        )
        wrong = [targets.problem_with_address(label, url) for label, url in named.items()]
        if not any(wrong):
            wrong = [credentials.problem_with(given.secret, url) for url in named.values()]
        return [sentence for sentence in dict.fromkeys(wrong) if sentence]

    def looks(self, target: Target) -> bool:
        """Say whether there is an address to ask."""
        return bool(target.get("look"))

    def carry_out(self, order: Order, target: Target) -> Outcome:
        """Post an order; the same one bears the same delivery id and number each time."""
        body = json.dumps(as_json(order)).encode()
        try:
            given = targets.read(target, Settings)
            secret = credentials.secret_for(given.secret, given.url)
        except DomainError as refusal:
            return Outcome(Ending.REFUSED, str(refusal))
        headers = deliveries.headers(
            body, delivery=order.key, timestamp=int(time.time()), secret=secret
        )
        try:
            status = outbound.post(given.url, body, headers=headers)
        except DomainError as trouble:
            return Outcome(Ending.FAILED, str(trouble))
        return Outcome(ending_of(status), f"The address answered with status {status}.")

    def look(self, environment: str, target: Target) -> Sequence[Seen]:
        """Ask the address to look what runs there."""
        try:
            given = targets.read(target, Settings)
            if not given.look:
                raise CannotLook("The settings name no address to look.")
            return _seen(_asked(given))
        except DomainError as trouble:
            raise CannotLook(str(trouble)) from None


def as_json(order: Order) -> dict[str, object]:
    """Return an order as it is sent."""
    return {
        "kind": "rollout",
        "key": order.key,
        "number": order.number,
        "environment": order.environment,
        "service": order.service,
        "parts": [
            {
                "model": part.model,
                "version": part.number,
                "digest": part.digest,
                "role": part.role,
                "share": part.share,
            }
            for part in order.parts
        ],
    }


def ending_of(status: int) -> Ending:
    """Say what a status means for an order."""
    if status == 202:
        return Ending.ACCEPTED
    if 200 <= status < 300:
        return Ending.DONE
    return Ending.REFUSED if 400 <= status < 500 and status not in AGAIN else Ending.FAILED


def _asked(given: Settings) -> bytes:
    headers = deliveries.headers(
        b"",
        delivery=str(uuid7()),
        timestamp=int(time.time()),
        secret=credentials.secret_for(given.secret, given.look),
    )
    answer = outbound.ask(
        "GET", given.look, headers={**headers, "Accept": "application/json"}, most=MOST_ANSWER
    )
    if answer.status != 200:
        raise CannotLook(f"The address to look answered with status {answer.status}.")
    return answer.body


def _seen(body: bytes) -> Sequence[Seen]:
    try:
        answer = msgspec.convert(read_json(body), _Answer)
    except msgspec.ValidationError as problem:
        raise CannotLook(f"What the address answered cannot be read: {problem}.") from None
    if any(not one.digest and not one.called for one in answer.serving):
        raise CannotLook("The address names something by neither digest nor name.")
    return [
        Seen(one.endpoint, one.digest, one.called, one.share, one.requests)
        for one in answer.serving
    ]


DEPLOYER = Webhook()
