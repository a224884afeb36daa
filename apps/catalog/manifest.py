"""What a version is made of: the labels of its files and the digest over all of them.

Bytes are stored under their own digest, so a path is only a label. It is still held to one strict
form, because sooner or later somebody writes the files of a version to a disk.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import unquote_to_bytes

from apps.core.errors import RuleBroken

MOST_BYTES = 1024
MOST_PARTS = 32
MOST_PART_BYTES = 255

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_AFTER_NAME = re.compile("[;?#]")
"""Where some programs take the name of a part to end, and see ``..`` in ``..;``."""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9])")


class LabelRefused(RuleBroken):
    """A path cannot name a file of a version; the message says why."""

    code = "label_refused"


class ManifestEntry(Protocol):
    """What the manifest says about one file."""

    @property
    def path(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def size(self) -> int: ...


def manifest_digest(files: Iterable[ManifestEntry]) -> str:
    """Return the digest of a version's content: its paths, digests and sizes in order of path."""
    entries = [
        {"path": file.path, "sha256": f"sha256:{file.sha256}", "size": file.size}
        for file in sorted(files, key=lambda file: file.path)
    ]
    text = json.dumps(entries, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def require_label(path: str) -> None:
    """Refuse a path that is not a clean label."""
    problem = label_problem(path)
    if problem is not None:
        raise LabelRefused(f"The path {path!a:.200} is refused: {problem}.")


def require_labels(paths: Iterable[str]) -> None:
    """Refuse paths that are not clean labels, or that meet when upper and lower case are one."""
    seen: dict[str, str] = {}
    for path in paths:
        require_label(path)
        twin = seen.setdefault(folded(path), path)
        if twin is not path:
            raise LabelRefused(f"The paths {twin!a} and {path!a} differ at most in case.")
    for fold, path in seen.items():
        parents = fold.split("/")[:-1]
        for depth in range(1, len(parents) + 1):
            if "/".join(parents[:depth]) in seen:
                raise LabelRefused(f"A folder of the path {path!a} is also a file.")


def label_problem(path: str) -> str | None:
    """Say what keeps a path from being a label, or nothing."""
    if any("\ud800" <= letter <= "\udfff" for letter in path):
        return "it holds half of a character"
    if not unicodedata.is_normalized("NFC", path):
        return "it is not in Unicode form NFC"
    if len(path.encode("utf-8")) > MOST_BYTES:
        return f"it is longer than {MOST_BYTES} bytes"
    return _shape_problem(path) or _look_alike_problem(path) or _encoded_problem(path)


def folded(path: str) -> str:
    """Return the form in which paths that differ only in case or width are the same."""
    text = unicodedata.normalize("NFD", path)
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text.casefold())
    return text


def _shape_problem(path: str) -> str | None:
    parts = path.split("/")
    if len(parts) > MOST_PARTS:
        return f"it has more than {MOST_PARTS} parts"
    if "\\" in path or ":" in path:
        return "it holds a backslash or a colon"
    if any(_is_unseen(letter) for letter in path):
        return "it holds a character that cannot be seen and changes how the rest is read"
    return next((problem for part in parts if (problem := _part_problem(part))), None)


def _is_unseen(letter: str) -> bool:
    return letter in _BIDI or unicodedata.category(letter) in {"Cc", "Zl", "Zp"}


def _part_problem(part: str) -> str | None:
    if not part:
        return "it is empty, or begins or ends with a slash, or has two in a row"
    if _AFTER_NAME.split(part, 1)[0] in {".", ".."}:
        return "it steps out of its folder"
    if len(part.encode("utf-8")) > MOST_PART_BYTES:
        return f"a part is longer than {MOST_PART_BYTES} bytes"
    if part != part.rstrip() or part.endswith("."):
        return "a part ends with a dot or a space"
    if _DEVICES.fullmatch(folded(part.split(".", maxsplit=1)[0]).strip()):
        return "a part is the name of a device on Windows"
    return None


def _look_alike_problem(path: str) -> str | None:
    """Say whether a system that folds look-alikes would see another folder in the path."""
    plain = unicodedata.normalize("NFKC", path)
    parts = plain.split("/")
    if len(parts) != path.count("/") + 1 or "\\" in plain or {".", ".."} & set(parts):
        return "it holds letters that some systems read as a slash, a backslash or a dot"
    return None


def _encoded_problem(path: str) -> str | None:
    """Say whether decoding percent signs, once or often, gives anything but harmless letters."""
    while _PERCENT.search(path):
        try:
            decoded = unquote_to_bytes(path).decode("utf-8")
        except UnicodeDecodeError:
            return "a percent sign in it encodes bytes that are no text"
        if any(decoded.count(sign) != path.count(sign) for sign in "/."):
            return "a percent sign in it encodes a slash or a dot"
        problem = _shape_problem(decoded) or _look_alike_problem(decoded)
        if problem is not None:
            return f"once its percent signs are decoded, {problem}"
        path = decoded
    return None
