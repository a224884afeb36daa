"""What is wrong with the shape of a document, in sentences people can act on.

A schema may carry two words of its own: ``description``, what may stand there as it completes
"must be …", and ``why``, why nothing else can.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, cast

from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from apps.core.refusals import closest_or_none

Path = tuple[str | int, ...]

_MOST_SHOWN = 60
_NAMES = ("id", "condition", "role", "tier", "key")
"""What an entry of a list is called by, the first of them it has."""
_UNITS = ("hours", "days", "months", "years")
_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "keys with values",
    "string": "text",
}


class Problem(NamedTuple):
    """One thing that is wrong, with the path of the part it is wrong with."""

    words: str
    path: Path = ()


def problems(validator: Validator, document: object) -> Iterator[Problem]:
    """Say everything that keeps a document from having a shape, each thing once."""
    told: set[Problem] = set()
    for error in validator.iter_errors(cast(Any, document)):
        for problem in _of(_Misfit.of(error), document):
            if problem not in told:
                told.add(problem)
                yield problem


def place(document: object, path: Sequence[str | int]) -> str:
    """Return a path in words: entries of lists by their names, where they have one."""
    names, inner = [], document
    for step in path:
        names.append(_named(inner, step))
        inner = _at(inner, step)
    return " → ".join(names) or "The text"


def listed(words: Iterable[object], last: str = "or") -> str:
    """Return words as a list in a sentence: "a, b or c"."""
    *first, end = (str(word) for word in words)
    return f"{', '.join(first)} {last} {end}" if first else end


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the question whether somebody meant the nearest of some words, if one is near."""
    found = closest_or_none(word, known)
    return f" Did you mean {found!r}?" if found else ""


def found(value: object) -> str:
    """Return a value that does not fit as a sentence names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        shown = value if len(value) <= _MOST_SHOWN else f"{value[: _MOST_SHOWN - 1]}…"
        return f"the text {shown!r}"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "keys with values" if isinstance(value, dict) else str(value)


@dataclass(frozen=True)
class _Misfit:
    """One rule of a schema that something in a document does not keep."""

    path: Path
    instance: Any
    schema: Mapping[str, Any]
    rule: str
    limit: Any
    message: str

    @classmethod
    def of(cls, error: ValidationError) -> Self:
        is_name = "propertyNames" in error.absolute_schema_path
        return cls(
            tuple(error.absolute_path),
            error.instance,
            cast(Mapping[str, Any], error.schema),
            "propertyNames" if is_name else str(error.validator),
            error.validator_value,
            error.message,
        )


Told = Iterator[tuple[Path, str]]


def _of(misfit: _Misfit, document: object) -> Iterator[Problem]:
    tell = _TOLD.get(misfit.rule, _misfits)
    for inner, words in tell(misfit):
        yield Problem(f"{place(document, misfit.path)}{words}", (*misfit.path, *inner))


def _unknown_keys(misfit: _Misfit) -> Told:
    known = list(misfit.schema.get("properties", {}))
    for key in misfit.instance:
        if key not in known:
            near = nearest(key, known) or f" What may stand here: {listed(known)}."
            yield (key,), f": there is no key {key!r}.{near}"


def _missing_keys(misfit: _Misfit) -> Told:
    for key in misfit.limit:
        if key not in misfit.instance and f"{key!r} is a required" in misfit.message:
            yield (), f": the key {key!r} is missing."


def _wrong_name(misfit: _Misfit) -> Told:
    wanted = misfit.schema.get("description", "a name")
    yield (), f": {misfit.instance!r} cannot be a key. A key here is {wanted}."


def _repeats(misfit: _Misfit) -> Told:
    repeated = (one for at, one in enumerate(misfit.instance) if one in misfit.instance[:at])
    yield (), f" names {found(next(repeated, None))} twice."


def _too_few(misfit: _Misfit) -> Told:
    if isinstance(misfit.instance, str):
        yield (), " is empty: say something there."
    elif not misfit.instance:
        yield (), " is empty: something stands there."
    else:
        yield (), f" holds {len(misfit.instance)}, and needs {misfit.limit} at least."


def _beyond(misfit: _Misfit) -> Told:
    low, high = (misfit.schema.get(key) for key in ("minimum", "maximum"))
    bounds = [f" from {low:,}"] if low is not None else []
    bounds += [f" to {high:,}" if bounds else f" up to {high:,}"] if high is not None else []
    unit = _unit(misfit.path)
    what = f"{'whole ' if _counts(misfit.schema) else ''}number{f' of {unit}' if unit else ''}"
    yield (), f" must be a {what}{''.join(bounds)}, not {misfit.instance:,}."


def _too_many(misfit: _Misfit) -> Told:
    what = " characters" if isinstance(misfit.instance, str) else ""
    yield (), f" is too long: it holds at most {misfit.limit:,}{what}."


def _misfits(misfit: _Misfit) -> Told:
    """Say what may stand in a place, what does, and what was likely meant."""
    path, schema = misfit.path, misfit.schema
    unit = _unit(path) if _counts(schema) else ""
    sentence = f" must be {_wanted(schema, unit)}"
    sentence += "; nothing stands there." if misfit.instance is None else _not(misfit.instance)
    if misfit.instance is None and _kinds(schema) == ["array"]:
        sentence += " An empty list is written []."
    if unit and isinstance(misfit.instance, str):
        sentence += f" Write the number alone: the key says that it counts {unit}."
    if "enum" in schema:
        sentence += nearest(str(misfit.instance), map(str, schema["enum"]))
    if "why" in schema:
        sentence += f" {schema['why']}"
    yield (), sentence


def _not(value: object) -> str:
    return f", not {found(value)}."


def _wanted(schema: Mapping[str, Any], unit: str) -> str:
    if "description" in schema:
        return str(schema["description"])
    if "const" in schema:
        return str(schema["const"]).lower()
    if "enum" in schema:
        return listed(schema["enum"])
    wanted = listed(_KINDS[kind] for kind in _kinds(schema))
    wanted += f" of {unit}" if unit else ""
    if "minimum" in schema and "maximum" in schema and _counts(schema):
        wanted += f" from {schema['minimum']:,} to {schema['maximum']:,}"
    return wanted


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", "string")
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _counts(schema: Mapping[str, Any]) -> bool:
    return "integer" in _kinds(schema)


def _unit(path: Path) -> str:
    """Return what a number counts, as the key it stands under says: days in ``valid_days``."""
    for key in reversed([step for step in path if isinstance(step, str)]):
        for unit in _UNITS:
            if unit in key.split("_"):
                return unit
    return ""


def _named(value: object, step: str | int) -> str:
    if isinstance(step, str):
        return step
    entry = _at(value, step)
    names = (entry.get(key) for key in _NAMES) if isinstance(entry, dict) else ()
    name = next((name for name in names if isinstance(name, str | int)), None)
    return str(name)[:_MOST_SHOWN] if name is not None else f"entry {int(step) + 1}"


def _at(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


_TOLD: Mapping[str, Callable[[_Misfit], Told]] = {
    "additionalProperties": _unknown_keys,
    "propertyNames": _wrong_name,
    "required": _missing_keys,
    "uniqueItems": _repeats,
    "minItems": _too_few,
    "minLength": _too_few,
    "maxItems": _too_many,
    "maxLength": _too_many,
    "minimum": _beyond,
    "maximum": _beyond,
}
