"""Ways in which somebody changes the files of evidence and the policies of a pack."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.approvals.packs.tampered import (
    Files,
    Way,
    _agreed_way,
    _edited_last,
    _flipped,
    _folder,
    _lines,
    _plus,
    _put,
    _renamed,
    _told,
    _with,
    _without,
)


def ways_beside(files: Files) -> list[Way]:
    """Return every way to change what a pack holds beside entries and rows."""
    return [*_of_evidence(files), *_of_reports(files), *_of_policies(files)]


def _of_evidence(files: Files) -> Iterator[Way]:
    """Yield what is done to files of evidence: found beside the manifest, and by their rows."""
    told = json.loads(files["pack.json"])["evidence"]
    item = next(one for one in told if one["row"].startswith("evidence:") and one["path"])
    others = [one for one in told if one["row"] != item["row"]]
    path, row, rows_path = item["path"], item["row"], f"{_folder(files)}/rows.jsonl"
    rows, timeline = f"{rows_path} line", f"{_folder(files)}/timeline.jsonl"
    other = next(one["path"] for one in told if one["path"] not in {"", path})
    false, agreed = f"evidence/{hashlib.sha256(b'I agree').hexdigest()}.txt", _agreed_way
    forged = item | {"path": false, "sha256": false[9:-4], "size": 7}

    yield Way("a file of evidence dropped", _without(path), "pack.missing", path)
    yield Way("a file of evidence added", _plus(false), "pack.extra", false)
    yield Way("a file of evidence renamed", _renamed(path, false), "pack.missing", path)
    yield agreed("a file of evidence", _with(path, _flipped), "evidence", path)
    yield agreed("another's file of evidence", _put(path, files[other]), "evidence", path)
    yield agreed("a file of evidence gone", _without(path), "evidence", path)
    yield agreed("a file of evidence more", _plus(false), "evidence", false)
    yield agreed("another ending", _renamed(path, f"{path}.exe"), "evidence", f"{path}.exe")

    def telling(said: str, rows_told: list[Any], place: str, *changes: Any) -> Way:
        def change(held: Files) -> Files:
            for one in (_told(evidence=rows_told), *changes):
                held = one(held)
            return held

        return agreed(said, change, "evidence", place)

    yield telling("a row passed over", others, rows)
    yield telling("a row gone", others, timeline, _lines(rows_path, _without_row(row)))
    yield telling("a row gone, not its file", told, path, _lines(rows_path, _without_row(row)))
    yield telling("no file of evidence", [], rows, _without(path), _without(other))
    yield telling("a file for another", [*others, forged], false, _without(path), _plus(false))
    yield telling("a row of nobody", [*told, item | {"row": "evidence:evd_999"}], path)
    yield telling("an odd name", [*others, item | {"path": "README.txt"}], "README.txt")
    yield telling("left out in silence", [*others, item | {"path": ""}], "pack.json")
    yield Way("no word of evidence", _with("pack.json", _unheard_of), "pack.bound", "pack.json")
    yield Way("evidence of another form", _told(evidence=[{"row": row}]), "pack.manifest", "pack.")


def _of_reports(files: Files) -> Iterator[Way]:
    """Yield what is done to reports of checks: found by the entries that concluded the runs."""
    told, agreed = json.loads(files["pack.json"])["evidence"], _agreed_way
    report = next(one for one in told if one["row"].startswith("check_run:") and one["path"])
    item = next(one for one in told if one["row"].startswith("evidence:") and one["path"])
    others, path = [one for one in told if one != report], report["path"]
    timeline, rows = f"{_folder(files)}/timeline.jsonl", f"{_folder(files)}/rows.jsonl"
    changed = _flipped(files[path])
    digest = hashlib.sha256(changed).hexdigest()
    false = f"evidence/{digest}.json"
    forged = report | {"path": false, "sha256": digest}
    without = next(ref for ref in _rows_of(files[rows], "check_run") if ref != report["row"])

    def telling(said: str, one: Any, place: str, *changes: Any, finding: str = "evidence") -> Way:
        def change(held: Files) -> Files:
            for each in (_told(evidence=[*others, one]), *changes):
                held = each(held)
            return held

        return agreed(said, change, finding, place)

    swapped = (_without(path), _put(false, changed))
    named = _with(timeline, lambda data: data.replace(report["sha256"].encode(), digest.encode()))
    yield telling(
        "the report of a check with its line in the manifest",
        forged,
        f"{false}: {timeline} line",
        *swapped,
    )
    yield telling(
        "another file as the report of a check",
        report | {name: item[name] for name in ("path", "size", "sha256")},
        f"{item['path']}: {timeline} line",
    )
    yield telling(
        "the report of a check left out under another digest",
        forged | {"path": "", "left_out": "It had no room."},
        "names another report",
        _without(path),
    )
    yield telling("a report of a run without one", report | {"row": without}, "left none")
    yield telling(
        "the report of a check with its entry", forged, timeline, *swapped, named, finding="chain"
    )


def _of_policies(files: Files) -> Iterator[Way]:
    """Yield what is done to policies: found by their chains, and by what they judged."""
    manifest = json.loads(files["pack.json"])
    [policy], model = manifest["policies"], _folder(files)
    folder, agreed = policy["folder"], _agreed_way
    text, said = f"{folder}/policy.yaml", f"{folder}/policy.canonical.json"
    timeline, words = f"{folder}/timeline.jsonl", f"{folder}/statements/"
    signed = next(path for path in sorted(files) if path.startswith(words))

    def told(**parts: str) -> Callable[[Files], Files]:
        return _told(policies=[policy | parts])

    yield Way("a policy dropped", _without(text), "pack.missing", text)
    yield Way("the chain of a policy dropped", _without(timeline), "pack.missing", timeline)
    yield Way("a policy unlisted", _told(policies=[]), "policy", model)
    yield Way("a policy left out", told(folder="", root=""), "policy", "pack.json")
    yield Way("a policy without a chain", told(root="policy:pol_9"), "policy", "pack.json")
    yield Way("a chain unlisted", _told(chains=manifest["chains"][:1]), "policy", "pack.json")
    yield Way("a policy of another digest", told(digest=f"sha256:{'0' * 64}"), "policy", said)
    yield agreed("the text of a policy", _with(text, _flipped), "policy", text)
    yield agreed("a space in the text of a policy", _with(text, _longer), "policy", text)
    yield agreed("what a policy says", _with(said, _flipped), "policy", said)
    yield agreed("a policy never signed", _lines(timeline, _unsigned), "policy", text)
    yield agreed("a policy never published", _lines(timeline, _unpublished), "policy", timeline)
    yield agreed("a policy published anew", _lines(timeline, _edited_last), "proof", "log/proofs/")
    yield agreed("what was signed of a policy", _with(signed, _flipped), "statement", signed)
    yield agreed("the end of its chain", _lines(timeline, _unpublished), "proof", "log/proofs/pol")


def _unheard_of(data: bytes) -> bytes:
    told = json.loads(data)
    return json.dumps({key: told[key] for key in told if key != "evidence"}).encode()


def _longer(data: bytes) -> bytes:
    return data + b" "


def _unsigned(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b'"action":"policy.sign"' not in line]


def _unpublished(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b'"action":"policy.publish"' not in line]


def _rows_of(data: bytes, kind: str) -> list[str]:
    told = [json.loads(line) for line in data.splitlines()]
    return [f"{one['type']}:{one['id']}" for one in told if one["type"] == kind]


def _without_row(ref: str) -> Callable[[list[bytes]], list[bytes]]:
    def is_another(line: bytes) -> bool:
        told = json.loads(line)
        return f"{told['type']}:{told['id']}" != ref

    return lambda lines: [line for line in lines if is_another(line)]
