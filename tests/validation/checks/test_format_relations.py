"""Format validity: what the files of a version say about each other."""

import json
from collections.abc import Callable, Mapping

from apps.validation.checks.contract import Outcome
from apps.validation.checks.format_validity.examination import examine
from tests.validation.checks.sound_files import LOGGED, ONNX
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes, version_of
from tests.validation.checks.wellformed import (
    MLMODEL,
    TENSORS,
    onnx_model,
    safetensors,
)


def test_tensors_in_another_file_are_held_against_it() -> None:
    def outcome(
        described: Mapping[str, str], size: int | None = 32, path: str = "w.bin"
    ) -> set[str]:
        files = {"m/model.onnx": onnx_model(external=described).SerializeToString()}
        if size is not None:
            files[f"m/{path}"] = bytes(size)
        return codes(examine(version_of(files)))

    assert outcome({"location": "w.bin", "offset": "8", "length": "24"}) == set()
    assert outcome({"location": "w.bin"}) == set()
    assert outcome({"location": "w.bin", "offset": "9", "length": "24"}) == {"truncated_reference"}
    assert outcome({"location": "w.bin", "length": "20"}) == {"wrong_size"}
    assert outcome({"location": "w.bin"}, size=None) == {"missing_reference"}
    assert outcome({"location": "../w.bin"}, size=None) == {"outside_reference"}
    assert outcome({"location": "/etc/passwd"}, size=None) == {"outside_reference"}
    assert outcome({"location": "w.bin", "offset": "-1"}) == {"damaged"}


def test_a_logged_model_passes() -> None:
    assert codes(examine(version_of(LOGGED))) == set()


EDITS: dict[str, tuple[Callable[[str], str], str]] = {
    "a file that is missing": (
        lambda text: text.replace("data: model.onnx", "data: other.onnx"),
        "missing_reference",
    ),
    "a file outside": (lambda text: text.replace("data: model.onnx", "data: ../m.onnx"), "damaged"),
    "another flavor": (lambda text: text.replace("  onnx:\n", "  xgboost:\n"), "wrong_content"),
    "an unknown loader": (lambda text: text.replace("mlflow.onnx", "ours"), "unknown_loader"),
    "no environment": (lambda text: text.replace("conda.yaml", "other.yaml"), "missing_file"),
    "a signature that is none": (
        lambda text: text.replace("'[{", "'[oops"),
        "unreadable_signature",
    ),
    "a tag": (lambda text: text + "x: !!python/object/apply:os.system ['x']\n", "not_yaml"),
    "aliases that grow": (lambda text: text + "a: &a [x]\nb: [*a, *a]\n", "not_yaml"),
    "a key twice": (lambda text: text + "flavors: {}\n", "not_yaml"),
    "flavors as a list": (lambda text: "flavors: [a]\n", "damaged"),
}


def test_what_an_mlmodel_file_says_is_held_against_the_other_files() -> None:
    for name, (edit, code) in EDITS.items():
        outcome = examine(version_of({**LOGGED, "MLmodel": edit(MLMODEL).encode()}))
        assert code in codes(outcome), f"{name}: {outcome.problems}"
        is_minor = code in {"unknown_loader", "missing_file"}
        assert outcome.passed is is_minor, name


def test_parts_an_index_names_are_there_with_their_tensors() -> None:
    def outcome(**placed: str) -> Outcome:
        index = json.dumps({"metadata": {}, "weight_map": placed}).encode()
        part = safetensors(TENSORS, bytes(11))
        return examine(
            version_of({"m/model.safetensors.index.json": index, "m/p1.safetensors": part})
        )

    assert codes(outcome(a="p1.safetensors", b="p1.safetensors")) == set()
    assert grave_codes(outcome(a="p1.safetensors", b="p2.safetensors")) == {"missing_reference"}
    assert grave_codes(outcome(a="p1.safetensors", z="p1.safetensors")) == {"missing_tensors"}


def test_numbers_of_openvino_are_held_against_its_description() -> None:
    layer = '<data element_type="f32" offset="8" shape="2" size="8"/>'
    described = f'<?xml version="1.0"?>\n<net name="m" version="11">{layer}</net>'.encode()

    def outcome(**files: bytes) -> set[str]:
        named = {name.replace("_", "."): data for name, data in files.items()}
        return codes(examine(version_of({"m.xml": described, **named})))

    assert outcome(m_bin=b"\0" * 16) == set()
    assert outcome(m_bin=b"\0" * 15) == {"truncated_reference"}
    assert outcome() == {"missing_reference"}


def test_an_unknown_file_beside_a_model_is_minor_unless_it_is_the_model() -> None:
    odd = b"\x00\x01\xfe\xff" * 40
    beside = examine(version_of({"model.onnx": ONNX, "extra.dat": odd}))
    assert beside.passed
    assert codes(beside) == {"unknown_format"}

    named = {
        **LOGGED,
        "MLmodel": MLMODEL.replace("data: model.onnx", "data: m").encode(),
        "m/x": odd,
    }
    assert "unknown_format" in grave_codes(examine(version_of(named)))


def test_a_harmless_wrong_ending_does_not_fail() -> None:
    outcome = examine(version_of({"model.onnx": ONNX, "notes.json": b"{oops", "a.png": b"text"}))

    assert outcome.passed
    assert codes(outcome) == {"wrong_extension"}


def test_texts_alone_hold_no_model_unless_it_is_a_prompt() -> None:
    version = version_of({"prompt.md": b"Answer in one word."})
    assert codes(examine(version)) == {"no_model"}

    version.is_prompt = True
    assert codes(examine(version)) == set()


def test_a_version_without_files_and_one_whose_file_is_gone_fail() -> None:
    assert grave_codes(examine(version_of({}))) == {"no_files"}

    gone = StoredVersion([StoredFile("model.onnx", ONNX, is_gone=True)])
    assert grave_codes(examine(gone)) == {"missing_file"}


def test_many_problems_are_listed_up_to_a_limit() -> None:
    version = version_of({f"{number}.npy": b"text" for number in range(300)})

    assert len(examine(version).problems) == 201
