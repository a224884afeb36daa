"""Jinja: chat templates and the like, read for ways out of the template language.

A template is cut into what is written out and what is carried out, as Jinja cuts it; only the
latter counts, so that a prompt may speak of ``import`` or ``eval``. Texts that are put together
while rendering are not followed.
"""

import re

from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan

ENDINGS = (".jinja", ".jinja2", ".j2")
_OPENING = re.compile(r"\{[{%#]")
_RAW = re.compile(r"[-+]?\s*raw\s*[-+]?%\}")
_RAW_END = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_TOKEN = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<end>[-+]?[}%]\})"
    r"|(?P<sign>\S)",
    re.DOTALL,
)
_SPECIAL = re.compile(r"__[A-Za-z]|[A-Za-z0-9]__(?![A-Za-z0-9])")
_HIDDEN = re.compile(r"\\(?:x5f|u005f|U0000005f|137|N\{)", re.IGNORECASE)
_STATEMENTS = frozenset({"extends", "from", "import", "include"})
_WAYS_OUT = frozenset({"cycler", "joiner", "lipsum"})
_FUNCTIONS = frozenset({"compile", "eval", "exec", "getattr", "globals", "open", "setattr"})


def examine(scan: Scan, place: str, template: str) -> None:
    """Report a template that reaches for Python's internals or for other templates."""
    found = way_out(template)
    if found is not None:
        text = f"A template uses {found}, by which a template can run code."
        scan.report("unsafe_template", place, text, SAVE_SAFELY)


def examine_piece(scan: Scan, piece: Piece) -> None:
    """Examine a text that is a template as a whole."""
    piece.rewind()
    template = piece.stream.read(scan.limits.document)
    if piece.stream.peek(1):
        scan.report(
            "too_large",
            piece.place,
            "Cannot tell whether it is safe: the template is longer than is read.",
            SAVE_SAFELY,
        )
    examine(scan, piece.place, template.decode("utf-8", "replace"))


def way_out(template: str) -> str | None:
    """Return in words what a template uses to leave its language, if anything."""
    at = 0
    while (opening := _OPENING.search(template, at)) is not None:
        at = opening.end()
        if opening[0] == "{#":
            at = _after(template.find("#}", at), 2, template)
        elif opening[0] == "{%" and (raw := _RAW.match(template, at)) is not None:
            end = _RAW_END.search(template, raw.end())
            at = len(template) if end is None else end.end()
        else:
            at, found = _in_code(template, at, is_statement=opening[0] == "{%")
            if found is not None:
                return found
    return None


def _after(found: int, size: int, template: str) -> int:
    return len(template) if found < 0 else found + size


def _in_code(template: str, at: int, *, is_statement: bool) -> tuple[int, str | None]:
    """Read tokens up to the end of a block; return where that is, and what was found."""
    before, is_first = "", is_statement
    while (token := _TOKEN.search(template, at)) is not None:
        at = token.end()
        if token["end"]:
            return at, None
        if token["text"]:
            found = _in_text(token["text"])
        elif token["word"]:
            is_called = template[at : at + 40].lstrip()[:1] == "("
            found = _in_word(token["word"], before, is_called=is_called, is_first=is_first)
            is_first = False
        else:
            found = None
        if found is not None:
            return at, found
        before = token[0]
    return len(template), None


def _in_text(text: str) -> str | None:
    if _SPECIAL.search(text) or _HIDDEN.search(text):
        return "a name of Python's own, given as a text"
    return None


def _in_word(word: str, before: str, *, is_called: bool, is_first: bool) -> str | None:
    if word.startswith(("__", "_TemplateReference")):
        return f"{word:.40}, a name of Python's own"
    if is_first and word in _STATEMENTS:
        return f"{word}, which reads another template"
    if before == "|" and word == "attr":
        return "the filter attr, which looks attributes up by a text"
    is_name = before != "."
    if is_name and (word in _WAYS_OUT or (word in _FUNCTIONS and is_called)):
        return f"{word}, which leads to Python's internals"
    return None
