"""What the API takes: declared fields only, each once, of exactly the declared type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from ninja.operation import Operation
from ninja.parser import Parser
from pydantic import BaseModel, ConfigDict

from apps.core.inputs import InputRefused, read_json

JSON = "application/json"


class Asked(BaseModel):
    """What a caller sends: an unknown field or another type is refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Asked):
    """A body without fields."""


class StrictParser(Parser):
    """Reads bodies with the limits of ``core.inputs``."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != JSON:
            raise InputRefused(f"Send JSON, with the header Content-Type: {JSON}.")
        value: dict[str, Any] = read_json(request.body)
        return value

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        return {key: data.getlist(key) if key in list_fields else data[key] for key in data}


def require_place(parts: Mapping[str, object]) -> None:
    """Treat an address with a NUL as one there is not: not every database takes it in a lookup."""
    if any("\0" in str(part) for part in parts.values()):
        raise Http404


@dataclass(frozen=True)
class Query:
    """The parameters an address knows, and those of them that may come several times."""

    names: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    @classmethod
    def of(cls, operation: Operation) -> "Query":
        """Return what an operation declares."""
        models: list[Any] = [
            model for model in operation.models if model.__ninja_param_source__ == "query"
        ]
        return cls(
            frozenset(name for model in models for name in model.__ninja_flatten_map__),
            frozenset(name for model in models for name in model.__ninja_collection_fields__),
        )

    def require(self, given: QueryDict) -> None:
        """Refuse a parameter that is not known, or comes twice and may not."""
        for key, values in given.lists():
            if key not in self.names:
                raise InputRefused(f"The parameter {key!a:.100} is not known here.")
            if len(values) > 1 and key not in self.lists:
                raise InputRefused(f"The parameter {key} stands there twice.")
            if any("\0" in value or "\ufffd" in value for value in values):
                raise InputRefused(f"The parameter {key} is no text in UTF-8, or holds a NUL.")


NO_QUERY = Query()
