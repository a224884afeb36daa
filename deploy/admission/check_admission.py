#!/usr/bin/env python3
"""Checks a signed admission answer without Signet, with nothing but Python 3.9.

    python3 check_admission.py ANSWER.json --key KEY --digest sha256:… --environment NAME

KEY is one of those that ``GET /api/v1/admission/key`` gives; take it from the organization's own
documentation, not from whoever hands over the answer. ``-`` reads the answer from the input.

It ends with 0 when the content is admitted, 1 when it is not, 2 when called wrongly, and 3 when the
answer proves nothing: another digest or environment, out of time, or not signed by that key.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

YES, NO, WRONG_USE, UNPROVEN = 0, 1, 2, 3
DOMAIN = "signet admission answer v1\n"
SKEW = 5
"""Seconds by which the clock here may be behind the one that answered."""
_KEY = re.compile(r"(([^\s+]+)\+([0-9a-f]{8}))\+([A-Za-z0-9+/]{44})")
_LOG = b"\x01"
"""The kind of the key, as C2SP signed notes number them: plain Ed25519."""


class Unproven(Exception):
    """The answer proves nothing; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Check an answer, say what it says, and return how to end."""
    parser = argparse.ArgumentParser(description="Check a signed admission answer, offline.")
    parser.add_argument("answer", help="the file with the answer; - reads the input")
    parser.add_argument("--key", action="append", required=True, help="a published key")
    parser.add_argument("--digest", required=True)
    parser.add_argument("--environment", required=True)
    parser.add_argument("--at", type=float, help="when it is relied on, in seconds since 1970")
    given = parser.parse_args(arguments)
    try:
        keys = [public_key(key) for key in given.key]
    except Unproven as problem:
        parser.error(str(problem))
    try:
        text = sys.stdin.read() if given.answer == "-" else Path(given.answer).read_text("utf-8")
        answer = opened(text, keys)
        require_about(answer, given.digest, given.environment, given.at)
    except (OSError, UnicodeDecodeError, Unproven) as problem:
        sys.stderr.write(f"It proves nothing: {problem}\n")
        return UNPROVEN
    for reason in answer["reasons"]:
        sys.stdout.write(f"{reason['code']}: {reason['text']}\n")
    sys.stdout.write("admitted\n" if answer["admitted"] else "not admitted\n")
    return YES if answer["admitted"] else NO


def opened(text: str, keys: list[tuple[str, bytes]]) -> dict[str, Any]:
    """Return what an answer says, provided one of some public keys signed it.

    Raises:
        Unproven: when none of them did.
    """
    try:
        said = json.loads(text)
        answer, name = said["answer"], said["key"]
        signature = base64.b64decode(said["signature"], validate=True)
        message = DOMAIN + canonical(answer)
        data = message.encode()
        is_whole = isinstance(answer["admitted"], bool) and isinstance(answer["reasons"], list)
        is_timed = isinstance(answer["at"], str) and isinstance(answer["until"], str)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unproven("this is no signed answer.") from None
    public = [key for known, key in keys if known == name]
    if not (is_whole and is_timed) or not any(is_signed(key, data, signature) for key in public):
        raise Unproven("none of the given keys signed it.")
    return dict(answer)


def require_about(
    answer: dict[str, Any], digest: str, environment: str, at: float | None = None
) -> None:
    """Refuse an answer about something else, or for another time.

    Raises:
        Unproven: when it is one.
    """
    for name, wanted in (("digest", digest), ("environment", environment)):
        if answer.get(name) != wanted:
            raise Unproven(f"it is about the {name} {answer.get(name)}.")
    now = time.time() if at is None else at
    if answer["at"] > moment(now + SKEW):
        raise Unproven(f"it was given later, at {answer['at']}.")
    if answer["until"] <= moment(now):
        raise Unproven(f"it held until {answer['until']}. Ask again.")


def public_key(text: str) -> tuple[str, bytes]:
    """Return the name and id of a published key, and the key itself.

    Raises:
        Unproven: when it is none.
    """
    found = _KEY.fullmatch(text.strip())
    if found is None:
        raise Unproven(f"{text!r} is no key: it reads name+id+key.")
    try:
        data = base64.b64decode(found[4], validate=True)
    except binascii.Error:
        raise Unproven(f"{text!r} is no key: it is not in base64.") from None
    told = found[2].encode() + b"\n" + data
    if data[:1] != _LOG or hashlib.sha256(told).hexdigest()[:8] != found[3]:
        raise Unproven(f"{text!r} is a key of another kind, or has another id.")
    return found[1], data[1:]


def canonical(value: object) -> str:
    """Return the one text that stands for a value (RFC 8785, for what answers hold)."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def moment(seconds: float) -> str:
    """Return a moment as answers write it, so that texts compare as times do."""
    whole = int(seconds)
    micro = int((seconds - whole) * 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{micro:06}Z"


# -- Ed25519 signatures: RFC 8032 section 5.1, as in apps/audit/verifier/ed25519.py


_BYTES = 32
_P, _L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]  # x, y, z and x*y/z


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            found = _add(found, point)
        point, factor = _add(point, point), factor >> 1
    return found


def _point(data: bytes) -> _Point | None:
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    x = x if (x * x - square) % _P == 0 else x * _ROOT % _P
    if y >= _P or (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 key signed a message."""
    key = _point(public) if len(public) == _BYTES else None
    s = int.from_bytes(signature[32:], "little")
    if key is None or _BASE is None or len(signature) != 64 or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    minus = (_P - key[0], key[1], key[2], _P - key[3])
    x, y, z, _ = _add(_times(s, _BASE), _times(h, minus))
    inverse = pow(z, _P - 2, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


if __name__ == "__main__":
    sys.exit(main())
