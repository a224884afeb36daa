"""How grave an advisory is, from a CVSS vector or the word its database gives it."""

import math
import re

from apps.validation.checks.contract import Severity

WORDS = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
}
"""What the GitHub advisory database and others write."""

_VECTOR = re.compile(r"CVSS:(3\.[01]|4\.0)((?:/[A-Z]{1,3}:[A-Za-z]{1,5})+)")
_REACH = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_EASE = {"L": 0.77, "H": 0.44}
_RIGHTS = {"N": 0.85, "L": 0.62, "H": 0.27}
_RIGHTS_BEYOND = {"N": 0.85, "L": 0.68, "H": 0.5}
_HELP = {"N": 0.85, "R": 0.62}
_LOSS = {"H": 0.56, "L": 0.22, "N": 0.0}


def of_word(word: str) -> Severity | None:
    """Return what a word of a database stands for, if it is one we know."""
    return WORDS.get(word.upper())


def of_vector(vector: str) -> Severity | None:
    """Return the severity of a CVSS vector of version 3.0, 3.1 or 4.0, if it can be read.

    CVSS 4.0 is a table of 270 expert judgments. Its vector is read as the nearest one of 3.1, which
    is exact about what is lost and asks for special circumstances as for hard attacks.
    """
    found = _VECTOR.fullmatch(vector.strip())
    if found is None:
        return None
    parts = dict(part.split(":") for part in found[2].strip("/").split("/"))
    try:
        score = _score(_nearest(parts) if found[1] == "4.0" else parts)
    except KeyError:  # a metric is missing or has a value the standard does not know
        return None
    return _rating(score)


def _nearest(parts: dict[str, str]) -> dict[str, str]:
    here = {loss: parts[f"V{loss}"] for loss in "CIA"}
    beyond = {loss: parts[f"S{loss}"] for loss in "CIA"}
    spreads = any(value != "N" for value in beyond.values())
    lost = here if any(value != "N" for value in here.values()) else beyond
    return {
        "AV": parts["AV"],
        "AC": "H" if "H" in parts["AC"] or parts["AT"] == "P" else "L",
        "PR": parts["PR"],
        "UI": "N" if parts["UI"] == "N" else "R",
        "S": "C" if spreads else "U",
        **{loss: "H" if value == "S" else value for loss, value in lost.items()},
    }


def _score(parts: dict[str, str]) -> float:
    """Return the base score as section 7.1 of the CVSS 3.1 specification computes it."""
    is_beyond = {"C": True, "U": False}[parts["S"]]
    lost = 1 - math.prod(1 - _LOSS[parts[loss]] for loss in "CIA")
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if is_beyond else 6.42 * lost
    rights = (_RIGHTS_BEYOND if is_beyond else _RIGHTS)[parts["PR"]]
    ease = 8.22 * _REACH[parts["AV"]] * _EASE[parts["AC"]] * rights * _HELP[parts["UI"]]
    if impact <= 0:
        return 0.0
    return _rounded_up(min((1.08 if is_beyond else 1.0) * (impact + ease), 10.0))


def _rounded_up(score: float) -> float:
    """Round up to one digit, as the specification does so that machines agree."""
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10


def _rating(score: float) -> Severity:
    steps = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
    floor = Severity.LOW if score > 0 else Severity.INFO
    return next((severity for least, severity in steps if score >= least), floor)
