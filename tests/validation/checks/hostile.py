"""Pickles that would run something, put together operation by operation."""

import bz2
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np

from tests.validation.checks import stored

PROTO = b"\x80\x04"
FIRE = (stored.MODULE, "fire")


def text(value: str) -> bytes:
    """Push a short text."""
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def named(module: str, name: str) -> bytes:
    """Push a global by the texts on the stack."""
    return text(module) + text(name) + b"\x93"


def line_named(module: str, name: str) -> bytes:
    """Push a global by two lines."""
    return f"c{module}\n{name}\n".encode()


def called(function: bytes, *arguments: bytes) -> bytes:
    """Call a function."""
    return function + b"(" + b"".join(arguments) + b"tR"


class Reduced:
    """Pickles as a call."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


def payload(protocol: int = 4) -> bytes:
    """Return a real pickle whose loading fires."""
    return pickle.dumps(Reduced(stored.fire, "payload"), protocol)


def joblib_bytes(value: object, **options: Any) -> bytes:
    """Return what joblib writes."""
    buffer = io.BytesIO()
    joblib.dump(value, buffer, **options)
    return buffer.getvalue()


def _long_line_memo() -> bytes:
    """Fire behind a memo place whose number has many leading zeros."""
    return b"N" + b"p" + b"0" * 60 + b"7\n" + b"0" + called(line_named(*FIRE)) + b"."


def _stack_global_from_memo() -> bytes:
    return (
        PROTO
        + text(FIRE[0])
        + b"\x94"
        + text(FIRE[1])
        + b"\x940"
        + b"0"
        + b"h\x00h\x01\x93"
        + b")R."
    )


def _memo_with_gaps() -> bytes:
    """Put texts in far places, so that MEMOIZE numbers are not the length of the list."""
    return (
        PROTO
        + text("collections")
        + b"q\x05"
        + text("OrderedDict")
        + b"\x94"  # place 1, since one place is taken
        + b"00"
        + text(FIRE[0])
        + b"q\x00"
        + text(FIRE[1])
        + b"q\x02"
        + b"00"
        + b"h\x00h\x02\x93)R."
    )


def _build_setstate() -> bytes:
    return PROTO + named("collections", "OrderedDict") + b")R" + named(*FIRE) + b"0" + b"}b."


SHELL = text("touch never-made")

PICKLES: dict[str, bytes] = {
    "a real payload, protocol 0": payload(0),
    "a real payload, protocol 1": payload(1),
    "a real payload, protocol 2": payload(2),
    "a real payload, protocol 3": payload(3),
    "a real payload, protocol 4": payload(4),
    "a real payload, protocol 5": payload(5),
    "os.system": PROTO + called(named("os", "system"), SHELL) + b".",
    "posix.system": PROTO + called(named("posix", "system"), SHELL) + b".",
    "protocol 0 without header": b"cos\nsystem\n(S'touch never-made'\ntR.",
    "INST": b"(S'touch never-made'\nios\nsystem\n.",
    "OBJ": b"(cos\nsystem\nS'touch never-made'\no.",
    "OBJ without arguments": b"(" + line_named(*FIRE) + b"o.",
    "builtins.eval": PROTO + called(named("builtins", "eval"), text("1")) + b".",
    "builtins.exec under its old name": b"\x80\x02c__builtin__\nexec\n(X\x01\x00\x00\x001tR.",
    "builtins.getattr": PROTO
    + called(named("builtins", "getattr"), named(*FIRE), text("x"))
    + b".",
    "a chain of getattr": PROTO
    + called(
        called(named("builtins", "getattr"), named("numpy", "dtype"), text("__class__")), SHELL
    )
    + b".",
    "builtins.__import__": PROTO + called(named("builtins", "__import__"), text("os")) + b".",
    "builtins.open": PROTO + called(named("builtins", "open"), text("x"), text("w")) + b".",
    "a dotted name": PROTO + called(named("collections", "abc.sys.modules.get"), text("os")) + b".",
    "runpy": PROTO + called(named("runpy", "run_path"), text("x")) + b".",
    "importlib": PROTO + called(named("importlib", "import_module"), text("os")) + b".",
    "pkgutil.resolve_name": PROTO + called(named("pkgutil", "resolve_name"), text("os:x")) + b".",
    "operator.attrgetter": PROTO + called(named("operator", "attrgetter"), text("system")) + b".",
    "operator.methodcaller": PROTO + called(named("operator", "methodcaller"), SHELL) + b".",
    "functools.partial": PROTO + called(named("functools", "partial"), named(*FIRE)) + b".",
    "subprocess.Popen": PROTO + named("subprocess", "Popen") + b")\x81.",
    "numpy.load": PROTO + called(named("numpy", "load"), text("x.npy")) + b".",
    "numpy.f2py": PROTO + called(named("numpy.f2py.crackfortran", "myeval"), text("1")) + b".",
    "numpy.testing": PROTO
    + called(named("numpy.testing._private.utils", "runstring"), text("1"), b"}")
    + b".",
    "numpy's lookup of ufuncs": PROTO
    + called(named("numpy._core._multiarray_umath", "_ufunc_reconstruct"), text("os"), SHELL)
    + b".",
    "joblib.load": PROTO + called(named("joblib", "load"), text("x")) + b".",
    "joblib.load through scikit-learn": PROTO
    + called(named("sklearn.externals.joblib", "load"), text("x"))
    + b".",
    "a borrowed class in scikit-learn": PROTO
    + called(named("sklearn.pipeline", "Parallel"), text("x"))
    + b".",
    "a constructor of scikit-learn": PROTO
    + called(named("sklearn.pipeline", "Pipeline"), b"]")
    + b".",
    "torch's inner load": PROTO
    + called(named("torch.storage", "_load_from_bytes"), text("x"))
    + b".",
    "scipy's generated methods": PROTO
    + named("scipy.stats._continuous_distns", "norm_gen")
    + b")\x81}b.",
    "STACK_GLOBAL from the memo": _stack_global_from_memo(),
    "a memo with gaps": _memo_with_gaps(),
    "a global named by numbers": PROTO + b"\x82\x05)R.",
    "a global named by larger numbers": PROTO + b"\x83\x05\x00)R" + b"\x84\x05\x00\x00\x00)R.",
    "a persistent id": b"Pwhatever\n.",
    "a persistent id from the stack": PROTO + text("whatever") + b"Q.",
    "BUILD on a global": PROTO + named("collections", "OrderedDict") + b"}" + b"b.",
    "an item set in a global": PROTO + named("sklearn.metrics._scorer", "_SCORERS") + b"NNs.",
    "an item added to a global": PROTO + named("sklearn.ensemble._gb", "_LOSSES") + b"Na.",
    "slots that change the class": PROTO
    + named("collections", "OrderedDict")
    + b")\x81N}"
    + text("__class__")
    + named("numpy", "ndarray")
    + b"s\x86b.",
    "a state that is made while loading": PROTO
    + named("collections", "OrderedDict")
    + b")\x81"
    + called(named("builtins", "tuple"), b"]")
    + b"b.",
    "a call of what was made": PROTO + called(called(named("builtins", "list")), SHELL) + b".",
    "an instance of what was made": PROTO + called(named("builtins", "list")) + b")\x81.",
    "a constructor through the base class": PROTO
    + called(
        named("copyreg", "_reconstructor"),
        named("collections", "OrderedDict"),
        named("sklearn.pipeline", "Pipeline"),
        b"N",
    )
    + b".",
    "an odd encoding": PROTO + called(named("_codecs", "encode"), text("x"), text("zlib")) + b".",
    "a pickle in bytes": pickle.dumps([payload()]),
    "a pickle in bytes, protocol 0": pickle.dumps([payload(0)]),
    "a pickle in bytes in bytes": pickle.dumps([pickle.dumps([payload()])]),
    "a second pickle": pickle.dumps([1, 2]) + payload(),
    "a third pickle, without header": pickle.dumps(1) + pickle.dumps(2) + payload(0),
    "truncated behind the payload": payload(2)[:-1],
    "rubbish behind the payload": payload(0)[:-1] + b"\xff\xff\xff\xff",
    "numbers no scanner reads": b"I0x10\n0" + payload(0),
    "a text in another encoding": b"S'\xff'\n0" + payload(0),
    "many zeros in the memo": _long_line_memo(),
    "a picture in front": b"GIF89a\x01\x00\x01" + b"0" + payload(0),
    "out of band": PROTO + b"\x97.",
    "a name that is too long": PROTO + b"X" + (300).to_bytes(4, "little") + b"a" * 300 + b"N\x93.",
    "an unknown operation": PROTO + b"\xf0.",
    "an unknown protocol": b"\x80\x04\x80\x09N.",
    "an empty stack": PROTO + b".",
    "no mark": PROTO + b"t.",
    "nothing in the memo": PROTO + b"h\x07.",
    "gzip": gzip.compress(payload()),
    "gzip, protocol 0": gzip.compress(payload(0)),
    "bzip2": bz2.compress(payload()),
    "xz": lzma.compress(payload()),
    "lzma alone": lzma.compress(payload(), lzma.FORMAT_ALONE),
    "zlib": zlib.compress(payload()),
    "truncated gzip": gzip.compress(payload() + b"N" * 100)[:-9],
    "gzip in two streams": gzip.compress(payload()[:10]) + gzip.compress(payload()[10:]),
    "gzip with a tail": gzip.compress(b"text") + payload(),
    "joblib": joblib_bytes({"a": np.arange(3.0), "b": Reduced(stored.fire, 1)}),
    "joblib, compressed": joblib_bytes([Reduced(stored.fire, 1)], compress=3),
    "joblib, lzma": joblib_bytes([Reduced(stored.fire, 1)], compress=("lzma", 3)),
    "joblib, objects": joblib_bytes(np.array([Reduced(stored.fire, 1)], dtype=object)),
}
