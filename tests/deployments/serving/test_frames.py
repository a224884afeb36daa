"""What clients of ``mlflow models serve`` may send, and what is said of the rest."""

import json

import pytest

from apps.deployments.serving.frames import MOST_ROWS, Frame, FrameRefused, read


def sent(**body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}},
        {"dataframe_records": [{"a": 1, "b": 2}, {"b": 4, "a": 3}]},
        {"instances": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]},
        {"inputs": {"a": [1, 3], "b": [2, 4]}},
    ],
)
def test_every_form_of_named_columns_is_the_same_frame(body):
    assert read(sent(**body)) == Frame(("a", "b"), [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("body", [{"instances": [[1, 2]]}, {"inputs": [[1, 2]]}])
def test_rows_may_come_without_names(body):
    assert read(sent(**body)) == Frame((), [[1.0, 2.0]])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "Send one of these"),
        (sent(rows=[]), "Send one of these"),
        (sent(instances=[[1]], inputs=[[1]]), "Send one of these"),
        (sent(dataframe_split=[]), "holds columns and data"),
        (sent(dataframe_split={"columns": "a", "data": [[1]]}), "list of names"),
        (sent(dataframe_split={"columns": ["a"], "data": [[1, 2]]}), "a value for each column"),
        (sent(dataframe_records=[1]), "list of records"),
        (sent(dataframe_records=[{"a": 1}, {"b": 1}]), "the same columns"),
        (sent(dataframe_records=[]), "1 to 10,000 rows"),
        (sent(instances=5), "a list of rows"),
        (sent(instances=[]), "1 to 10,000 rows"),
        (sent(instances=[[0]] * (MOST_ROWS + 1)), "1 to 10,000 rows"),
        (sent(inputs={}), "a list of values for each column"),
        (sent(inputs={"a": [1], "b": [1, 2]}), "as many values"),
        (sent(instances=[["x"]]), "are numbers"),
        (b'{"instances": [[NaN]]}', "are numbers"),
    ],
)
def test_what_is_no_frame_is_refused_in_words(body, said):
    with pytest.raises(FrameRefused, match=said):
        read(body)


def test_columns_are_put_in_the_order_of_the_model():
    assert Frame(("b", "a"), [[2.0, 1.0]]).in_order_of(("a", "b")) == [[1.0, 2.0]]
    assert Frame(("b", "a"), [[2.0, 1.0]]).in_order_of(()) == [[2.0, 1.0]]
    assert Frame((), [[2.0, 1.0]]).in_order_of(("a", "b")) == [[2.0, 1.0]]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (Frame(("a",), [[1.0]]), "Columns are missing: b"),
        (Frame((), [[1.0]]), "Each row holds 2 values: a, b"),
    ],
)
def test_rows_a_model_cannot_take_are_refused(frame, said):
    with pytest.raises(FrameRefused, match=said):
        frame.in_order_of(("a", "b"))
