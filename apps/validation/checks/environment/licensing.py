"""What the licenses of a version and of what its bill lists mean for it."""

from collections.abc import Iterator
from functools import lru_cache

from apps.validation.checks.bill_of_materials.reading import Bill
from apps.validation.checks.contract import ExaminedVersion, Problem, Severity, counted
from apps.validation.checks.environment import EnvironmentRules
from apps.validation.checks.environment.licenses import Judged, Lists, UnreadableExpression

FROM_OTHERS = frozenset({"vendor", "foundation", "adapter"})
"""Kinds of models whose license somebody else sets."""
MOST_NAMED = 20

SAY = "Record the license as an SPDX expression with the version, such as Apache-2.0."
ASK = "Ask legal counsel, then add the license to one of the lists of this check."
REPLACE = "Replace what is under this license, or agree another one with its owner."


def license_problems(
    version: ExaminedVersion, bills: list[Bill], parameters: EnvironmentRules
) -> Iterator[Problem]:
    """Yield what is wrong with the licenses of a version and of what its bills list."""
    lists = Lists.of(parameters.allowed_licenses, parameters.denied_licenses)
    yield from _own(version, lists, parameters)
    for bill in bills:
        if bill.is_read:
            yield from _listed(bill, lists)


def _own(version: ExaminedVersion, lists: Lists, parameters: EnvironmentRules) -> Iterator[Problem]:
    text, place = version.record.license, "license of the model"
    unclear = Severity.HIGH if parameters.require_license else Severity.MEDIUM
    if not text:
        is_foreign = version.record.kind in FROM_OTHERS
        severity = unclear if is_foreign or parameters.require_license else Severity.INFO
        words = "No license is recorded for the model, so whether it may be used is not known."
        yield Problem("no_license", severity, place, words, SAY)
        return
    try:
        judged = lists.judge(text)
    except UnreadableExpression as error:
        words = f"{text!r:.200} is no SPDX expression: {error}."
        yield Problem("unreadable_license", unclear, place, words, SAY)
        return
    if judged is Judged.DENIED:
        words = f"{text!r:.200} is a license the organization denies."
        yield Problem("denied_license", Severity.HIGH, place, words, REPLACE)
    elif judged is not Judged.ALLOWED:
        words = f"{text!r:.200} {_why(judged)}."
        yield Problem("unlisted_license", unclear, place, words, ASK)


def _why(judged: Judged) -> str:
    if judged is Judged.UNKNOWN:
        return "names a license SPDX does not know"
    return "is on neither list of this check"


def _listed(bill: Bill, lists: Lists) -> Iterator[Problem]:
    """Yield one problem a kind about what a bill lists."""
    denied: list[str] = []
    unclear: list[str] = []
    for component in bill.components:
        for text in component.licenses:
            judged = _judged(text, lists)
            if judged is not Judged.ALLOWED:
                named = f"{component.name:.80} ({text:.80})"
                (denied if judged is Judged.DENIED else unclear).append(named)
    if denied:
        text = f"{counted(len(denied), 'component')} under a license the organization denies: "
        yield Problem(
            "denied_license", Severity.HIGH, bill.path, f"{text}{_some(denied)}.", REPLACE
        )
    if unclear:
        text = f"{counted(len(unclear), 'component')} under a license on neither list: "
        yield Problem("unlisted_license", Severity.LOW, bill.path, f"{text}{_some(unclear)}.", ASK)


@lru_cache(maxsize=10_000)
def _judged(text: str, lists: Lists) -> Judged:
    """Judge what a bill says; most of its components say the same."""
    try:
        return lists.judge(text)
    except UnreadableExpression:
        return Judged.UNKNOWN


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
