"""PyTorch's zip archives: which members are pickles with tensors, raw tensors, or TorchScript."""

import re
from collections.abc import Iterable

from apps.validation.checks.unsafe_code.pieces import Piece

_PICKLES = re.compile(r"(?:\w+\.pkl|code/.+\.debug_pkl)")
_TENSORS = re.compile(
    r"(?:\.?data|constants|tensors|traced_inputs)/\d+|data/(?:weights|constants)/\w+"
)
_SCRIPT = re.compile(r"code/.+\.py")


class TorchLayout:
    """What the names in an archive say about each other."""

    def __init__(self, names: Iterable[str]) -> None:
        names = set(names)
        self._folders = {
            name.removesuffix(mark)
            for mark in ("data.pkl", "archive_format")
            for name in names
            if name.rpartition("/")[2] == mark
            and names & {f"{name.removesuffix(mark)}{other}" for other in _BESIDE}
        }
        self._scripts = {
            folder
            for folder in self._folders
            if any(name.startswith(f"{folder}code/") for name in names)
        }

    def note(self, piece: Piece, name: str) -> None:
        """Tell a member what it is in PyTorch's eyes."""
        for folder in self._folders:
            if name.startswith(folder):
                rest = name[len(folder) :]
                piece.is_torch |= _PICKLES.fullmatch(rest) is not None
                piece.is_raw |= _TENSORS.fullmatch(rest) is not None
                piece.is_script |= folder in self._scripts
                piece.is_script_code |= piece.is_script and _SCRIPT.fullmatch(rest) is not None


_BESIDE = ("version", ".data/version", "byteorder", "archive_version")
