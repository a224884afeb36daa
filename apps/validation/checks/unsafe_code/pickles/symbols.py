"""What a pickle's values are known to be, without ever making one of them."""

from dataclasses import dataclass, field
from enum import Enum

from apps.validation.checks.unsafe_code.allowed import Trust

MOST_ITEMS = 256
"""Items of a tuple or map that are remembered; larger ones are not known."""


class Unknown(Enum):
    """Stands for a value that is no global, no tuple and no instance of a listed class."""

    VALUE = "a long text, bytes, an array or a float"
    FORGOTTEN = "a text, tuple, list or map after too many others"


UNKNOWN = Unknown.VALUE
FORGOTTEN = Unknown.FORGOTTEN


@dataclass(frozen=True, slots=True)
class Global:
    """Something a pickle imports by name, and how far it is trusted."""

    module: str
    name: str
    trust: Trust | None

    @property
    def full_name(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Listing:
    """A tuple, list or set; without items when they are too many to be remembered."""

    items: "list[Value] | None"


@dataclass(slots=True, eq=False)
class Mapping:
    """A map by its text keys; without items when they are too many, or keys are no text."""

    items: "dict[str, Value] | None" = field(default_factory=dict)

    def put(self, key: "Value", value: "Value") -> None:
        """Set an entry, as far as it can be remembered."""
        if self.items is None:
            return
        if not isinstance(key, str) or len(self.items) >= MOST_ITEMS:
            self.items = None
        else:
            self.items[key] = value


@dataclass(slots=True, eq=False)
class Made:
    """What calling a global gave, or an instance of it; its state is what BUILD gave it."""

    made_by: "Value"
    arguments: "Value"
    is_instance: bool = False
    state: "Value" = None
    is_built: bool = False


Value = Unknown | Global | Listing | Mapping | Made | str | int | None
