"""Asks the endpoints of an environment themselves what they serve, by plain HTTP and by ours alone.

An environment says so in its settings, beside those of its deployer:
``{"probe": {"address": "https://{service}.models.example/version"}}``. The answer is JSON with
``digest``, ``called`` (``fraud/3``), or ``model`` and ``version``; ``share`` and ``requests`` where
they are known; a list of these as ``serving`` where several serve. With ``"kind": "mlflow"`` the
address is that of a scoring server of MLflow: asked is whether it answers, at ``/ping``, and what
it says of itself, at ``/version``, which is its content only where somebody taught it so.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import msgspec

from apps.core import addresses, outbound
from apps.core.errors import DomainError
from apps.core.inputs import read_json
from apps.deployments.deployers.contract import Seen

PROBE = "probe"
SERVICE = "{service}"
SECONDS = 3.0
MOST_PROBED = 300
"""How many services of one environment are asked."""
MOST_SERVING = 20
_AT_ONCE = 8


class Probe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to ask, and whom."""

    address: str
    kind: Literal["json", "mlflow"] = "json"


class _Serving(msgspec.Struct, frozen=True):
    digest: str = ""
    called: str = ""
    model: str = ""
    name: str = ""
    version: int | str = ""
    share: int | None = None
    requests: int | None = None


@dataclass(frozen=True)
class Answered:
    """What one service answered, or why there is nothing to be told of it."""

    service: str
    seen: Sequence[Seen] = ()
    trouble: str = ""
    is_there: bool = True
    """Whether anything answered at all."""


def probe_of(target: Mapping[str, Any]) -> Probe | None:
    """Return how an environment's endpoints are asked; nothing where they are not."""
    if PROBE not in target:
        return None
    return msgspec.convert(target[PROBE], Probe)


def of_deployer(target: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an environment that are its deployer's."""
    return {name: value for name, value in target.items() if name != PROBE}


def problems(target: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with how endpoints are asked, in sentences; else nothing."""
    try:
        probe = probe_of(target)
    except msgspec.ValidationError as problem:
        return [f"The probe is refused: {problem}. It knows: address, kind."]
    if probe is None:
        return []
    if SERVICE not in probe.address:
        return [f"The address to probe says {SERVICE} where the name of a service comes in."]
    try:
        addresses.destination(probe.address.replace(SERVICE, "service"))
    except DomainError as refusal:
        return [f"The address to probe: {refusal}"]
    return []


def ask_all(probe: Probe, services: Sequence[str]) -> list[Answered]:
    """Ask some services what they serve, several at once; whatever becomes of one of them."""
    if not services:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(services))) as together:
        return list(together.map(partial(ask, probe), services))


def ask(probe: Probe, service: str) -> Answered:
    """Ask one service what it serves."""
    address = probe.address.replace(SERVICE, service)
    try:
        if probe.kind == "mlflow":
            return _asked_mlflow(address.rstrip("/"), service)
        return _told(service, _asked(address))
    except outbound.NotReached as trouble:
        return Answered(service, trouble=f"{service}: {trouble}", is_there=False)
    except DomainError as trouble:
        return Answered(service, trouble=f"{service}: {trouble}")


def _asked(address: str) -> outbound.Answer:
    return outbound.ask("GET", address, headers={"Accept": "application/json"}, seconds=SECONDS)


def _asked_mlflow(address: str, service: str) -> Answered:
    ping = _asked(f"{address}/ping")
    if ping.status != 200:
        return _refused(service, ping.status)
    answer = _asked(f"{address}/version")
    if answer.status == 200 and not answer.body.lstrip().startswith(b"{"):
        return Answered(service, trouble=f"{service}: It answers, and does not say what it serves.")
    return _told(service, answer)


def _refused(service: str, status: int) -> Answered:
    is_there = status not in {404, 410, 502, 503}
    trouble = f"{service}: It answered with status {status}."
    return Answered(service, trouble=trouble, is_there=is_there)


def _told(service: str, answer: outbound.Answer) -> Answered:
    if answer.status != 200:
        return _refused(service, answer.status)
    try:
        return Answered(service, [_seen(service, one) for one in _read(answer.body)])
    except msgspec.ValidationError as problem:
        return Answered(service, trouble=f"{service}: Its answer cannot be read: {problem}.")


def _read(body: bytes) -> list[_Serving]:
    told = read_json(body)
    several = told.get("serving") if isinstance(told, dict) else None
    if isinstance(several, list):
        return msgspec.convert(several[:MOST_SERVING], list[_Serving])
    return [msgspec.convert(told, _Serving)]


def _seen(service: str, one: _Serving) -> Seen:
    name, number = one.model or one.name, str(one.version)
    called = one.called or (f"{name}/{number}" if name and number else name)
    if not one.digest and not called:
        raise msgspec.ValidationError("it has neither digest nor name")
    return Seen(service, one.digest, called, one.share, one.requests)
