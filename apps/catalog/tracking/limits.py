"""What names, values and times of the tracking record may be. The numbers are MLflow's own."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from apps.catalog.training import MOST_KEY, MOST_PARAMETER
from apps.core.inputs import MOST_INTEGER, InputRefused, require_text

MOST_TAG = 8000
MOST_EXPERIMENT_TAG = 20_000
MOST_TAGS = 1000
MOST_NAME = 500
RESERVED = "signet."
"""What keys begin with that Signet alone sets."""

_KEY = re.compile(r"[/\w.\- :]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


def require_key(key: str, label: str) -> None:
    """Refuse a key that MLflow would refuse, or that Signet keeps for itself."""
    require_text(key, f"The name of a {label}", MOST_KEY)
    if not is_key(key):
        raise InputRefused(
            f"The {label} {key!a:.100} is refused: a name holds letters, digits, spaces and _-.:/ "
            "and is not empty."
        )
    if posixpath.normpath(key) != key or key == "." or key.startswith(("..", "/")):
        raise InputRefused(f"The {label} {key!a:.100} is refused: read as a path it moves.")
    if key.startswith(RESERVED):
        raise InputRefused(f"Names that begin with {RESERVED} are set by Signet alone.")


def is_key(key: str) -> bool:
    """Say whether a key is made of the letters a key may have."""
    return _KEY.fullmatch(key) is not None


def require_tags(tags: Iterable[tuple[str, str]], most: int = MOST_TAG) -> None:
    """Refuse tags whose keys or values are not what may be."""
    for key, value in tags:
        require_key(key, "tag")
        require_text(value, f"The tag {key}", most, lines=True)


def require_parameters(parameters: Iterable[tuple[str, str]]) -> None:
    """Refuse parameters whose keys or values are not what may be, or that are there twice."""
    seen: set[str] = set()
    for key, value in parameters:
        require_key(key, "parameter")
        require_text(value, f"The parameter {key}", MOST_PARAMETER, lines=True)
        if key in seen:
            raise InputRefused(f"The parameter {key} is there twice.")
        seen.add(key)


def require_same(there: Mapping[str, str], parameters: Iterable[tuple[str, str]]) -> None:
    """Refuse another value for a parameter that has one: what was recorded stays."""
    for key, value in parameters:
        if there.get(key, value) != value:
            raise InputRefused(
                f"Changing parameter values is not allowed: {key} was recorded as "
                f"{there[key]!a:.200}, and is now {value!a:.200}."
            )


def require_room(held: int, most: int, label: str) -> None:
    """Refuse more of something than may be."""
    if held > most:
        raise InputRefused(f"{label} has at most {most:,}; this would be {held:,}.")


def moment(milliseconds: int, label: str) -> datetime:
    """Return the moment that many milliseconds after 1970."""
    if not 0 <= milliseconds <= (_LATEST - _EPOCH) // _MILLISECOND:
        raise InputRefused(f"{label} is a number of milliseconds since 1970.")
    return _EPOCH + milliseconds * _MILLISECOND


def require_whole(number: int, label: str, least: int = -MOST_INTEGER) -> None:
    """Refuse a whole number that no database keeps."""
    if not least <= number <= MOST_INTEGER:
        raise InputRefused(f"{label} is a whole number from {least:,} to {MOST_INTEGER:,}.")
