"""TorchScript: programs in a language of PyTorch's own, kept as text in its archives.

They run when the model does, and partly when it is loaded. The language has PyTorch's operations
and nothing else, so that a program is as safe as the operations it uses.
"""

import re

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan, shown

_USES = re.compile(r"(?<![\w.])(torch|ops)\b(?:\s*\.\s*(\w+))?(?:\s*\.\s*(\w+))?")
_TEXT = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")
_TOUCHES = re.compile(
    r"save|load|from_file|_?rpc\w*|rpc_\w+|_load\w*|_save\w*|read_file|write_file|open|exec\w*"
)
_OWN = frozenset("aten mkldnn mkldnn_prepacked prepacked prim prims quantized sparse".split())


def examine(scan: Scan, piece: Piece) -> None:
    """Report a program that uses operations that touch files, or that are not PyTorch's own."""
    piece.rewind()
    data = piece.stream.read(scan.limits.document)
    program = _TEXT.sub("''", data.decode("utf-8", "replace"))
    text = "It is a TorchScript program, which PyTorch runs when the model is used."
    scan.report("torchscript", piece.place, text, _READ, Severity.MEDIUM)
    if piece.stream.peek(1):
        text = "Cannot tell whether it is safe: the program is longer than is read."
        scan.report("too_large", piece.place, text, SAVE_SAFELY)
    for use in sorted({use.groups("") for use in _USES.finditer(program)}):
        _examine_use(scan, piece.place, *use)


def _examine_use(scan: Scan, place: str, root: str, first: str, second: str) -> None:
    name = first if root == "torch" else second
    if not first or not name:
        text = f"The program uses {root} in a way that cannot be followed."
        scan.report("unclear_script", place, text, SAVE_SAFELY)
    elif _TOUCHES.fullmatch(first) or _TOUCHES.fullmatch(second):
        text = f"The program uses {shown(name)}, an operation that touches files or other machines."
        scan.report("file_operation", place, text, SAVE_SAFELY)
    elif root == "ops" and first not in _OWN:
        text = f"It uses operations of {shown(first)}, which are code that is not in the file."
        scan.report("custom_operations", place, text, SAVE_SAFELY, Severity.MEDIUM)


_READ = "Read the program, or save the model in a format without programs, such as ONNX."
