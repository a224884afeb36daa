"""TensorFlow's graphs that touch files, call Python, or are disguised as something else."""

import json
import struct

from tests.validation.checks.corpus.building import (
    LAMBDA,
    SAVERS,
    Files,
    graph,
    keras_metadata,
    node,
    part,
    saved_model,
)
from tests.validation.checks.hostile import payload
from tests.validation.checks.test_hostile_formats import onnx_model

_META = part(2, part(1, part(5, "serve")) + part(2, graph(node("ReadFile"))))
_MESSAGE = b"\x81\x01\xc6" + struct.pack(">I", len(_META) + 3) + b"abc" + _META
TENSORFLOW: dict[str, Files] = {
    "reads a file": {"saved_model.pb": saved_model(graph(node("ReadFile")))},
    "writes a file": {"saved_model.pb": saved_model(graph(node("WriteFile")))},
    "lists files": {"saved_model.pb": saved_model(graph(node("MatchingFiles")))},
    "calls Python": {"saved_model.pb": saved_model(graph(node("PyFunc")))},
    "calls Python in a function": {
        "saved_model.pb": saved_model(graph(functions={"f": (node("EagerPyFunc"),)})),
    },
    "prints into a file": {"saved_model.pb": saved_model(graph(node("PrintV2")))},
    "a graph in a text": {"saved_model.pb": saved_model(graph(node("DatasetFromGraph")))},
    "saves outside of saving": {
        "saved_model.pb": saved_model(graph(functions={"serve": (node("SaveV2"),)})),
    },
    "moves checkpoints outside of saving": {
        "saved_model.pb": saved_model(graph(node("MergeV2Checkpoints"), functions=SAVERS)),
    },
    "restores from an absolute path": {
        "saved_model.pb": saved_model(
            graph(
                functions={
                    "__inference__traced_restore_1": (
                        node("Const", "p", "/etc/passwd"),
                        node("RestoreV2"),
                    )
                }
            )
        ),
    },
    "restores from another folder": {
        "saved_model.pb": saved_model(
            graph(node("Const", "p", "../../x"), node("RestoreV2", "save/RestoreV2"))
        ),
    },
    "a table from an absolute path": {
        "saved_model.pb": saved_model(
            graph(node("Const", "p", "/etc/passwd"), node("InitializeTableFromTextFileV2"))
        ),
    },
    "a Lambda layer in its objects": {
        "saved_model.pb": saved_model(graph(node("Add")))
        + part(2, b"\x12\x00" + part(9, json.dumps(LAMBDA))),
    },
    "a Lambda layer beside it": {"keras_metadata.pb": keras_metadata(LAMBDA)},
    "a frozen graph that reads a file": {"frozen.pb": graph(node("Add"), node("ReadFile"))},
    "a frozen graph that reads lines": {"frozen.pb": graph(node("TextLineDataset"))},
    "a part that nobody knows": {"saved_model.pb": saved_model(graph(node("Add"))) + part(99, "x")},
    "a part that is cut off": {"saved_model.pb": saved_model(graph(node("Add")))[:-3]},
    "a vocabulary by its beginning": {
        "saved_model.pb": part(1, part(1, "a") + b"\x15" + bytes(4)) + _META,
    },
    "a frozen graph by its beginning": {
        "saved_model.pb": part(1, part(1, "a") + part(2, "Add")) + _META,
    },
    "Keras's objects by its beginning": {
        "saved_model.pb": part(1, part(4, "_tf_keras_layer")) + _META,
    },
    "a vocabulary named so": {
        "tokenizer.model": part(1, part(1, "a") + b"\x15" + bytes(4)) + _META,
    },
    "an ONNX model as well": {"model.bin": onnx_model() + _META},
    "MessagePack as well": {"graph.bin": _MESSAGE},
    "Parquet by its beginning": {"saved_model.pb": b"PAR1\x01\x01\x01" + _META},
    "a group of parts in it": {
        "saved_model.pb": saved_model(b"\x3b\x08\x01\x3c" + graph(node("ReadFile"))),
    },
    "a function that is named twice": {
        "saved_model.pb": saved_model(
            part(
                2,
                part(
                    1,
                    part(1, part(1, "__inference__traced_save_1") + part(1, "serve"))
                    + part(3, node("SaveV2")),
                ),
            )
        ),
    },
    "numbers without an index": {"variables/variables.data-00000-of-00001": bytes(range(99))},
    "a payload among the numbers": {
        "variables/variables.index": bytes(60) + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb",
        "variables/variables.data-00000-of-00001": payload(2),
    },
}
