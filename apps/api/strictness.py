"""What the API takes: declared fields only, each once, of exactly the declared type."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
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
        return {key: data[key] for key in data}


def require_place(parts: Mapping[str, object]) -> None:
    """Treat an address with a NUL as one there is not: not every database takes it in a lookup."""
    if any("\0" in str(part) for part in parts.values()):
        raise Http404


def require_query(query: QueryDict, known: frozenset[str]) -> None:
    """Refuse a parameter in the address that is not known there, or comes twice."""
    for key, values in query.lists():
        if key not in known:
            raise InputRefused(f"The parameter {key!a:.100} is not known here.")
        if len(values) > 1:
            raise InputRefused(f"The parameter {key} stands there twice.")
