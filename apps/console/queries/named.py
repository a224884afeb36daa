"""A name for what the record knows by an id, and what reads such names for many at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Named:
    """Something the record names, as people call it, and its page when it has one."""

    label: str
    href: str = ""


Found: TypeAlias = Mapping[int, Named]
Reader: TypeAlias = Callable[[set[int]], Found]
