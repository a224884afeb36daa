"""Versions that must not pass: they run code when they are loaded, or hide what they do."""

import gzip
import io
import json
import pickle
import tarfile
from collections.abc import Mapping

from tests.validation.checks.archives import ARCHIVES, FILE, tarred, zipped
from tests.validation.checks.corpus.building import (
    H5,
    LAMBDA,
    Files,
    h5,
    message,
    mlmodel,
    part,
    raw_floats,
    tensor,
    torch_legacy,
    torch_script,
    torch_zip,
)
from tests.validation.checks.corpus.graphs import TENSORFLOW
from tests.validation.checks.corpus.templates import ESCAPING
from tests.validation.checks.hostile import FIRE, PICKLES, called, line_named, named, payload, text
from tests.validation.checks.test_hostile_formats import HOSTILE, gguf, gguf_text, onnx_model

FIRES = called(line_named(*FIRE))


def _layer(name: str, module: str | None = None, /, **config: object) -> dict[str, object]:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def _keras(layer: object) -> bytes:
    model = {"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}}
    files = {"config.json": json.dumps(model).encode(), "metadata.json": b"{}"}
    return zipped({**files, "model.weights.h5": H5 + bytes(100)})


def _wheel() -> bytes:
    return zipped({"pkg/__init__.py": b"import os\n", "../../evil.pth": b"import os\n"})


def _formula(formula: str) -> bytes:
    """Return a pickle of statsmodels whose formula is evaluated when it is loaded."""
    made = named("statsmodels.base.data", "PandasData") + b")\x81"
    state = text("restore_model_spec") + b"\x88" + text("formula") + text(formula)
    return b"\x80\x04" + made + b"}(" + state + b"ub."


TORCH: dict[str, Files] = {
    "a payload as data.pkl": {"m.pt": torch_zip(FIRES)},
    "a payload beside a tensor": {
        "m.pt": torch_zip(b"(" + tensor("0", 3) + FIRES + b"t", data__0=bytes(12))
    },
    "a payload where a tensor should be": {
        "m.pt": torch_zip(tensor("0", 3), data__0=payload(2)),
    },
    "a payload without header where a tensor should be": {
        "m.pt": torch_zip(tensor("0", 3), data__0=payload(0)),
    },
    "a payload under another name": {"m.pt": torch_zip(b"N", extra__x=payload(2))},
    "a payload in a member that says it is encrypted": {
        "m.pt": torch_zip(FIRES)[:6] + b"\x01" + torch_zip(FIRES)[7:],
    },
    "an archive in an archive": {"m.pt": zipped({"inner.pt": torch_zip(FIRES)})},
    "an old file with a payload": {"m.pth": torch_legacy(FIRES, b"", ())},
    "an old file with a payload behind its tensors": {
        "m.pth": torch_legacy(tensor("a", 3, metadata=b"N"), raw_floats(3) + payload(2)),
    },
    "an old file with a class of somebody": {
        "m.pth": torch_legacy(
            b"(" + text("module") + line_named(*FIRE) + text("a.py") + text("...") + b"tQ)R", b""
        ),
    },
    "a tar, as the oldest releases wrote": {
        "m.pt": tarred(("pickle", FILE, payload(2)), ("storages", FILE, b"\x80\x02K\x00.")),
    },
    "a program that writes a file": {
        "m.pt": torch_script('def forward(s, x):\n    torch.save(x, "never")\n    return x\n'),
    },
    "a program that reads a file": {
        "m.pt": torch_script('def forward(s, x):\n    return torch.from_file("/etc/passwd")\n'),
    },
    "a program that writes a file by another name": {
        "m.pt": torch_script('def forward(s, x):\n    ops.aten.save(x, "never")\n'),
    },
    "a program that looks an operation up": {
        "m.pt": torch_script('def forward(s, x):\n    getattr(torch, "sa" + "ve")(x)\n'),
    },
    "a program with a payload in its constants": {
        "m.pt": zipped(
            {
                "m/data.pkl": b"\x80\x02N.",
                "m/constants.pkl": payload(2),
                "m/code/__torch__.py": b"class M:\n  pass\n",
                "m/version": b"3\n",
            }
        ),
    },
    "a program with a payload in its remarks": {
        "m.pt": zipped(
            {
                "m/data.pkl": b"\x80\x02N.",
                "m/code/__torch__.py": b"class M:\n  pass\n",
                "m/code/__torch__.py.debug_pkl": payload(2),
                "m/version": b"3\n",
            }
        ),
    },
    "a class of a program, outside of one": {
        "m.pt": torch_zip(line_named("__torch__", "M") + b")R")
    },
}

KERAS: dict[str, Files] = {
    "a Lambda layer": {"m.keras": _keras(LAMBDA)},
    "a Lambda layer of Keras 3": {"m.keras": _keras(_layer("__lambda__", "builtins", value="x"))},
    "a module to import": {"m.keras": _keras(_layer("system", "os"))},
    "a module of its own": {"m.keras": _keras(_layer("Attention", "my_package.layers"))},
    "a built-in as an activation": {
        "m.keras": _keras(
            _layer(
                "Dense",
                "keras.layers",
                activation=_layer("function", "builtins") | {"config": "eval"},
            )
        ),
    },
    "Keras's own download as a layer": {
        "m.keras": _keras(_layer("get_file", "keras.src.utils.file_utils")),
    },
    "Keras's own download as a function": {
        "m.keras": _keras(_layer("function", "keras.utils") | {"config": "get_file"}),
    },
    "a pickle of PyTorch in a layer": {
        "m.keras": _keras(_layer("TorchModuleWrapper", "keras.layers", module="gAJOLg==")),
    },
    "a SavedModel from a path": {
        "m.keras": _keras(_layer("TFSMLayer", "keras.layers", filepath="/tmp/evil")),
    },
    "a vocabulary from a path": {
        "m.keras": _keras(_layer("StringLookup", "keras.layers", vocabulary="/etc/passwd")),
    },
    "letters written as numbers": {
        "m.keras": zipped({"config.json": b'{"class_name": "\\u004cambda", "config": {}}'}),
    },
    "HDF5 with a Lambda layer": {"m.h5": h5(LAMBDA)},
    "HDF5 with a module to import": {"m.h5": h5(_layer("system", "os"))},
    "HDF5 with letters written as numbers": {"m.h5": H5 + bytes(99) + b'{"a": "\\u004cambda"}'},
    "HDF5 with half a description": {
        "m.h5": H5 + bytes(500) + b'{"class_name": "Sequential", "config": {' + bytes(200),
    },
    "HDF5 with packed descriptions": {"m.h5": h5({"class_name": "Dense"}, packed=True)},
    "HDF5 with tables": {"m.h5": H5 + b"PYTABLES_FORMAT_VERSION\0"},
    "HDF5 in an archive": {"m.keras": zipped({"model.weights.h5": h5(LAMBDA)})},
    "HDF5 named as weights": {"weights.bin": h5(LAMBDA)},
}

TEMPLATES: dict[str, Files] = {
    **{
        f"{name}, in a tokenizer's settings": {
            "tokenizer_config.json": json.dumps({"chat_template": template}).encode()
        }
        for name, template in ESCAPING.items()
    },
    "in a list of templates": {
        "tokenizer_config.json": json.dumps(
            {"chat_template": [{"name": "a", "template": ESCAPING["lipsum"]}]}
        ).encode(),
    },
    "in a file of its own": {"chat_template.jinja": ESCAPING["a class of a text"].encode()},
    "in a file that is a vocabulary as well": {
        "chat_template.jinja": part(1, part(1, ESCAPING["lipsum"])) + part(3, b""),
    },
    "in GGUF": {
        "m.gguf": gguf(("tokenizer.chat_template", 8, gguf_text(ESCAPING["lipsum"]))),
    },
    "in GGUF under another name": {
        "m.gguf": gguf(("tokenizer.chat_template.tool_use", 8, gguf_text(ESCAPING["cycler"]))),
    },
}

MLFLOW: dict[str, Files] = {
    "a loader of its own": {"MLmodel": mlmodel(loader_module="my_loader")},
    "a loader of the system": {"MLmodel": mlmodel(loader_module="os")},
    "a script to carry out": {
        "MLmodel": mlmodel(loader_module="mlflow.pyfunc.model", model_code_path="model.py"),
        "model.py": b"import os\n",
    },
    "a library replaced": {
        "MLmodel": mlmodel(loader_module="mlflow.sklearn", code="code"),
        "code/numpy.py": b"import os\n",
    },
    "an object in YAML": {"MLmodel": b"a: !!python/object/apply:os.system ['x']\n"},
    "anchors that hide what it says": {"MLmodel": b"a: &x my_loader\nloader_module: *x\n"},
    "a packed pickle the MLmodel names": {
        "MLmodel": mlmodel(loader_module="mlflow.sklearn"),
        "model.pkl": gzip.compress(payload()),
    },
    "a payload among honest files": {
        "MLmodel": mlmodel(loader_module="mlflow.sklearn"),
        "requirements.txt": b"scikit-learn==1.7\n",
        "metadata/notes.txt": payload(0),
    },
}

OTHERS: dict[str, Files] = {
    "a formula that calls functions": {"m.pkl": _formula("y ~ I(fire())")},
    "pandas opens another pickle": {
        "m.pkl": b"\x80\x04" + called(named("pandas", "read_pickle"), text("x")) + b".",
    },
    "pandas evaluates a text": {
        "m.pkl": b"\x80\x04" + called(named("pandas", "eval"), text("x")) + b".",
    },
    "torch opens another pickle": {
        "m.pkl": b"\x80\x04" + called(named("torch", "load"), text("x")) + b".",
    },
    "a booster that is called": {
        "m.pkl": b"\x80\x04" + called(named("lightgbm.basic", "Booster"), text("x")) + b".",
    },
    "MessagePack with a kind of its own": {
        "m.msgpack": b"\x81" + message("a") + b"\xc7\x03\x2a" + b"xyz",
    },
    "MessagePack that is cut off": {"m.msgpack": message({"a": b"12345"})[:-1]},
    "a wheel that steps out": {"m.whl": _wheel()},
    "a packed pickle in a tar in a zip": {
        "m.zip": zipped({"a.tar": tarred(("b.gz", FILE, gzip.compress(payload())))}),
    },
    "a tar with a device, packed": {
        "m.tar.gz": gzip.compress(tarred(("a", tarfile.BLKTYPE, b""))),
    },
    "a pickle named as a picture": {"plot.png": pickle.dumps([payload()])},
    "a packed pickle that ONNX names as its weights": {
        "m.onnx": onnx_model("model.joblib"),
        "model.joblib": gzip.compress(payload()),
    },
    "a pickle with a tail that ONNX names as its weights": {
        "m.onnx": onnx_model("model.pkl"),
        "model.pkl": _formula("y ~ I(fire())") + b"\xff" * 9,
    },
    "ONNX that steps out behind another beginning": {
        "m.onnx": b"PAR1\x01\x01\x01" + onnx_model("../../etc/passwd"),
    },
    "a pickle in front of an archive": {"model.pkl": payload(0) + zipped({"a.txt": b"text"})},
    "numbers of a program, unknown": {"weights.bin": io.BytesIO(bytes(range(7, 200))).read()},
}


def _single(samples: Mapping[str, bytes], path: str) -> dict[str, Files]:
    return {name: {path: data} for name, data in samples.items()}


GROUPS: dict[str, Mapping[str, Files]] = {
    "pickle": _single(PICKLES, "model.pkl"),
    "archive": _single({name: data for name, (data, _) in ARCHIVES.items()}, "model.dat"),
    "format": {name: {path: data} for name, (path, data, _) in HOSTILE.items()},
    "PyTorch": TORCH,
    "Keras": KERAS,
    "TensorFlow": TENSORFLOW,
    "template": TEMPLATES,
    "MLflow": MLFLOW,
    "other": OTHERS,
}
