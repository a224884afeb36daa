"""The programs of ``deploy/admission``, as the tests of them load them."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent.parent.parent / "deploy" / "admission"
SCRIPT = FOLDER / "signet-admission.sh"


def program(name: str) -> ModuleType:
    """Return a program as a module; it finds what lies beside it."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))
