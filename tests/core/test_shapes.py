"""What keeps a document from having a shape is said in sentences, with the place it is said of."""

from typing import Any

from jsonschema import Draft202012Validator

from apps.core import shapes, strict_yaml

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "sure": {"const": True, "why": "It always is."},
        "color": {"enum": ["red", "green"]},
        "least": {"type": "integer", "minimum": 1},
        "most_days": {"type": "integer", "maximum": 9000},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "parts": {
            "type": "array",
            "minItems": 2,
            "maxItems": 3,
            "uniqueItems": True,
            "items": {"type": "object", "properties": {"id": {"type": "string"}}},
        },
    },
}


def told(**document: Any) -> list[str]:
    """Return what is said of a document that has a name, unless it is told otherwise."""
    found = {"name": "a", **document}
    return [one.words for one in shapes.problems(Draft202012Validator(SCHEMA), found)]


def test_each_misfit_says_what_may_stand_there_and_what_does() -> None:
    for document, words in (
        ({"nam": 1}, "The text: there is no key 'nam'. Did you mean 'name'?"),
        ({"name": ""}, "name is empty: say something there."),
        ({"name": "too long"}, "name is too long: it holds at most 5 characters."),
        ({"name": None}, "name must be text; nothing stands there."),
        ({"name": ["a"]}, "name must be text, not a list."),
        ({"sure": False}, "sure must be true, not false. It always is."),
        ({"color": "rd"}, "color must be red or green, not the text 'rd'. Did you mean 'red'?"),
        ({"color": "x" * 70}, f"color must be red or green, not the text '{'x' * 59}…'."),
        ({"least": 0}, "least must be a whole number from 1, not 0."),
        ({"least": True}, "least must be a whole number, not true."),
        ({"most_days": 9001}, "most_days must be a whole number of days up to 9,000, not 9,001."),
        ({"share": 1.5}, "share must be a number from 0 to 1, not 1.5."),
        ({"parts": []}, "parts is empty: something stands there."),
        ({"parts": [{}]}, "parts holds 1, and needs 2 at least."),
        ({"parts": [{}, {"a": 1}, {"b": 1}, {"c": 1}]}, "parts is too long: it holds at most 3."),
        ({"parts": [{}, {}]}, "parts names keys with values twice."),
        ({"parts": [{"id": "x"}, 3]}, "parts → entry 2 must be keys with values, not 3."),
        ({"parts": [{"id": "x"}, {"id": 3}]}, "parts → 3 → id must be text, not 3."),
        (
            {"parts": None},
            "parts must be a list; nothing stands there. An empty list is written [].",
        ),
    ):
        assert told(**document) == [words], document


def test_a_number_with_its_unit_is_said_to_need_none() -> None:
    [words] = told(most_days="9 days")

    assert words.startswith("most_days must be a whole number of days, not the text '9 days'. ")
    assert words.endswith("Write the number alone: the key says that it counts days.")


def test_a_key_that_is_missing_is_named_at_what_misses_it() -> None:
    [problem] = shapes.problems(Draft202012Validator(SCHEMA), {})

    assert problem == ("The text: the key 'name' is missing.", ())


def test_a_part_is_found_on_its_line_and_what_is_not_there_on_that_of_what_is_around_it() -> None:
    lines = strict_yaml.Lines("a: 1\nb:\n  - c: 2\n\n  - d: {e: 3,\n    f: 4}\n")

    for path, line in (
        ((), 1), (("a",), 1), (("b",), 2), (("b", 0), 3), (("b", 1), 5), (("b", 1, "d", "f"), 6),
        (("b", 1, "d", "g"), 5), (("b", 7), 2), (("a", "x"), 1), (("z",), 1),
    ):  # fmt: skip
        assert lines.of(path) == line, path
