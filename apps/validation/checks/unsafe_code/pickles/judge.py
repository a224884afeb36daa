"""Judges what a pickle asks for: which globals, called how, and what is done to them."""

import _compat_pickle
import re
from collections.abc import Iterable

from apps.validation.checks.contract import Problem, Severity
from apps.validation.checks.unsafe_code.allowed import (
    NUMPY_NAMES,
    Trust,
    is_dangerous,
)
from apps.validation.checks.unsafe_code.limits import CannotTell
from apps.validation.checks.unsafe_code.pickles.array_types import array_type, is_array_type
from apps.validation.checks.unsafe_code.pickles.opcodes import Argument, Broken
from apps.validation.checks.unsafe_code.pickles.symbols import (
    FORGOTTEN,
    UNKNOWN,
    Global,
    Listing,
    Made,
    Mapping,
    Unknown,
    Value,
)
from apps.validation.checks.unsafe_code.scan import MOST_NAMES, SAVE_SAFELY, Scan, shown

_OF_SCRIPTS = re.compile(r"__torch__(?:\.\w+)*|torch\.jit\._pickle")
_PLAIN_FORMULA = re.compile(r"[A-Za-z0-9_ ~+*:^|-]+")
_RESTORED = frozenset({"restore_design_info", "restore_model_spec"})
WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")

_LATIN = frozenset({"latin1", "latin-1", "latin_1", "iso-8859-1"})
_MAKERS = frozenset({"copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"})
_PAIR_STATES = frozenset(
    {
        "numpy.random._pickle.__bit_generator_ctor",
        "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked",
        "scipy.interpolate._rbfinterp.RBFInterpolator",
        "scipy.spatial.transform._rotation.Rotation",
    }
)
"""Their results take a pair as state themselves, so it is no dictionary and slots."""
_OWN_STATES = frozenset({"statsmodels.tools.tools.Bunch"})
"""Dictionaries whose entries are their attributes, so that they are their own state."""
_PLAIN_BASES = frozenset(
    f"builtins.{name}"
    for name in "bytes complex dict float frozenset int list object set str tuple".split()
)


class Judge:
    """Sees everything a pickle imports, calls and changes, and words the problems."""

    def __init__(
        self,
        scan: Scan,
        place: str,
        *,
        is_second_reading: bool = False,
        is_script: bool = False,
    ) -> None:
        self.scan = scan
        self.place = place
        self._is_script = is_script
        self._is_second_reading = is_second_reading
        self.position = 0
        self.problems: list[Problem] = []
        self.names: set[str] = set()
        self.has_called_forbidden = False
        self._protocol = 0

    def set_protocol(self, protocol: Argument) -> None:
        """Note the protocol, which decides how old names are read."""
        if not isinstance(protocol, int) or protocol > 5:
            raise Broken("its protocol is not known")
        self._protocol = protocol

    def adopt(self, other: "Judge") -> None:
        """Take over what another judge has found."""
        self.problems += other.problems
        self.names |= other.names
        self.has_called_forbidden |= other.has_called_forbidden

    def problem(self, code: str, text: str, severity: Severity = Severity.HIGH) -> None:
        """Note a problem at the present position."""
        if len(self.problems) <= self.scan.limits.problems:
            place = f"{self.place}, byte {self.position}"
            self.problems.append(Problem(code, severity, place, text, SAVE_SAFELY))

    # --- globals ---------------------------------------------------------------------------

    def find(self, module: Value, name: Value) -> Global:
        """Judge a global by its name."""
        if not isinstance(module, str) or not isinstance(name, str):
            return self._unclear(module, name)
        if not module or not name or "\0" in module:
            raise Broken("it names a global that no module can have")
        if self._protocol < 3:
            module, name = _modern(module, name)
        found = Global(module, name, self._trust(module, name))
        if len(self.names) < MOST_NAMES:
            self.names.add(shown(found.full_name))
        if found.trust is None:
            self._require_first_reading(name)
            self._forbidden(found)
        return found

    def _trust(self, module: str, name: str) -> Trust | None:
        """Return how far a global is trusted; TorchScript brings its classes along as programs."""
        if self._is_script and _OF_SCRIPTS.fullmatch(module):
            return Trust.CALL
        return self.scan.allowed.trust(module, name)

    def _require_first_reading(self, name: str) -> None:
        """End a second reading where it takes a wrong module for the right name.

        Read in the way that was not meant, an honest pickle asks for NumPy's ``dtype`` in a module
        named like one of the model's parameters. No other module uses the names NumPy is known
        for, least of all for harm.
        """
        if self._is_second_reading and name in NUMPY_NAMES:
            raise Broken("it names a global that no module has")

    def _unclear(self, module: Value, name: Value) -> Global:
        if FORGOTTEN not in (module, name) and UNKNOWN not in (module, name):
            raise Broken("the name of a global is no text")
        text = "The pickle names a global by texts that are made while loading or are too long."
        self.problem("unclear_global", text)
        return Global("?", "?", None)

    def _forbidden(self, found: Global) -> None:
        severity = Severity.CRITICAL if is_dangerous(found.module) else Severity.HIGH
        text = (
            f"The pickle asks for {found.full_name!a:.200}, which is not on the list of what a "
            "model file may use. Loading the file can run code."
        )
        self.problem("forbidden_global", text, severity)

    # --- calls -----------------------------------------------------------------------------

    def call(self, function: Value, arguments: Value) -> Value:
        """Judge a call, and return what is known of its result."""
        if not isinstance(function, Global):
            return self._unclear_call(function)
        if function.trust is not Trust.CALL:
            self.has_called_forbidden = True
        if function.trust is Trust.KEEP:
            text = (
                f"The pickle calls {function.full_name!a:.200}, which may only be kept or given a "
                "state, not called."
            )
            self.problem("forbidden_call", text)
        if function.full_name in _MAKERS:
            return self._reconstructed(function, arguments)
        if function.full_name == "_codecs.encode":
            self._require_latin(arguments)
        return Made(function, arguments)

    def instantiate(self, made_by: Value, arguments: Value) -> Value:
        """Judge an instance made without its constructor."""
        if not isinstance(made_by, Global):
            return self._unclear_call(made_by)
        if made_by.trust is None:
            self.has_called_forbidden = True
        return Made(made_by, arguments, is_instance=True)

    def _unclear_call(self, function: Value) -> Value:
        if not isinstance(function, Unknown | Made):
            raise Broken("it calls something that cannot be called")
        self.has_called_forbidden = True
        self.problem("unclear_call", "The pickle calls something that is only made while loading.")
        return UNKNOWN

    def _reconstructed(self, function: Global, arguments: Value) -> Value:
        items = arguments.items if isinstance(arguments, Listing) else None
        made_by = items[0] if items else None
        if items is None or not isinstance(made_by, Global):
            return self._unclear_call(UNKNOWN)
        if function.name == "_reconstructor":
            base = items[1] if len(items) > 1 else None
            if not isinstance(base, Global) or base.full_name not in _PLAIN_BASES:
                return self._unclear_call(UNKNOWN)
        return self.instantiate(made_by, arguments)

    def _require_latin(self, arguments: Value) -> None:
        items = arguments.items if isinstance(arguments, Listing) else None
        if items is None or len(items) != 2 or items[1] not in _LATIN:
            text = "The pickle encodes a text in another way than pickles do for bytes."
            self.problem("unclear_encoding", text)

    # --- changes ---------------------------------------------------------------------------

    def require_changeable(self, target: Value) -> None:
        """Report a pickle that changes something it imports."""
        if isinstance(target, Global):
            self.has_called_forbidden = True
            text = f"The pickle changes {target.full_name!a:.200} itself, for the whole program."
            self.problem("changed_global", text, Severity.CRITICAL)

    def require_storable(self, values: Iterable[Value]) -> None:
        """Report joblib's array wrapper where it does not stand for an array.

        Joblib reads bytes that follow a wrapper as an array. What a listed function would do with
        a wrapper cannot be followed, so it would no longer be clear where those bytes end.
        """
        values = list(values)
        if any(is_wrapper(value) for value in values) and not _is_old_reconstruction(values):
            text = "The pickle uses joblib's array wrapper in a way joblib does not."
            self.problem("misused_wrapper", text)

    def give_state(self, target: Value, state: Value) -> None:
        """Judge a state that is given to a value."""
        self.require_changeable(target)
        is_own = state is target and _made_by(target) in _OWN_STATES
        if (
            not is_own
            and not _takes_pairs(target)
            and not _is_plain(state, is_instance=_is_instance(target))
        ):
            text = "The pickle sets attributes that can change what kind of thing an object is."
            self.problem("unclear_state", text)
        if _made_by(target).startswith("statsmodels."):
            self._require_plain_formula(state)
        if isinstance(target, Made):
            target.state = FORGOTTEN if target.is_built else state
            target.is_built = True
            self._require_clear_type(target)

    def _require_plain_formula(self, state: Value) -> None:
        """Report a formula that is more than names and signs: statsmodels evaluates it."""
        if not isinstance(state, Mapping):
            return
        items = state.items
        formula = None if items is None else items.get("formula")
        is_plain = isinstance(formula, str) and _PLAIN_FORMULA.fullmatch(formula)
        if items is None or (_RESTORED & items.keys() and not is_plain):
            text = "Loading it evaluates a formula of statsmodels, which can call functions."
            self.problem("formula", text)

    def _require_clear_type(self, target: Made) -> None:
        """Report a type of arrays that would let bytes pass for something else."""
        if is_array_type(target):
            try:
                array_type(target)
            except CannotTell as trouble:
                self.problem(trouble.code, f"Cannot tell whether it is safe: {trouble.text}.")


def is_wrapper(value: Value) -> bool:
    """Say whether a value is joblib's array wrapper, or the class of it."""
    made_by = value.made_by if isinstance(value, Made) else value
    return isinstance(made_by, Global) and (made_by.module, made_by.name) == WRAPPER


def _is_old_reconstruction(values: list[Value]) -> bool:
    """Say whether values are what protocols 0 and 1 make an instance of."""
    if len(values) != 3 or not isinstance(values[0], Global) or values[2] is not None:
        return False
    return isinstance(values[1], Global) and values[1].full_name == "builtins.object"


def _is_instance(value: Value) -> bool:
    return isinstance(value, Made) and value.is_instance


def _takes_pairs(value: Value) -> bool:
    return _made_by(value) in _PAIR_STATES


def _made_by(value: Value) -> str:
    made_by = value.made_by if isinstance(value, Made) else None
    return made_by.full_name if isinstance(made_by, Global) else ""


def _is_plain(state: Value, *, is_instance: bool) -> bool:
    """Say whether a state only fills an instance's own dictionary or plain slots."""
    if isinstance(state, Made) or state is FORGOTTEN:
        return False
    if isinstance(state, Listing) and state.items is not None and len(state.items) == 2:
        own, slots = state.items
        if slots is not None and not (is_instance and _has_plain_names(slots)):
            return False
        return _is_plain(own, is_instance=is_instance)
    return not isinstance(state, Mapping) or state.items is None or _has_plain_names(state)


def _has_plain_names(state: Value) -> bool:
    return (
        isinstance(state, Mapping)
        and state.items is not None
        and not any(_is_special(name) for name in state.items)
    )


def _is_special(name: str) -> bool:
    """Say whether Python itself gives an attribute a meaning; a text about an object has none."""
    return name.startswith("__") and name.endswith("__") and name != "__doc__"


def _modern(module: str, name: str) -> tuple[str, str]:
    """Return a name of Python 2 as Python 3 reads it."""
    if (module, name) in _compat_pickle.NAME_MAPPING:
        found: tuple[str, str] = _compat_pickle.NAME_MAPPING[module, name]
        return found
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name
