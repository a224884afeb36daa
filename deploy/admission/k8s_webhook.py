#!/usr/bin/env python3
"""Lets Kubernetes start a model only where Signet admits it, with nothing but Python 3.9.

It answers AdmissionReview (``POST /admit``) by asking Signet about every digest an object names: in
the annotation ``signet/digest`` (several with commas between them), and of images that begin with
what SIGNET_IMAGES names. What it is told is kept for as long as Signet says it holds.

    SIGNET_URL              where Signet is
    SIGNET_TOKEN_FILE       a file with an API token of the scope admit
    SIGNET_ENVIRONMENT      the environment that the cluster is in Signet
    SIGNET_ENVIRONMENTS     environments of single namespaces: fraud=production-eu,lab=staging
    SIGNET_IMAGES           how images of models begin, with commas: registry.example.com/models/
    SIGNET_FAIL             closed: no answer is a no (the default); open: a yes, with a warning
    SIGNET_KEYS             published keys, with commas: what none of them signed is no answer
    SIGNET_CA_FILE          what the certificate of Signet is held to; else what is trusted here

    python3 k8s_webhook.py --port 8443 --cert tls.crt --key tls.key
"""

from __future__ import annotations

import argparse
import json
import os
import re
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import check_admission
from check_admission import Unproven

ANNOTATION = "signet/digest"
MOST_BYTES = 4 * 2**20
MOST_DIGESTS = 50
MOST_KEPT = 10_000
SECONDS = 3
"""How long Signet may take; Kubernetes itself waits for five (kubernetes/manifests.yaml)."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MAX_AGE = re.compile(r"max-age=([0-9]{1,6})")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

Json = dict[str, Any]


class NoAnswer(Exception):
    """Signet did not answer, or not with what proves anything; the message says why."""


class Unnamed(Exception):
    """An object does not say which content it runs; the message says what is missing."""


@dataclass(frozen=True)
class Config:
    """What the operator set."""

    url: str
    token_file: str
    environment: str = ""
    environments: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    fails_open: bool = False
    keys: tuple[str, ...] = ()
    ca_file: str = ""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Config:
        """Read it from variables.

        Raises:
            ValueError: when one is missing or wrong; the message names it.
        """
        fail = variables.get("SIGNET_FAIL", "closed")
        if fail not in {"open", "closed"}:
            raise ValueError("SIGNET_FAIL is open or closed.")
        for name in ("SIGNET_URL", "SIGNET_TOKEN_FILE"):
            if not variables.get(name):
                raise ValueError(f"{name} is not set.")
        if not variables["SIGNET_URL"].startswith(("https://", "http://")):
            raise ValueError("SIGNET_URL takes an address such as https://signet.example.com.")
        pairs = [part.partition("=") for part in _parts(variables, "SIGNET_ENVIRONMENTS")]
        if not all(left and right for left, _, right in pairs):
            raise ValueError("SIGNET_ENVIRONMENTS takes namespace=environment.")
        keys = _parts(variables, "SIGNET_KEYS")
        for key in keys:
            try:
                check_admission.public_key(key)
            except Unproven as problem:
                raise ValueError(f"SIGNET_KEYS: {problem}") from None
        return cls(
            url=variables["SIGNET_URL"].rstrip("/"),
            token_file=variables["SIGNET_TOKEN_FILE"],
            environment=variables.get("SIGNET_ENVIRONMENT", ""),
            environments={left: right for left, _, right in pairs},
            images=_parts(variables, "SIGNET_IMAGES"),
            fails_open=fail == "open",
            keys=keys,
            ca_file=variables.get("SIGNET_CA_FILE", ""),
        )

    def place(self, namespace: str) -> str:
        """Return the environment of a namespace.

        Raises:
            Unnamed: when the operator named none.
        """
        place = self.environments.get(namespace, self.environment)
        if not place:
            raise Unnamed(f"no environment of Signet is named for the namespace {namespace}.")
        return place


class Signet:
    """Asks Signet, and keeps each answer for as long as it holds."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._clock = config, clock
        self._kept: dict[tuple[str, str], tuple[float, Json]] = {}
        self._lock = threading.Lock()
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if config.url.startswith("https:"):
            trusted = ssl.create_default_context(cafile=config.ca_file or None)
            handlers.append(urllib.request.HTTPSHandler(context=trusted))
        self._open = urllib.request.build_opener(*handlers).open

    def answer(self, digest: str, environment: str) -> Json:
        """Return what Signet says of a digest in an environment.

        Raises:
            NoAnswer: when it says nothing that counts.
        """
        now, asked = self._clock(), (digest, environment)
        with self._lock:
            until, known = self._kept.get(asked, (0.0, {}))
        if known and now < until:
            return known
        said, seconds = self._ask(digest, environment)
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[asked] = now + seconds, said
        return said

    def _ask(self, digest: str, environment: str) -> tuple[Json, int]:
        query = urllib.parse.urlencode({"digest": digest, "environment": environment})
        try:
            token = Path(self._config.token_file).read_text("utf-8").strip()
            request = urllib.request.Request(  # noqa: S310 - http and https alone: Config.read
                f"{self._config.url}/api/v1/admission?{query}",
                headers={"Authorization": f"Bearer {token}"},
            )
            with self._open(request, timeout=SECONDS) as response:
                text = response.read(MOST_BYTES).decode()
                held = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
            said = self._read(text, digest, environment)
        except urllib.error.HTTPError as refusal:
            raise NoAnswer(f"Signet answered {refusal.code}.") from None
        except (OSError, ValueError, KeyError, TypeError, Unproven) as problem:
            raise NoAnswer(f"Signet gave no answer that counts: {problem}") from None
        return said, int(held[1]) if held else 0

    def _read(self, text: str, digest: str, environment: str) -> Json:
        """Return what an answer says; where keys are named, only what one of them signed."""
        if self._config.keys:
            keys = [check_admission.public_key(key) for key in self._config.keys]
            said = check_admission.opened(text, keys)
            check_admission.require_about(said, digest, environment)
            return said
        answer: Json = json.loads(text)["answer"]
        if (answer["digest"], answer["environment"]) != (digest, environment):
            raise ValueError("it is about something else.")
        if not isinstance(answer["admitted"], bool) or not isinstance(answer["reasons"], list):
            raise ValueError("it is no answer.")
        return answer


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes the token nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def reviewed(review: Json, config: Config, signet: Signet) -> Json:
    """Return the answer to an AdmissionReview."""
    request = review["request"]
    warnings: list[str] = []
    try:
        refused = list(_refused(request, config, signet, warnings))
    except Unnamed as problem:
        refused = [str(problem)]
    response: Json = {"uid": request["uid"], "allowed": not refused}
    if refused:
        response["status"] = {"code": 403, "message": f"Signet: {' '.join(refused)}"}
    if warnings:
        response["warnings"] = [f"Signet: {warning}" for warning in warnings]
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}


def _refused(request: Json, config: Config, signet: Signet, warnings: list[str]) -> Iterator[str]:
    """Yield why digests of an object may not run; what goes through all the same is a warning."""
    found = digests_to_ask_about(request, config.images)
    place = config.place(request.get("namespace", "")) if found else ""
    for digest in found:
        try:
            said = signet.answer(digest, place)
        except NoAnswer as problem:
            if config.fails_open:
                warnings.append(f"{digest} was let through unasked. {problem}")
            else:
                yield str(problem)
        else:
            told = [str(reason["text"]) for reason in said["reasons"]]
            if said["admitted"]:
                warnings.extend(told)
            else:
                yield " ".join(told)


def digests_to_ask_about(request: Json, images: tuple[str, ...]) -> list[str]:
    """Return the digests that an object brings, each once: what runs already goes on running.

    Raises:
        Unnamed: when it names none and has to, or one that is none.
    """
    named = _named(request.get("object") or {}, images)
    if request.get("operation") == "UPDATE":
        before = _named(request.get("oldObject") or {}, images)
        if named == before:
            return []
        named = [one for one in named if one not in before]
    elif not named and not images:
        raise Unnamed(f"the annotation {ANNOTATION} is missing.")
    for one in named:
        if not _DIGEST.fullmatch(one):
            raise Unnamed(f"{one} is not named by a digest: sha256: and 64 small digits.")
    if len(named) > MOST_DIGESTS:
        raise Unnamed(f"an object names at most {MOST_DIGESTS} digests.")
    return named


def _named(runs: Json, images: tuple[str, ...]) -> list[str]:
    """Return what an object says it runs, each once: its annotation, and the images of models."""
    annotations = (runs.get("metadata") or {}).get("annotations") or {}
    named = [part.strip() for part in annotations.get(ANNOTATION, "").split(",") if part.strip()]
    spec = runs.get("spec") or {}
    for container in (one for kind in _CONTAINERS for one in spec.get(kind) or ()):
        image = str(container.get("image", ""))
        if images and image.startswith(images):
            named.append(image.partition("@")[2] or image)
    return list(dict.fromkeys(named))


def _parts(variables: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in variables.get(name, "").split(",") if part.strip())


def server(config: Config, address: tuple[str, int]) -> ThreadingHTTPServer:
    """Return a server that answers reviews."""
    signet = Signet(config)

    class Webhook(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            self._send(200 if self.path == "/health" else 404, {})

        def do_POST(self) -> None:
            try:
                size = int(self.headers.get("Content-Length", ""))
                if self.path != "/admit" or not 0 < size <= MOST_BYTES:
                    raise ValueError(self.path)
                said = reviewed(json.loads(self.rfile.read(size)), config, signet)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                self._send(400, {"message": "This is no AdmissionReview."})
            else:
                self._send(200, said)

        def _send(self, status: int, said: Json) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing of what went well."""

    return ThreadingHTTPServer(address, Webhook)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="Admit what Signet admits.")
    parser.add_argument("--host", default="")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--cert", help="the certificate Kubernetes is shown")
    parser.add_argument("--key", help="its key")
    given = parser.parse_args()
    try:
        config = Config.read(os.environ)
    except ValueError as problem:
        sys.exit(str(problem))
    webhook = server(config, (given.host, given.port))
    if given.cert:
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trusted.load_cert_chain(given.cert, given.key)
        webhook.socket = trusted.wrap_socket(  # who is slow to greet holds up only themselves
            webhook.socket, server_side=True, do_handshake_on_connect=False
        )
    webhook.serve_forever()


if __name__ == "__main__":
    main()
