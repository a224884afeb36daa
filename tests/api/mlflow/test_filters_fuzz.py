"""F1: any text is a filter or refused, and what is a filter MLflow reads the same."""

import os
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mlflow.utils.search_utils import (
    SearchExperimentsUtils,
    SearchModelUtils,
    SearchModelVersionUtils,
    SearchUtils,
)

from apps.api.mlflow.filters import (
    EXPERIMENTS,
    MODELS,
    RUNS,
    VERSIONS,
    Comparison,
    FilterRefused,
    Grammar,
    Kind,
    Takes,
    Type,
    read_filter,
    read_orders,
)
from tests.api.mlflow.test_filters import ALL, grammars, is_read, points_into

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
often = settings(max_examples=200_000 if LONG else 150)
PROMPT = "tag.`mlflow.prompt.is_prompt` != 'true'"

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(
                "name",
                "tags",
                "metrics.x",
                "attributes",
                "version_number",
                "IN",
                "NOT",
                "IS",
                "NULL",
            ),
            *("AND", "OR", "LIKE", "=", "!=", "<", ".", ",", "(", ")", "'", '"', "`", "\\", "''"),
            *("'a'", '"b"', "`k`", "1", "-1.5e3", " ", "  ", "\n", "é", "\0", ";", "--"),
        ]
    ),
    max_size=40,
).map("".join)


@pytest.mark.long
@pytest.mark.timeout(3600 if LONG else 120)
@often
@given(text=st.text(max_size=200) | FRAGMENTS, grammar=st.sampled_from(list(ALL.values())))
@example(text="tags.k = '\\''", grammar=MODELS)
def test_any_text_is_a_filter_or_refused(text: str, grammar: Grammar) -> None:
    is_read(text, grammar)


def orders_in(text: str, grammar: Grammar) -> int:
    """Return how many orders a text is: one, or none if it is refused with a place in it."""
    try:
        return len(read_orders([text], grammar))
    except FilterRefused as refused:
        return 0 if points_into(text, refused) else -1


@pytest.mark.long
@pytest.mark.timeout(3600 if LONG else 120)
@often
@given(text=st.text(max_size=60) | FRAGMENTS, grammar=st.sampled_from(list(ALL.values())))
def test_any_text_is_an_order_or_refused(text: str, grammar: Grammar) -> None:
    assert orders_in(text, grammar) in {0, 1}


# -- filters that hold, written in every way there is

KEYS = st.text(string.ascii_letters + string.digits + "_/.-: é", min_size=1, max_size=20)
# No quote and no backslash: MLflow reads its lists as Python, so there they mean something else.
PLAIN = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="'\"\\"), max_size=12
)


@st.composite
def a_name(draw: st.DrawFn, kind: Kind, key: str, prefixes: dict[Kind, tuple[str, ...]]) -> str:
    if kind is Kind.ATTRIBUTE:
        return draw(st.sampled_from([key, f"attribute.{key}"]))
    mark = draw(st.sampled_from(['"', "`"]))
    return f"{draw(st.sampled_from(prefixes[kind]))}.{mark}{key}{mark}"


@st.composite
def a_value(draw: st.DrawFn, takes: Takes, operator: str) -> tuple[str, object]:
    if operator.endswith("IN"):
        values = draw(st.lists(PLAIN, min_size=1, max_size=4))
        inside = ", ".join(f"'{value}'" for value in values)
        return f"({inside})", tuple(values)
    if takes.type is Type.TEXT:
        value, mark = draw(PLAIN), draw(st.sampled_from(["'", '"']))
        return f"{mark}{value}{mark}", value
    if takes.type is Type.WHOLE:
        number = draw(st.integers(-(2**63) + 1, 2**63 - 1))
        return str(number), number
    decimal = draw(st.decimals(-1_000_000, 1_000_000, places=3))
    return str(decimal), float(decimal)


@st.composite
def a_filter(draw: st.DrawFn, grammar: Grammar) -> tuple[str, list[Comparison]]:
    """A filter as a person could write it, and what it says."""
    prefixes = {
        Kind.TAG: ("tag", "tags"),
        Kind.PARAM: ("param", "params", "parameter"),
        Kind.METRIC: ("metric", "metrics"),
    }
    clauses, comparisons = [], []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from([Kind.ATTRIBUTE, *grammar.keyed]))
        key = draw(st.sampled_from(sorted(grammar.attributes)) if kind is Kind.ATTRIBUTE else KEYS)
        takes = grammar.attributes[key] if kind is Kind.ATTRIBUTE else grammar.keyed[kind]
        operator = draw(st.sampled_from([each for each in takes.operators if "NULL" not in each]))
        written, value = draw(a_value(takes, operator))
        spoken = draw(st.sampled_from([operator, operator.lower()]))
        name = draw(a_name(kind, key, prefixes))
        clauses.append(f"{name} {spoken} {written}")
        comparisons.append(Comparison(kind, key, operator, value))  # type: ignore[arg-type]
    glue = draw(st.sampled_from([" AND ", " and ", "  And\n"]))
    return glue.join(clauses), comparisons


@grammars
@given(data=st.data())
def test_a_filter_says_what_was_meant(grammar: Grammar, data: st.DataObject) -> None:
    text, comparisons = data.draw(a_filter(grammar))

    assert list(read_filter(text, grammar)) == comparisons


@pytest.mark.parametrize(
    ("grammar", "theirs"),
    [
        (MODELS, SearchModelUtils),
        (VERSIONS, SearchModelVersionUtils),
        (EXPERIMENTS, SearchExperimentsUtils),
        (RUNS, SearchUtils),
    ],
    ids=["models", "versions", "experiments", "runs"],
)
@pytest.mark.long
@pytest.mark.timeout(3600 if LONG else 120)
@settings(max_examples=20_000 if LONG else 60)
@given(data=st.data())
def test_mlflow_reads_the_same(
    grammar: Grammar, theirs: type[SearchUtils], data: st.DataObject
) -> None:
    text, _ = data.draw(a_filter(grammar))

    ours = [(each.kind, each.key, each.operator, each.value) for each in read_filter(text, grammar)]

    assert ours == [in_our_words(each) for each in theirs.parse_search_filter(text)]


def in_our_words(said: dict[str, object]) -> tuple[object, ...]:
    kind = {"parameter": "param"}.get(str(said["type"]), said["type"])
    value = float(str(said["value"])) if kind == "metric" else said["value"]
    return kind, said["key"], str(said["comparator"]).upper(), value


@pytest.mark.parametrize(
    "text",
    [
        "tags.k = 'it''s'",
        "tags.k = 'it\\'s'",
        "tags.k = 'C:\\'",
        "tags.k = 'a\\'' AND name = 'b'",
        "tags.k = ''",
        "tags.k = '''' AND name = 'x'",
        'tags.k = "a""b" AND name = "c\\"d"',
        "tags.k='a'AND name='b'",
        "name LIKE'x'",
        "tags.a.b.c != 'x'",
        PROMPT,
    ],
)
def test_quotes_within_quotes_are_kept_as_mlflow_keeps_them(text: str) -> None:
    ours = [(each.kind, each.key, each.operator, each.value) for each in read_filter(text, MODELS)]

    assert ours == [in_our_words(each) for each in SearchModelUtils.parse_search_filter(text)]
