"""Places that stand for real ones: what a deployer is held to can be seen in them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from pytest_django import Settings

from apps.deployments.deployers import kserve, webhook
from apps.deployments.deployers.contract import Deployer, Ending, Order, Outcome, Seen, Target
from tests.deployments.cluster import TOKEN, Cluster
from tests.integrations.receiver import Receiver, Sent, receiver

SECRET = "a secret of the webhook"
Running = Mapping[str, int]
"""The digests that run, each with its share."""


class Twin(Protocol):
    """A place, and the deployer that brings orders about there."""

    @property
    def deployer(self) -> Deployer:
        """Return what is held to the contract."""
        ...

    @property
    def target(self) -> Target:
        """Return the settings it finds the place by."""
        ...

    def running(self, service: str) -> Running:
        """Return what runs as a service."""
        ...

    @property
    def numbers(self) -> list[int]:
        """The numbers of the orders it took, each as often as it did something."""
        ...

    def fail_before(self) -> None:
        """Fail the next order before anything is done."""
        ...

    def lose_answer(self) -> None:
        """Do the next order, and let its answer get lost."""
        ...

    def refuse(self) -> None:
        """Refuse the next order, as would any after it."""
        ...


@dataclass
class Place:
    """Any place that keeps the contract: the newest number of a service wins, and is done once."""

    done: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)

    def take(self, order: Mapping[str, Any]) -> Ending:
        """Do an order, unless it was done or a newer one was."""
        known = self.done.get(order["service"])
        if known is not None and known["number"] > order["number"]:
            return Ending.REFUSED
        if known is None or known["number"] < order["number"]:
            self.done[order["service"]] = order
            self.numbers.append(order["number"])
            self.taken.append((order["service"], order["number"]))
        return Ending.DONE

    def running(self, service: str) -> Running:
        """Return what runs as a service."""
        parts = self.done.get(service, {"parts": ()})["parts"]
        return {part["digest"]: part["share"] for part in parts}

    def seen(self) -> list[Seen]:
        """Return all that runs."""
        return [
            Seen(service, part["digest"], f"{part['model']}/{part['version']}", part["share"])
            for service, order in self.done.items()
            for part in order["parts"]
        ]


@dataclass
class InMemory:
    """A place in this process, and the deployer that reaches it; it fails as it is told to."""

    place: Place = field(default_factory=Place)
    name: str = "fake"
    title: str = "In memory"
    can_look: bool = True
    trouble: str = ""
    target: Target = field(default_factory=dict)

    @property
    def deployer(self) -> Deployer:
        return self  # type: ignore[return-value]

    @property
    def numbers(self) -> list[int]:
        return self.place.numbers

    def running(self, service: str) -> Running:
        return self.place.running(service)

    def fail_before(self) -> None:
        self.trouble = "before"

    def lose_answer(self) -> None:
        self.trouble = "after"

    def refuse(self) -> None:
        self.trouble = "refused"

    def problems(self, target: Target) -> list[str]:
        return ["It takes no settings."] if target else []

    def carry_out(self, order: Order, target: Target) -> Outcome:
        trouble, self.trouble = self.trouble, ""
        if trouble == "before":
            return Outcome(Ending.FAILED, "It was away.")
        if trouble == "refused":
            return Outcome(Ending.REFUSED, "It has no room.")
        ending = self.place.take(webhook.as_json(order))
        if trouble == "after":
            return Outcome(Ending.FAILED, "Its answer got lost.")
        return Outcome(ending, f"It said {ending}.")

    def look(self, environment: str, target: Target) -> list[Seen]:
        return self.place.seen()


@dataclass
class WebhookTwin:
    """A receiver of orders, which takes only what is signed."""

    there: Receiver
    place: Place = field(default_factory=Place)
    trouble: str = ""
    accepts: bool = False
    deployer: Deployer = webhook.DEPLOYER

    @property
    def target(self) -> Target:
        return {"url": self.there.url, "secret": "hook", "look": self.there.url + "/look"}

    @property
    def numbers(self) -> list[int]:
        return self.place.numbers

    def running(self, service: str) -> Running:
        return self.place.running(service)

    def fail_before(self) -> None:
        self.trouble = "before"

    def lose_answer(self) -> None:
        self.trouble = "after"

    def refuse(self) -> None:
        self.trouble = "refused"

    def script(self, sent: Sent, handler: Any) -> None:
        """Answer one request, as a receiver that keeps the contract does."""
        assert is_signed(sent)
        trouble, self.trouble = self.trouble, ""
        if sent.method == "GET":
            seen = [
                {"endpoint": one.endpoint, "digest": one.digest, "share": one.share}
                for one in self.place.seen()
            ]
            answer(handler, 200, json.dumps({"serving": seen}).encode())
        elif trouble in {"before", "refused"}:
            answer(handler, 503 if trouble == "before" else 422)
        else:
            ending = self.place.take(json.loads(sent.body))
            if trouble == "after":
                handler.close_connection = True
                return
            answer(handler, 409 if ending is Ending.REFUSED else 202 if self.accepts else 200)


@dataclass
class KServeTwin:
    """A cluster whose controllers have always done their work when one looks."""

    there: Receiver
    cluster: Cluster = field(default_factory=Cluster)
    deployer: Deployer = kserve.DEPLOYER

    @property
    def target(self) -> Target:
        return {
            "api": f"http://127.0.0.1:{self.there.port}",
            "namespace": "models",
            "secret": "cluster",
            "storage": "s3://models/{digest}",
            "format": "mlflow",
        }

    @property
    def numbers(self) -> list[int]:
        return self.cluster.numbers

    def running(self, service: str) -> Running:
        self.cluster.settle()
        seen = self.deployer.look("production", self.target)
        return {one.digest: one.share or 0 for one in seen if one.endpoint == service}

    def fail_before(self) -> None:
        self.cluster.troubles.append(503)

    def lose_answer(self) -> None:
        self.cluster.loses += 1

    def refuse(self) -> None:
        self.cluster.troubles.append(403)


def is_signed(sent: Sent) -> bool:
    """Say whether a request was signed with the secret of the tests, as receivers check it."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    delivery, stamp = headers["x-mlflow-delivery-id"], headers["x-mlflow-timestamp"]
    code = hmac.new(SECRET.encode(), f"{delivery}.{stamp}.".encode() + sent.body, hashlib.sha256)
    return headers["x-mlflow-signature"] == "v1," + base64.b64encode(code.digest()).decode()


def answer(handler: Any, status: int, body: bytes = b"") -> None:
    """Answer a request on its handler."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def in_memory(settings: Settings) -> Iterator[InMemory]:
    yield InMemory()


@contextmanager
def webhook_twin(settings: Settings) -> Iterator[WebhookTwin]:
    """Run a receiver that Signet is told to trust, with a secret for it."""
    with receiver() as there:
        _trust(settings, there, "hook", SECRET)
        twin = WebhookTwin(there)
        there.script = twin.script
        yield twin


@contextmanager
def kserve_twin(settings: Settings) -> Iterator[KServeTwin]:
    """Run a cluster that Signet is told to trust, with a token for it."""
    with receiver() as there:
        _trust(settings, there, "cluster", TOKEN)
        twin = KServeTwin(there)
        there.script = twin.cluster.script
        yield twin


def _trust(settings: Settings, there: Receiver, name: str, secret: str) -> None:
    settings.OUTBOUND_HTTP = True
    settings.OUTBOUND_ALLOW = there.trust
    settings.DEPLOYER_SECRETS = {name: (f"127.0.0.1:{there.port}", secret)}


TWINS: Mapping[str, Callable[[Settings], AbstractContextManager[Twin]]] = {
    "in memory": in_memory,
    "webhook": webhook_twin,
    "kserve": kserve_twin,
}
"""What every deployer is held to the contract by."""
