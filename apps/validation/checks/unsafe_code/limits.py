"""How much of a file is looked at before the check says that it cannot tell."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one examination; whatever lies beyond them is reported, never passed over."""

    members: int = 10_000
    """Members of all archives inside one stored file."""
    nesting: int = 3
    """Archives inside archives; one pickle inside another counts the same way."""
    ratio: int = 200
    """Unpacked bytes for each packed one, once more than ``ratio_floor`` came out."""
    ratio_floor: int = MIB
    unpacked: int = 100 * GIB
    """Bytes unpacked from one stored file, all layers together."""
    held: int = 32 * MIB
    """Unpacked bytes kept in memory at each layer; larger members are read once, forward."""
    directory: int = 8 * MIB
    """Bytes of a zip archive's directory, or of one record of an archive's own."""
    pickle_bytes: int = 512 * MIB
    """Operations and arguments of one pickle; arrays that lie between them do not count."""
    operations: int = 12_000_000
    """Operations of all pickles of one version, which bounds the time."""
    stack: int = 1_000_000
    memo: int = 2_000_000
    kept: int = 1_000_000
    """Texts, tuples, lists and maps one pickle's reading remembers; later ones are not known."""
    line: int = 16 * MIB
    document: int = 16 * MIB
    """Bytes of a JSON text that is read as JSON, or of a format's header."""
    problems: int = 200


class CannotTell(Exception):
    """A place could not be examined to its end, which is a problem in itself."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Exhausted(CannotTell):
    """A place is larger, deeper or slower than the limits allow."""


def too_large(text: str) -> Exhausted:
    """Say that a place goes beyond a limit."""
    return Exhausted("too_large", text)
