"""MLflow's filters: read as MLflow reads them, or refused at the place; nothing else can happen."""

import os

import pytest
from hypothesis import settings

from apps.api.mlflow.filters import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODELS,
    RUNS,
    VERSIONS,
    Comparison,
    FilterRefused,
    Grammar,
    Kind,
    Ordering,
    read_filter,
    read_orders,
)

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
ALL = {
    "models": MODELS,
    "versions": VERSIONS,
    "runs": RUNS,
    "experiments": EXPERIMENTS,
    "logged models": LOGGED_MODELS,
}
grammars = pytest.mark.parametrize("grammar", ALL.values(), ids=ALL)
often = settings(max_examples=200_000 if LONG else 150)
PROMPT = "tag.`mlflow.prompt.is_prompt` != 'true'"


def is_read(text: str, grammar: Grammar) -> bool:
    """Whether a text is a filter; anything but a refusal that points into it is an error."""
    try:
        read_filter(text, grammar)
    except FilterRefused as refused:
        return not points_into(text, refused)
    return True


def points_into(text: str, refused: FilterRefused) -> bool:
    assert 1 <= refused.column <= len(text) + 1
    return refused.expected in str(refused)


# -- what people write


def test_a_filter_is_read_into_its_comparisons() -> None:
    text = f"""name LIKE 'iris%' and tags.`my key` = "it's" AND {PROMPT}"""

    assert read_filter(text, MODELS) == (
        Comparison(Kind.ATTRIBUTE, "name", "LIKE", "iris%"),
        Comparison(Kind.TAG, "my key", "=", "it's"),
        Comparison(Kind.TAG, "mlflow.prompt.is_prompt", "!=", "true"),
    )


def test_lists_and_numbers_are_read() -> None:
    text = "run_id NOT IN ('a', \"b\",) AND version_number >= 3 AND version_number != '-4'"

    assert read_filter(text, VERSIONS) == (
        Comparison(Kind.ATTRIBUTE, "run_id", "NOT IN", ("a", "b")),
        Comparison(Kind.ATTRIBUTE, "version_number", ">=", 3),
        Comparison(Kind.ATTRIBUTE, "version_number", "!=", -4),
    )


def test_a_filter_of_runs_looks_at_everything_a_run_has() -> None:
    text = (
        "metrics.`val loss` < -1.5e-3 AND params.depth = '3' AND parameter.a.b ILIKE 'x'"
        " AND attr.status != 'FAILED' AND Created > 12 AND run.`Run name` = 'n'"
        " AND dataset.name IN ('d') AND tags.k is not null AND tag.\"l\" IS NULL"
    )

    assert read_filter(text, RUNS) == (
        Comparison(Kind.METRIC, "val loss", "<", -0.0015),
        Comparison(Kind.PARAM, "depth", "=", "3"),
        Comparison(Kind.PARAM, "a.b", "ILIKE", "x"),
        Comparison(Kind.ATTRIBUTE, "status", "!=", "FAILED"),
        Comparison(Kind.ATTRIBUTE, "start_time", ">", 12),
        Comparison(Kind.ATTRIBUTE, "run_name", "=", "n"),
        Comparison(Kind.DATASET, "name", "IN", ("d",)),
        Comparison(Kind.TAG, "k", "IS NOT NULL", None),
        Comparison(Kind.TAG, "l", "IS NULL", None),
    )


def test_a_parameter_of_a_logged_model_may_be_a_bare_number() -> None:
    text = "params.lr = 0.01 AND creation_time > 5"

    assert read_filter(text, LOGGED_MODELS) == (
        Comparison(Kind.PARAM, "lr", "=", "0.01"),
        Comparison(Kind.ATTRIBUTE, "creation_timestamp", ">", 5),
    )
    assert not is_read("params.lr = 0.01", RUNS)


@grammars
@pytest.mark.parametrize("text", ["", "  \n\t ", None])
def test_an_empty_filter_asks_nothing(grammar: Grammar, text: str | None) -> None:
    assert read_filter(text, grammar) == ()


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("name = x", 8, "a text in quotes"),
        ("name = 'x' OR name = 'y'", 12, "AND or the end"),
        ("name = 'x' name = 'y'", 12, "AND or the end"),
        ("name = 'x' AND", 15, "one of last_updated_timestamp, name or a key"),
        ("name > 'x'", 6, "one of =, !=, LIKE, ILIKE, IN, NOT IN"),
        ("name == 'x'", 6, "one of =, !=, LIKE, ILIKE, IN, NOT IN"),
        ("name NOT LIKE 'x'", 10, "IN after NOT"),
        ("name IS NULL", 6, "one of =, !=, LIKE, ILIKE, IN, NOT IN"),
        ("tags.k IN ('a')", 8, "one of =, !=, LIKE, ILIKE"),
        ("name IN ()", 10, "a text in quotes"),
        ("name IN ('a' 'b')", 14, "a comma or a closing parenthesis"),
        ("name IN 'a'", 9, "a list in parentheses"),
        ("owner = 'x'", 1, "one of name"),
        ("user.name = 'x'", 1, "one of attributes, tags before the dot"),
        ("params.k = 'x'", 1, "one of attributes, tags"),
        ("name = 'x", 8, "a closing ' for this one"),
        ("tags. = 'x'", 6, "a key"),
        ("tags.a..b = 'x'", 8, "a key"),
        ("tags.`` = 'x'", 6, "a key"),
        ("name = 'x';", 11, "AND or the end"),
        ("name = 'x' -- y", 12, "AND or the end"),
    ],
)
def test_a_refusal_points_at_the_place(text: str, column: int, expected: str) -> None:
    with pytest.raises(FilterRefused) as caught:
        read_filter(text, MODELS)

    assert (caught.value.column, caught.value.expected) == (column, expected)
    said, line, mark = str(caught.value).split("\n")
    assert said == f"The filter cannot be read at column {column}: expected {expected}."
    assert line == text
    assert mark == " " * (column - 1) + "^"


def test_a_refusal_of_a_long_filter_shows_what_is_around_the_place() -> None:
    with pytest.raises(FilterRefused) as caught:
        read_filter(f"name = '{'x' * 5000}'\n AND name ~ '{'y' * 2000}'", MODELS)

    _, line, mark = str(caught.value).split("\n")
    assert len(line) == 80
    assert line[mark.index("^")] == "~"


@pytest.mark.parametrize(
    "text",
    [
        "version_number = 1.5",
        "version_number = 1e400",
        "version_number = 9223372036854775808",
        "version_number = '9' AND version_number = '²'",
        f"version_number = {'9' * 5000}",
        f"version_number = '{'9' * 5000}'",
        "version_number = 0x10",
        "version_number = --1",
        "version_number = -",
        "version_number = NaN",
        "version_number = '1.0'",
        "version_number IN ('1')",
    ],
)
def test_a_whole_number_is_one(text: str) -> None:
    assert not is_read(text, VERSIONS)


@pytest.mark.parametrize(
    "number", ["nan", "inf", "1e999", "1e", "1.2.3", "²", "\u0661", "'1'", "."]
)
def test_a_metric_is_compared_with_a_finite_decimal_number(number: str) -> None:
    assert not is_read(f"metrics.x > {number}", RUNS)


@pytest.mark.parametrize(
    ("number", "value"), [("1", 1.0), ("-.5", -0.5), ("2.", 2.0), ("1E+3", 1000.0)]
)
def test_numbers_are_written_as_in_mlflow(number: str, value: float) -> None:
    [found] = read_filter(f"metrics.x > {number}", RUNS)

    assert found.value == value
    assert isinstance(found.value, float)


# -- F2 and limits


@grammars
@pytest.mark.parametrize(
    "name",
    [
        "owner__password__startswith",
        "owner.password",
        "attributes.owner__password__startswith",
        "attribute.`name__startswith`",
        "name__in",
        "attributes.name.x",
        "__class__",
        "pk",
        "deleted_at",
        "`tags.k`",
        "tags.`k\n`",
        "tags.`k\x7f`",
        "tags.k\x1b",
        "TAGS.k",
        'tags."k"."l"',
    ],
)
def test_no_name_leads_to_a_lookup(grammar: Grammar, name: str) -> None:
    assert not is_read(f"{name} = 'x'", grammar)


@grammars
@pytest.mark.parametrize("letter", ["\0", "\ud800"])
def test_what_no_database_keeps_is_refused_everywhere(grammar: Grammar, letter: str) -> None:
    assert not is_read(f"tags.k = '{letter}'", grammar)
    assert not is_read(f"{letter}tags.k = 'x'", grammar)


def test_limits_are_exact() -> None:
    padded = "name = 'x'".ljust(10_000)
    assert is_read(padded, MODELS)
    assert not is_read(f"{padded} ", MODELS)
    many = " AND ".join(["name = 'x'"] * 100)
    assert is_read(many, MODELS)
    assert not is_read(f"{many} AND name = 'x'", MODELS)
    assert is_read(f"name LIKE '{'%' * 500}' AND name = '{'%' * 501}'", MODELS)
    assert not is_read(f"name ILIKE '{'%' * 501}'", MODELS)
    values = ",".join(["'x'"] * 1000)
    assert is_read(f"name IN ({values})", MODELS)
    assert not is_read(f"name IN ({values},'x')", MODELS)


@grammars
@pytest.mark.parametrize(
    "text",
    [
        "'" * 100_000,
        "`" * 100_000,
        "''\\'" * 25_000,
        "(" * 100_000,
        "name IN (" + "'a'," * 25_000,
        "a." * 50_000,
        "tags." + "`a" * 50_000,
        " " * 100_000,
        "name = '" + "\\'" * 50_000,
        "1" * 100_000,
        "NOT " * 25_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_text_is_answered_at_once(grammar: Grammar, text: str) -> None:
    assert not is_read(text, grammar)
    is_read(text[:10_000], grammar)


# -- orders


def test_orders_are_read() -> None:
    clauses = ["metrics.`val loss` DESC", "start_time", 'tags."k" asc', "params.a.b Desc"]

    assert read_orders(clauses, RUNS) == (
        Ordering(Kind.METRIC, "val loss", False),
        Ordering(Kind.ATTRIBUTE, "start_time", True),
        Ordering(Kind.TAG, "k", True),
        Ordering(Kind.PARAM, "a.b", False),
    )
    assert read_orders(["timestamp DESC"], MODELS) == (
        Ordering(Kind.ATTRIBUTE, "last_updated_timestamp", False),
    )


@pytest.mark.parametrize(
    ("clauses", "column", "expected"),
    [
        (["nome"], 1, "one of last_updated_timestamp, name"),
        (["name upwards"], 6, "ASC, DESC or the end"),
        (["name ASC, name"], 9, "the end"),
        ([""], 1, "one of last_updated_timestamp, name or a key"),
        (["tags.k"], 1, "something these rows can be ordered by"),
        (["owner__password"], 1, "one of last_updated_timestamp, name"),
        (
            ["timestamp", "last_updated_timestamp DESC"],
            1,
            "something that is not ordered by already",
        ),
    ],
)
def test_an_order_is_refused_at_the_place(clauses: list[str], column: int, expected: str) -> None:
    with pytest.raises(FilterRefused, match="The order cannot be read") as caught:
        read_orders(clauses, MODELS)

    assert (caught.value.column, caught.value.expected) == (column, expected)


def test_an_order_names_few_things() -> None:
    clauses = [f"metrics.m{number}" for number in range(11)]

    assert len(read_orders(clauses[:10], RUNS)) == 10
    with pytest.raises(FilterRefused):
        read_orders(clauses, RUNS)
