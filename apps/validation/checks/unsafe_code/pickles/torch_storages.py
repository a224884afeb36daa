"""PyTorch's persistent ids, which stand for tensors' bytes, and its files from before 1.6.

Such an old file is five pickles (a number, a protocol, facts about the machine, the object, the
names of the tensors) and then, one after the other, each tensor's length and its raw bytes.
"""

from apps.validation.checks.unsafe_code.pickles.opcodes import OperationReader
from apps.validation.checks.unsafe_code.pickles.symbols import UNKNOWN, Global, Listing, Value

MAGIC = 0x1950A86A20F9469CFC6C
PICKLES = 5
MOST_STORAGES = 200_000
_SIZES = {
    "BFloat16": 2, "Bool": 1, "Byte": 1, "Char": 1, "ComplexDouble": 16, "ComplexFloat": 8,
    "Double": 8, "Float": 4, "Half": 2, "Int": 4, "Long": 8, "QInt32": 4, "QInt8": 1,
    "QUInt2x4": 1, "QUInt4x2": 1, "QUInt8": 1, "Short": 2, "Untyped": 1,
}  # fmt: skip


class Storages:
    """The raw bytes a file says its tensors have."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._is_known = True

    def take(self, identity: Value) -> Value:
        """Return what PyTorch looks up for a persistent id; nothing when it never writes one so."""
        items = identity.items if isinstance(identity, Listing) else None
        if not items or len(items) not in {4, 5, 6}:
            return None
        kind, found = items[0], items[1]
        if not isinstance(found, Global) or found.trust is None:
            return None
        if kind == "module" and len(items) == 4:  # a class, and its source code to compare with
            return found
        if kind != "storage" or len(items) == 4:
            return None
        self._note(found.name, items[2], items[4])
        return UNKNOWN

    def _note(self, kind: str, key: Value, count: Value) -> None:
        size = _SIZES.get(kind.removesuffix("Storage"))
        if size is None or not isinstance(key, str) or not isinstance(count, int):
            self._is_known = False
        else:
            self._sizes[key] = size * count
        self._is_known &= len(self._sizes) <= MOST_STORAGES

    def is_tail(self, reader: OperationReader) -> bool:
        """Read on to the end; say whether exactly the tensors' lengths and bytes were there."""
        expected = sum(8 + size for size in self._sizes.values())
        return reader.read_to_end() == expected and self._is_known
