"""Says what relies on a file, so that one that is gone has a name people know."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Model

from apps.audit.governed import HistoryRow
from apps.catalog import disposal
from apps.catalog.models import Artifact, VersionFile

MOST_NAMES = 20
_AT_ONCE = 200


@dataclass(frozen=True)
class Missing:
    """A file that is not there as it was given, and what names it."""

    sha256: str
    names: Sequence[str]

    def __str__(self) -> str:
        told = "; ".join(self.names[:MOST_NAMES]) or "an upload that nothing took"
        more = len(self.names) - MOST_NAMES
        return f"sha256:{self.sha256} of {told}" + (f"; and {more:,} more" if more > 0 else "")


def named(digests: Sequence[str]) -> Iterator[Missing]:
    """Yield for each digest what names it, as the sweep of files that nothing names knows it."""
    for start in range(0, len(digests), _AT_ONCE):
        some = digests[start : start + _AT_ONCE]
        names = _names(some)
        yield from (Missing(sha256, names[sha256]) for sha256 in some)


def _names(digests: Sequence[str]) -> dict[str, list[str]]:
    artifacts = dict(Artifact.objects.filter(sha256__in=digests).values_list("pk", "sha256"))
    names: dict[str, list[str]] = defaultdict(list)
    for rows, column in disposal.naming():
        if issubclass(rows.model, HistoryRow):
            continue  # a state of what is told of already
        wanted = rows.filter(**{f"{column}__in": list(artifacts)}).order_by("pk")
        if rows.model is VersionFile:
            wanted = wanted.select_related("version__model")
        for row in wanted:
            names[artifacts[getattr(row, column)]].append(_told(row))
    return names


def _told(row: Model) -> str:
    if isinstance(row, VersionFile):
        return f"{row.version}: {row.path}"
    return f"{row._meta.verbose_name} {row.pk}: {row}"
