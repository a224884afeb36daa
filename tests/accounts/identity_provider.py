"""An identity provider that really answers: discovery, keys, authorization and tokens."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client

from apps.accounts import operations
from apps.accounts.models import SignOnIdentity, User
from tests.factories import HOST

BEGIN, BACK, STEP_UP = (
    "/sign-in/organization/",
    "/sign-in/organization/back/",
    "/account/confirm/organization/",
)
CLIENT, SECRET = "signet", "a secret of the client"
Claims = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body of what a provider in trouble answers."""


def coded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _numbered(number: int) -> str:
    return coded(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def private_key(name: str = "one", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key; the same for the same name, since making one takes long."""
    return _made(name, bits)


@cache
def _made(name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_jwk(name: str = "one", bits: int = 2048) -> dict[str, str]:
    numbers = private_key(name, bits).public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": name,
        "n": _numbered(numbers.n),
        "e": _numbered(numbers.e),
    }


def signed(header: dict[str, Any], claims: object, key: rsa.RSAPrivateKey | None = None) -> str:
    """Return a token signed by RS256, whatever its header says."""
    told = f"{coded(json.dumps(header).encode())}.{coded(json.dumps(claims).encode())}"
    maker = key or private_key()
    signature = maker.sign(told.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{told}.{coded(signature)}"


@dataclass
class IdentityProvider:
    """What a provider knows: who is at its keyboard, and what was asked of it."""

    issuer: str = ""
    claims: Claims = field(default_factory=lambda: {"sub": "u-1", "name": "Ada Lovelace"})
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk()])
    forge: Callable[[Claims], str] | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    exchanges: list[dict[str, str]] = field(default_factory=list)
    troubles: dict[str, Answer] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    def authorize(self, address: str) -> str:
        """Let whoever is there sign in, and return where their browser is sent back to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        code = secrets.token_urlsafe(16)
        self.asked[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode({'code': code, 'state': asked['state']})}"

    def back_to(self, path: str) -> str:
        """Return the whole address that a browser is sent back to."""
        [asked, *_] = reversed(self.asked.values())
        parts = urlsplit(asked["redirect_uri"])
        return f"{parts.scheme}://{parts.netloc}{path}"

    def token_for(self, sent: dict[str, str]) -> str | None:
        """Return the token a code is worth, once, to whoever knows the verifier."""
        self.exchanges.append(sent)
        asked = self.asked.pop(sent.get("code", ""), None)
        proof = coded(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if asked is None or proof != asked["code_challenge"]:
            return None
        claims = self.usual(asked) | self.claims
        return self.forge(claims) if self.forge else signed({"alg": "RS256", "kid": "one"}, claims)

    def usual(self, asked: dict[str, str]) -> Claims:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
        }

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
        } | self.document


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """Run a provider on a port of this machine."""
    provider = IdentityProvider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages = {
                "/.well-known/openid-configuration": provider.described(),
                "/keys": {"keys": provider.keys},
            }
            if self.path.startswith("/authorize?"):
                back = provider.back_to(provider.authorize(provider.issuer + self.path))
                provider.troubles[self.path] = (302, {"Location": back}, b"")
            self._answer(pages.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            sent["authorization"] = self.headers.get("Authorization", "")
            token = provider.token_for(sent)
            self._answer({"id_token": token, "token_type": "Bearer"} if token else None)

        def _answer(self, found: object) -> None:
            provider.paths.append(self.path)
            status = 200 if found is not None else 400
            usual: Answer = (status, {}, json.dumps(found).encode())
            status, headers, body = provider.troubles.get(self.path, usual)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def trip(client: Client, provider: IdentityProvider, begin: str = BEGIN) -> Any:
    """Go to the provider and come back."""
    return client.get(provider.authorize(client.get(begin).headers["Location"]))


def linked(user: User, provider: IdentityProvider, subject: str = "u-1") -> SignOnIdentity:
    return operations.link_sign_on(
        user, by=HOST, issuer=provider.issuer, subject=subject, reason="Needed by a test"
    )


def saying(**changed: Any) -> Callable[[Claims], str]:
    """Return a forger that changes claims, or leaves those out that are None."""

    def forge(claims: Claims) -> str:
        said = {name: value for name, value in (claims | changed).items() if value is not None}
        return signed({"alg": "RS256", "kid": "one"}, said)

    return forge
