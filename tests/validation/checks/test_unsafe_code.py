"""What an organization sets for the check, the second opinion, and the process it runs in."""

import pickle
import subprocess
import sys
import uuid
from collections import OrderedDict
from pathlib import Path

import pytest

from apps.core.errors import DomainError
from apps.validation import confined, parameters
from apps.validation.checks import unsafe_code
from apps.validation.checks.contract import Outcome, Severity, silent
from apps.validation.checks.unsafe_code import examining, second_opinion
from apps.validation.checks.unsafe_code.given import AllowedGlobals
from tests.validation.checks.archives import zipped
from tests.validation.checks.hostile import PICKLES, PROTO, called, named, text
from tests.validation.checks.stored import scanned, version_of

ROOT = Path(__file__).resolve().parents[3]
OWN = PROTO + named("own.models", "Scorer") + b")\x81}b."
OWN_FUNCTION = PROTO + called(named("own.models", "score"), text("x")) + b"."


def examined(data: bytes, *allowed: str) -> Outcome:
    return examining.examine(
        version_of({"m.pkl": data}), parameters=AllowedGlobals(allowed_globals=allowed)
    )


def test_a_class_an_organization_allows_may_be_used() -> None:
    assert not examined(OWN).passed
    assert examined(OWN, "own.models.Scorer").passed
    assert examined(OWN, "own.models.*").passed
    assert examined(OWN, "own.*").passed
    assert not examined(OWN, "own.model.*", "own.models.Score").passed


def test_a_function_is_called_only_when_it_is_named_itself() -> None:
    assert not examined(OWN_FUNCTION, "own.models.*").passed
    assert examined(OWN_FUNCTION, "own.models.score").passed
    constructor = PROTO + called(named("own.models", "Scorer"), text("x")) + b"."
    assert not examined(constructor, "own.models.*").passed
    assert examined(constructor, "own.models.Scorer").passed


def test_what_is_allowed_does_not_lead_to_what_it_imports() -> None:
    through = PROTO + called(named("own.models", "os.system"), text("x")) + b"."

    assert not examined(through, "own.models.*").passed


def test_an_added_class_counts_for_keras_and_skops_too() -> None:
    layer = b'{"module": "own.layers", "class_name": "Attention", "config": {}}'
    node = b'{"__module__": "own.layers", "__class__": "Attention", "__loader__": "ObjectNode"}'
    for document in (layer, node):
        version = version_of({"m.json": document})
        allowed = AllowedGlobals(allowed_globals=("own.layers.Attention",))
        assert not examining.examine(version).passed
        assert examining.examine(version, parameters=allowed).passed


@pytest.mark.parametrize(
    "entry",
    [
        "os.system",
        "os.*",
        "posix.*",
        "nt.system",
        "subprocess.Popen",
        "builtins.eval",
        "builtins.*",
        "sys.modules",
        "importlib.import_module",
        "shutil.rmtree",
        "socket.socket",
        "ctypes.CDLL",
        "pty.spawn",
        "runpy.run_path",
        "code.InteractiveConsole",
        "pickle.loads",
        "multiprocessing.util.spawnv_passfds",
        "multiprocessing.*",
        "numpy.load",
        "pandas.eval",
        "pandas.read_pickle",
        "own.helpers.exec",
        "torch.*",
        "sklearn.*",
        "*",
        "own",
        "own.",
        ".own",
        "own..x",
        "own.models.*.x",
        "own.models.Sc*",
        "own models.x",
        "own.models.x\n",
        "",
    ],
)
def test_what_runs_code_is_never_allowed(entry: str) -> None:
    with pytest.raises(DomainError) as refusal:
        parameters.read(unsafe_code.CHECK, {"allowed_globals": [entry]})

    assert "allowed_globals" in str(refusal.value) or repr(entry) in str(refusal.value)


def test_what_was_set_is_kept_and_read_again() -> None:
    given = parameters.set_values(unsafe_code.CHECK, {"allowed_globals": ["own.models.Scorer"]})

    assert list(given["allowed_globals"]) == ["own.models.Scorer"]
    assert parameters.read(unsafe_code.CHECK, given) == AllowedGlobals(("own.models.Scorer",))
    with pytest.raises(DomainError):
        parameters.read(unsafe_code.CHECK, {"allowed_globals": ["own.models.A"] * 201})


# --- the second opinion -------------------------------------------------------------------------


def test_a_second_opinion_is_counted_and_shown_with_its_place() -> None:
    data = zipped({"a.pkl": PICKLES["os.system"], "b.pkl": pickle.dumps(OrderedDict())})
    outcome = scanned(data, "m.zip")

    counts = outcome.facts["second_opinion"]
    assert isinstance(counts, dict)
    assert counts.pop("version").startswith("1.")
    assert counts == {"tool": "picklescan", "clean": 1, "dangerous": 1}
    assert outcome.evidence == {
        "second_opinion": [
            {"place": "m.zip!a.pkl", "verdict": "dangerous", "about": "os.system"},
            {"place": "m.zip!b.pkl", "verdict": "clean", "about": ""},
        ]
    }
    assert outcome.tools["picklescan"].startswith("1.")


def test_a_second_opinion_that_differs_is_shown_and_does_not_decide() -> None:
    outcome = scanned(pickle.dumps(uuid.UUID(int=3)), "m.pkl")

    assert outcome.passed
    [problem] = outcome.problems
    assert (problem.code, problem.severity) == ("second_opinion_differs", Severity.MEDIUM)
    assert problem.text.startswith("picklescan calls uuid.UUID dangerous")


def test_a_second_opinion_that_is_calm_decides_nothing_either() -> None:
    outcome = scanned(PICKLES["a global named by numbers"], "m.pkl")

    assert outcome.facts["second_opinion"]["clean"] == 1  # type: ignore[call-overload,index]
    assert not outcome.passed


def test_a_pickle_too_large_for_the_other_is_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second_opinion, "MOST_OPERATIONS", 50)
    many = scanned(pickle.dumps(list(range(100))), "m.pkl")
    monkeypatch.undo()
    monkeypatch.setattr(second_opinion, "MOST_BYTES", 50)
    long = scanned(pickle.dumps("x" * 100), "m.pkl")

    for outcome in (many, long):
        assert outcome.passed
        assert outcome.facts["second_opinion"]["left_out"] == 1  # type: ignore[call-overload,index]


def test_without_the_other_scanner_the_facts_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "scan_pickle_bytes", None)
    monkeypatch.setattr(examining, "VERSION", "not installed")
    outcome = scanned(pickle.dumps([1]), "m.pkl")

    assert outcome.passed
    assert outcome.facts["second_opinion"] == {"tool": "picklescan", "version": "not installed"}
    assert outcome.tools == {}
    assert second_opinion.opinion_on(b"N.") == ("left_out", "")


def test_bytes_that_stop_the_other_scanner_are_unclear_to_it() -> None:
    assert second_opinion.opinion_on(b"\x80\x04\x93.") == ("unclear", "")
    assert second_opinion.opinion_on(b"cown\nname\n\xff") == ("unclear", "")


# --- where it runs ------------------------------------------------------------------------------


def test_the_check_is_carried_out_in_a_confined_process_with_its_parameters() -> None:
    files = {"own.pkl": OWN, "hostile.pkl": PICKLES["os.system"], "a.txt": b"text"}
    allowed = AllowedGlobals(allowed_globals=("own.models.Scorer",))

    outcome = confined.carry_out(unsafe_code.CHECK, version_of(files), silent, allowed)

    assert {found.place.partition(",")[0] for found in outcome.problems} == {"hostile.pkl"}
    assert outcome.facts["second_opinion"]["dangerous"] == 1  # type: ignore[call-overload,index]
    assert "picklescan" in outcome.tools


def test_naming_the_check_imports_no_scanner_and_no_django() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import apps.validation.checks.unsafe_code;"
        "print(sorted({'django', 'picklescan', 'numpy', 'yaml'} & sys.modules.keys()))"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-c", script, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
