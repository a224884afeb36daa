#!/usr/bin/env python3
"""Tells Signet what runs in an environment, with nothing but Python 3.9.

    python3 signet_agent.py CONFIG.json            looks and tells, again and again
    python3 signet_agent.py CONFIG.json --once     once, for a timer such as a CronJob
    kubectl get inferenceservices,revisions -n models -o json \\
        | python3 signet_agent.py CONFIG.json --once --kubernetes

README.md beside this file says what the config holds. With ``--once`` it returns 0 when all was
seen and told, 1 when something could not be seen, 2 when called wrongly, 3 when nobody was told.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

ALL_WELL, NOT_ALL_SEEN, WRONG_USE, NOT_TOLD = 0, 1, 2, 3
TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
SECONDS = 10.0
MOST_BYTES, MOST_SAID = 2**20, 2000
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which it is worth trying again."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
DIGEST, CALLED, STOP = "signet/digest", "signet/version", "serving.kserve.io/stop"

Seen = dict[str, Any]


class WrongConfig(Exception):
    """The config is refused; the message says why."""


class NotTold(Exception):
    """Signet did not take the report; the message says why."""


class Endpoint(NamedTuple):
    """One address to ask, and what it is called."""

    name: str
    address: str


class Config(NamedTuple):
    """Where to look, and whom to tell."""

    signet: str
    environment: str
    token: str
    endpoints: tuple[Endpoint, ...]
    complete: bool
    every_seconds: float


class Looked(NamedTuple):
    """What was seen, and what could not be."""

    seen: list[Seen]
    troubles: list[str]


def main(arguments: list[str] | None = None) -> int:
    """Look and tell, once or for as long as it is let to."""
    parser = argparse.ArgumentParser(description="Tell Signet what runs in an environment.")
    parser.add_argument("config", help="the file with the config")
    parser.add_argument("--once", action="store_true", help="look and tell once")
    parser.add_argument(
        "--kubernetes", action="store_true", help="read what kubectl gives from the input"
    )
    given = parser.parse_args(arguments)
    if given.kubernetes and not given.once:
        parser.error("--kubernetes reads its input once, so it goes with --once")
    try:
        config = read_config(Path(given.config))
    except WrongConfig as problem:
        parser.error(str(problem))
    if given.once:
        return rounded(config, sys.stdin.read() if given.kubernetes else "")
    return keep_on(config)


def keep_on(config: Config, sleep: Callable[[float], None] = time.sleep) -> int:
    """Look and tell until interrupted; whatever goes wrong is said, and tried in the next round."""
    try:
        while True:
            rounded(config)
            sleep(config.every_seconds * random.uniform(0.9, 1.1))  # noqa: S311 - spreads load
    except KeyboardInterrupt:
        return ALL_WELL


def rounded(
    config: Config, kubernetes: str = "", sleep: Callable[[float], None] = time.sleep
) -> int:
    """Look once and tell what was seen; return how to end."""
    at = datetime.now(timezone.utc)  # noqa: UP017 - Python 3.9 has no UTC
    looked = look(config, kubernetes)
    for trouble in looked.troubles:
        say(trouble)
    report = {
        "at": at.isoformat(),
        "complete": config.complete and not looked.troubles,
        "seen": looked.seen,
    }
    try:
        tell(config, report, sleep)
    except NotTold as problem:
        say(f"Signet was not told: {problem}")
        return NOT_TOLD
    return NOT_ALL_SEEN if looked.troubles else ALL_WELL


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


# -- the config


def read_config(path: Path) -> Config:
    """Return what a file says to do.

    Raises:
        WrongConfig: when it says nothing that could be done.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        if not isinstance(told, dict):
            raise WrongConfig("The config is one JSON object.")
        endpoints = tuple(
            Endpoint(str(one["endpoint"]), str(one["address"])) for one in told.get("endpoints", [])
        )
        config = Config(
            signet=str(told["signet"]).rstrip("/"),
            environment=str(told["environment"]),
            token=read_token(told),
            endpoints=endpoints,
            complete=bool(told.get("complete", False)),
            every_seconds=max(5.0, float(told.get("every_seconds", 60))),
        )
    except KeyError as missing:
        raise WrongConfig(f"The config does not name {missing}.") from None
    except (OSError, ValueError, TypeError, AttributeError) as problem:
        raise WrongConfig(f"The config cannot be read: {problem}") from None
    require_safe(config.signet)
    return config


def read_token(told: dict[str, Any]) -> str:
    """Return the token, from a file the config names or from SIGNET_TOKEN: never from itself."""
    if "token" in told:
        raise WrongConfig("A token is no part of the config: name a file as token_file.")
    if "token_file" in told:
        token = Path(str(told["token_file"])).read_text("utf-8").strip()
    else:
        token = os.environ.get("SIGNET_TOKEN", "").strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise WrongConfig("There is no token: name its file as token_file, or set SIGNET_TOKEN.")
    return token


def require_safe(address: str) -> None:
    """Refuse to send a token where anybody could read it on the way."""
    parts = urlsplit(address)
    is_here = parts.scheme == "http" and parts.hostname in LOCAL
    if not parts.hostname or not (parts.scheme == "https" or is_here):
        raise WrongConfig("Signet is at an https:// address: the token would be read on the way.")


# -- looking


def look(config: Config, kubernetes: str = "") -> Looked:
    """Ask every endpoint, and read what kubectl gave."""
    seen, troubles = list[Seen](), list[str]()
    for endpoint in config.endpoints:
        try:
            seen += asked(endpoint)
        except (OSError, ValueError) as problem:
            troubles.append(f"{endpoint.name} was not seen: {problem}")
    if kubernetes:
        from_cluster = of_cluster(kubernetes)
        seen += from_cluster.seen
        troubles += from_cluster.troubles
    return Looked(seen, troubles)


def asked(endpoint: Endpoint) -> list[Seen]:
    """Return what an endpoint says it serves: ``digest``, ``called``, or ``model`` and ``version``.

    Several stand in a list under ``serving``.
    """
    if urlsplit(endpoint.address).scheme not in {"http", "https"}:
        raise ValueError("its address begins with neither http:// nor https://")
    request = Request(endpoint.address, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with OPENER.open(request, timeout=SECONDS) as answer:
            told = json.loads(answer.read(MOST_BYTES))
    except HTTPError as refusal:
        with refusal:
            raise ValueError(f"it answered with status {refusal.code}") from None
    if not isinstance(told, dict):
        raise ValueError("it does not answer with a JSON object")
    return [seen_at(endpoint.name, one) for one in told.get("serving", [told])]


def seen_at(endpoint: str, told: dict[str, Any]) -> Seen:
    """Return one content as Signet takes it."""
    if not isinstance(told, dict):
        raise ValueError("what it serves is no JSON object")
    called = str(told.get("called") or "")
    if not called and told.get("model") and told.get("version"):
        called = f"{told['model']}/{told['version']}"
    seen = {
        "endpoint": endpoint,
        "digest": str(told.get("digest") or ""),
        "called": called,
        "share": whole(told.get("share")),
        "requests": whole(told.get("requests")),
    }
    if not seen["digest"] and not called:
        raise ValueError("it does not say what it serves")
    return seen


def whole(number: Any) -> int | None:
    """Return a whole number, or nothing where there is none."""
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    return int(number) if is_number else None


def of_cluster(text: str) -> Looked:
    """Return what a list of InferenceServices says, with the revisions that get its requests.

    A service says only what its newest revision is; older ones say so themselves.
    """
    try:
        items = [one for one in json.loads(text)["items"] if isinstance(one, dict)]
    except (ValueError, KeyError, TypeError):
        return Looked([], ["What kubectl gave is no list in JSON."])
    revisions = {name_of(one): notes_of(one) for one in items if one.get("kind") == "Revision"}
    seen, troubles = list[Seen](), list[str]()
    for service in items:
        if service.get("kind") == "InferenceService":
            try:
                seen += of_service(service, revisions)
            except (ValueError, TypeError, AttributeError) as problem:
                troubles.append(f"{name_of(service)} was not seen: {problem}")
    return Looked(seen, troubles)


def of_service(service: dict[str, Any], revisions: dict[str, dict[str, str]]) -> list[Seen]:
    """Return what one InferenceService serves."""
    notes = notes_of(service)
    if notes.get(STOP) == "true" or service["metadata"].get("deletionTimestamp"):
        return []
    status = service.get("status") or {}
    predictor = (status.get("components") or {}).get("predictor") or {}
    traffic = predictor.get("traffic") or []
    conditions = {one.get("type"): one.get("status") for one in status.get("conditions") or []}
    if not traffic and conditions.get("Ready") != "True":
        return []
    model = ((service.get("spec") or {}).get("predictor") or {}).get("model") or {}
    usual = model.get("storageUri") or name_of(service)
    found: list[Seen] = []
    for part in traffic or [{"latestRevision": True, "percent": 100}]:
        name = str(part.get("revisionName", ""))
        known = revisions.get(name) or (notes if part.get("latestRevision") else None)
        if known is None:
            raise ValueError(f"what its revision {name} is cannot be told; give revisions, too")
        told = {"digest": known.get(DIGEST), "called": known.get(CALLED) or usual}
        found.append(seen_at(name_of(service), {**told, "share": part.get("percent")}))
    return found


def name_of(item: dict[str, Any]) -> str:
    return str((item.get("metadata") or {}).get("name", ""))


def notes_of(item: dict[str, Any]) -> dict[str, str]:
    return dict((item.get("metadata") or {}).get("annotations") or {})


# -- telling


class NoRedirect(HTTPRedirectHandler):
    """Follows nobody elsewhere: what is sent holds a token."""

    def redirect_request(self, *about: Any, **more: Any) -> None:
        return None


OPENER = build_opener(NoRedirect())


def tell(
    config: Config, report: dict[str, Any], sleep: Callable[[float], None] = time.sleep
) -> None:
    """Send a report, and again after a while when that may help; its moment stays the same.

    Raises:
        NotTold: when Signet refused it, or did not answer however often.
    """
    where = f"{config.signet}/api/v1/environments/{quote(config.environment, safe='')}/sightings"
    body = json.dumps(report).encode()
    headers = {"Authorization": f"Bearer {config.token}", "Content-Type": "application/json"}
    problem, wait = "", FIRST_WAIT
    for attempt in range(TRIES):
        if attempt:
            sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load
            wait = min(wait * 2, LONGEST_WAIT)
        request = Request(where, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with OPENER.open(request, timeout=SECONDS) as answer:
                answer.read(MOST_BYTES)
            return
        except HTTPError as refusal:
            with refusal:
                said = refusal.read(MOST_SAID).decode("utf-8", "replace")
            problem = f"status {refusal.code}: {said}"
            if refusal.code not in AGAIN:
                raise NotTold(problem) from None
            wait = max(wait, asked_to_wait(refusal.headers.get("Retry-After")))
        except (URLError, OSError) as trouble:
            problem = str(trouble)
    raise NotTold(f"{problem} (tried {TRIES} times)")


def asked_to_wait(text: str | None) -> float:
    """Return for how many seconds the server asks to wait, within reason."""
    seconds = float(text) if text and text.isascii() and text.isdigit() else 0.0
    return min(seconds, LONGEST_WAIT)


if __name__ == "__main__":
    sys.exit(main())
