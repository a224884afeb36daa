"""HDF5: its first block says where the file ends, which shows whether it is whole."""

from typing import Any

from apps.validation.checks.format_validity.findings import Broken, damaged

MARK = b"\x89HDF\r\n\x1a\n"
BEGIN = 128
"""Bytes of the beginning that hold the first block."""


def read(begin: bytes, size: int) -> dict[str, Any]:
    """Compare the first block of a file with its size.

    Raises:
        Broken: when the file is shorter than it says, or the block cannot be read.
    """
    if not begin.startswith(MARK) or len(begin) < 48:
        raise damaged("It does not begin like an HDF5 file.")
    version = begin[8]
    if version in {0, 1}:
        width, at = begin[13], 24 if version == 0 else 28
    elif version in {2, 3}:
        width, at = begin[9], 12
    else:
        raise damaged(f"Version {version} of its first block is not known here.")
    if width not in {2, 4, 8}:
        raise damaged("Its addresses have a size that is not known here.")
    end = int.from_bytes(begin[at + 2 * width : at + 3 * width], "little")
    if end > size:
        raise Broken("truncated", f"It says it has {end:,} bytes, and {size:,} are there.")
    return {"superblock": version}
