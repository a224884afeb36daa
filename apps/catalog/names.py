"""The rules of names: of models, aliases and tags.

They are MLflow's, and a little stricter, so that no two names look, or are read, the same.
"""

import posixpath
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

from apps.catalog.models.labels import CHAMPION
from apps.core.inputs import InputRefused, require_text

MOST_NAME = 256
MOST_FOLDED = 300
MOST_KEY = 250
MOST_ALIAS = 255
MOST_SOURCE = 500

RESERVED = frozenset({"new"})
SCHEMES = frozenset(
    "abfss dbfs gcs gs hdfs http https mlflow-artifacts models runs s3 wasbs".split()
)
"""Where a version may say it came from. Nothing is ever read from there."""

_SCRIPTS_THAT_LOOK_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
# Small letters of Cyrillic, Greek and Armenian, each with the Latin one it looks like.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e"
    "\u0440\u051b\u0455\u051d\u0445\u0443\u0491\u0475"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b3"
    "\u0585\u057d\u0578\u0570\u0581",
    "acdehijlopqswxyrvaeiknoptuxyounhg",
)
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_ALIAS = re.compile(r"[\w\-]+")
_VERSION_ALIAS = re.compile(r"v\d+", re.IGNORECASE)
_OF_AZURE = frozenset({"abfss", "wasbs"})
_CONTAINER = re.compile(r"[\w$\-]+")
_TAG_KEY = re.compile(r"[/\w.\- :]+")


def require_model_name(name: str) -> None:
    """Refuse a name that is not one a model can have."""
    if problem := _model_name_problem(name):
        raise InputRefused(f"The name {name!a:.120} is refused: {problem}.")


def folded_name(name: str) -> str:
    """Return the form in which names that look the same are the same."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", plain).translate(_LOOK_ALIKES)


def require_alias(alias: str) -> None:
    """Refuse an alias that is not one a person can give; ``champion`` moves by promotion alone."""
    if not _ALIAS.fullmatch(alias) or len(alias) > MOST_ALIAS:
        raise InputRefused(
            f"An alias holds letters, digits, hyphens and underscores, at most {MOST_ALIAS}."
        )
    if folded_name(alias) == CHAMPION:
        raise InputRefused(f"The alias {CHAMPION} moves by promotion and rollback only.")
    if folded_name(alias) == "latest" or _VERSION_ALIAS.fullmatch(alias):
        raise InputRefused(f"The alias {alias!a} is refused: it already means a version.")


def require_tag(key: str, value: str, most: int) -> None:
    """Refuse a tag whose key or value does not hold what it may."""
    if not _TAG_KEY.fullmatch(key) or len(key) > MOST_KEY or _resolves_elsewhere(key):
        raise InputRefused(
            f"The key of a tag holds letters, digits, spaces and / _ . - :, at most {MOST_KEY}, "
            "and is no path that leads elsewhere."
        )
    require_text(value, f"The value of the tag {key}", most, lines=True)


def require_source(source: str) -> None:
    """Refuse a source that is a local file, or that two readers could take for two places."""
    require_text(source, "The source", MOST_SOURCE)
    if source and (problem := _source_problem(source)):
        raise InputRefused(f"The source is refused: {problem}.")


def _model_name_problem(name: str) -> str | None:
    plain = unicodedata.normalize("NFKC", name)
    if not plain.strip():
        return "it is blank"
    if len(name) > MOST_NAME or len(folded_name(name)) > MOST_FOLDED:
        return f"it is longer than {MOST_NAME} characters"
    if folded_name(name) in RESERVED:
        return "the page that registers models has it"
    return _letter_problem(name) or _reading_problem(plain)


def _letter_problem(name: str) -> str | None:
    if any(unicodedata.category(letter)[0] == "C" or letter in "\u2028\u2029" for letter in name):
        return "it holds a character that cannot be seen"
    if name != name.strip() or not unicodedata.is_normalized("NFC", name):
        return "it begins or ends with a space, or is not in Unicode form NFC"
    if len(_scripts(name)) > 1:
        return "it mixes letters of scripts that look alike, so two names could look the same"
    return None


def _reading_problem(plain: str) -> str | None:
    if any(sign in plain for sign in "/\\:"):
        return "it holds a slash, a backslash or a colon"
    if _PERCENT.search(plain):
        return "it holds a percent sign with two digits, which some programs read as one letter"
    if _resolves_elsewhere(plain):
        return "as a path it would lead elsewhere"
    return None


def _resolves_elsewhere(name: str) -> bool:
    normal = posixpath.normpath(name)
    return normal != name or normal == "." or normal.startswith(("..", "/"))


def _scripts(name: str) -> set[str]:
    """Return those scripts in a name whose letters are taken for each other."""
    words = {unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()}
    return words & set(_SCRIPTS_THAT_LOOK_ALIKE)


def _names_user(parts: SplitResult) -> bool:
    """Say whether an address names a user; Azure's write container@account, and no password."""
    before, at, _ = parts.netloc.rpartition("@")
    return bool(at) and (parts.scheme not in _OF_AZURE or not _CONTAINER.fullmatch(before))


def _source_problem(source: str) -> str | None:
    try:
        parts = urlsplit(source)
    except ValueError:
        return "it is no address"
    if parts.scheme not in SCHEMES:
        return f"it begins with none of {', '.join(sorted(SCHEMES))}"
    if "\\" in source or _PERCENT.search(source) or parts.fragment or _names_user(parts):
        return "it holds a backslash, a percent sign with two digits, a fragment or a user"
    if {".", ".."} & set(re.split(r"[/;?&=]", source)):
        return "it steps out of its folder"
    return None
