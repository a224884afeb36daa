"""Tiny ONNX models, built here: each is the least that behaves in one way."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, LONG, TEXT, BOOL = (
    TensorProto.FLOAT,
    TensorProto.INT64,
    TensorProto.STRING,
    TensorProto.BOOL,
)
Value = tuple[str, int, Sequence[int | str | None] | None]

ROWS: Value = ("x", FLOAT, [None, 2])
COLUMN: Value = ("y", FLOAT, [None, 1])
WEIGHTS = np.array([[2.0], [3.0]], dtype=np.float32)


def node(op: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> Any:
    return helper.make_node(op, inputs, outputs, **attributes)


def proto_of(
    nodes: Sequence[Any],
    inputs: Sequence[Value] = (ROWS,),
    outputs: Sequence[Value] = (COLUMN,),
    *,
    constants: Sequence[tuple[str, Any]] = (),
    domains: Sequence[str] = (),
    functions: Sequence[Any] = (),
) -> Any:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants],
    )
    opsets = [helper.make_opsetid("", 17)]
    opsets += [helper.make_opsetid(domain, 1) for domain in domains]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10, functions=list(functions))


def model_of(nodes: Sequence[Any], *arguments: Any, **more: Any) -> bytes:
    data: bytes = proto_of(nodes, *arguments, **more).SerializeToString()
    return data


def linear() -> bytes:
    """Answer twice the first column and three times the second: [[1, 2]] gives [[8]]."""
    return model_of([node("MatMul", ["x", "w"], ["y"])], constants=[("w", WEIGHTS)])


def linear_outside(location: str, offset: int = 0, length: int | None = 8) -> bytes:
    """The same with its weights in another file."""
    proto = proto_of([node("MatMul", ["x", "w"], ["y"])], constants=[("w", WEIGHTS)])
    [weights] = proto.graph.initializer
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    stretch = {"location": location, "offset": offset, "length": length}
    for key, value in stretch.items():
        if value is not None:
            weights.external_data.add(key=key, value=str(value))
    data: bytes = proto.SerializeToString()
    return data


def two_inputs() -> bytes:
    """Answer the sum of two columns that come apart."""
    inputs = (("a", FLOAT, [None, 1]), ("b", FLOAT, [None]))
    nodes = [
        node("Squeeze", ["a", "axis"], ["flat"]),
        node("Add", ["flat", "b"], ["y"]),
    ]
    return model_of(nodes, inputs, (("y", FLOAT, [None]),), constants=[("axis", np.array([1]))])


def random() -> bytes:
    """Answer something else each time."""
    nodes = [node("RandomNormalLike", ["x"], ["noise"]), node("Add", ["x", "noise"], ["y"])]
    return model_of(nodes, outputs=[("y", FLOAT, [None, 2])])


def logarithm() -> bytes:
    """Answer NaN for what is negative, and infinity for nothing."""
    return model_of([node("Log", ["x"], ["y"])], outputs=[("y", FLOAT, [None, 2])])


def endless() -> bytes:
    """Go round and round, as long as it may."""
    body = helper.make_graph(
        [node("Identity", ["go"], ["on"]), node("Add", ["sum", "one"], ["more"])],
        "body",
        [
            helper.make_tensor_value_info("turn", LONG, []),
            helper.make_tensor_value_info("go", BOOL, []),
            helper.make_tensor_value_info("sum", FLOAT, [None, 2]),
        ],
        [
            helper.make_tensor_value_info("on", BOOL, []),
            helper.make_tensor_value_info("more", FLOAT, [None, 2]),
        ],
    )
    constants = [
        ("turns", np.array(2**62)),
        ("yes", np.array(True)),
        ("one", np.array(1, dtype=np.float32)),
    ]
    nodes = [node("Loop", ["turns", "yes", "x"], ["y"], body=body)]
    return model_of(nodes, outputs=[("y", FLOAT, [None, 2])], constants=constants)


def huge() -> bytes:
    """Ask for a terabyte."""
    nodes = [node("ConstantOfShape", ["size"], ["big"]), node("ReduceSum", ["big"], ["y"])]
    constants = [("size", np.array([2**19, 2**19]))]
    return model_of(nodes, outputs=[("y", FLOAT, None)], constants=constants)


def custom() -> bytes:
    """Use an operation that is code from elsewhere."""
    return model_of([node("Evil", ["x"], ["y"], domain="com.elsewhere")], domains=["com.elsewhere"])


def hidden_custom() -> bytes:
    """Use an operation from elsewhere in a branch inside of a node."""
    branches = {
        name: helper.make_graph(
            [node("Evil", ["x"], [name], domain="com.elsewhere")],
            name,
            [],
            [helper.make_tensor_value_info(name, FLOAT, [None, 2])],
        )
        for name in ("yes", "no")
    }
    nodes = [node("If", ["c"], ["y"], then_branch=branches["yes"], else_branch=branches["no"])]
    return model_of(nodes, constants=[("c", np.array(True))], domains=["com.elsewhere"])


def own_function() -> bytes:
    """Use an operation the model itself spells out."""
    twice = helper.make_function(
        "own",
        "Twice",
        ["a"],
        ["b"],
        [node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    nodes = [node("Twice", ["x"], ["y"], domain="own")]
    return model_of(nodes, outputs=[("y", FLOAT, [None, 2])], domains=["own"], functions=[twice])


def classifier() -> bytes:
    """Answer a label, and a map of probabilities for each row, as converters write it."""
    nodes = [
        node("ArgMax", ["x"], ["label"], axis=1, keepdims=0),
        node("Softmax", ["x"], ["shares"], axis=1),
        node("ZipMap", ["shares"], ["maps"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]),
    ]
    proto = proto_of(nodes, outputs=[("label", LONG, [None])], domains=["ai.onnx.ml"])
    maps = helper.make_map_type_proto(LONG, helper.make_tensor_type_proto(FLOAT, []))
    kind = helper.make_sequence_type_proto(maps)
    proto.graph.output.append(helper.make_value_info("maps", kind))
    data: bytes = proto.SerializeToString()
    return data
