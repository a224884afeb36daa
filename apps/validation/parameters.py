"""Which parameters a check gets: its own defaults, then the organization's, then the model's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import Q

from apps.core.inputs import InputRefused, require_json
from apps.validation.checks.contract import Check, Parameters
from apps.validation.models.settings import CheckSetting

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """What was set for some models and for all of them, read once."""

    by_place: Mapping[tuple[int | None, str], Values]
    _records: dict[tuple[int | None, str], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def to(cls, model_ids: Iterable[int]) -> "Given":
        """Read what was set for these models, and for every model, in one query."""
        rows = CheckSetting.objects.filter(Q(model=None) | Q(model__in=set(model_ids)))
        found = rows.values_list("model_id", "check_name", "parameters")
        return cls({(model, name): values for model, name, values in found})

    def values(self, model_id: int, check: Check) -> Values:
        """Return what was set for a check of one model, the model's own over everybody's."""
        everywhere = self.by_place.get((None, check.name), {})
        return {**everywhere, **self.by_place.get((model_id, check.name), {})}

    def record(self, model_id: int, check: Check) -> dict[str, Any]:
        """Return every parameter a check runs with, in the form a run keeps.

        What was set under another release, and this one has no name for, is left out. Values the
        check refuses are returned as they were set: it cannot be carried out with them, and must
        not be with others. It is worked out once for all models that have nothing of their own.
        """
        place = (model_id if (model_id, check.name) in self.by_place else None, check.name)
        if place not in self._records:
            self._records[place] = self._record(model_id, check)
        return self._records[place]

    def _record(self, model_id: int, check: Check) -> dict[str, Any]:
        known = {field.name for field in msgspec.structs.fields(check.parameters)}
        values = self.values(model_id, check)
        chosen = {key: value for key, value in values.items() if key in known}
        try:
            return as_record(read(check, chosen))
        except InputRefused:
            return chosen


def read(check: Check, values: Values) -> Parameters:
    """Return parameters from plain values.

    Raises:
        InputRefused: when a name is unknown, or a value is not what the check takes.
    """
    require_json(values)
    try:
        given = msgspec.convert(_exact(values), check.parameters, strict=False)
        if not all(map(_is_finite, msgspec.structs.astuple(given))):
            raise InputRefused("A number is not finite.")
    except msgspec.ValidationError as error:
        raise InputRefused(f"The parameters of {check.title} are refused: {error}.") from None
    except ArithmeticError:  # a bound was held against what is no number
        raise InputRefused("A number is not finite.") from None
    return given


def as_record(parameters: Parameters) -> dict[str, Any]:
    """Return parameters as plain values without floats, every one, as they come back from JSON."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(parameters))
    return plain


def set_values(check: Check, values: Values) -> dict[str, Any]:
    """Return what was set, in the form it is kept in.

    Raises:
        InputRefused: when a name is unknown, or a value is not what the check takes.
    """
    whole = as_record(read(check, values))
    return {key: whole[key] for key in sorted(values)}


def _is_finite(value: object) -> bool:
    return not isinstance(value, Decimal) or value.is_finite()


def _exact(value: Any) -> Any:
    """Return a value with its fractions as texts: they are read as decimals."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner) for inner in value]
    return value
