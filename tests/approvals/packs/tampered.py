"""Ways in which somebody changes a pack, each with what the verifier finds and where.

Some change a file and leave it at that. The others make ``pack.json`` agree with the change, as
somebody would who knows how a pack is made.
"""

import base64
import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.audit.log.keys import SigningKey
from apps.audit.log.notes import Checkpoint, signed

Files = dict[str, bytes]
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Way:
    """One way to change a pack, the name of what is found, and a part of where."""

    said: str
    change: Callable[[Files], Files | bytes]
    finding: str
    place: str


def files_of(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archived(files: Files, **odd: Any) -> bytes:
    """Write files as packs are written; what is ``odd`` holds for the file README.txt alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, FIRST_DAY)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            for name, value in odd.items() if path == "README.txt" else ():
                setattr(info, name, value)
            archive.writestr(info, files[path], info.compress_type)
    return out.getvalue()


def ways(files: Files) -> list[Way]:
    """Return every way to change a pack of one model."""
    return [*_altered(files), *_moved(files), *_agreed(files), *_of_the_log(files), *_stored(files)]


def _folder(files: Files) -> str:
    return str(json.loads(files["pack.json"])["chains"][0]["folder"])


def _kinds(files: Files) -> dict[str, str]:
    """Return one file of every kind: by its name, without what differs from pack to pack."""
    kinds: dict[str, str] = {}
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        kind = folder.rpartition("/")[2] if len(name) > 60 or "_" in name else name
        kinds.setdefault(kind, path)
    return {kind: path for kind, path in kinds.items() if not path.startswith("log/")}


def _altered(files: Files) -> Iterator[Way]:
    for kind, path in _kinds(files).items():
        if path == "pack.json":
            continue
        yield Way(f"{kind} with a byte changed", _with(path, _flipped), "pack.altered", path)
    for path in ("index.html", "verify_audit.py", f"{_folder(files)}/model.json"):
        yield Way(f"{path} longer", _with(path, lambda data: data + b" "), "pack.altered", path)


def _moved(files: Files) -> Iterator[Way]:
    folder = _folder(files)
    for path in ("index.html", f"{folder}/rows.jsonl", f"{folder}/findings.json", "log/pack.jsonl"):
        yield Way(f"{path} dropped", _without(path), "pack.missing", path)
    for path in ("pack.json", "log/checkpoint", "log/texts.jsonl", f"{folder}/timeline.jsonl"):
        yield Way(f"{path} dropped", _without(path), "pack.missing", path)
    yield Way("a proof dropped", _without(_proofs(files)[0]), "pack.missing", _proofs(files)[0])
    yield Way(
        "a file renamed", _renamed("summary.pdf", "summary-2.pdf"), "pack.extra", "summary-2.pdf"
    )
    for path in ("notes.txt", "log/more.jsonl", f"{folder}/statements/{'0' * 64}.json"):
        yield Way(f"{path} added", _plus(path), "pack.extra", path)


def _agreed(files: Files) -> Iterator[Way]:
    """Yield what a forger does who also makes the manifest agree."""
    folder = _folder(files)
    timeline, rows = f"{folder}/timeline.jsonl", f"{folder}/rows.jsonl"
    texts, words, agreed = f"{folder}/texts.jsonl", _statements(files), _agreed_way
    own = "pack.json"
    yield agreed("the front page", _with("index.html", _flipped), "pack.bound", own)
    yield agreed("a file dropped", _without(f"{folder}/findings.json"), "pack.bound", own)
    yield agreed("a file added", _plus("notes.txt"), "pack.bound", own)
    yield agreed("the verifier", _with("verify_audit.py", _flipped), "pack.bound", own)
    yield agreed("two entries swapped", _lines(timeline, _swapped), "chain", f"{timeline} line 2")
    yield agreed("an entry left out", _lines(timeline, _thinned), "chain", f"{timeline} line 2")
    yield agreed("an entry twice", _lines(timeline, _doubled), "event.duplicate", "line 3")
    yield agreed("the first entries cut", _lines(timeline, lambda one: one[2:]), "chain", "line 1")
    yield agreed("the end cut off", _lines(timeline, lambda one: one[:-1]), "proof", "log/proofs/")
    yield agreed("an entry edited", _lines(timeline, _edited), "chain", f"{timeline} line 3")
    yield agreed("an entry with a space", _lines(timeline, _spaced), "event.noncanonical", "line 2")
    yield agreed("the last entry edited", _lines(timeline, _edited_last), "proof", "log/proofs/")
    yield agreed("no entries", _lines(timeline, lambda one: []), "statement", "/statements/")
    yield agreed("a reason edited", _lines(texts, _other_text), "text.altered", f"{texts} line 1")
    yield agreed("a salt edited", _lines(texts, _other_salt), "text.altered", f"{texts} line 1")
    yield agreed("a reason of nobody", _lines(texts, _no_event), "text.altered", f"{texts} line 1")
    yield agreed("a row edited", _lines(rows, _other_row), "row.state", f"{rows} line 1")
    yield agreed("a row twice", _lines(rows, _doubled), "row.state", f"{rows} line 3")
    yield agreed("a statement edited", _with(words[0], _flipped), "statement", words[0])
    yield agreed("a statement dropped", _without(words[0]), "statement", words[0])
    yield agreed("a statement exchanged", _put(words[0], b"{}"), "statement", words[0])
    yield agreed("a statement added", _plus(_of(b"I agree", folder)), "statement", _of(b"", folder))


def _agreed_way(said: str, change: Callable[[Files], Files], finding: str, place: str) -> Way:
    return Way(f"{said}, all agreeing", lambda held: _agreeing(change(held)), finding, place)


def _of_the_log(files: Files) -> Iterator[Way]:
    proofs, own, note = _proofs(files), "log/pack.jsonl", "log/checkpoint"
    yield Way("a hash of a proof", _with(proofs[0], _other_hash), "proof", proofs[0])
    yield Way("the index of a proof", _with(proofs[0], _other_index), "proof", proofs[0])
    yield Way("a proof cut short", _with(proofs[0], _shorter), "proof", proofs[0])
    yield Way("another's proof", _put(proofs[0], files[proofs[1]]), "proof", proofs[0])
    yield Way("the size signed", _with(note, _other_size), "checkpoint.signature", note)
    yield Way("the signature", _with(note, _other_signature), "checkpoint.signature", note)
    yield Way("a key of their own", _resigned, "checkpoint.signature", note)
    yield Way("no order", _lines(own, lambda one: one[1:]), "pack.bound", own)
    yield Way("no binding entry", _lines(own, lambda one: one[:-1]), "pack.bound", own)
    yield Way("other contents bound", _lines(own, _edited_last), "pack.bound", "pack.json")
    yield Way("the purpose edited", _lines("log/texts.jsonl", _other_text), "text.altered", "log/")
    yield Way("the moment", _told(as_of="2001-01-01T00:00:00.000000Z"), "pack.bound", "pack.json")
    yield Way("the name of the log", _told(log="log.example"), "pack.manifest", "pack.json")
    yield Way("another pack's id", _told(pack="pck_77"), "chain", own)
    yield Way("another form", _told(format="signet-pack/2"), "pack.manifest", "pack.json")
    yield Way("no chains", _told(chains=[]), "pack.bound", "pack.json")
    yield Way("no JSON", _with("pack.json", lambda data: data[1:]), "pack.manifest", "pack.json")
    yield Way("a key twice", _with("pack.json", _twice), "pack.manifest", "pack.json")


def _stored(files: Files) -> Iterator[Way]:
    """Yield what is done to the archive itself."""
    whole, readme = archived(files), "README.txt"
    yield Way("compressed", lambda held: archived(held, compress_type=8), "pack.path", readme)
    yield Way("a link", lambda held: archived(held, external_attr=0o120777 << 16), "pack.path", "")
    yield Way("an hour", lambda held: archived(held, date_time=(2026, *FIRST_DAY[1:])), "", readme)
    yield Way("a comment", lambda held: archived(held, comment=b"x"), "pack.path", readme)
    yield Way("an extra field", lambda held: archived(held, extra=b"UT\x01\x00x"), "", readme)
    yield Way("encrypted", lambda held: _marked(whole, readme), "pack.path", readme)
    for path in ("../evil", "/evil", "a\\b", "a//b", "log/../a", ".hidden", "n\xe4me"):
        yield Way(f"the path {path}", _plus(path), "pack.path", "")
    yield Way("a file twice", lambda held: _repeated(whole, readme), "pack.path", readme)
    yield Way("bytes before", lambda held: b"#!" + whole, "pack.archive", "")
    yield Way("bytes after", lambda held: whole + b"x", "pack.archive", "")
    yield Way("a comment of the archive", lambda held: _commented(whole), "pack.archive", "")
    yield Way("cut short", lambda held: whole[:-30], "pack.archive", "")
    yield Way("a byte of a header", lambda held: _touched(whole, readme), "pack.archive", readme)


# -- what is done to a file


def _with(path: str, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    return lambda files: files | {path: change(files[path])}


def _put(path: str, data: bytes) -> Callable[[Files], Files]:
    return lambda files: files | {path: data}


def _plus(path: str) -> Callable[[Files], Files]:
    return _put(path, b"I agree")


def _without(path: str) -> Callable[[Files], Files]:
    return lambda files: {name: data for name, data in files.items() if name != path}


def _renamed(path: str, other: str) -> Callable[[Files], Files]:
    return lambda files: _without(path)(files) | {other: files[path]}


def _lines(path: str, change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], Files]:
    return _with(
        path, lambda data: b"".join(line + b"\n" for line in change(data.split(b"\n")[:-1]))
    )


def _told(**parts: Any) -> Callable[[Files], Files]:
    def change(data: bytes) -> bytes:
        return json.dumps(json.loads(data) | parts).encode()

    return _with("pack.json", change)


def _agreeing(files: Files) -> Files:
    """Return files with a manifest that agrees with them."""
    told = json.loads(files["pack.json"])
    told["files"] = [
        {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(files.items())
        if path != "pack.json" and not path.startswith("log/")
    ]
    for chain in told["chains"]:
        lines = files[f"{chain['folder']}/timeline.jsonl"].split(b"\n")[:-1]
        chain["entries"] = len(lines)
        chain["last"] = hashlib.sha256(b"\x00" + (lines or [b""])[-1]).hexdigest()
    return files | {"pack.json": json.dumps(told).encode()}


def _proofs(files: Files) -> list[str]:
    return sorted(path for path in files if path.startswith("log/proofs/"))


def _statements(files: Files) -> list[str]:
    start = f"{_folder(files)}/statements/"
    return sorted(path for path in files if path.startswith(start))


def _of(words: bytes, folder: str) -> str:
    """Return where some words would stand as a statement; without words, where any would."""
    digest = hashlib.sha256(words).hexdigest() if words else ""
    return f"{folder}/statements/{digest}{'.json' if words else ''}"


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def _thinned(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def _doubled(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[1], *lines[2:]]


def _spaced(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b":", b": ", 1), *lines[2:]]


def _edited(lines: list[bytes]) -> list[bytes]:
    """Edit the second entry; the third then names another one as the one before."""
    return [lines[0], _backdated(lines[1]), *lines[2:]]


def _edited_last(lines: list[bytes]) -> list[bytes]:
    return [
        *lines[:-1],
        _backdated(lines[-1]).replace(b'"contents":"sha256:', b'"contents":"sha250:'),
    ]


def _backdated(line: bytes) -> bytes:
    at = line.index(b'"time":"2') + len(b'"time":"2')
    return line[:at] + b"1" + line[at + 1 :]


def _replaced(lines: list[bytes], **parts: str) -> list[bytes]:
    told = json.loads(lines[0]) | parts
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return [text.encode(), *lines[1:]]


def _other_text(lines: list[bytes]) -> list[bytes]:
    return _replaced(lines, text="Because I said so")


def _other_salt(lines: list[bytes]) -> list[bytes]:
    return _replaced(lines, salt="00" * 16)


def _no_event(lines: list[bytes]) -> list[bytes]:
    return _replaced(lines, event="01990000-0000-7000-8000-000000000000")


def _other_row(lines: list[bytes]) -> list[bytes]:
    return _replaced(lines, type="model")


def _other_hash(data: bytes) -> bytes:
    lines = data.split(b"\n")
    lines[2] = base64.b64encode(b"\x01" * 32)
    return b"\n".join(lines)


def _other_index(data: bytes) -> bytes:
    lines = data.split(b"\n")
    lines[1] = b"index 1"
    return b"\n".join(lines)


def _shorter(data: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join([*lines[:2], *lines[3:]])


def _other_size(data: bytes) -> bytes:
    name, size, rest = data.split(b"\n", 2)
    return b"\n".join((name, str(int(size) + 1).encode(), rest))


def _other_signature(data: bytes) -> bytes:
    start, _, encoded = data.rstrip(b"\n").rpartition(b" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[-1] ^= 1
    return start + b" " + base64.b64encode(bytes(raw)) + b"\n"


def _resigned(files: Files) -> Files:
    """Sign the same root with a key that nobody published, wherever the note stands."""
    name, size, root = files["log/checkpoint"].decode().split("\n")[:3]
    key = SigningKey(name, b"\x66" * 32)
    note = signed(Checkpoint(name, int(size), base64.b64decode(root)).text, [key]).encode()
    old = files["log/checkpoint"]
    return {path: data.replace(old, note) for path, data in files.items()}


def _twice(data: bytes) -> bytes:
    return data.replace(b'"pack":', b'"pack": "pck_1",\n "pack":', 1)


# -- what is done to the archive


def _marked(whole: bytes, path: str) -> bytes:
    """Say in both places that a file is encrypted."""
    data = bytearray(whole)
    name = path.encode()
    first, last = whole.index(name), whole.rindex(name)
    data[first - 30 + 6] |= 1
    data[last - 46 + 8] |= 1
    return bytes(data)


def _touched(whole: bytes, path: str) -> bytes:
    data = bytearray(whole)
    data[whole.index(path.encode()) - 30 + 10] ^= 1
    return bytes(data)


def _repeated(whole: bytes, path: str) -> bytes:
    out = io.BytesIO(whole)
    with zipfile.ZipFile(out, "a") as archive:
        info = zipfile.ZipInfo(path, FIRST_DAY)
        info.create_system, info.external_attr = 3, 0o100644 << 16
        with warnings.catch_warnings(action="ignore"):  # zipfile itself tells of a name twice
            archive.writestr(info, b"another one")
    return out.getvalue()


def _commented(whole: bytes) -> bytes:
    return whole[:-2] + b"\x01\x00" + b"x"
