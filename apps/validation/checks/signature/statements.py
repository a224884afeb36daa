"""in-toto statements: which files, by their digests, something is said about."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.validation.checks.format_validity.bounded import strict_json
from apps.validation.checks.format_validity.findings import Broken
from apps.validation.checks.signature import MODEL_SIGNATURE
from apps.validation.checks.signature.envelopes import IN_TOTO, Envelope
from apps.validation.checks.signature.troubles import Unreadable

MOST_RESOURCES = 100_000
STATEMENTS = frozenset({"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"})
_HEX = re.compile(r"[0-9a-f]{2,256}")
_SHARD = re.compile(r"(.+):([0-9]{1,18}):([0-9]{1,18})", re.DOTALL)


@dataclass(frozen=True)
class Resource:
    """One file, or a stretch of one, with the digest that was signed."""

    name: str
    algorithm: str
    digest: str
    start: int = 0
    end: int | None = None


@dataclass(frozen=True)
class Statement:
    """What was signed: a type, and the files it is about."""

    predicate_type: str
    resources: tuple[Resource, ...]
    ignored: tuple[str, ...] = ()
    """Paths the signer left out on purpose."""

    @property
    def is_model_signature(self) -> bool:
        """Whether it lists every file of a model by its path."""
        return self.predicate_type == MODEL_SIGNATURE


def read(envelope: Envelope) -> Statement:
    """Return the statement in an envelope.

    Raises:
        Unreadable: when its payload is something else, or contradicts itself.
    """
    if envelope.payload_type != IN_TOTO:
        raise Unreadable(f"its payload is {envelope.payload_type!a:.100}, no in-toto statement")
    try:
        value = _mapping(strict_json(envelope.payload), "the statement")
    except Broken as broken:
        raise Unreadable(broken.text) from None
    if str(value.get("_type")) not in STATEMENTS:
        raise Unreadable(f"its statement is of the unknown type {value.get('_type')!a:.100}")
    kind, subjects = value.get("predicateType"), _list(value.get("subject"), "the subjects")
    if not isinstance(kind, str) or not subjects:
        raise Unreadable("its statement does not say what it is about")
    if kind == MODEL_SIGNATURE:
        return _model_signature(subjects, _mapping(value.get("predicate"), "the predicate"))
    return Statement(kind, tuple(map(_subject, subjects)))


def _subject(value: object) -> Resource:
    subject = _mapping(value, "a subject")
    digests = _mapping(subject.get("digest"), "a digest")
    algorithm = "sha256" if "sha256" in digests else min(map(str, digests), default="")
    return Resource(str(subject.get("name") or ""), algorithm, _hex(digests.get(algorithm)))


def _model_signature(subjects: list[Any], predicate: Mapping[str, Any]) -> Statement:
    how = _mapping(predicate.get("serialization"), "the serialization")
    resources = [
        _resource(_mapping(one, "a resource"), how)
        for one in _list(predicate.get("resources"), "the resources")
    ]
    _require_root(subjects, resources)
    ignored = tuple(str(path) for path in _list(how.get("ignore_paths") or [], "ignore_paths"))
    return Statement(MODEL_SIGNATURE, tuple(resources), ignored)


def _resource(value: Mapping[str, Any], how: Mapping[str, Any]) -> Resource:
    name, algorithm = value.get("name"), value.get("algorithm")
    if not isinstance(name, str) or not isinstance(algorithm, str):
        raise Unreadable("a resource in it has no name or algorithm")
    digest = _hex(value.get("digest"))
    if how.get("method") == "files":
        return Resource(name, algorithm, digest)
    if how.get("method") != "shards":
        raise Unreadable(f"it hashes files by {how.get('method')!a:.60}, which is not known here")
    part = _SHARD.fullmatch(name)
    if part is None:
        raise Unreadable("a stretch of a file in it does not say from where to where")
    return Resource(
        part[1], str(how.get("hash_type") or algorithm), digest, int(part[2]), int(part[3])
    )


def _require_root(subjects: list[Any], resources: list[Resource]) -> None:
    """Refuse a list of files that has another digest than the subject says."""
    root = hashlib.sha256(b"".join(bytes.fromhex(one.digest) for one in resources)).hexdigest()
    if len(subjects) != 1 or _subject(subjects[0]).digest != root:
        raise Unreadable("its list of files has another digest than its subject says")


def _hex(value: object) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value) or len(value) % 2:
        raise Unreadable("a digest in it is not hexadecimal")
    return value


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not laid out as it should be")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_RESOURCES:
        raise Unreadable(f"{what} are no list, or too long")
    return value
