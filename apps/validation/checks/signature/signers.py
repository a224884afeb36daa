"""The list of trusted signers: keys and authorities, whom they speak for, where and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Any

from cryptography import x509

from apps.core import strict_yaml
from apps.core.inputs import InputRefused, read_json
from apps.validation.checks.signature import chains, keys
from apps.validation.checks.signature.troubles import Unreadable

MOST_BYTES = 2**20
MOST_SIGNERS = 500
MOST_CERTIFICATES = 20
_FIELDS = {"name", "kind", "pem", "identities", "valid_from", "valid_until", "models"}
_KINDS = ("key", "certificate")


@dataclass(frozen=True)
class Identity:
    """A pattern for whom a certificate names, and one for who says so; empty means anybody."""

    name: str
    issuer: str = ""

    def fits(self, signer: chains.Signer) -> bool:
        """Say whether a certificate is one of those meant."""
        by = not self.issuer or any(fnmatchcase(name, self.issuer) for name in signer.issuers)
        return by and any(fnmatchcase(name, self.name) for name in signer.names)


@dataclass(frozen=True)
class TrustedSigner:
    """One entry: a key, or authorities with the identities they may vouch for."""

    name: str
    key: keys.PublicKey | None = None
    roots: tuple[x509.Certificate, ...] = ()
    identities: tuple[Identity, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    models: tuple[str, ...] = ("*",)

    def speaks_for(self, model: str) -> bool:
        """Say whether the entry is about a model of this name."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)

    def is_trusted_at(self, moment: datetime) -> bool:
        """Say whether a moment lies within the time the entry is trusted."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_until is None or moment < self.valid_until)

    def allows(self, signer: chains.Signer) -> bool:
        """Say whether whom a certificate names is among the allowed."""
        return not self.identities or any(one.fits(signer) for one in self.identities)


def read(data: bytes) -> tuple[TrustedSigner, ...]:
    """Read a list of trusted signers, as YAML or JSON.

    Raises:
        InputRefused: when it is not laid out as described; the message says where.
    """
    value = _loaded(data)
    if not isinstance(value, dict) or set(value) != {"signers"}:
        raise InputRefused("The list has one key, signers, with a list of entries.")
    entries = value["signers"]
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_SIGNERS:
        raise InputRefused(f"The list holds between 1 and {MOST_SIGNERS} signers.")
    found = tuple(_entry(entry, number) for number, entry in enumerate(entries, 1))
    names = [signer.name for signer in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputRefused(f"Two signers have the name {twice!a:.100}.")
    return found


def _loaded(data: bytes) -> object:
    if len(data) > MOST_BYTES:
        raise InputRefused(f"The list has at most {MOST_BYTES:,} bytes.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputRefused("The list is not text in UTF-8.") from None
    if text.lstrip().startswith("{"):
        value: object = read_json(data)
        return value
    try:
        return strict_yaml.load(text)
    except strict_yaml.YamlRefused as refused:
        raise InputRefused(str(refused)) from None


def _entry(value: object, number: int) -> TrustedSigner:
    place = f"Signer {number}"
    if not isinstance(value, dict):
        raise InputRefused(f"{place} is no map of fields.")
    unknown = sorted(set(value) - _FIELDS)
    if unknown:
        raise InputRefused(f"{place} has a field that is not known: {unknown[0]!a:.60}.")
    name = _text(value, "name", place)
    place = f"Signer {number} ({name})"
    kind, pem = _text(value, "kind", place), _text(value, "pem", place, most=64 * 1024)
    if kind not in _KINDS:
        raise InputRefused(f"{place}: its kind is key or certificate.")
    if kind == "key" and "identities" in value:
        raise InputRefused(f"{place}: a key stands for itself and has no identities.")
    try:
        key = keys.read(pem) if kind == "key" else None
        roots = tuple(chains.read_pem(pem)) if kind == "certificate" else ()
    except Unreadable as trouble:
        raise InputRefused(f"{place}: {trouble}.") from None
    if len(roots) > MOST_CERTIFICATES:
        raise InputRefused(f"{place} holds more than {MOST_CERTIFICATES} certificates.")
    return TrustedSigner(
        name,
        key,
        roots,
        tuple(_identity(one, place) for one in _list(value, "identities", place)),
        _moment(value.get("valid_from"), place),
        _moment(value.get("valid_until"), place, ends=True),
        tuple(_texts(value, "models", place)) or ("*",),
    )


def _identity(value: object, place: str) -> Identity:
    if isinstance(value, str) and value:
        return Identity(value)
    if not isinstance(value, dict) or not {"name"} <= set(value) <= {"name", "issuer"}:
        raise InputRefused(f"{place}: an identity has a name, and may have an issuer.")
    issuer = _text(value, "issuer", place) if "issuer" in value else ""
    return Identity(_text(value, "name", place), issuer)


def _moment(value: object, place: str, *, ends: bool = False) -> datetime | None:
    """Return a moment; a day ends with its last moment."""
    if value is None:
        return None
    refusal = InputRefused(
        f"{place}: a moment is a date, or a time in UTC such as 2026-01-02T03:04:05Z."
    )
    if not isinstance(value, str):
        raise refusal
    try:
        if len(value) == 10:
            day = datetime.combine(date.fromisoformat(value), time(), UTC)
            return day + timedelta(days=1) if ends else day
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise refusal from None
    if moment.tzinfo is None:
        raise refusal
    return moment.astimezone(UTC)


def _list(value: Mapping[str, Any], name: str, place: str) -> Sequence[object]:
    found = value.get(name) or []
    if not isinstance(found, list) or len(found) > MOST_SIGNERS:
        raise InputRefused(f"{place}: {name} is a list of at most {MOST_SIGNERS}.")
    return found


def _texts(value: Mapping[str, Any], name: str, place: str) -> list[str]:
    found = _list(value, name, place)
    if any(not isinstance(one, str) or not 0 < len(one) <= 300 for one in found):
        raise InputRefused(f"{place}: {name} holds texts of at most 300 letters.")
    return [str(one) for one in found]


def _text(value: Mapping[str, Any], name: str, place: str, *, most: int = 300) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not 0 < len(text.strip()) <= most:
        raise InputRefused(f"{place}: {name} is a text of at most {most:,} letters.")
    return text.strip()
