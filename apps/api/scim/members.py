"""What a PATCH does to the members of a group, gathered into one operation.

The library looks at every member for each one that is taken out: of a large group, for minutes.
"""

import re
from collections.abc import Mapping
from typing import Any

from scim2_models import Group, InvalidPathException, InvalidValueException, PatchOp

_MEMBERS = re.compile(
    r'(?:urn:ietf:params:scim:schemas:core:2\.0:Group:)?members(?:\[value eq "([^"\\]*)"\])?',
    re.IGNORECASE,
)
_ABOUT_MEMBERS = re.compile(r"(?:urn:[^\[]*:)?members\b", re.IGNORECASE)
Ids = dict[str, None]
"""Ids of members in their order, each once."""


def gathered(group: Group, asked: PatchOp[Group]) -> PatchOp[Group]:
    """Return a PATCH with all it does to members in its last operation.

    Raises:
        InvalidPathException: when it changes something of a member, rather than who is one.
        InvalidValueException: when it names no members.
    """
    before: Ids = {str(member.value): None for member in group.members or []}
    after, others = dict(before), []
    for operation in asked.operations or []:
        path = str(operation.path or "")
        found = _MEMBERS.fullmatch(path)
        if found:
            _change(after, operation.op.value, operation.value, found[1])
        elif _ABOUT_MEMBERS.match(path):
            raise InvalidPathException(detail="Members are added, removed or replaced whole.")
        else:
            others.append(_without_members(operation, after))
    if after == before:
        return asked.model_copy(update={"operations": others})
    whole = {"op": "replace", "path": "members", "value": [{"value": pk} for pk in after]}
    last = type(asked).model_validate({"operations": [whole]}).operations or []
    return asked.model_copy(update={"operations": [*others, *last]})


def _change(kept: Ids, op: str, value: object, named: str | None) -> None:
    """Carry out what one operation does to members."""
    if named is not None and op != "remove":
        raise InvalidPathException(detail="Members are added, removed or replaced whole.")
    if op == "replace" or (op == "remove" and named is None and value is None):
        kept.clear()
    if op == "remove":
        for pk in [named] if named is not None else _ids(value):
            kept.pop(pk, None)
    else:
        kept.update(dict.fromkeys(_ids(value)))


def _without_members(operation: Any, kept: Ids) -> Any:
    """Return an operation without a path as it is without the members in its value."""
    value = operation.value
    if operation.path or not isinstance(value, Mapping):
        return operation
    for name in [name for name in value if _MEMBERS.fullmatch(name)]:
        _change(kept, operation.op.value, value[name], None)
    rest = {name: part for name, part in value.items() if not _MEMBERS.fullmatch(name)}
    return operation.model_copy(update={"value": rest})


def _ids(value: object) -> list[str]:
    """Return the ids that a value of members holds: one member, or a list of them."""
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    found = [part.get("value") if isinstance(part, Mapping) else part for part in listed]
    if not all(isinstance(pk, str) for pk in found):
        raise InvalidValueException(detail="Members are objects that hold an id as “value”.")
    return [str(pk) for pk in found]
