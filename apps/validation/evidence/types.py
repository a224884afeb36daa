"""Reads the types of evidence once: what each binds to, and for how long an item counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, cast

from apps.core import strict_yaml
from apps.core.inputs import InputRefused

CONTENT = Path(__file__).resolve().parent.parent / "content" / "evidence_types.yaml"


class Binding(StrEnum):
    """What an item is attached to."""

    VERSION = "version"
    MODEL = "model"
    USE_CASE = "use_case"

    @property
    def heading(self) -> str:
        """What the items of a binding are called together."""
        return _HEADINGS[self]


_HEADINGS: Mapping[Binding, str] = {
    Binding.VERSION: "About this version",
    Binding.MODEL: "About the model",
    Binding.USE_CASE: "About its uses",
}


@dataclass(frozen=True)
class EvidenceType:
    """One kind of evidence; without an age, an item counts until it is withdrawn."""

    id: str
    title: str
    binds_to: Binding
    max_age: timedelta | None

    @property
    def counts_for(self) -> str:
        """For how long an item counts, in words."""
        return f"for {self.max_age.days} days" if self.max_age else "for good"


@cache
def types() -> Mapping[str, EvidenceType]:
    """Return every type of evidence by its id, in the order they are written in."""
    told = cast(dict[str, Any], strict_yaml.load(CONTENT.read_text(encoding="utf-8")))
    return {one["id"]: _type(one) for one in told["evidence_types"]}


def type_named(type_id: str) -> EvidenceType:
    """Return a type of evidence by its id.

    Raises:
        InputRefused: when there is none.
    """
    found = types().get(type_id)
    if found is None:
        raise InputRefused(f"There is no type of evidence {type_id!a:.80}.")
    return found


def of_binding(binding: Binding) -> list[EvidenceType]:
    """Return the types that bind to one kind of thing."""
    return [one for one in types().values() if one.binds_to is binding]


def _type(told: Mapping[str, Any]) -> EvidenceType:
    days = told["max_age_days"]
    return EvidenceType(
        id=told["id"],
        title=told["title"],
        binds_to=Binding(told["binds_to"]),
        max_age=timedelta(days=days) if days else None,
    )
