"""Versions as common libraries export them by default, which must not fail."""

import gzip
import json
import pickle
import struct
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pandas as pd
import skops.io

from tests.validation.checks.archives import FILE, tarred, zipped
from tests.validation.checks.corpus.building import (
    H5,
    SAVERS,
    graph,
    h5,
    keras_metadata,
    message,
    mlmodel,
    node,
    part,
    raw_floats,
    saved_model,
    tensor,
    torch_legacy,
    torch_script,
    torch_zip,
)
from tests.validation.checks.corpus.templates import ORDINARY
from tests.validation.checks.hostile import joblib_bytes
from tests.validation.checks.test_honest_models import FILES, MODELS, VALUES, X, Y
from tests.validation.checks.test_hostile_formats import gguf, gguf_text, onnx_model

Files = Mapping[str, bytes]

PROGRAM = """class M(Module):
  __parameters__ = ["weight", ]
  weight : Tensor
  training : bool
  def forward(self: __torch__.M, x: Tensor) -> Tensor:
    weight = self.weight
    _0 = getattr(self, "0")
    if bool(torch.gt(torch.sum(x), 0)):
      _1 = torch.relu((_0).forward(x, ))
    else:
      _1 = ops.quantized.linear(x, weight, 0.1, 0)
    return _1
"""
LAYERS = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "layers": [
            {
                "module": "keras.layers",
                "class_name": "Dense",
                "config": {
                    "units": 3,
                    "activation": {
                        "module": "keras.activations",
                        "class_name": "function",
                        "config": "gelu",
                    },
                },
                "registered_name": None,
            }
        ]
    },
}
KERAS_2 = {
    "class_name": "Sequential",
    "config": {"layers": [{"class_name": "Dense", "config": {"activation": "relu"}}]},
}
TABLE_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"


@cache
def _fitted(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MODELS[name].fit(X, Y)


def _exported(write: Callable[[Any], bytes], path: str) -> dict[str, Files]:
    return {f"{name}, as {path}": {path: write(_fitted(name))} for name in MODELS}


def _pandas() -> dict[str, Files]:
    frame = pd.DataFrame(
        {
            "numbers": [1.5, 2.5],
            "kinds": pd.Categorical(["a", "b"]),
            "moments": pd.date_range("2030", periods=2, tz="UTC"),
            "whole": pd.array([1, None], dtype="Int64"),
            "flags": pd.array([True, None], dtype="boolean"),
            "spans": pd.timedelta_range("1D", periods=2),
        }
    )
    values: dict[str, Any] = {
        "a table": frame,
        "a column": frame["numbers"],
        "a table with two keys": frame.set_index(["numbers", "moments"]),
        "moments and spans": [pd.Timestamp("2030-01-01"), pd.Timedelta("1D"), pd.NaT],
    }
    return {
        f"{name}, protocol {protocol}": {"table.pkl": pickle.dumps(value, protocol)}
        for name, value in values.items()
        for protocol in (2, 5)
    }


PYTORCH: dict[str, Files] = {
    "tensors": {"m.pt": torch_zip(tensor("0", 9), data__0=raw_floats(9)[8:], byteorder=b"little")},
    "tensors that begin like other formats": {
        "m.pt": torch_zip(
            b"(" + tensor("0", 4) + tensor("1", 4) + tensor("2", 4) + b"t",
            data__0=b"\x1f\x8b" + bytes(14),
            data__1=b"MZ" + bytes(14),
            data__2=b"\x80\x02" + bytes(14),
        ),
    },
    "a checkpoint": {
        "m.ckpt": torch_zip(
            b"}X\x05\x00\x00\x00epochK\x03s", __dot__data__serialization_id=b"1234567890"
        ),
    },
    "an old file": {"m.pth": torch_legacy(tensor("a", 9, metadata=b"N"), raw_floats(9))},
    "an old file without tensors": {"m.pth": torch_legacy(b"K\x01", b"", ())},
    "a module": {
        "m.pt": torch_zip(
            b"ctorch.nn.modules.linear\nLinear\n)\x81}(X\x08\x00\x00\x00trainingI01\nub"
        ),
    },
    "a program": {"m.pt": torch_script(PROGRAM)},
}

TENSORFLOW: dict[str, Files] = {
    "a SavedModel": {
        "saved_model.pb": saved_model(
            graph(
                node("Placeholder", "x"),
                node("MatMul"),
                node("StatefulPartitionedCall"),
                functions=SAVERS,
            )
        ),
        "fingerprint.pb": part(1, 2**40) + part(2, 2**50) + part(5, 7),
        "keras_metadata.pb": keras_metadata(KERAS_2),
        "variables/variables.index": bytes(60) + TABLE_END,
        "variables/variables.data-00000-of-00001": raw_floats(99),
    },
    "a SavedModel of the first release": {
        "saved_model.pb": saved_model(
            graph(
                node("Const", "save/Const", "model"),
                node("SaveV2", "save/SaveV2"),
                node("RestoreV2", "save/RestoreV2"),
            )
        ),
    },
    "a frozen graph": {
        "frozen.pb": graph(node("Placeholder"), node("MatMul"), node("Const", "c", "a"))
    },
    "TensorFlow Lite": {"m.tflite": b"\x1c\0\0\0TFL3" + bytes(50)},
}

KERAS: dict[str, Files] = {
    "Keras 3": {
        "m.keras": zipped(
            {
                "metadata.json": b'{"keras_version": "3.9.0"}',
                "config.json": json.dumps(LAYERS).encode(),
                "model.weights.h5": H5 + bytes(600),
            }
        ),
    },
    "Keras 2 as HDF5": {"m.h5": h5(KERAS_2)},
    "weights as HDF5": {"m.weights.h5": H5 + bytes(900)},
    "a layer its author registered": {
        "config.json": json.dumps(
            {"module": None, "class_name": "Mine", "config": {}, "registered_name": "Own>Mine"}
        ).encode(),
    },
}

LANGUAGE: dict[str, Files] = {
    **{
        f"a tokenizer with the template {name}": {
            "tokenizer_config.json": json.dumps({"chat_template": template}).encode(),
            "tokenizer.json": b'{"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0}}}',
            "vocab.txt": b"[PAD]\n[UNK]\n##s\n",
            "merges.txt": b"#version: 0.2\na b\n",
        }
        for name, template in ORDINARY.items()
    },
    "a template in a file of its own": {"chat_template.jinja": ORDINARY["tools"].encode()},
    "GGUF with a template": {
        "m.gguf": gguf(("tokenizer.chat_template", 8, gguf_text(ORDINARY["chatml"]))),
    },
    "SentencePiece": {
        "tokenizer.model": part(1, part(1, "<unk>") + b"\x15" + struct.pack("<f", 0.5) + part(3, 2))
        + part(2, part(1, "corpus"))
        + part(3, part(1, "identity")),
    },
    "safetensors with settings": {
        "model.safetensors": FILES["a.safetensors"],
        "config.json": b'{"architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16"}',
        "generation_config.json": b'{"do_sample": true}',
    },
    "Flax": {"flax_model.msgpack": message({"params": {"kernel": b"\x93\x91\x03\xa7float32"}})},
}

BOOSTED: dict[str, Files] = {
    "XGBoost, JSON": {
        "m.json": b'{"learner":{"gradient_booster":{"name":"gbtree"}},"version":[3,2,0]}',
    },
    "XGBoost, binary JSON": {
        "m.ubj": b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{" + bytes(40) + b"}}",
    },
    "LightGBM": {"m.txt": b"tree\nversion=v4\nnum_class=1\nTree=0\nnum_leaves=3\n\nend of trees\n"},
    "CatBoost": {"m.cbm": b"CBM1" + bytes(90)},
}

EXCHANGED: dict[str, Files] = {
    "ONNX": {"m.onnx": onnx_model()},
    "ONNX with its weights beside it": {
        "m.onnx": onnx_model("m.onnx.data"),
        "m.onnx.data": raw_floats(9),
    },
    "OpenVINO": {
        "m.xml": b'<?xml version="1.0"?>\n<net name="m" version="11"><layers/></net>\n',
        "m.bin": raw_floats(30),
    },
    "Arrow": {"t.arrow": b"ARROW1\x00\x00" + bytes(60)},
    "Arrow as a stream": {"t.arrows": b"\xff\xff\xff\xff\x78\x00\x00\x00" + bytes(200)},
    "a folder as a packed tar": {
        "model.tar.gz": gzip.compress(
            tarred(("m/a.csv", FILE, b"a,b\n1,2\n"), ("m/b", FILE, b"text"))
        ),
    },
}

MLFLOW: dict[str, Files] = {
    "scikit-learn": {
        "MLmodel": mlmodel(loader_module="mlflow.sklearn", model_path="model.pkl"),
        "model.pkl": pickle.dumps(_fitted("a tree")),
        "conda.yaml": b"channels:\n- conda-forge\ndependencies:\n- python=3.11\n",
        "python_env.yaml": b"python: 3.11.7\ndependencies:\n- -r requirements.txt\n",
        "requirements.txt": b"mlflow==3.1.0\nscikit-learn==1.7.0\n",
        "input_example.json": b'{"columns": ["a"], "data": [[1.0]]}',
    },
    "XGBoost": {
        "MLmodel": mlmodel(loader_module="mlflow.xgboost", data="model.xgb"),
        "model.xgb": BOOSTED["XGBoost, JSON"]["m.json"],
    },
    "ONNX": {
        "MLmodel": mlmodel(loader_module="mlflow.onnx", data="model.onnx"),
        "model.onnx": onnx_model(),
    },
    "with code that is named": {
        "MLmodel": mlmodel(loader_module="mlflow.sklearn", code="code"),
        "code/features.py": b"def features(x):\n    return x\n",
    },
}

GROUPS: dict[str, Mapping[str, Files]] = {
    "scikit-learn": {
        **_exported(pickle.dumps, "model.pkl"),
        **_exported(lambda model: joblib_bytes(model, compress=3), "model.joblib"),
        **_exported(skops.io.dumps, "model.skops"),
    },
    "values": {name: {"value.pkl": pickle.dumps(value)} for name, value in VALUES.items()},
    "pandas": _pandas(),
    "file": {path: {path: data} for path, data in FILES.items()},
    "PyTorch": PYTORCH,
    "TensorFlow": TENSORFLOW,
    "Keras": KERAS,
    "language model": LANGUAGE,
    "boosted trees": BOOSTED,
    "exchange": EXCHANGED,
    "MLflow": MLFLOW,
}
