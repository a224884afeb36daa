"""The verifier as one file: it needs Python alone, and says of any changed export what is wrong."""

import ast
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apps.audit.log.keys import SigningKey
from apps.audit.verifier import standalone
from tests.audit.log.oracle import VECTORS, entries
from tests.audit.verifier.exported import KEY, VKEY, exported, note

MODULE: dict[str, Any] = {"__name__": "verify_audit"}
exec(compile(standalone.text(), standalone.NAME, "exec"), MODULE)


def oldest_python() -> str:
    """Return a Python 3.9 when this machine has one that runs, else our own."""
    kept = (Path.home() / ".pyenv" / "versions").glob("3.9*/bin/python3")
    for python in [*map(str, kept), shutil.which("python3.9") or ""]:
        if python and not subprocess.run([python, "-V"], check=False).returncode:
            return python
    return sys.executable


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("exported"))


@pytest.fixture
def own(log: Path, tmp_path: Path) -> Path:
    """Return a copy of the exported log, to be changed."""
    return Path(shutil.copytree(log, tmp_path / "log"))


def verify(folder: Path, *arguments: object) -> tuple[int, dict[str, Any]]:
    """Run the verifier here; return what it exits with, and what it says."""
    said: list[str] = []
    MODULE["_say"] = said.append
    code = MODULE["main"](["export", str(folder), "--json", "--key", VKEY, *map(str, arguments)])
    return code, json.loads(said[0]) if said[0].startswith("{") else {"said": said[0]}


def names(said: dict[str, Any]) -> set[str]:
    return {finding["name"] for finding in said["findings"]}


def test_the_file_is_python_39_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(standalone.text(), feature_version=(3, 9))
    modules = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    assert modules <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


def test_no_name_of_one_module_hides_one_of_another() -> None:
    tree = ast.parse(standalone.text())
    told = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in tree.body:
        if isinstance(node, ast.Assign):
            told += [each.id for each in ast.walk(node.targets[0]) if isinstance(each, ast.Name)]
    assert [name for name, times in Counter(told).items() if times > 1] == []


def test_the_verifier_shares_no_code_with_what_seals() -> None:
    own_modules = Path(standalone.__file__).parent.glob("*.py")
    for module in own_modules:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("apps"):
                assert (node.module or "").startswith("apps.audit.verifier"), module


def test_a_whole_log_is_whole_in_a_python_without_anything_else(log: Path, tmp_path: Path) -> None:
    program = tmp_path / standalone.NAME
    program.write_text(standalone.text())
    (tmp_path / "kept.note").write_text(note(7))
    checked = subprocess.run(
        [
            oldest_python(),
            "-I",
            "-S",
            program,
            "export",
            log,
            "--key",
            VKEY,
            "--checkpoint",
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "300 entries" in checked.stdout
    assert "Held to 1 checkpoints" in checked.stdout


def test_a_log_that_is_held_to_nothing_from_elsewhere_says_so(log: Path) -> None:
    code, said = verify(log)
    assert (code, said["outside"], said["findings"]) == (0, 0, [])
    assert said["root"] == VECTORS["roots"]["300"]


@pytest.mark.parametrize("size", [0, 1, 7, 255, 256, 257, 300])
def test_a_log_agrees_with_its_earlier_checkpoints(log: Path, tmp_path: Path, size: int) -> None:
    (tmp_path / "kept.note").write_text(note(size))
    assert verify(log, "--checkpoint", tmp_path)[0] == 0


def test_a_byte_changed_anywhere_is_found(own: Path) -> None:
    choose = random.Random(7)
    files = sorted(path for path in own.rglob("*") if path.is_file())
    for path in files:
        whole = path.read_bytes()
        for _ in range(12):
            place, bit = choose.randrange(len(whole)), 1 << choose.randrange(8)
            changed = bytearray(whole)
            changed[place] ^= bit
            path.write_bytes(changed)
            code, said = verify(own)
            assert code in {1, 3}, (path, place, bit)
            assert code == 3 or said["findings"], (path, place, bit)
        path.write_bytes(whole)
    assert verify(own)[0] == 0


@pytest.mark.parametrize("how", ["cut", "more", "gone"])
def test_a_file_cut_lengthened_or_gone_is_found(own: Path, how: str) -> None:
    for path in sorted(path for path in own.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] if how == "cut" else whole + b"\n")
        if how == "gone":
            path.unlink()
        code, _ = verify(own)
        assert code == (3 if how == "gone" and path.name == "checkpoint" else 1), path
        path.write_bytes(whole)


def test_a_file_too_many_is_found(own: Path) -> None:
    (own / "tile/0/002").write_bytes(b"")
    code, said = verify(own)
    assert (code, names(said)) == (1, {"tile.extra"})


def held(change: str) -> list[bytes]:
    """Return the entries of the vectors, forged, sealed anew and signed with the stolen key."""
    raw = list(entries())
    if change == "altered":
        raw[4] = raw[4].replace(b'"to":"production"', b'"to":"staging"')
    elif change == "removed":
        del raw[3]
    elif change == "swapped":
        raw[2], raw[3] = raw[3], raw[2]
    elif change == "doubled":
        raw.insert(8, raw[7])
    elif change == "written anew":
        raw[9] = json.dumps(json.loads(raw[9])).encode()
    return raw


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("altered", set()),  # the last of its chain: only a checkpoint kept elsewhere can tell
        ("removed", {"chain"}),
        ("swapped", {"chain"}),
        ("doubled", {"event.duplicate"}),
        ("written anew", {"event.noncanonical"}),
    ],
)
def test_a_log_forged_with_the_key_disagrees_with_what_was_kept(
    tmp_path: Path, change: str, found: set[str]
) -> None:
    folder = exported(tmp_path / "log", held(change))
    (tmp_path / "kept.note").write_text(note(256))
    assert names(verify(folder)[1]) == found
    code, said = verify(folder, "--checkpoint", tmp_path)
    assert (code, names(said)) == (1, found | {"fork"})


def test_a_log_cut_off_at_its_end_is_found_by_what_was_kept(tmp_path: Path) -> None:
    folder = exported(tmp_path / "log", entries()[:256])
    (tmp_path / "kept.note").write_text(note(300))
    assert verify(folder)[0] == 0
    code, said = verify(folder, "--checkpoint", tmp_path)
    assert (code, names(said)) == (1, {"rollback"})


def test_a_checkpoint_that_another_log_signed_is_no_evidence(log: Path, tmp_path: Path) -> None:
    stranger = SigningKey("stranger.example/audit/1", b"\x07" * 32)
    (tmp_path / "kept.note").write_text(note(7, key=stranger))
    code, said = verify(log, "--checkpoint", tmp_path)
    assert (code, names(said)) == (1, {"checkpoint.signature"})
    code, said = verify(log, "--checkpoint", tmp_path, "--key", stranger.verifier.text)
    assert (code, names(said)) == (1, {"fork"})


def test_hashes_alone_are_checked_when_that_is_asked_for(tmp_path: Path) -> None:
    folder = exported(tmp_path / "log", held("doubled"))
    assert verify(folder, "--hashes-only")[0] == 0


def test_a_folder_without_a_log_cannot_be_checked(tmp_path: Path) -> None:
    code, said = verify(tmp_path)
    assert code == 3
    assert "no checkpoint" in said["said"]


def test_a_key_that_is_none_is_said(log: Path) -> None:
    said: list[str] = []
    MODULE["_say"] = said.append
    assert MODULE["main"](["export", str(log), "--key", "nonsense"]) == 1
    assert "is no key" in said[0]


def test_a_call_without_a_key_is_a_wrong_one(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        MODULE["main"](["export", str(log)])
    assert ended.value.code == 2
    assert "--key" in capsys.readouterr().err


def test_the_program_proves_one_entry(tmp_path: Path) -> None:
    (tmp_path / "proof").write_text(VECTORS["tlog_proof"]["text"])
    (tmp_path / "entry").write_bytes(entries()[3])
    said: list[str] = []
    MODULE["_say"] = said.append
    call = ["proof", str(tmp_path / "proof"), "--entry", str(tmp_path / "entry"), "--key", VKEY]
    witness = ["--witness", VECTORS["witness_vkey"], "--quorum", "1"]
    assert MODULE["main"]([*call, *witness]) == 0
    assert said == [f"Proven: entry 3 of {KEY.name}, sealed among 300."]
    (tmp_path / "entry").write_bytes(entries()[4])
    assert MODULE["main"](call) == 1
    assert "another root" in said[-1]


def opened_again(previous: dict[str, Any], *passed_over: dict[str, Any]) -> bytes:
    """Return the entry with which a log went on under another name."""
    entry = json.loads(entries()[0])
    entry["detail"] = {"epoch": 2, "previous": previous}
    if passed_over:
        entry["detail"]["passed_over"] = list(passed_over)
    entry["id"] = "019a0000-0000-7000-8000-00000000ffff"
    entry["chain"] = {"prev": "0" * 64, "rev": 1, "root": "log:registry.example/audit/2"}
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("size", "kept", "found"),
    [(256, 300, set()), (256, 256, set()), (257, 257, {"fork"}), (256, 299, {"rollback"})],
)
def test_a_log_that_went_on_after_a_loss_says_what_was_lost(
    tmp_path: Path, size: int, kept: int, found: set[str]
) -> None:
    """What came after 256 entries was lost: that stands on record, and nothing else may be."""
    ends = 298 if found == {"rollback"} else 300
    previous = {"origin": KEY.name, "restored": {"size": size}, "anchored": {"size": ends}}
    later = SigningKey("registry.example/audit/2", b"\x08" * 32)
    raw = [*entries()[:256], opened_again(previous)]
    folder = exported(tmp_path / "log", raw)
    (folder / "checkpoint").write_text(note(257, held=raw, key=later))
    (tmp_path / "kept.note").write_text(note(kept))
    code, said = verify(folder, "--checkpoint", tmp_path, "--key", later.verifier.text)
    assert (code, names(said)) == (1 if found else 0, found)
    assert len(said["gaps"]) == 1


@pytest.mark.parametrize(
    ("size", "told", "found"), [(300, 300, set()), (300, 299, {"rollback"}), (300, 0, {"fork"})]
)
def test_a_name_that_was_passed_over_is_a_gap_on_record(
    tmp_path: Path, size: int, told: int, found: set[str]
) -> None:
    """A checkpoint of it is no fork, unless no entry names it or it goes on beyond what was."""
    first = {"origin": KEY.name, "restored": {"size": 256}, "anchored": {"size": 256}}
    second = SigningKey("registry.example/audit/2", b"\x08" * 32)
    third = SigningKey("registry.example/audit/3", b"\x08" * 32)
    lost = {"origin": second.name, "restored": {"size": 256}, "anchored": {"size": told}}
    raw = [*entries()[:256], opened_again(first, *([lost] if told else []))]
    folder = exported(tmp_path / "log", raw)
    (folder / "checkpoint").write_text(note(257, held=raw, key=third))
    (tmp_path / "kept.note").write_text(note(size, key=second))
    keys = ["--key", third.verifier.text, "--key", second.verifier.text]
    code, said = verify(folder, "--checkpoint", tmp_path, *keys)
    assert (code, names(said)) == (1 if found else 0, found)
