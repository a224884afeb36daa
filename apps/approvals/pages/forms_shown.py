"""The forms of one page: the one that was refused as it was typed, every other one empty."""

from dataclasses import dataclass
from typing import TypeVar

from django import forms

Kind = TypeVar("Kind", bound=forms.Form)


@dataclass(frozen=True)
class Shown:
    """Which form of a page comes back; each form has a prefix of its own."""

    refused: forms.Form | None = None

    def form(self, kind: type[Kind], prefix: str) -> Kind:
        """Return the refused form of that prefix, or an empty one."""
        if isinstance(self.refused, kind) and self.refused.prefix == prefix:
            return self.refused
        return kind(prefix=prefix)

    def offered(self, kind: type[Kind], prefix: str, *, may: bool) -> Kind | None:
        """Return a form to whoever may use it, and to nobody else but who just tried."""
        is_refused = self.refused is not None and self.refused.prefix == prefix
        return self.form(kind, prefix) if may or is_refused else None
