"""What happens by itself happens row by row, each in a change of its own."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.db.models import Model, QuerySet

from apps.core.errors import DomainError, RuleBroken

logger = logging.getLogger(__name__)

BATCH = 200
"""How many rows are read and judged together."""

Row = TypeVar("Row", bound=Model)
Judged = TypeVar("Judged")


class NotDue(RuleBroken):
    """Somebody came first, or it is not time yet."""

    code = "not_due"


class Sweep:
    """One walk through what may be due: every row by itself, whatever becomes of the others."""

    def __init__(self) -> None:
        self.done = 0
        self.failures: list[Exception] = []

    def each(self, rows: Iterable[Row], act: Callable[[Row], object]) -> None:
        """Act on every row; neither a refusal nor a failure about one holds up another."""
        for row in rows:
            try:
                act(row)
            except DomainError as refusal:
                logger.info("Nothing was done about %s: %s", row, refusal)
            except Exception as failure:
                self._note(row, failure)
            else:
                self.done += 1

    def judged(
        self, rows: Sequence[Row], judge: Callable[[Sequence[Row]], list[Judged]]
    ) -> list[Judged]:
        """Return what is found of rows judged together; one by one where one of them fails."""
        try:
            return judge(rows)
        except Exception as failure:
            if len(rows) > 1:
                return [found for row in rows for found in self.judged([row], judge)]
            self._note(rows[0], failure)
            return []

    def _note(self, row: Model, failure: Exception) -> None:
        logger.error("What is due about %r failed.", row, exc_info=failure)
        self.failures.append(failure)


@contextmanager
def sweeping() -> Iterator[Sweep]:
    """Sweep, and fail at the end as the first row did that failed, so that operators see it."""
    sweep = Sweep()
    yield sweep
    if sweep.failures:
        first, *others = sweep.failures
        first.add_note(f"{len(others)} more failed; each is logged, and the rest was done.")
        raise first


def batches(rows: "QuerySet[Row, Row]") -> Iterator[list[Row]]:
    """Yield rows in batches, in the order of their keys; those that come meanwhile wait."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk
