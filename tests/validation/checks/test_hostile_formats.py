"""Formats other than pickles and archives, each with what makes a loading program run something."""

import io
import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from apps.validation.checks.unsafe_code import examining
from apps.validation.checks.unsafe_code.examining import LIMITS
from tests.validation.checks import stored
from tests.validation.checks.archives import zipped
from tests.validation.checks.hostile import Reduced
from tests.validation.checks.stored import codes, grave_codes, scanned


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npy_header(header: str, data: bytes = b"") -> bytes:
    text = header.encode("latin-1") + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def safetensors(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def gguf(*entries: tuple[str, int, bytes], version: int = 3) -> bytes:
    body = b"".join(
        struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", kind) + value
        for name, kind, value in entries
    )
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + body


def gguf_text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def onnx_model(location: str | None = None, domain: str = "", inside: bool = False) -> bytes:
    weight = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    if location is not None:
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", location
        other = weight.external_data.add()
        other.key, other.value = "offset", "0"
    node = helper.make_node("Add", ["x", "w"], ["y"], domain=domain)
    nodes, weights = [node], [weight]
    if inside:
        constant = helper.make_node("Constant", [], ["w"], value=weight)
        nodes, weights = [constant, node], []
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in "xy")
    graph = helper.make_graph(nodes, "g", [x], [y], weights)
    model: bytes = helper.make_model(graph).SerializeToString()
    return model


KERAS_LAMBDA = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda"}]}}


def keras(module: str, name: str, config: object = "x") -> bytes:
    layer = {"module": module, "class_name": name, "config": config}
    return zipped({"config.json": json.dumps({"layers": [layer]}).encode(), "metadata.json": b"{}"})


def skops(module: str, name: str, loader: str = "ObjectNode") -> bytes:
    node = {"__module__": module, "__class__": name, "__loader__": loader}
    return zipped({"schema.json": json.dumps({"content": [node]}).encode()})


OBJECTS = np.array([Reduced(stored.fire, 1)], dtype=object)
ESCAPED = b'{"class_name": "\\u004cambda", "config": {}}'

HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "npy with objects": ("a.npy", npy(OBJECTS), "forbidden_global"),
    "npy with harmless objects": ("a.npy", npy(np.array([None, 1])), "object_array"),
    "npz with objects": ("a.npz", npz(a=OBJECTS, b=np.zeros(3)), "forbidden_global"),
    "npy with objects in a field": (
        "a.npy",
        npy_header("{'descr': [('a', '<f8'), ('b', '|O')], 'shape': (1,)}", b"\x80\x04N."),
        "object_array",
    ),
    "npy with a tail": ("a.npy", npy(np.zeros(3)) + b"tail", "wrong_size"),
    "npy that is cut off": ("a.npy", npy(np.zeros(3))[:-1], "wrong_size"),
    "npy with a wild header": ("a.npy", npy_header("__import__('os')"), "unreadable_array"),
    "npy with a deep header": ("a.npy", npy_header("[" * 3000), "unreadable_array"),
    "npy without shape": ("a.npy", npy_header("{'descr': '<f8'}"), "unreadable_array"),
    "npy with an odd shape": (
        "a.npy",
        npy_header("{'descr': '<f8', 'shape': (-1,)}"),
        "unreadable_array",
    ),
    "npy with an odd type": (
        "a.npy",
        npy_header("{'descr': 'rubbish', 'shape': (1,)}"),
        "unreadable_array",
    ),
    "npy with an odder type": (
        "a.npy",
        npy_header("{'descr': 7, 'shape': ()}"),
        "unreadable_array",
    ),
    "npy with a part of objects": (
        "a.npy",
        npy_header("{'descr': ('|O', (2,)), 'shape': (1,)}", b"\x80\x04N."),
        "object_array",
    ),
    "npy with an odd part": (
        "a.npy",
        npy_header("{'descr': ('<f8', 'x'), 'shape': ()}"),
        "unreadable_array",
    ),
    "npy with a huge header": (
        "a.npy",
        b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
        "unreadable_array",
    ),
    "keras with a Lambda": (
        "m.keras",
        zipped({"config.json": json.dumps(KERAS_LAMBDA).encode()}),
        "lambda_layer",
    ),
    "keras with a hidden Lambda": ("m.keras", zipped({"config.json": ESCAPED}), "lambda_layer"),
    "keras with a module": ("m.keras", keras("os", "system"), "forbidden_type"),
    "keras with a built-in": ("m.keras", keras("builtins", "function", "eval"), "forbidden_type"),
    "h5 with a Lambda": (
        "m.h5",
        b"\x89HDF\r\n\x1a\n" + bytes(2000) + json.dumps(KERAS_LAMBDA).encode() + bytes(99),
        "lambda_layer",
    ),
    "h5 behind something": ("m.h5", bytes(512) + b"\x89HDF\r\n\x1a\n" + ESCAPED, "unclear_content"),
    "h5 of PyTables": ("m.h5", b"\x89HDF\r\n\x1a\nPYTABLES_FORMAT_VERSION\0", "unclear_content"),
    "skops with a forbidden type": ("m.skops", skops("os", "system"), "forbidden_type"),
    "skops with a method": (
        "m.skops",
        skops("numpy", "ndarray", "MethodNode"),
        "unknown_loader",
    ),
    "yaml with an object": (
        "MLmodel",
        b"a: !!python/object/apply:os.system ['x']\n",
        "yaml_object",
    ),
    "yaml with a tag": ("conda.yaml", b"%TAG !p! tag:yaml.org,2002:python/\n---\n", "yaml_object"),
    "yaml with a coded tag": ("MLmodel", b"a: !!pyth%6Fn/name:os.system\n", "yaml_object"),
    "onnx that steps out": ("m.onnx", onnx_model("../../etc/passwd"), "outside_reference"),
    "onnx with an absolute path": ("m.onnx", onnx_model("/etc/passwd"), "outside_reference"),
    "onnx with a drive": ("m.onnx", onnx_model("C:\\x"), "outside_reference"),
    "onnx that steps out in a node": (
        "m.onnx",
        onnx_model("../x", inside=True),
        "outside_reference",
    ),
    "onnx with a missing file": ("m.onnx", onnx_model("w.bin"), "missing_reference"),
    "safetensors that lie about the header": (
        "m.safetensors",
        struct.pack("<Q", 100_000_000) + b'{"a": 1}',
        "lying_header",
    ),
    "safetensors with a gap": (
        "m.safetensors",
        safetensors({"a": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}, b"xx"),
        "hidden_data",
    ),
    "safetensors with a tail": (
        "m.safetensors",
        safetensors({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}, b"xx"),
        "hidden_data",
    ),
    "safetensors with a wrong size": (
        "m.safetensors",
        safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 1]}}, b"x"),
        "unreadable_header",
    ),
    "safetensors with a name twice": ("m.safetensors", safetensors(b'{"a":1,"a":2}'), "unreadable"),
    "safetensors that are no JSON": ("m.safetensors", safetensors(b"{rubbish}"), "unreadable"),
    "safetensors without types": ("m.safetensors", safetensors({"a": {}}), "unreadable_header"),
    "gguf with a template": (
        "m.gguf",
        gguf(("tokenizer.chat_template", 8, gguf_text("{{ ''.__class__.__mro__ }}"))),
        "unsafe_template",
    ),
    "gguf with a template in a list": (
        "m.gguf",
        gguf(
            (
                "tokenizer.chat_templates",
                9,
                struct.pack("<IQ", 8, 1) + gguf_text("{{ x|attr('y') }}"),
            )
        ),
        "unsafe_template",
    ),
    "gguf of another version": ("m.gguf", gguf(version=9), "unreadable_header"),
    "gguf with an odd type": ("m.gguf", gguf(("a", 99, b"")), "unreadable_header"),
    "gguf that is cut off": ("m.gguf", gguf(("a", 10, b"1234")), "truncated"),
    "gguf with a huge text": ("m.gguf", gguf(("a", 8, b"\xff" * 8)), "too_large"),
    "gguf with a huge list": (
        "m.gguf",
        gguf(("a", 9, struct.pack("<IQ", 0, 2**60))),
        "too_large",
    ),
    "a program": ("m.bin", b"\x7fELF" + bytes(60), "program"),
    "a program for Windows": ("m.bin", b"MZ\x90\x00" + bytes(60), "program"),
    "compiled Python": ("m.pyc", b"\xa7\x0d\r\n" + bytes(60), "program"),
    "bytes nobody knows": ("m.bin", bytes(range(256)), "unknown_format"),
    "a picture that is an archive too": (
        "m.png",
        b"\x89PNG\r\n\x1a\n" + zipped({"a": b"x"}),
        "several_formats",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_fails_the_check(name: str) -> None:
    path, data, code = HOSTILE[name]

    outcome = scanned(data, path)

    assert not outcome.passed
    assert any(found.startswith(code) for found in grave_codes(outcome))


def test_a_file_the_model_refers_to_may_be_in_the_version() -> None:
    assert codes(scanned(onnx_model("w_bin".replace("_", ".")), "m.onnx", w_bin=b"text")) == set()


def test_operations_from_elsewhere_are_shown() -> None:
    assert codes(scanned(onnx_model(domain="my.own"), "m.onnx")) == {"custom_operations"}


def test_deeply_nested_graphs_are_too_large() -> None:
    graph = b""
    for _ in range(40):
        attribute = b"\x32" + onnx_length(graph) + graph
        node = b"\x2a" + onnx_length(attribute) + attribute
        graph = b"\x0a" + onnx_length(node) + node
    model = b"\x08\x07\x3a" + onnx_length(graph) + graph + b"\x42\x00"

    assert codes(scanned(model)) == {"too_large"}


def onnx_length(data: bytes) -> bytes:
    size, out = len(data), b""
    while size >= 0x80:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size])


@pytest.mark.parametrize(
    "model",
    [
        b"\x08\x07\x3a\x02\x0a\x05\x42\x00",
        b"\x08\x07\x3a\x03\x0a\x01\x00\x42\x00",
        b"\x08\x07\x3a\x02\x0b\x00\x42\x00",
        b"\x08\x07\x3a\x01\x0d\x42\x00",
        b"\x08\x07\x3a\x01\xff\x42\x00",
    ],
)
def test_a_damaged_model_cannot_be_told(model: Any) -> None:
    assert not scanned(model).passed


def test_a_model_with_a_very_long_name_in_it_is_too_large() -> None:
    model = onnx.load_from_string(onnx_model("x" * 5000))

    assert codes(scanned(model.SerializeToString())) == {"too_large"}


def test_a_long_description_is_not_passed_over() -> None:
    limits = replace(LIMITS, document=100)

    assert codes(scanned(b" " * 90 + ESCAPED, limits=limits)) == {"too_large"}
    assert codes(scanned(b'{"class_name": 1}' + b" " * 90, limits=limits)) == {"too_large"}
    assert codes(scanned(b'{"trees": [1, 2]}' + b" " * 90, limits=limits)) == set()
    long = safetensors({"a": {"dtype": "U8", "shape": [1] * 90, "data_offsets": [0, 1]}}, b"x")
    assert codes(scanned(long, limits=limits)) == {"too_large"}


def test_gguf_with_more_metadata_than_is_read_is_too_large() -> None:
    assert codes(scanned(gguf(version=3)[:16] + b"\xff" * 8)) == {"too_large"}


def test_a_missing_file_is_critical_and_a_version_without_files_is_no_pass() -> None:
    gone = stored.StoredVersion([stored.StoredFile("a.pkl", b"", is_gone=True)])

    assert codes(examining.examine(gone)) == {"missing_file"}
    assert codes(examining.examine(stored.StoredVersion())) == {"no_files"}


def test_there_is_an_end_to_the_list_of_problems() -> None:
    many = zipped({f"../{number}": b"x" for number in range(50)})

    outcome = scanned(many, limits=replace(LIMITS, problems=5))

    assert len(outcome.problems) == 6
    assert outcome.problems[-1].code == "more_problems"


def test_trouble_with_the_store_is_not_taken_for_trouble_with_the_model() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionError

    class File(stored.StoredFile):
        def open(self) -> io.BytesIO:
            return Broken(b"text")

    with pytest.raises(ConnectionError):
        examining.examine(stored.StoredVersion([File("a.txt", b"text")]))


def test_every_file_is_announced() -> None:
    seen: list[str] = []

    examining.examine(stored.version_of({"a.txt": b"1", "b.txt": b"2"}), seen.append)

    assert seen == ["a.txt", "b.txt"]


def test_a_long_pickle_shows_that_the_check_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.validation.checks.unsafe_code.scan.BETWEEN_BEATS", 64_000)
    seen: list[str] = []

    examining.examine(stored.version_of({"a.pkl": b"\x80\x04" + b"N0" * 700 + b"N."}), seen.append)

    assert seen == ["a.pkl", "a.pkl"]
