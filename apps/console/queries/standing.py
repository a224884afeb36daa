"""How a version stands by its checks, in a word and a tone."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.catalog.models import ModelVersion
from apps.validation import checks
from apps.validation.queries import CheckCounts

NO_CHECKS = CheckCounts()


@dataclass(frozen=True)
class Standing:
    """A word, its tone, and the icon that says the same."""

    label: str
    tone: str
    icon: str


def of_checks(counts: CheckCounts | None) -> Standing:
    """Say how the newest runs of a version's checks stand, what is worst first."""
    counts = counts or NO_CHECKS
    if counts.failed:
        return Standing(f"{_checks(counts.failed)} failed", "bad", "x")
    if counts.errored:
        return Standing(f"{_checks(counts.errored)} could not finish", "warn", "triangle-alert")
    if counts.waiting:
        return Standing(f"{_checks(counts.waiting)} under way", "info", "clock")
    if not counts.total:
        return Standing("Not checked", "idle", "circle-dashed")
    if counts.passed < (least := len(checks.AT_REGISTRATION)):
        return Standing(f"{counts.passed} of {least} passed", "warn", "circle-dashed")
    return Standing("All passed", "good", "check")


def in_production(version: ModelVersion, counts: Mapping[int, CheckCounts]) -> Standing:
    """Say whether a version that serves is in order; its model's owner is loaded with it."""
    if not version.model.owner.is_active:
        return Standing("No active owner", "bad", "triangle-alert")
    standing = of_checks(counts.get(version.pk))
    return Standing("In order", "good", "check") if standing.tone == "good" else standing


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{count} checks"
