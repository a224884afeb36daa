"""Formats and what is read in them: what fails, what is shown, and what has limits."""

from dataclasses import replace

from apps.validation.checks.unsafe_code import examining
from apps.validation.checks.unsafe_code.given import AllowedGlobals
from apps.validation.checks.unsafe_code.limits import MIB
from tests.validation.checks.corpus.building import (
    h5,
    message,
    mlmodel,
    node,
    part,
    raw_floats,
    tensor,
    torch_legacy,
    torch_script,
)
from tests.validation.checks.hostile import PROTO, named, text
from tests.validation.checks.stored import codes, grave_codes, scanned, version_of


def test_bad_large_inputs_do_not_take_long_or_much() -> None:
    """Bytes that make readers try again and again end in an outcome all the same."""
    samples = {
        "a.h5": b"\x89HDF\r\n\x1a\n" + b'{"class_name":' * 60_000,
        "b.h5": b"\x89HDF\r\n\x1a\n" + b'{"a" {"a" ' * 50_000 + b'"class_name"',
        "c.jinja": b"{{" * 200_000,
        "d.jinja": b"{% '" * 80_000,
        "e.msgpack": b"\xdf\xff\xff\xff\xff" * 50_000,
        "saved_model.pb": b"\x08\x01" + b"\x12\x00" * 30_000,
        "tokenizer.model": part(1, part(1, "a")) * 20_000,
        "m.pth": torch_legacy(b"(" + tensor("a", 9) * 500 + b"t", raw_floats(9)),
    }
    for path, data in samples.items():
        assert len(data) < 4 * MIB
        scanned(data, path)


def test_an_old_file_of_pytorch_has_exactly_the_tensors_it_names() -> None:
    whole = torch_legacy(tensor("a", 9, metadata=b"N"), raw_floats(9))

    assert grave_codes(scanned(whole)) == set()
    assert grave_codes(scanned(whole[:-1])) == {"trailing_data"}
    assert grave_codes(scanned(whole + b"x")) == {"trailing_data"}
    unknown = whole.replace(b"FloatStorage", b"TypedStorage")
    assert grave_codes(scanned(unknown)) == {"forbidden_global", "persistent_id", "trailing_data"}


def test_messagepack_is_told_from_its_structure() -> None:
    assert codes(scanned(message({"a": {"b": b"12"}, "c": "d"}), "m.msgpack")) == set()
    values = b"\x8f" + b"".join(
        (
            b"\x01\xc0", b"\x02\xc2", b"\x03\xca" + bytes(4), b"\x04\xcb" + bytes(8),
            b"\x05\xd9\x01a", b"\x06\xda\x00\x01a", b"\x07\xc4\x01a", b"\x08\x92\x01\x02",
            b"\x09\xdc\x00\x01\x01", b"\x0a\xde\x00\x01\x01\x01", b"\x0b\xd4\x01a",
            b"\x0c\xd8\x02" + bytes(16), b"\x0d\xc8\x00\x01\x03a", b"\x0e\xdf\0\0\0\0",
            b"\x0f\xff",
        )
    )  # fmt: skip
    assert codes(scanned(values, "m.msgpack")) == set()
    assert codes(scanned(values.replace(b"\xd4\x01", b"\xd4\x09"), "m.msgpack")) == {
        "unknown_format"
    }
    assert codes(scanned(b"\x81\x01\xc1", "m.msgpack")) == {"unknown_format"}


def test_operations_of_others_are_shown() -> None:
    graph = part(1, node("Examples>Multiply"))
    assert codes(scanned(graph, "frozen.pb")) == {"custom_operations"}


def test_classes_loaded_from_code_beside_a_tokenizer_are_shown() -> None:
    outcome = scanned(b'{"auto_map": {"AutoModel": "modeling_own.Own"}}', "config.json")

    assert outcome.passed
    assert codes(outcome) == {"remote_code"}


def test_a_text_that_is_read_as_a_whole_has_a_limit() -> None:
    limits = replace(examining.LIMITS, document=100)

    long = scanned(b"{{ x }}" * 50, "a.jinja", limits=limits)
    assert grave_codes(long) == {"too_large"}
    program = torch_script("def forward(s):\n    return s\n" * 50)
    assert grave_codes(scanned(program, limits=limits)) == {"too_large"}


def test_programs_of_pytorch_are_shown_and_so_are_operations_of_others() -> None:
    plain = scanned(torch_script("def forward(s, x):\n    return torch.relu(x)\n"), "m.pt")
    other = scanned(torch_script("def forward(s, x):\n    return ops.own.blur(x)\n"), "m.pt")

    assert plain.passed
    assert codes(plain) == {"torchscript"}
    assert other.passed
    assert codes(other) == {"torchscript", "custom_operations"}


def test_code_beside_a_model_is_shown_where_the_mlmodel_names_it() -> None:
    files = {
        "model/MLmodel": mlmodel(loader_module="mlflow.sklearn", code="code"),
        "model/code/features.py": b"def features(x):\n    return x\n",
        "code/numpy.py": b"another folder\n",
    }
    outcome = examining.examine(version_of(files))

    assert outcome.passed
    assert codes(outcome) == {"shipped_code", "source_code"}


def test_a_loader_of_ones_own_can_be_allowed() -> None:
    version = version_of({"MLmodel": mlmodel(loader_module="own.loading")})
    allowed = AllowedGlobals(allowed_globals=("own.*",))

    assert grave_codes(examining.examine(version)) == {"loader_module"}
    assert examining.examine(version, parameters=allowed).passed


def test_every_description_in_hdf5_is_read() -> None:
    first, second = h5({"class_name": "Dense", "config": {}}), h5({"class_name": "Lambda"})

    assert codes(scanned(first + b'{"a": 1}' + second, "m.h5")) == {"lambda_layer"}
    many = first + b'{"class_name": "Dense"}' * 300
    assert codes(scanned(many, "m.h5")) == {"unclear_content"}


def test_long_files_of_numbers_need_somebody_who_names_them() -> None:
    numbers = raw_floats(9)
    described = {"m.xml": b'<?xml version="1.0"?><net name="m"></net>', "m.bin": numbers}

    assert examining.examine(version_of(described)).passed
    assert codes(examining.examine(version_of({"m.bin": numbers}))) == {"unknown_format"}
    other = {"m.xml": b"<other></other>", "m.bin": numbers}
    assert codes(examining.examine(version_of(other))) == {"unknown_format"}


def test_a_file_that_programs_choose_by_its_name_has_to_be_what_it_is_named() -> None:
    for path in ("a.json", "a.yaml", "a.yml", "a.jinja", "a.pb"):
        assert grave_codes(scanned(message({"a": "b"}), path)) == {"wrong_extension"}
    assert grave_codes(scanned(message({"a": "b"}), "a.csv")) == set()


def test_parts_of_protocol_buffers_are_stepped_over_as_others_do() -> None:
    hidden = part(1, node("ReadFile"))
    for around in (
        b"\x7b\x7c",
        b"\x7b\x73\x0a\x00\x74\x7c",
        b"\x79" + bytes(8),
        b"\x7d" + bytes(4),
    ):
        graph = part(2, part(2, around + hidden))
        assert "file_operation" in grave_codes(scanned(graph, "saved_model.pb")), around
    for damaged in (b"\x7b" * 40, b"\x7b", b"\x7e", b"\xff" * 11, b"\x00\x01", b"\x7a\x05"):
        assert not scanned(part(2, part(2, damaged + hidden)), "saved_model.pb").passed, damaged


def test_a_formula_of_names_is_plain_and_any_other_fails() -> None:
    made = PROTO + named("statsmodels.base.data", "PandasData") + b")\x81"
    restored = text("restore_model_spec") + b"\x88" + text("formula")

    assert scanned(made + b"}(" + restored + text("y ~ a + b:c") + b"ub.").passed
    assert scanned(made + b"}(" + text("formula") + text("y ~ f(x)") + b"ub.").passed
    for state in (restored + text("y ~ f(x)"), restored + b"N", b"K\x01K\x02"):
        assert grave_codes(scanned(made + b"}(" + state + b"ub.")) == {"formula"}
    pair = made + b"}(" + restored + text("y ~ a") + b"uN\x86b."
    assert scanned(pair).passed
