"""Follows a pickle without loading it: every operation, on values known only by name."""

from collections.abc import Callable

from apps.validation.checks.unsafe_code.pickles.judge import Judge
from apps.validation.checks.unsafe_code.pickles.opcodes import (
    KEPT_TEXT,
    Argument,
    Broken,
    OperationReader,
    looks_like_pickle,
)
from apps.validation.checks.unsafe_code.pickles.stack import Stack
from apps.validation.checks.unsafe_code.pickles.symbols import (
    FORGOTTEN,
    MOST_ITEMS,
    UNKNOWN,
    Global,
    Listing,
    Mapping,
    Value,
)
from apps.validation.checks.unsafe_code.pickles.torch_storages import Storages

SPENT_AT_ONCE = 500

OnBytes = Callable[[Judge, bytes, int], None]
"""Called with bytes inside a pickle that may be a pickle themselves, and their position."""


class Machine(Stack):
    """The stack and memo of an unpickler, and a judge who sees what the pickle asks for."""

    def __init__(
        self,
        judge: Judge,
        reader: OperationReader,
        on_bytes: OnBytes,
        *,
        storages: Storages | None = None,
    ) -> None:
        super().__init__(judge.scan)
        self.judge = judge
        self.reader = reader
        self.on_bytes = on_bytes
        self.frame_end = 0
        self._storages = storages
        self._kept = 0

    def run(self) -> None:
        """Follow the operations until STOP.

        Raises:
            Broken: when no unpickler could go on.
            CannotTell: when a limit is reached, or what follows depends on something unknown.
        """
        number = 0
        try:
            for number, operation in enumerate(self.reader.operations(), 1):
                self.step(*operation)
                if number % SPENT_AT_ONCE == 0:
                    self.scan.spend_operations(SPENT_AT_ONCE)
        finally:
            self.scan.note_operations(number % SPENT_AT_ONCE)

    def step(self, name: str, argument: Argument, position: int) -> None:
        """Follow one operation."""
        self.judge.position = position
        plain = _PLAIN.get(name)
        if plain is not None:
            plain(self)
        else:
            _WITH_ARGUMENT[name](self, argument)

    def text(self, argument: Argument) -> None:
        """Push a text, remembered if it is one of the first."""
        if isinstance(argument, bytes):
            self._look_into(argument)
            argument = argument.decode("latin-1") if len(argument) <= KEPT_TEXT else UNKNOWN
        if isinstance(argument, str) and not self._keep():
            self.push(FORGOTTEN)
        else:
            self.push(argument if isinstance(argument, str) else UNKNOWN)

    def data(self, argument: Argument) -> None:
        """Push bytes, which are looked into but not remembered."""
        if isinstance(argument, bytes):
            self._look_into(argument)
        self.push(UNKNOWN)

    def number(self, argument: Argument) -> None:
        """Push a number."""
        self.push(argument if isinstance(argument, int) else UNKNOWN)

    def listing(self, values: list[Value]) -> None:
        """Push a tuple, list or set of values."""
        self.judge.require_storable(values)
        if not self._keep():
            self.push(FORGOTTEN)
        else:
            self.push(Listing(values if len(values) <= MOST_ITEMS else None))

    def mapping(self, values: list[Value]) -> None:
        """Push a map of keys and values in turn."""
        if len(values) % 2:
            raise Broken("a map has a key without a value")
        self.judge.require_storable(values)
        if not self._keep():
            self.push(FORGOTTEN)
            return
        made = Mapping()
        for key, value in zip(values[::2], values[1::2], strict=True):
            made.put(key, value)
        self.push(made)

    def put_in(self, values: list[Value]) -> None:
        """Put keys and values in turn into the map on top."""
        target = self.top()
        if len(values) % 2:
            raise Broken("a map has a key without a value")
        self.judge.require_changeable(target)
        self.judge.require_storable(values)
        if isinstance(target, Mapping):
            for key, value in zip(values[::2], values[1::2], strict=True):
                target.put(key, value)

    def extend(self, values: list[Value]) -> None:
        """Add values to the list or set on top."""
        target = self.top()
        self.judge.require_changeable(target)
        self.judge.require_storable(values)
        if isinstance(target, Listing) and values:
            target.items = None

    def import_lines(self, lines: Argument) -> None:
        """Push a global named by two lines."""
        self.push(self._named(lines))

    def import_from_stack(self) -> None:
        """Push a global named by the two texts on top."""
        name, module = self.pop(), self.pop()
        self.push(self.judge.find(module, name))

    def reduce(self) -> None:
        """Call the value below the top with the arguments on top."""
        arguments, function = self.pop(), self.pop()
        self.push(self.judge.call(function, arguments))

    def new_object(self) -> None:
        """Make an instance of the class below the top."""
        arguments, made_by = self.pop(), self.pop()
        self.push(self.judge.instantiate(made_by, arguments))

    def new_object_with_names(self) -> None:
        """Make an instance of the class two below the top."""
        self.pop()
        self.new_object()

    def instantiate_lines(self, lines: Argument) -> None:
        """Make an instance of a global named by two lines, of the values since the mark."""
        values = self.group()
        self._instantiate(self._named(lines), values)

    def instantiate_group(self) -> None:
        """Make an instance of the first value since the mark, of the others."""
        values = self.group()
        if not values:
            raise Broken("there is no class to make an instance of")
        self._instantiate(values[0], values[1:])

    def build(self) -> None:
        """Give the value on top a state."""
        state, target = self.pop(), self.top()
        self.judge.give_state(target, state)

    def persistent(self, identity: Value) -> None:
        """Push something the loading program looks up by itself."""
        found = None if self._storages is None else self._storages.take(identity)
        if found is None:
            self.judge.problem(
                "persistent_id",
                "The pickle asks the loading program to look something up (a persistent id); "
                "what that does cannot be told from the file.",
            )
        self.push(UNKNOWN if found is None else found)

    def extension(self, code: Argument) -> None:
        """Push a global named by a number, which only the loading program can resolve."""
        self.push(self.judge.find("copyreg extension", f"number {code!r}"))

    def out_of_band(self) -> None:
        """Push a buffer that is not in the file."""
        self.judge.problem("out_of_band", "The pickle expects bytes that are not in the file.")
        self.push(UNKNOWN)

    def frame(self, size: Argument) -> None:
        """Note where a frame ends, since joblib's arrays may only lie between frames."""
        if isinstance(size, int):
            self.frame_end = self.reader.position + size

    def _named(self, lines: Argument) -> Global:
        module, _, name = str(lines).partition("\n")
        return self.judge.find(module, name)

    def _instantiate(self, made_by: Value, values: list[Value]) -> None:
        """Call a class with values; without any, an unpickler only makes an empty instance."""
        self.judge.require_storable(values)
        is_call = bool(values)
        judge = self.judge.call if is_call else self.judge.instantiate
        self.push(judge(made_by, Listing(values)))

    def _look_into(self, data: bytes) -> None:
        if looks_like_pickle(data) or data[:1] in {b"c", b"(", b"]", b"}", b"i"}:
            self.on_bytes(self.judge, data, self.judge.position)

    def _keep(self) -> bool:
        self._kept += 1
        return self._kept <= self.scan.limits.kept


_PLAIN: dict[str, Callable[[Machine], object]] = {
    "STOP": lambda m: m.top(),
    "MARK": lambda m: m.mark(),
    "POP": lambda m: m.drop(),
    "POP_MARK": lambda m: m.group(),
    "DUP": lambda m: m.push(m.top()),
    "NONE": lambda m: m.push(None),
    "NEWTRUE": lambda m: m.push(True),
    "NEWFALSE": lambda m: m.push(False),
    "EMPTY_LIST": lambda m: m.listing([]),
    "EMPTY_TUPLE": lambda m: m.listing([]),
    "EMPTY_SET": lambda m: m.listing([]),
    "EMPTY_DICT": lambda m: m.mapping([]),
    "LIST": lambda m: m.listing(m.group()),
    "TUPLE": lambda m: m.listing(m.group()),
    "FROZENSET": lambda m: m.listing(m.group()),
    "TUPLE1": lambda m: m.listing([m.pop()]),
    "TUPLE2": lambda m: m.listing([m.pop(), m.pop()][::-1]),
    "TUPLE3": lambda m: m.listing([m.pop(), m.pop(), m.pop()][::-1]),
    "DICT": lambda m: m.mapping(m.group()),
    "SETITEM": lambda m: m.put_in([m.pop(), m.pop()][::-1]),
    "SETITEMS": lambda m: m.put_in(m.group()),
    "APPEND": lambda m: m.extend([m.pop()]),
    "APPENDS": lambda m: m.extend(m.group()),
    "ADDITEMS": lambda m: m.extend(m.group()),
    "MEMOIZE": lambda m: m.remember_next(),
    "STACK_GLOBAL": lambda m: m.import_from_stack(),
    "REDUCE": lambda m: m.reduce(),
    "NEWOBJ": lambda m: m.new_object(),
    "NEWOBJ_EX": lambda m: m.new_object_with_names(),
    "OBJ": lambda m: m.instantiate_group(),
    "BUILD": lambda m: m.build(),
    "PERSID": lambda m: m.persistent(UNKNOWN),
    "BINPERSID": lambda m: m.persistent(m.pop()),
    "NEXT_BUFFER": lambda m: m.out_of_band(),
    "READONLY_BUFFER": lambda m: m.top(),
}
_WITH_ARGUMENT: dict[str, Callable[[Machine, Argument], None]] = {
    "PROTO": lambda m, protocol: m.judge.set_protocol(protocol),
    "FRAME": lambda m, size: m.frame(size),
    "GLOBAL": lambda m, lines: m.import_lines(lines),
    "INST": lambda m, lines: m.instantiate_lines(lines),
    **dict.fromkeys("PUT BINPUT LONG_BINPUT".split(), lambda m, index: m.remember(index)),
    **dict.fromkeys("GET BINGET LONG_BINGET".split(), lambda m, index: m.recall(index)),
    **dict.fromkeys("EXT1 EXT2 EXT4".split(), lambda m, code: m.extension(code)),
    **dict.fromkeys(
        "BININT BININT1 BININT2 LONG1 LONG4 INT LONG FLOAT BINFLOAT".split(),
        lambda m, number: m.number(number),
    ),
    **dict.fromkeys(
        "UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 STRING BINSTRING SHORT_BINSTRING".split(),
        lambda m, text: m.text(text),
    ),
    **dict.fromkeys(
        "SHORT_BINBYTES BINBYTES BINBYTES8 BYTEARRAY8".split(), lambda m, data: m.data(data)
    ),
}
