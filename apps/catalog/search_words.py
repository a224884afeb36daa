"""How text becomes words that are found: the same for what is kept and for what is typed.

Letters lose case and accents, everything but letters and digits parts words. So both databases
index the same words, and what a person types never reaches an engine as syntax.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

MOST_TEXT = 20_000
MOST_WORD = 64
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return a text without case and accents."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = (letter for letter in apart if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", "".join(plain))


def words_of(text: str) -> list[str]:
    """Return the words of a text in folded form, each once, in order."""
    found = (word[:MOST_WORD] for word in _WORD.findall(folded(text)))
    return list(dict.fromkeys(found))


def line_of_words(texts: Iterable[str]) -> str:
    """Return the words of some texts as one line, as far as its limit goes."""
    kept: list[str] = []
    left = MOST_TEXT
    for word in words_of(" ".join(texts)):
        left -= len(word) + 1
        if left < 0:
            break
        kept.append(word)
    return " ".join(kept)


def tokens(pairs: Iterable[tuple[str, object]]) -> str:
    """Return what a model has of each facet as one text, each token between tabs."""
    return "\t".join(["", *dict.fromkeys(_tokens(pairs)), ""])


def token(facet: str, value: object) -> str:
    """Return one facet and value as it stands among the tokens."""
    return f"{facet}={' '.join(str(value).split())}"


def _tokens(pairs: Iterable[tuple[str, object]]) -> Iterator[str]:
    for facet, value in pairs:
        if value not in ("", None):
            yield token(facet, value)
