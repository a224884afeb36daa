"""YAML as people write it, without what would let a text mean more than it shows.

No aliases, anchors, tags, merge keys or duplicate keys; one document; bounded size and depth.
Words like ``yes`` and dates stay text; only ``true``, ``false``, ``null`` and decimal numbers are
more.
"""

import math
import re
from collections.abc import Hashable, Sequence
from typing import Any

import yaml

from apps.core.errors import DomainError

MOST_BYTES = 256 * 1024
MOST_DEPTH = 12


class YamlRefused(DomainError):
    """The text is not plain YAML; the message says where and why."""

    code = "yaml_refused"


class _Loader(yaml.SafeLoader):
    """Loads plain YAML and refuses everything else."""

    yaml_implicit_resolvers = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal("anchors and aliases are not allowed", event.start_mark)
        if getattr(event, "tag", None):
            raise _refusal("tags are not allowed", event.start_mark)
        if self.depth >= MOST_DEPTH:
            raise _refusal(f"nested deeper than {MOST_DEPTH}", event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.ScalarNode) and _UNSTORABLE.search(node.value):
            raise _refusal("a character that cannot be stored", event.start_mark)
        return node

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal("a key must be plain text", key.start_mark)
            if key.value in seen:
                raise _refusal(f"the key {key.value!r} appears twice", key.start_mark)
            seen.add(key.value)
        return {key.value: self.construct_object(value, deep) for key, value in node.value}

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        try:
            number = float(node.value) if "." in node.value else int(node.value)
        except ValueError:
            number = math.inf
        if not math.isfinite(number):
            raise _refusal("the number is too large", node.start_mark)
        return number


_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""What an escape may name and neither UTF-8 nor a database takes."""
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)$"), None)
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), None)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(_NUMBER.pattern + "$"), list("-0123456789")
)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_number)


def load(text: str) -> object:
    """Return what a plain YAML text says; every key is text, also one written as a number.

    Raises:
        YamlRefused: when the text is too large, not YAML, or uses more than plain YAML.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise YamlRefused(f"The text is larger than {MOST_BYTES // 1024} KiB.")
    try:
        return _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise YamlRefused(f"The text is not YAML: {_first_line(error)}.") from error


class Lines:
    """On which line of a text each of its parts stands, by the path that leads to it."""

    def __init__(self, text: str) -> None:
        self._top: yaml.Node | None = _Loader(text).get_single_node()

    def of(self, path: Sequence[str | int]) -> int:
        """Return the line of a part, or of the nearest one around it where there is none."""
        node, line = self._top, 1
        for step in path:
            found = _inside(node, step)
            if found is None:
                break
            mark, node = found
            line = mark.line + 1
        return line


def _inside(node: yaml.Node | None, step: str | int) -> tuple[Any, yaml.Node] | None:
    """Return where a part of a node begins, and the part: an entry, or the value of a key."""
    if isinstance(node, yaml.MappingNode):
        named = (pair for pair in node.value if pair[0].value == str(step))
        return next(((key.start_mark, value) for key, value in named), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _refusal(problem: str, mark: Any) -> YamlRefused:
    return YamlRefused(f"Line {mark.line + 1}: {problem}.")


def _first_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}, {problem}" if mark else problem
