"""Markdown people wrote, as blocks of plain runs that another typesetter can draw.

Only what is named here is kept apart: headings, paragraphs, lists, code, and emphasis in a line.
Everything else comes through as its text.
"""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_STYLES = {"strong": "bold", "em": "italic"}
MOST_DEPTH = 6


class Run(TypedDict):
    """Some letters in one style: ``plain``, ``bold``, ``italic``, ``code``."""

    text: str
    style: str


class Block(TypedDict):
    """One paragraph, heading, entry of a list or piece of code, and how deep it lies."""

    kind: str
    depth: int
    runs: list[Run]


def blocks(text: str) -> list[Block]:
    """Return a text as blocks, in order."""
    return list(_blocks(_PARSER.parse(text)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    depth, kind = 0, "text"
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open", "blockquote_open"}:
            depth = min(depth + 1, MOST_DEPTH)
        elif token.type in {"bullet_list_close", "ordered_list_close", "blockquote_close"}:
            depth = max(depth - 1, 0)
        elif token.type == "list_item_open":
            kind = "entry"
        elif token.type == "heading_open":
            kind = "heading"
        elif token.type in {"fence", "code_block"}:
            yield {
                "kind": "code",
                "depth": depth,
                "runs": [_run(token.content.rstrip("\n"), "code")],
            }
        elif token.type == "inline":
            yield {"kind": kind, "depth": depth, "runs": list(_runs(token.children or []))}
            kind = "text"


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    styles: list[str] = []
    for token in tokens:
        name = token.tag if token.nesting else ""
        if token.nesting == 1 and name in _STYLES:
            styles.append(_STYLES[name])
        elif token.nesting == -1 and name in _STYLES and styles:
            styles.pop()
        elif token.type in {"softbreak", "hardbreak"}:
            yield _run(" " if token.type == "softbreak" else "\n", "plain")
        elif token.type == "code_inline":
            yield _run(token.content, "code")
        elif token.content:
            yield _run(token.content, styles[-1] if styles else "plain")


def _run(text: str, style: str) -> Run:
    return {"text": text, "style": style}
