"""What a backup says of itself, tagged with the keys of whoever made it; it is written last."""

import hmac
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from apps.accounts import sealing
from apps.catalog.backups.problems import DoesNotFit, NotABackup
from apps.core.digests import NotCanonical, canonical, digest_of_bytes

FORM = 1
NAME = "manifest.json"
_TAG_CONTEXT = b"signet-backup/1\n"
_PURPOSE = "backup"
_SEALED = "SECRET_KEY"
_MOST_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Dump:
    """The database in one file: of which kind, by which version, and what the file holds."""

    kind: str
    version: str
    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Listing:
    """The list of files the database relies on: how many, how large, and what the list holds."""

    count: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class LogState:
    """How far the log was, with the newest checkpoint it had signed, if any."""

    origin: str
    size: int
    root: str
    checkpoint: str


@dataclass(frozen=True)
class Manifest:
    """What was taken, when and by what, and which files could not be."""

    made_at: str
    signet: str
    migrations: tuple[str, ...]
    dump: Dump
    files: Listing
    log: LogState | None
    lacking: tuple[str, ...]
    secret: str
    """A word that only the same SECRET_KEY opens."""

    @cached_property
    def told(self) -> bytes:
        """The bytes its digest and tags are of."""
        return canonical({"form": FORM, **json.loads(json.dumps(asdict(self)))})

    @property
    def digest(self) -> str:
        return digest_of_bytes(self.told)

    def written(self) -> bytes:
        """Return what is written to disk: the manifest, and its tag by each key."""
        tags = {str(number): _tag(self.told, key) for number, key in _keys().items()}
        whole = {"manifest": json.loads(self.told), "tags": tags}
        return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True)
class Tagged:
    """A manifest as it was read, with the tags it came with."""

    manifest: Manifest
    tags: Mapping[str, str]

    @classmethod
    def read(cls, place: Path) -> Self:
        """Read a manifest.

        Raises:
            NotABackup: when it cannot be read as one of this form.
        """
        try:
            if place.stat().st_size > _MOST_BYTES:
                raise ValueError("it is too large")
            whole = json.loads(place.read_bytes())
            return cls(_manifest(whole["manifest"]), _texts(whole["tags"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise NotABackup(f"{place} cannot be read as a manifest: {problem!r:.200}") from None

    def require_own(self) -> None:
        """Refuse a manifest that was changed, or that other keys made.

        Raises:
            DoesNotFit: when a key is missing or makes another tag.
        """
        keys = {str(number): key for number, key in _keys().items()}
        if missing := sorted(self.tags.keys() - keys.keys()):
            raise DoesNotFit(
                f"This backup was made with origin-tag keys that are missing here: number "
                f"{', '.join(missing)}. Name them in SIGNET_AUDIT_KEY, or put back the file "
                "secrets/audit-key in the data folder."
            )
        told = self.manifest.told
        wrong = [
            number
            for number, tag in self.tags.items()
            if not hmac.compare_digest(tag.encode(), _tag(told, keys[number]).encode())
        ]
        if wrong or not self.tags:
            raise DoesNotFit(
                "The tags of this backup are not by the keys here: SIGNET_AUDIT_KEY (or the file "
                "secrets/audit-key in the data folder) is another one, or the backup was changed."
            )


def sealed_word() -> str:
    """Return a word that only the same SECRET_KEY opens."""
    return sealing.sealed(_SEALED, purpose=_PURPOSE).decode()


def opens(secret: str) -> bool:
    """Say whether the SECRET_KEY here, or one of its fallbacks, is the one of a backup."""
    try:
        return sealing.opened(secret.encode(), purpose=_PURPOSE) == _SEALED
    except sealing.SealBroken:
        return False


def own_version() -> str:
    """Return the version of this Signet."""
    with (Path(settings.BASE_DIR) / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _manifest(told: Mapping[str, Any]) -> Manifest:
    if told["form"] != FORM:
        raise ValueError(f"its form is {told['form']}, and this Signet reads {FORM}")
    read = Manifest(
        made_at=str(told["made_at"]),
        signet=str(told["signet"]),
        migrations=tuple(map(str, told["migrations"])),
        dump=Dump(**told["dump"]),
        files=Listing(**told["files"]),
        log=LogState(**told["log"]) if told["log"] else None,
        lacking=tuple(map(str, told["lacking"])),
        secret=str(told["secret"]),
    )
    if "/" in read.dump.file or read.dump.file.startswith("."):
        raise ValueError("it names its dump by a path")
    try:
        if read.told != canonical(told):
            raise ValueError("it says more than a manifest does")
    except NotCanonical as problem:
        raise ValueError(str(problem)) from None
    return read


def _texts(tags: Mapping[str, Any]) -> dict[str, str]:
    return {str(number): str(tag) for number, tag in tags.items()}


def _keys() -> Mapping[int, bytes]:
    keys: Mapping[int, bytes] = settings.AUDIT_TAG_KEYS
    return keys


def _tag(told: bytes, key: bytes) -> str:
    return hmac.new(key, _TAG_CONTEXT + told, "sha256").hexdigest()
