"""The MLflow servers the operator trusts, read from ``SIGNET_MLFLOW_SOURCES``.

``lab=https://mlflow.lab.example;token=LAB_TOKEN`` names a server, its address, and the environment
variable its token lies in. Secrets are read when they are used and kept nowhere.
"""

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from apps.core.errors import RuleBroken

MOST_ADDRESS = 500

_NAME = re.compile(r"[a-z0-9][a-z0-9._\-]{0,62}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SecretMissing(RuleBroken):
    """A server wants a secret that the environment does not hold."""

    code = "secret_missing"


@dataclass(frozen=True)
class MlflowServer:
    """An MLflow server: where it is, and where what opens it can be read."""

    name: str
    address: str
    token_variable: str = ""
    login_variable: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        """What signs Signet in there: a token, a user and password, or nothing."""
        if self.token_variable:
            return {"Authorization": f"Bearer {_secret(self.token_variable)}"}
        if self.login_variable:
            login = b64encode(_secret(self.login_variable).encode()).decode()
            return {"Authorization": f"Basic {login}"}
        return {}


def configured() -> tuple[MlflowServer, ...]:
    """Return the servers of the settings, in the order in which they are asked."""
    return read_servers(tuple(settings.MLFLOW_SOURCES))


@cache
def read_servers(entries: tuple[str, ...]) -> tuple[MlflowServer, ...]:
    """Read entries such as ``lab=https://mlflow.lab.example;login=LAB_LOGIN``.

    Raises:
        ValueError: when an entry is none of these, or a name stands there twice.
    """
    servers = tuple(map(_server, entries))
    if len({server.name for server in servers}) != len(servers):
        raise ValueError("a name stands there twice")
    return servers


def read_address(text: str) -> str:
    """Return an address without the slash at its end.

    Raises:
        ValueError: when it is no address of a server.
    """
    address = text.strip().rstrip("/")
    parts = urlsplit(address)
    is_plain = parts.hostname and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in {"https", "http"} or not is_plain or len(address) > MOST_ADDRESS:
        raise ValueError(f"{text!r} is no address of a server, as https://mlflow.example.com")
    return address


def read_variable(text: str) -> str:
    """Return the name of an environment variable.

    Raises:
        ValueError: when it is none.
    """
    if not _VARIABLE.fullmatch(text):
        raise ValueError("a secret is given by the name of the variable that holds it")
    return text


def _server(entry: str) -> MlflowServer:
    name, equals, rest = entry.partition("=")
    address, *options = rest.split(";")
    if not equals or not _NAME.fullmatch(name):
        raise ValueError(f"{entry.partition(';')[0]!r} is not name=address")
    secrets = dict(_option(option) for option in options)
    if len(secrets) > 1 or len(secrets) != len(options):
        raise ValueError(f"{name} has a token or a login, and one of them once")
    return MlflowServer(
        name, read_address(address), secrets.get("token", ""), secrets.get("login", "")
    )


def _option(text: str) -> tuple[str, str]:
    key, _, variable = text.partition("=")
    if key not in {"token", "login"}:
        raise ValueError("what follows an address is token= or login=")
    return key, read_variable(variable)


def _secret(variable: str) -> str:
    secret = os.environ.get(variable, "").strip()
    if not secret:
        raise SecretMissing(f"The environment variable {variable} holds no secret.")
    return secret
