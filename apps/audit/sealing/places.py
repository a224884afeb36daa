"""Reads where checkpoints are kept, as the operator writes it; no row and no server is asked.

``folder:/mnt/vault`` · ``s3://bucket/prefix?lock_days=3650&region=eu-central-1&endpoint=https://…``
· ``witness:https://host/prefix#key`` · ``webhook:https://host/path``
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.conf import settings

from apps.audit.log.keys import WITNESS, BadKey, VerifierKey
from apps.core import addresses
from apps.core.addresses import AddressRefused

MOST_DAYS = 36_500
LEAST_SECRET = 32
"""How many characters what signs deliveries has at least."""
REGION = "us-east-1"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_WORD = re.compile(r"[a-z0-9-]+")
_OPTIONS = {"lock_days", "region", "endpoint"}


class BadPlace(ValueError):
    """A place for checkpoints is not written as one; the message says what is wrong."""


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, or mounted on it."""

    path: str


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3 server, and for how many days what is put there is locked."""

    name: str
    prefix: str = ""
    lock_days: int = 0
    region: str = REGION
    endpoint: str = ""


@dataclass(frozen=True)
class Witness:
    """Where a witness takes checkpoints, and the key it signs them with."""

    url: str
    key: VerifierKey


@dataclass(frozen=True)
class Webhook:
    """An address that is sent each checkpoint."""

    url: str


def read(text: str) -> Folder | Bucket | Witness | Webhook:
    """Read one place.

    Raises:
        BadPlace: when it is none.
    """
    kind, _, rest = text.partition(":")
    if kind == "folder" and rest.startswith("/"):
        return Folder(rest)
    if kind == "s3" and rest.startswith("//"):
        return _bucket(text)
    if kind == "witness":
        return _witness(rest)
    if kind == "webhook":
        return _webhook(rest)
    raise BadPlace(
        f"{text!r} is neither folder:/…, s3://…, witness:https://… nor webhook:https://…"
    )


def require_whole(named: Mapping[str, str]) -> None:
    """Refuse to start with a place that cannot be read.

    Raises:
        BadPlace: naming the place.
    """
    for name, text in named.items():
        try:
            read(text)
        except BadPlace as problem:
            raise BadPlace(f"{name}: {problem}") from None


def _bucket(text: str) -> Bucket:
    place, _, query = text.removeprefix("s3://").partition("?")
    name, _, path = place.partition("/")
    prefix = path.rstrip("/")
    if not _BUCKET.fullmatch(name) or (prefix and not _PREFIX.fullmatch(prefix)):
        raise BadPlace("a bucket is written s3://bucket or s3://bucket/prefix")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - _OPTIONS):
        raise BadPlace(f"a bucket has no {unknown[0]!r}: it takes lock_days, region, endpoint")
    return Bucket(
        name,
        prefix,
        _days(options.get("lock_days", "0")),
        _region(options.get("region", REGION)),
        _endpoint(options.get("endpoint", "")),
    )


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST_DAYS:
        raise BadPlace(f"lock_days is a whole number up to {MOST_DAYS:,}")
    return int(text)


def _region(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise BadPlace("region is a word such as eu-central-1")
    return text


def _endpoint(text: str) -> str:
    if text and not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?/?", text):
        raise BadPlace("endpoint is an address such as https://s3.example.com")
    return text


def _witness(text: str) -> Witness:
    url, _, published = text.partition("#")
    try:
        key = VerifierKey.read(published)
    except BadKey:
        raise BadPlace("a witness is written witness:https://host/prefix#name+id+key") from None
    if key.kind != WITNESS:
        raise BadPlace("the key after # is one of a log, not of a witness")
    if "?" in url:
        raise BadPlace("the address of a witness has no ?: what it asks for is added to its end")
    return Witness(f"{_secure(url).rstrip('/')}/add-checkpoint", key)


def _webhook(text: str) -> Webhook:
    if len(settings.ANCHOR_SECRET) < LEAST_SECRET:
        raise BadPlace(
            f"a webhook needs SIGNET_ANCHOR_SECRET, {LEAST_SECRET} characters or more that sign it"
        )
    return Webhook(_secure(text))


def _secure(url: str) -> str:
    """Return an address that Signet sends to, encrypted whatever else the operator allows.

    Raises:
        BadPlace: when it is none.
    """
    try:
        found = addresses.destination(url)
    except AddressRefused as refusal:
        raise BadPlace(f"{url}: {str(refusal).rstrip('.')}") from None
    if found.scheme != "https":
        raise BadPlace(f"{url} does not begin with https://")
    return url
