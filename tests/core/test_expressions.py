"""Policy expressions: value or refusal, within bounds, the same in a second engine."""

import os
from datetime import UTC, datetime
from time import process_time
from typing import Any, cast

import celpy
import pytest
from celpy.adapter import json_to_cel
from celpy.evaluation import Context
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.approvals import policies
from apps.core import trees
from apps.core.expressions import (
    MOST_CHARACTERS,
    MOST_ITEMS,
    Expression,
    ExpressionError,
    Input,
    Kind,
    Variables,
    compile_expression,
)
from tests.approvals.facts import any_facts_at

VARIABLES = Variables.of(
    {
        "b": Kind.BOOL,
        "d": Kind.DOUBLE,
        "items": Kind.LIST,
        "now": Kind.TIMESTAMP,
        "model.name": Kind.STRING,
        "model.tier": Kind.INT,
        "settings.due": Kind.MAP,
        "checks.unsafe-code.status": Kind.STRING,
        "checks.unsafe-code.age_days": Kind.INT,
        "checks.unsafe-code.fresh": Kind.BOOL,
    }
)
FACTS: dict[str, Any] = {
    "b": True,
    "d": 1.5,
    "items": ["one", 2, {"three": 3}],
    "now": datetime(2026, 11, 23, tzinfo=UTC),
    "model": {"name": "Credit", "tier": 2},
    "settings": {"due": {"high": 60}},
    "checks": {"unsafe-code": {"status": "passed", "age_days": 3, "fresh": True}},
}
LARGEST = {**FACTS, "items": ["x" * 20] * MOST_ITEMS, "model": {"name": "ab" * 10_000, "tier": 0}}


def value(source: str, facts: dict[str, Any] = FACTS) -> bool:
    return compile_expression(source, variables=VARIABLES).evaluate(facts)


def refusal(source: str, facts: dict[str, Any] = FACTS) -> str:
    with pytest.raises(ExpressionError) as caught:
        value(source, facts)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("model.tier == 2 && model.name.startsWith('C')", True),
        ("checks['unsafe-code'].fresh", True),
        ("checks['unsafe-code'].age_days > 3", False),
        ("settings.due.high == 60", True),
        ("settings.due['high'] == 60", True),
        ("'one' in items && size(items) == 3", True),
        ("items.exists(model, model == 2)", True),
        ("[1, 2].all(n, n < model.tier)", False),
        ("now > timestamp('2020-01-01T00:00:00Z') && d > 1.0", True),
        ("{'a': 1}['a'] == 1 && b", True),
        ("has(settings.due.low)", False),
    ],
)
def test_an_expression_is_true_or_false(source: str, answer: bool) -> None:
    assert value(source) is answer


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("model.tier == ", "Syntax error"),
        ("model.rank == 1", "There is no fact or function model.rank."),
        ("model.tier == 'two'", "a whole number and text do not go together with =="),
        ("model.tier", "must give true or false"),
        ("checks['unsafe-cod'].status == 'passed'", "There is no fact checks.unsafe-cod.status"),
        ("checks.exists(name, true)", "There is no fact checks;"),
        ("checks[model.name].status == 'passed'", "There is no fact checks;"),
        ("checks['unsafe-code'].status != 1", "compared with a value of another kind"),
        ("checks['unsafe-code'].age_days != null", "compared with a value of another kind"),
        ("type(b) == bool", "The function type is not available."),
        ("b == '" + "x" * 4096 + "'", "at most 4096 bytes"),
        ("(" * 40 + "b" + ")" * 40, "nested too deeply"),
        ("b == '\ud800'", "not text that can be stored"),
        ("items.all(x, items.all(y, x == y))", "could take too long"),
    ],
)
def test_what_cannot_be_judged_is_refused_when_compiled(source: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, variables=VARIABLES)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("1 / (model.tier - 2) == 1", "It divides by zero."),
        ("1 % (model.tier - 2) == 1", "It divides by zero."),
        ("9223372036854775807 + model.tier > 0", "A number in it grows too large."),
        ("settings.due.low == 1", "It reads a key that is missing."),
        ("items[5] == 1", "It reads past the end of a list."),
        ("items.all(x, x > 1)", "It combines values that do not go together."),
        ("items[0]", "The expression gave neither true nor false."),
        ("int(model.name) == 1", "cannot convert string to int"),
        ("model.name.matches('(?=a)')", "invalid regular expression"),
    ],
)
def test_j3_every_error_of_the_engine_is_a_refusal_in_words(source: str, words: str) -> None:
    assert words in refusal(source)


@pytest.mark.parametrize(
    ("source", "facts", "words"),
    [
        ("b || model.tier == 1", {"b": True}, "The fact model.tier is missing."),
        ("b || checks['unsafe-code'].fresh", {"b": True, "checks": {}}, "is missing."),
        ("b", {"b": 1}, "The fact b is not true or false."),
        ("model.tier == 1", {"model": {"tier": True}}, "is not a whole number."),
        ("model.tier == 1", {"model": {"tier": "1"}}, "is not a whole number."),
        ("model.tier == 1", {"model": {"tier": 2**53}}, "beyond 53 bits"),
        ("d > 1.0", {"d": 2**70}, "is not a number."),
        ("model.name == ''", {"model": {"name": None}}, "is not text."),
        ("model.name == ''", {"model": {"name": "\ud800"}}, "not text that can be stored"),
        ("model.name == ''", {"model": {"name": "x" * (MOST_CHARACTERS + 1)}}, "20,000 characters"),
        ("size(items) == 0", {"items": "none"}, "is not a list."),
        ("size(items) == 0", {"items": [0] * (MOST_ITEMS + 1)}, "more than 1,000 items"),
        ("size(items) == 0", {"items": [[0] * 600, [0] * 600]}, "more than 1,000 items"),
        ("size(items) == 0", {"items": [object()]}, "cannot read"),
        ("size(items) == 0", {"items": [[[[[[]]]]]]}, "cannot read"),
        ("now > now", {"now": datetime(2026, 1, 1)}, "is not a moment with a time zone."),  # noqa: DTZ001
        ("size(settings.due) == 0", {"settings": {"due": []}}, "is not a map."),
    ],
)
def test_j3_a_fact_that_is_missing_or_of_another_kind_is_a_refusal(
    source: str, facts: dict[str, Any], words: str
) -> None:
    assert words in refusal(source, facts)


def test_a_whole_number_stands_for_a_decimal_fact() -> None:
    assert value("d == 2.0", {"d": 2})


@pytest.mark.parametrize(
    "source",
    [
        "items.all(x, !model.name.matches('(a|b)*c'))",
        "items.all(x, (model.name + model.name) != x)",
        "items.all(x, x in items)",
        "model.name.matches('((((a{1,100}){1,100}){1,100}){1,100})')",
        "!" * 4000 + "b",
        "(model.name + model.name + model.name).matches('(a+)+$')",
    ],
)
def test_j2_hostile_expressions_end_quickly(source: str) -> None:
    assert is_quick(source, LARGEST)


def test_j2_nested_loops_over_written_lists_run_out_of_steps() -> None:
    ten = "[0,1,2,3,4,5,6,7,8,9]"
    nested = f"{ten}.all(h, {ten}.all(i, {ten}.all(j, {ten}.all(k, b))))"

    assert refusal(nested) == "It took too many steps."
    assert value(f"{ten}.all(h, {ten}.all(i, b))")


def test_j2_a_source_of_a_million_characters_is_refused_unread() -> None:
    assert "at most 4096 bytes" in refusal("'" + "a" * 10**6 + "' == 'a'")


_TOKENS = (
    "model.name model.tier items d now b settings.due checks['unsafe-code'].status x a true null "
    "1 0 -1 9223372036854775807 1.5 2u 'a' '(' b'a' [] [1,2] {} {'a':1} && || ! == != < > in + - / "
    "% * ( ) [ ] { } . , ? : .all(x, .exists(a, .map(x, .filter(x, size( matches( "
    ".matches('(a+)+$') .contains( string( int( duration('1h') timestamp( has( type( dyn( é \\ //"
).split(" ")
_LEAVES = st.sampled_from([token for token in _TOKENS if token[-1] not in "(,&|=<>+-/*%!?:\\{[."])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("&& || == != < in + / %".split()), inner).map(
            lambda part: f"({part[0]} {part[1]} {part[2]})"
        ),
        st.tuples(inner, st.sampled_from(["all", "exists", "map", "filter"]), inner).map(
            lambda part: f"{part[0]}.{part[1]}(x, {part[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda part: f"({part[0]} ? {part[1]} : {part[2]})"),
    ),
    max_leaves=12,
)
_SOURCES = st.one_of(
    st.lists(st.sampled_from(_TOKENS), max_size=12).map(" ".join), _TREES, st.text(max_size=60)
)
_MOST_EXAMPLES = 100_000 if os.environ.get("SIGNET_TEST_LONG") else 500


def is_quick(source: str, facts: dict[str, Any]) -> bool:
    start = process_time()
    try:
        answer = compile_expression(source, variables=VARIABLES).evaluate(facts)
    except ExpressionError as error:
        is_told = bool(str(error))
    else:
        is_told = answer in {True, False}
    return is_told and process_time() - start < 0.1


@settings(max_examples=_MOST_EXAMPLES, deadline=None)
@given(source=_SOURCES, facts=st.sampled_from([FACTS, LARGEST, {}]))
@example(source="items.map(x, items) == items.map(x, items)", facts=LARGEST)
def test_j1_any_text_gives_a_value_or_a_refusal_in_time(source: str, facts: dict[str, Any]) -> None:
    assert is_quick(source, facts)


def shipped() -> list[Expression]:
    policy = policies.shipped("starter")
    conditions = [part.expression for part in policy.conditions]
    return conditions + [rule.expression for rule in policy.duties]


@pytest.mark.parametrize("expression", shipped(), ids=lambda expression: expression.source)
def test_a_second_engine_agrees_on_every_shipped_expression(expression: Expression) -> None:
    # It is given what the first one says it reads, and nothing else.
    environment = celpy.Environment()
    program = environment.program(environment.compile(expression.source))
    seen = set()

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(facts=any_facts_at(path for path, _ in expression.reads))
    def agrees(facts: dict[str, Any]) -> None:
        answer = expression.evaluate(facts)
        seen.add(answer)
        assert bool(program.evaluate(cast(Context, json_to_cel(facts)))) is answer

    agrees()

    assert seen == {True, False}


def test_an_expression_names_the_facts_it_read_even_when_they_are_unusable() -> None:
    expression = compile_expression("b && model.tier == 1", variables=VARIABLES)

    assert expression.inputs({"model": {"tier": 3}}) == (Input("b", None), Input("model.tier", 3))


def test_a_compiled_expression_is_kept() -> None:
    first = compile_expression("b && model.tier == 1", variables=VARIABLES)
    again = Variables.of(dict(reversed(VARIABLES.kinds)))

    assert compile_expression("b && model.tier == 1", variables=again) is first


def test_a_loop_over_a_written_list_costs_its_length() -> None:
    short, long = (
        trees.survey(
            VARIABLES.environment.compile(f"[{'1,' * length}2].all(n, n > 0)").serialize(),
            VARIABLES.by_path,
        ).cost
        for length in (1, 9)
    )

    assert short < long < trees.MOST_ITEMS
