"""What a report tells, read strictly and matched with what is registered and deployed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.inputs import MOST_INTEGER, InputRefused, require_text
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Deployment, Environment, Placement
from apps.deployments.models.deployments import DESIRED

MOST_SEEN = 1_000
"""How many contents one report tells."""
MOST_LETTERS = 300
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_CALLED = re.compile(r"(?:models:/)?(?P<name>.+?)/(?P<number>[0-9]{1,9})/?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")


@dataclass(frozen=True)
class Told:
    """One content told of an endpoint, and what the registry knows of it."""

    endpoint: str
    digest: str
    called: str
    share: int | None
    requests: int | None
    version_id: int | None = None
    content: str = ""
    """The digest of the version it is, whether it was told or only a name was."""
    deployment_id: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What is one content at one endpoint, however it was told."""
        return self.endpoint, self.digest or self.content or self.called

    def joined(self, other: "Told") -> "Told":
        """Return the same content told twice, as by two copies of a server, as one."""
        share = _sum(self.share, other.share, most=100)
        requests = _sum(self.requests, other.requests, most=MOST_INTEGER)
        best = self if self.digest else other
        return replace(best, share=share, requests=requests)


def told_of(environment: Environment, seen: Sequence[Seen]) -> list[Told]:
    """Return what was seen, each content of an endpoint once, in a fixed number of queries.

    Raises:
        InputRefused: when something told is not what it may be, or there is too much of it.
    """
    if len(seen) > MOST_SEEN:
        raise InputRefused(f"A report tells of at most {MOST_SEEN:,} contents; send several.")
    plain = [_read(one) for one in seen]
    known = _Known.about(environment, plain)
    found: dict[tuple[str, str], Told] = {}
    for one in map(known.matched, plain):
        found[one.key] = found[one.key].joined(one) if one.key in found else one
    return list(found.values())


def named_version(called: str) -> tuple[str, int] | None:
    """Return the model and the number that a text such as ``models:/fraud/3`` names."""
    named = _CALLED.fullmatch(called)
    return (named["name"], int(named["number"])) if named else None


def service_names(endpoint: str) -> tuple[str, ...]:
    """Return the names an endpoint may have as a service: the whole of it, and its first part."""
    plain = endpoint.lower()
    return plain, re.split(r"[./:]", _SCHEME.sub("", plain), maxsplit=1)[0]


# -- reading ---------------------------------------------------------------------------------------


def _read(seen: Seen) -> Told:
    endpoint, called = seen.endpoint.strip(), seen.called.strip()
    require_text(endpoint, "An endpoint", MOST_LETTERS)
    require_text(called, f"What {endpoint!a:.80} is called", MOST_LETTERS)
    if not endpoint:
        raise InputRefused("Each content is seen at an endpoint: name it.")
    digest = _digest(seen.digest)
    if not digest and not called:
        raise InputRefused(f"Say what is seen at {endpoint!a:.80}: its digest, or its name.")
    _require_number(seen.share, 100, f"The share at {endpoint!a:.80}")
    _require_number(seen.requests, MOST_INTEGER, f"The count of requests at {endpoint!a:.80}")
    return Told(endpoint, digest, called, seen.share, seen.requests)


def _digest(text: str) -> str:
    plain = text.strip().lower()
    if not plain:
        return ""
    found = _DIGEST.fullmatch(plain)
    if found is None:
        raise InputRefused(f"{text!a:.90} is no digest: sha256: and 64 hexadecimal digits are.")
    return f"sha256:{found[1]}"


def _require_number(number: int | None, most: int, label: str) -> None:
    if number is not None and not 0 <= number <= most:
        raise InputRefused(f"{label} is a whole number from 0 to {most:,}.")


def _sum(one: int | None, other: int | None, *, most: int) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one + other, most)


# -- matching --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """What is registered and deployed of all that one report tells."""

    services: Mapping[str, tuple[int, int]]
    """The deployment and the model of each service of the environment."""
    of_model: Mapping[int, int]
    """The deployment of each model there."""
    models: Mapping[str, int]
    by_digest: Mapping[str, Sequence[ModelVersion]]
    by_name: Mapping[tuple[str, int], ModelVersion]
    desired: frozenset[tuple[int, str]]
    """Each deployment with the content of a version that is to run there."""

    @classmethod
    def about(cls, environment: Environment, told: Sequence[Told]) -> "_Known":
        rows = Deployment.objects.filter(environment=environment)
        places = list(rows.values_list("service", "pk", "model_id"))
        names = {named for one in told if (named := named_version(one.called)) is not None}
        models = _models(name for name, _ in names)
        return cls(
            {service: (pk, model_id) for service, pk, model_id in places},
            {model_id: pk for _, pk, model_id in places},
            models,
            _versions_by_digest({one.digest for one in told if one.digest}),
            _versions_by_name(names, models),
            _desired(environment),
        )

    def matched(self, told: Told) -> Told:
        """Return what is told with its version and its deployment, as far as there are."""
        there = self._service(told.endpoint)
        version = self._version(told, there)
        return replace(
            told,
            version_id=version.pk if version else None,
            content=version.content_digest if version else "",
            deployment_id=there[0] if there else self._deployment(told, version),
        )

    def _service(self, endpoint: str) -> tuple[int, int] | None:
        named = (self.services.get(name) for name in service_names(endpoint))
        return next((found for found in named if found is not None), None)

    def _version(self, told: Told, there: tuple[int, int] | None) -> ModelVersion | None:
        if not told.digest:
            named = named_version(told.called)
            return self.by_name.get(named) if named else None
        same = self.by_digest.get(told.digest, ())
        return min(same, key=lambda one: self._order(one, there), default=None)

    def _order(
        self, version: ModelVersion, there: tuple[int, int] | None
    ) -> tuple[bool | int, ...]:
        """Return what versions of the same content are preferred by: the smallest is taken."""
        deployment = self.of_model.get(version.model_id)
        is_desired = deployment is not None and (
            (deployment, version.content_digest) in self.desired
        )
        is_there = there is not None and there[1] == version.model_id
        return (
            not (is_desired and is_there),
            not is_desired,
            not is_there,
            version.deleted_at is not None,
            version.stage != Stage.PRODUCTION,
            version.pk,
        )

    def _deployment(self, told: Told, version: ModelVersion | None) -> int | None:
        if version is not None:
            return self.of_model.get(version.model_id)
        named = named_version(told.called)
        model_id = self.models.get(named[0]) if named else None
        return self.of_model.get(model_id) if model_id is not None else None


def _models(names: Iterable[str]) -> Mapping[str, int]:
    wanted = set(names)
    if not wanted:
        return {}
    found = RegisteredModel.objects.filter(name__in=wanted, deleted_at=None)
    return dict(found.values_list("name", "pk"))


_CONTENT, _CONTAINER = "content_digest", "container_digest"
_READ = ("pk", "model_id", "number", _CONTENT, _CONTAINER, "stage", "deleted_at")


def _versions_by_digest(digests: set[str]) -> Mapping[str, Sequence[ModelVersion]]:
    """Return the versions of some digests: of their content, and else of their image.

    That of an image is what somebody declared, so it counts only where no content has it.
    """
    by_digest: dict[str, list[ModelVersion]] = defaultdict(list)
    for column in (_CONTENT, _CONTAINER):
        left = digests - by_digest.keys()
        if left:
            known = ModelVersion.objects.filter(**{f"{column}__in": left})
            known = known.exclude(**{column: ""})  # which the index on images leaves out
            for version in known.only(*_READ):
                by_digest[getattr(version, column)].append(version)
    return by_digest


def _versions_by_name(
    names: set[tuple[str, int]], models: Mapping[str, int]
) -> Mapping[tuple[str, int], ModelVersion]:
    if not models:
        return {}
    found = ModelVersion.objects.filter(
        model__in=models.values(), number__in={number for _, number in names}
    )
    of = {pk: name for name, pk in models.items()}
    return {(of[one.model_id], one.number): one for one in found.only(*_READ)}


def _desired(environment: Environment) -> frozenset[tuple[int, str]]:
    placed = Placement.objects.filter(DESIRED, rollout__deployment__environment=environment)
    return frozenset(placed.values_list("rollout__deployment", "content_digest"))
