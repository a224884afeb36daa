"""The verifier as one file to give away: its modules one after the other, as they stand."""

import ast
from functools import cache
from pathlib import Path

NAME = "verify_audit.py"
HEAD = '''\
#!/usr/bin/env python3
"""Checks a record that Signet exported, an evidence pack, or the proof of one entry, with nothing
but Python 3.9.

It shares no code with what sealed the record. Give it the key the organization published, and
checkpoints kept elsewhere: without one, nobody can tell whether the end of the record was cut off.

    python3 verify_audit.py export FOLDER --key KEY [--checkpoint FILE_OR_FOLDER]...
    python3 verify_audit.py pack FILE_OR_FOLDER --key KEY [--checkpoint FILE_OR_FOLDER]...
    python3 verify_audit.py proof FILE --entry FILE --key KEY [--witness KEY]... [--quorum N]

It ends with 0 when all is whole, 1 with findings, 2 when called wrongly, 3 when it could not check.
"""

from __future__ import annotations

'''
PACKAGE = "apps.audit.verifier."
_HERE = Path(__file__).parent
_MODULES = (
    "ed25519 notes tree shape entries epochs rotations bundles exports proofs containers attached "
    "packs program"
).split()


@cache
def text() -> str:
    """Return the whole program."""
    imported: set[str] = set()
    parts = []
    for module in _MODULES:
        source = (_HERE / f"{module}.py").read_text(encoding="utf-8")
        parts.append(_without_imports(source, imported))
    return HEAD + "\n".join(sorted(imported)) + "\n" + "".join(parts)


def _without_imports(source: str, imported: set[str]) -> str:
    """Return the code of a module; what it imports from elsewhere is added to ``imported``."""
    tree, lines = ast.parse(source), source.splitlines()
    _, *statements = tree.body
    code = [node for node in statements if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node in statements:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and _is_foreign(node)):
            imported.add(ast.unparse(node))
    first = code[0].lineno - 1
    if isinstance(code[0], ast.ClassDef | ast.FunctionDef) and code[0].decorator_list:
        first = code[0].decorator_list[0].lineno - 1
    body = "\n".join(lines[first:])
    told = (f"# {line}".rstrip() for line in (ast.get_docstring(tree) or "").splitlines())
    return "\n\n" + "\n".join(told) + f"\n\n{body}\n"


def _is_foreign(node: ast.ImportFrom) -> bool:
    module = node.module or ""
    return not module.startswith(PACKAGE) and module != "__future__"
