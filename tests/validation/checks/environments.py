"""Versions that need packages, and what the check of environments says of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from apps.validation.checks.contract import Outcome, Problem, Source, silent
from apps.validation.checks.environment import EnvironmentRules
from apps.validation.checks.environment.examination import DEFAULTS, examine
from apps.validation.checks.recorded import Record
from tests.validation.checks.advisory_lists import advisory, as_array, index_of
from tests.validation.checks.stored import StoredFile, StoredVersion

TODAY = datetime(2026, 1, 10, tzinfo=UTC)
PINNED = ("numpy==2.2.1", "scikit-learn==1.6.0")


def looked_at(
    packages: Sequence[str] = PINNED,
    files: Mapping[str, str] = {},
    index: StoredFile | None = None,
    parameters: EnvironmentRules = DEFAULTS,
    today: datetime = TODAY,
    **record: Any,
) -> Outcome:
    facts = {"python_version": "3.11.9", "license": "MIT", **record}
    version = StoredVersion(
        [StoredFile(path, text.encode()) for path, text in files.items()],
        record=Record(packages=packages, **facts),
        lists={Source.ADVISORIES: index} if index else {},
    )
    return examine(version, silent, parameters, today)


def only(outcome: Outcome, code: str) -> Problem:
    [found] = [problem for problem in outcome.problems if problem.code == code]
    return found


def of_numpy(*events: dict[str, str], **more: Any) -> StoredFile:
    return index_of(as_array([advisory("numpy", "PYSEC-2099-1", *events, **more)]))


FINE = of_numpy({"introduced": "0"}, {"fixed": "1.0"})
