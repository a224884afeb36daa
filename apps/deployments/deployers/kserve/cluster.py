"""The little of the Kubernetes API that is needed: read, create and apply, as one service account.

What a cluster answers stays here but for its status: it tells about other people's networks.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from django.conf import settings

from apps.core import outbound
from apps.core.errors import RuleBroken
from apps.core.outbound import Answer
from apps.deployments.deployers import credentials

logger = logging.getLogger(__name__)

GROUP = "serving.kserve.io/v1beta1"
SERVICES = "/apis/serving.kserve.io/v1beta1/namespaces/{}/inferenceservices"
REVISIONS = "/apis/serving.knative.dev/v1/namespaces/{}/revisions"
OF_SERVICES = "serving.kserve.io/inferenceservice"
MANAGER = "signet"
SECONDS = 15.0
MOST_BYTES = 16 * 2**20
PAGE = 200
MOST_PAGES = 25
AGAIN = frozenset({408, 425, 429})
_APPLY = "application/apply-patch+yaml"
_JSON = "application/json"


class ClusterRefused(RuleBroken):
    """The cluster refuses this, and would again."""

    code = "cluster_refused"


class ClusterTrouble(RuleBroken):
    """The cluster does not do this now, and may later."""

    code = "cluster_trouble"


class Conflict(ClusterTrouble):
    """Somebody wrote the same object in between."""

    code = "cluster_conflict"


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of an object's metadata."""

    name: str
    resource_version: str = ""
    annotations: Mapping[str, str] = {}


class Traffic(msgspec.Struct, frozen=True, rename="camel"):
    """Which percent of the requests a revision gets."""

    revision_name: str = ""
    percent: int = 0


class Component(msgspec.Struct, frozen=True, rename="camel"):
    """How the predictor of a service stands."""

    latest_rolledout_revision: str = ""
    traffic: list[Traffic] = []


class Status(msgspec.Struct, frozen=True):
    """How a service stands, as its controller says."""

    components: Mapping[str, Component] = {}


class Service(msgspec.Struct, frozen=True):
    """An InferenceService, as far as it is read."""

    metadata: Metadata
    status: Status = Status()

    @property
    def predictor(self) -> Component:
        return self.status.components.get("predictor", Component())


class Revision(msgspec.Struct, frozen=True):
    """A revision of Knative: one state of a service that can get requests."""

    metadata: Metadata


class _Listed(msgspec.Struct, frozen=True):
    further: str = msgspec.field(name="continue", default="")


class _Services(msgspec.Struct, frozen=True):
    items: list[Service]
    metadata: _Listed = _Listed()


class _Revisions(msgspec.Struct, frozen=True):
    items: list[Revision]
    metadata: _Listed = _Listed()


Read = TypeVar("Read", bound=msgspec.Struct)
Page = TypeVar("Page", _Services, _Revisions)


class Cluster:
    """One namespace of one cluster, by the token that is named for it."""

    def __init__(self, api: str, namespace: str, secret: str) -> None:
        self.api = api.rstrip("/")
        self.namespace = namespace
        self.secret = secret

    def service(self, name: str) -> Service | None:
        """Return the service of that name, if there is one."""
        answer = self._ask("GET", f"{self._path(SERVICES)}/{quote(name)}")
        return None if answer.status == 404 else _read(_taken(answer), Service)

    def revision(self, name: str) -> Revision | None:
        """Return the revision of that name, if there is one."""
        answer = self._ask("GET", f"{self._path(REVISIONS)}/{quote(name)}")
        return None if answer.status == 404 else _read(_taken(answer), Revision)

    def create(self, manifest: Mapping[str, Any]) -> Service:
        """Create a service.

        Raises:
            Conflict: when there is one of that name by now.
        """
        answer = self._ask("POST", self._path(SERVICES), manifest, _JSON, self._written())
        return _read(_taken(answer), Service)

    def apply(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Make a service what a manifest says, provided it was not written since it was read.

        Raises:
            Conflict: when it was.
        """
        query = {**self._written(), "force": "true"}
        _taken(self._ask("PATCH", f"{self._path(SERVICES)}/{quote(name)}", manifest, _APPLY, query))

    def services(self) -> Iterator[Service]:
        """Yield every service of the namespace."""
        for page in self._pages(SERVICES, _Services, {}):
            yield from page.items

    def revisions(self) -> Iterator[Revision]:
        """Yield every revision of the namespace that belongs to a service."""
        for page in self._pages(REVISIONS, _Revisions, {"labelSelector": OF_SERVICES}):
            yield from page.items

    def _pages(self, path: str, kind: type[Page], query: Mapping[str, str]) -> Iterator[Page]:
        further = ""
        for _ in range(MOST_PAGES):
            asked = {**query, "limit": str(PAGE)} | ({"continue": further} if further else {})
            page = _read(_taken(self._ask("GET", self._path(path), query=asked)), kind)
            yield page
            further = page.metadata.further
            if not further:
                return
        raise ClusterTrouble(f"The namespace holds more than {PAGE * MOST_PAGES:,} of these.")

    def _path(self, pattern: str) -> str:
        return pattern.format(quote(self.namespace))

    def _written(self) -> dict[str, str]:
        """Return who writes, and that a field the cluster does not know is a mistake."""
        return {"fieldManager": MANAGER, "fieldValidation": "Strict"}

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        kind: str = _JSON,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        url = f"{self.api}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": _JSON, "Content-Type": kind}
        return outbound.ask(
            method,
            url,
            body=b"" if body is None else json.dumps(body).encode(),
            headers={
                **headers,
                "Authorization": f"Bearer {credentials.secret_for(self.secret, self.api)}",
            },
            most=MOST_BYTES,
            seconds=SECONDS,
            ca_file=settings.DEPLOYER_CA_FILE,
        )


def _taken(answer: Answer) -> bytes:
    """Return what the cluster answered, provided it did what it was asked to."""
    status = answer.status
    if 200 <= status < 300:
        return answer.body
    logger.info("A cluster answered with status %s: %r", status, answer.body[:500])
    if status == 409:
        raise Conflict("Somebody else wrote the same service in between.")
    if 400 <= status < 500 and status not in AGAIN:
        raise ClusterRefused(f"The cluster answered with status {status}.{_hint(status)}")
    raise ClusterTrouble(f"The cluster answered with status {status}.")


def _hint(status: int) -> str:
    if status in {401, 403}:
        return " The token may not do this, or is none."
    if status == 404:
        return " There is no such namespace, or no KServe."
    return ""


def _read(body: bytes, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ClusterTrouble("What the cluster answered cannot be read.") from None
