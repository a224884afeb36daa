"""Every hostile pickle fails the check, and none of them runs."""

import pickle
from pathlib import Path

import joblib
import pytest

from apps.validation.checks.contract import Severity
from tests.validation.checks import hostile, stored
from tests.validation.checks.stored import codes, grave_codes, scanned

LOADABLE = [name for name in hostile.PICKLES if name.startswith("a real payload")] + [
    "STACK_GLOBAL from the memo",
    "a memo with gaps",
    "OBJ without arguments",
    "numbers no scanner reads",
    "many zeros in the memo",
    "a picture in front",
]


@pytest.mark.parametrize("name", hostile.PICKLES)
@pytest.mark.parametrize("path", ["model.pkl", "weights.safetensors", "notes.txt"])
def test_a_hostile_pickle_fails_the_check_under_any_name(name: str, path: str) -> None:
    outcome = scanned(hostile.PICKLES[name], path)

    assert not outcome.passed
    assert grave_codes(outcome) - {"wrong_extension"}


@pytest.mark.parametrize("name", LOADABLE)
def test_the_samples_are_real_and_fire_when_they_are_loaded(name: str) -> None:
    stored.FIRED.clear()

    pickle.loads(hostile.PICKLES[name])

    assert stored.FIRED
    stored.FIRED.clear()


def test_a_truncated_sample_fires_before_it_breaks() -> None:
    stored.FIRED.clear()

    with pytest.raises(EOFError):
        pickle.loads(hostile.PICKLES["truncated behind the payload"])

    assert stored.FIRED
    stored.FIRED.clear()


def test_a_problem_names_the_global_and_the_place() -> None:
    outcome = scanned(b"\x80\x04" + b"cos\nsystem\n" + b")R.", "folder/model.pkl")

    (problem,) = outcome.problems
    assert problem.code == "forbidden_global"
    assert problem.severity is Severity.CRITICAL
    assert "'os.system'" in problem.text
    assert problem.place == "folder/model.pkl, byte 2"


def test_a_global_nobody_knows_is_a_problem_too() -> None:
    outcome = scanned(hostile.PROTO + hostile.named("somewhere", "Model") + b")\x81.")

    (problem,) = outcome.problems
    assert problem.severity is Severity.HIGH
    assert "'somewhere.Model'" in problem.text


def test_a_name_cannot_write_over_what_the_reader_sees() -> None:
    outcome = scanned(hostile.PROTO + hostile.named("os\u202e\n", "sys\0tem") + b".")

    assert not outcome.passed
    assert all(problem.text.isprintable() for problem in outcome.problems)
    assert str(outcome.facts["globals"]).isprintable()


def test_disguising_a_pickle_is_a_problem_of_its_own() -> None:
    harmless = pickle.dumps([1, 2, 3])

    assert scanned(harmless, "model.pkl").passed
    assert grave_codes(scanned(harmless, "model.safetensors")) == {"wrong_extension"}


def test_rubbish_behind_a_good_pickle_is_a_problem() -> None:
    assert codes(scanned(pickle.dumps([1]) + b"\xff\x00rubbish")) == {"trailing_data"}


@pytest.mark.parametrize(
    "data",
    [
        b"cat\ndog\nbird\n",
        b"(see the notes)\n",
        b"cache\nbuild\n.venv\n",
        b"N.B. this is a text\n",
        b".gitignore\n",
        b"Great numbers: 1, 2, 3\n",
        b"]. not a pickle",
        b"Bananas and apples\n",
        b"x^2 + y^2",
    ],
)
def test_a_text_that_begins_like_a_pickle_is_still_a_text(data: bytes) -> None:
    outcome = scanned(data, "notes.txt")

    assert outcome.passed
    assert outcome.facts["formats"] == {"text": 1}


def test_what_joblib_reads_as_an_array_is_also_read_as_plain_pickle_would() -> None:
    """The bytes of the array are operations for those who load the file without joblib."""
    wrapper = hostile.named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
    dtype = hostile.called(hostile.named("numpy", "dtype"), hostile.text("u1"))
    hidden = b"0" + hostile.called(hostile.line_named(*hostile.FIRE)) + b"."
    shape = b"K" + bytes([len(hidden)]) + b"\x85"
    fields = hostile.text("shape") + shape + hostile.text("dtype") + dtype
    data = hostile.PROTO + wrapper + fields + b"ub" + hidden + b"."
    stored.FIRED.clear()
    pickle.loads(data)
    assert stored.FIRED == ["()"]

    outcome = scanned(data)

    assert "forbidden_global" in grave_codes(outcome)


def test_an_array_of_objects_is_followed_in_both_ways() -> None:
    """Inside the array, memo places mean something else to plain pickle than to joblib."""
    own = hostile.text("collections") + b"\x94" + hostile.text("OrderedDict") + b"\x9400"
    inner = b"\x80\x04" + own + b"h\x00h\x01\x93)R."
    prepared = (
        b"\x80\x04" + hostile.text(hostile.FIRE[0]) + b"\x94" + hostile.text("fire") + b"\x94"
    )
    wrapper = hostile.named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
    dtype = hostile.called(hostile.named("numpy", "dtype"), hostile.text("O8"))
    fields = hostile.text("shape") + b")" + hostile.text("dtype") + dtype
    data = prepared + wrapper + fields + b"ub" + inner + b"."
    stored.FIRED.clear()
    pickle.loads(data)
    assert stored.FIRED == ["()"]

    outcome = scanned(data)

    assert grave_codes(outcome) == {"forbidden_global"}


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (("sklearn.neighbors._kd_tree", "newObj"), b""),
        (("numpy.random._pickle", "__bit_generator_ctor"), b""),
    ],
)
def test_a_wrapper_made_by_a_detour_is_a_problem(
    function: tuple[str, str], arguments: bytes
) -> None:
    """Otherwise it would no longer be clear where joblib goes on reading."""
    wrapper = hostile.named("joblib.numpy_pickle", "NumpyArrayWrapper")
    data = hostile.PROTO + hostile.called(hostile.named(*function), wrapper) + b"."

    assert "misused_wrapper" in grave_codes(scanned(data))


def test_joblib_really_runs_what_is_hidden_in_its_compressed_files(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(hostile.PICKLES["joblib, compressed"])
    stored.FIRED.clear()

    joblib.load(path)

    assert stored.FIRED
    stored.FIRED.clear()
