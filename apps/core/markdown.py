"""Text people write as Markdown, made into markup that can do nothing.

CommonMark with tables, and no raw HTML; what comes out passes an allow-list besides, so that a gap
in one of the two opens nothing (THREATS row 13). Images are not fetched: their description stands
in their place.
"""

from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_CHARACTERS = 100_000
MOST_LINES = 20_000
_FENCE = "---"

_TAGS = set(
    "a blockquote br code del em h3 h4 h5 h6 hr li ol p pre s span strong "
    "table tbody td th thead tr ul".split()
)
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_REACHED = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}}
"""What may be wider than its page is scrolled by keyboard, too (WCAG 2.1.1)."""
_CLASSES = {"span": {"image"}}
_SCHEMES = {"http", "https", "mailto"}
_DEEPEST = 6


def rendered(text: str, *, level: int = 3) -> SafeString:
    """Return Markdown as markup whose first heading is of a level (3 to 6), without front matter.

    Of a text longer than ``MOST_CHARACTERS`` only the beginning is shown.
    """
    shown = without_front_matter(text)[:MOST_CHARACTERS]
    shown = "\n".join(shown.split("\n")[:MOST_LINES])
    markup = _PARSER.render(shown, {"level": level})
    return mark_safe(  # noqa: S308 - the sanitizer made it
        nh3.clean(
            markup,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            allowed_classes=_CLASSES,
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer nofollow ugc",
            set_tag_attribute_values=_REACHED,
        )
    )


def without_front_matter(text: str) -> str:
    """Return a text without the block of YAML some cards begin with."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != _FENCE:
        return text
    for place, line in enumerate(lines[1:], 1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[place + 1 :])
    return text


def _image(_renderer: Any, tokens: list[Token], place: int, *_others: Any) -> str:
    """Write what an image shows instead of fetching it from anywhere."""
    words = tokens[place].content or "without a description"
    return f'<span class="image">Image: {escape(words)}</span>'


def _heading(renderer: Any, tokens: list[Token], place: int, options: Any, env: Any) -> str:
    """Move headings down, so that they lie below the page's own."""
    token = tokens[place]
    depth = min(int(token.tag[1:]) + env["level"] - 1, _DEEPEST)
    token.tag = f"h{depth}"
    result: str = renderer.renderToken(tokens, place, options, env)
    return result


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    return parser


_PARSER = _parser()
