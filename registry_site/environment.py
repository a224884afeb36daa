"""Reads settings from the environment, typed, with errors that name the variable."""

import importlib.util
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "SIGNET_"
MOST_LOG_NAME = 64
COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
ANCHORS = ("folder:/", "s3://", "witness:https://", "webhook:https://")
EXPORTER = "opentelemetry.exporter.otlp.proto.http"
LEAST_SECRET = 16
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_HOST_AT_PORT = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class Misconfigured(RuntimeError):
    """A setting is missing or wrong; the message names it and says what it takes."""


def text(name: str, default: str | None = None) -> str:
    """Return a variable's text.

    Raises:
        Misconfigured: when it is not set and there is no default.
    """
    value = os.environ.get(PREFIX + name)
    if value is None or value == "":
        if default is None:
            raise Misconfigured(f"{PREFIX}{name} is not set.")
        return default
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a variable as yes or no."""
    return _is_yes(name, text(name, "yes" if default else "no"))


def _is_yes(name: str, given: str) -> bool:
    value = given.strip().lower()
    if value not in _YES | _NO:
        raise Misconfigured(f"{PREFIX}{name} is neither yes nor no: {value!r}.")
    return value in _YES


def number(name: str, default: int, *, least: int = 0) -> int:
    """Return a variable as a whole number of at least ``least``."""
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise Misconfigured(f"{PREFIX}{name} takes a whole number from {least}: {value!r}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Return a variable's comma-separated parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def numbers(name: str, default: str) -> frozenset[int]:
    """Return a variable's comma-separated parts as whole numbers."""
    parts = words(name, default)
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise Misconfigured(f"{PREFIX}{name} takes whole numbers, comma-separated.")
    return frozenset(int(part) for part in parts)


def one_of(name: str, *choices: str) -> str:
    """Return a variable that takes one of some words, the first of them when it is not set."""
    value = text(name, choices[0]).strip().lower()
    if value not in choices:
        raise Misconfigured(f"{PREFIX}{name} takes one of {', '.join(choices)}: {value!r}.")
    return value


def traces(name: str) -> bool:
    """Say whether traces are sent: as told, or else when a standard variable names a collector.

    Raises:
        Misconfigured: when they are, and the packages that send them are not there.
    """
    is_named = any(os.environ.get(variable) for variable in COLLECTORS)
    if not flag(name, default=is_named):
        return False
    if not _is_installed(EXPORTER):
        raise Misconfigured(
            f"{PREFIX}{name}, or {' or '.join(COLLECTORS)}, asks for traces, and what sends them "
            f"is not installed: run python manage.py install traces, or say {PREFIX}{name}=no."
        )
    return True


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def base_url(name: str) -> str:
    """Return the address people reach Signet at, without a slash at its end, or nothing."""
    value = text(name, "").rstrip("/")
    parts = urlsplit(value)
    is_whole = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    if value and (not is_whole or parts.query or parts.fragment or not value.isprintable()):
        raise Misconfigured(f"{PREFIX}{name} takes an address such as https://signet.example.com.")
    return value


def log_name(name: str, address: str) -> str:
    """Return what the log of the record is named by: a host name, that of an address by default."""
    value = text(name, urlsplit(address).hostname or "")
    if value and (len(value) > MOST_LOG_NAME or not _HOST.fullmatch(value)):
        raise Misconfigured(f"{PREFIX}{name} takes a host name such as signet.example.com.")
    return value


def anchors(name: str, local: Path) -> dict[str, str]:
    """Return where checkpoints are kept, by name: ``vault=folder:/mnt/vault``, comma-separated.

    A folder beside the data is always among them, which protects against accidents alone. What a
    place says beyond its kind is read where it is used, also before the program starts.
    """
    places = {"local": f"folder:{local}"}
    for part in words(name):
        given, _, place = part.partition("=")
        if not _HOST.fullmatch(given) or given in places or not place.startswith(ANCHORS):
            raise Misconfigured(
                f"{PREFIX}{name} takes name=folder:/path, name=s3://bucket/prefix, "
                f"name=witness:https://host#key and name=webhook:https://host/path, "
                f"comma-separated: {part!r}."
            )
        places[given] = place
    return places


def some_of(name: str, known: Iterable[str]) -> frozenset[str]:
    """Return a variable's comma-separated parts, all of which must be known."""
    given = frozenset(words(name))
    if unknown := given - set(known):
        raise Misconfigured(
            f"{PREFIX}{name} names what is not there: {', '.join(sorted(unknown))}."
        )
    return given


_CHANGING_CLAIMS = frozenset(
    {
        "email",
        "name",
        "nickname",
        "phone_number",
        "preferred_username",
        "unique_name",
        "upn",
    }
)
"""Claims that go over to somebody else, or that people change (OpenID Connect Core 5.7)."""


def pairs(name: str) -> tuple[tuple[str, str], ...]:
    """Return a variable's comma-separated ``left=right``; the left of one may hold an ``=``."""
    found = tuple(part.rpartition("=") for part in words(name))
    if not all(left.strip() and right.strip() for left, _, right in found):
        raise Misconfigured(f"{PREFIX}{name} takes left=right, comma-separated.")
    return tuple((left.strip(), right.strip()) for left, _, right in found)


def host_secrets(name: str) -> dict[str, tuple[str, str]]:
    """Return secrets by name, each with the one host it is for: ``cluster@k8s.example.com=…``.

    The host bears its port where that is not the usual one. ``file:/path`` stands for what the
    file holds when the secret is used.
    """
    found: dict[str, tuple[str, str]] = {}
    for part in words(name):
        left, _, secret = part.partition("=")
        given, _, host = left.partition("@")
        is_named = _HOST.fullmatch(given) and _HOST_AT_PORT.fullmatch(host) and given not in found
        is_long = secret.startswith("file:/") or len(secret) >= LEAST_SECRET
        if not is_named or not is_long or not secret.isprintable():
            raise Misconfigured(
                f"{PREFIX}{name} takes name@host=secret, comma-separated, each secret of at least "
                f"{LEAST_SECRET} characters, or name@host=file:/path. No. {len(found) + 1} is none."
            )
        found[given] = (host, secret)
    return found


def require_whole_sign_on() -> None:
    """Refuse an identity provider without what Signet is called there and where people come back.

    Plain http serves a provider that is tried out, never one in production.
    """
    issuer = text("OIDC_ISSUER", "")
    if not issuer:
        return
    text("OIDC_CLIENT_ID")
    text("BASE_URL")
    if "openid" not in words("OIDC_SCOPES", "openid"):
        raise Misconfigured(f"{PREFIX}OIDC_SCOPES takes “openid” among others.")
    if text("OIDC_DIRECTORY_CLAIM", "") in _CHANGING_CLAIMS:
        raise Misconfigured(
            f"{PREFIX}OIDC_DIRECTORY_CLAIM takes a claim that stays one person's for good, "
            "which names and addresses do not."
        )
    parts = urlsplit(issuer)
    schemes = {"https", "http"} if flag("OUTBOUND_HTTP", default=False) else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured(f"{PREFIX}OIDC_ISSUER takes an address such as https://id.example.com.")


def mail_address(name: str) -> str:
    """Return a sender as mail names it: ``Signet <signet@example.com>``, or nothing."""
    value = text(name, "")
    if value and (not value.isprintable() or "@" not in parseaddr(value)[1]):
        raise Misconfigured(f"{PREFIX}{name} takes a sender: Signet <signet@example.com>.")
    return value


def require_whole_mail() -> None:
    """Refuse a mail server without sender and address, or that is sent a password unencrypted."""
    if not text("MAIL_HOST", ""):
        return
    text("MAIL_FROM")
    text("BASE_URL")
    if text("MAIL_USER", "") and one_of("MAIL_TLS", "starttls", "tls", "none") == "none":
        raise Misconfigured(f"{PREFIX}MAIL_USER needs {PREFIX}MAIL_TLS to be starttls or tls.")


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database address.

    ``postgresql://user:password@host:port/name?sslmode=require``, or ``sqlite:///path``.
    """
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    raise Misconfigured(f"{PREFIX}DATABASE_URL begins with postgresql:// or sqlite:///.")


def sqlite(path: Path) -> dict[str, Any]:
    """Return settings for a SQLite file: WAL, one writer at a time, every commit on disk."""
    pragmas = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-32768; PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY;"
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    keeps = _is_yes("DATABASE_URL: keep_statements", options.pop("keep_statements", "yes"))
    host = str(options.pop("host", "")) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options
        | {
            "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
            # a number lets statements be kept at all: which are, apps.core.kept says
            "prepare_threshold": 0 if keeps else None,
        },
    }


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file only this account reads, made whole at first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):  # another process was first; its secret holds
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
