"""OpenVINO: a description in XML, and beside it a file of bare numbers it points into."""

import re
from collections.abc import Mapping
from typing import Any

from apps.validation.checks.format_validity.bounded import whole
from apps.validation.checks.format_validity.findings import SEND_ALL, Broken, Findings
from apps.validation.checks.unsafe_code.pieces import Piece

_NET = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,100}(?:<\?xml[^>]{0,200}\?>)?\s{0,100}<net[ >]")
_OFFSET = re.compile(rb'offset="([0-9]{1,18})"')
_SIZE = re.compile(rb'size="([0-9]{1,18})"')


def looks_like(head: bytes) -> bool:
    """Say whether bytes begin like a description of a model."""
    return _NET.match(head) is not None


def read(piece: Piece, siblings: Mapping[str, int], findings: Findings) -> dict[str, Any]:
    """Hold the numbers a description points to against the file beside it.

    Raises:
        Broken: when that file is missing or too short.
    """
    numbers = f"{piece.place.removesuffix('.xml')}.bin"
    ends = [
        int(offset[1]) + int(size[1])
        for layer in whole(piece).split(b"<data ")[1:]
        if (offset := _OFFSET.search(layer)) and (size := _SIZE.search(layer))
    ]
    if numbers not in siblings:
        if ends:
            raise Broken(
                "missing_reference", f"Its numbers, {numbers!a:.200}, are missing.", SEND_ALL
            )
        return {"constants": 0}
    findings.explained.add(numbers)
    if ends and max(ends) > siblings[numbers]:
        text = (
            f"It points to byte {max(ends):,} of {numbers!a:.200}, which has {siblings[numbers]:,}."
        )
        raise Broken("truncated_reference", text, SEND_ALL)
    return {"constants": len(ends)}
