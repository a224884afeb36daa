"""Reads parts of files within bounds: texts, JSON without double meanings, members of a zip."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from apps.validation.checks.contract import silent
from apps.validation.checks.format_validity.findings import Broken, damaged, too_large
from apps.validation.checks.unsafe_code.limits import MIB, CannotTell, Limits
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import Scan
from apps.validation.checks.unsafe_code.zip_directory import read_directory

MOST_JSON = 32 * MIB
MOST_MEMBER = 32 * MIB


def whole(piece: Piece, most: int = MOST_JSON) -> bytes:
    """Return all bytes of a piece.

    Raises:
        Broken: when there are more than are read.
    """
    size = piece.require_seekable()
    if size > most:
        raise too_large(f"it has {size:,} bytes, and {most:,} are read.")
    return piece.at(0, size)


def exactly(piece: Piece, offset: int, size: int) -> bytes:
    """Return so many bytes from somewhere in a piece.

    Raises:
        Broken: when it ends before.
    """
    data = piece.at(offset, size)
    if len(data) < size:
        raise Broken("truncated", "The file ends too early.")
    return data


def strict_json(data: bytes) -> Any:
    """Return what a JSON text in UTF-8 says, provided no name is given twice.

    Raises:
        Broken: when it is something else.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise Broken("not_json", "It is not JSON: not text in UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"{error.msg} in line {error.lineno}, column {error.colno}"
        raise Broken("not_json", f"It is not JSON: {where}.") from None
    except ValueError as error:  # _Twice among them, and numbers of thousands of digits
        raise Broken("not_json", f"It is not plain JSON: {str(error)[:200]}.") from None
    except RecursionError:
        raise Broken("not_json", "It is nested deeper than is read.") from None


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """Return a value that has to be a map.

    Raises:
        Broken: when it is none.
    """
    if not isinstance(value, dict):
        raise damaged(f"{what} is not a map of names to values.")
    return value


class Archive:
    """A zip archive of a model format: names and sizes of its members, and bytes of small ones."""

    def __init__(self, piece: Piece) -> None:
        scan = Scan(Limits(), silent)
        try:
            read_directory(scan, piece, piece.require_seekable())
            self._zip = zipfile.ZipFile(piece.stream)
        except CannotTell as trouble:
            raise Broken("unreadable_archive", f"It cannot be opened: {trouble.text}.") from trouble
        except _TROUBLE as error:
            text = f"It cannot be opened as a zip archive ({type(error).__name__})."
            raise Broken("unreadable_archive", text) from error
        infos = self._zip.infolist()
        self.sizes = {info.filename: info.file_size for info in infos}
        if len(self.sizes) != len(infos):
            raise Broken("duplicate_member", "The archive holds a member twice.")

    def read(self, name: str, most: int = MOST_MEMBER) -> bytes:
        """Return a member's bytes, or as many of the first as are wanted."""
        if name not in self.sizes:
            raise Broken("missing_member", f"The archive holds no {name}.")
        try:
            with self._zip.open(name) as member:
                return member.read(most)
        except _TROUBLE as error:
            text = f"The member {name} cannot be unpacked ({type(error).__name__})."
            raise Broken("unreadable_archive", text) from error

    def read_json(self, name: str) -> Any:
        """Return what a member of JSON says."""
        if self.sizes.get(name, 0) > MOST_JSON:
            raise too_large(f"its member {name} has more than {MOST_JSON:,} bytes.")
        return strict_json(self.read(name))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


_TROUBLE = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,  # and that a way of packing is not implemented
    ValueError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)
