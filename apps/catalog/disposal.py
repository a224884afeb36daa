"""Files whose time is over: first nobody gets them any more, a day later their bytes are gone.

Whether they may go is decided with a version's retirement. Here it is known which bytes nothing
else names. What was erased half when a worker died is erased whole by the next.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import ForeignObjectRel, QuerySet, Sum

from apps.catalog import store
from apps.catalog.models import Artifact, DisposedVersion, ModelVersion, TrackedFile, VersionFile
from apps.core.errors import RuleBroken

HOLD = timedelta(days=1)
"""How long bytes stay after nothing names them, so that no upload under way loses them."""
_AT_ONCE = 200


class Disposed(RuleBroken):
    """The time these bytes were kept for is over, and they were disposed of."""

    code = "disposed"


@dataclass(frozen=True)
class Released:
    """How many files of a version nothing else names, and how many bytes they hold."""

    files: int
    bytes: int


def lay_aside(version: ModelVersion, *, at: datetime) -> Released:
    """Hand out the files of a version no more, inside the change that disposes of it.

    What another version, evidence or an attestation names stays where it is.
    """
    DisposedVersion(version=version, disposed_at=at).save(force_insert=True)
    ids = sorted(
        set(VersionFile.objects.filter(version=version).values_list("artifact", flat=True))
    )
    released: list[int] = []
    for some in _portions(ids):
        held = Artifact.objects.select_for_update().filter(pk__in=some, disposed_at=None)
        open_ids = _ids(held)
        free = sorted(set(open_ids) - _named_elsewhere(open_ids))
        Artifact.objects.filter(pk__in=free).update(disposed_at=at)
        released += free
    return Released(len(released), sum(_sizes(released)))


def let_go(artifact: Artifact, *, at: datetime) -> None:
    """Hand out one file no more that a change has stopped naming, unless something else does."""
    held = Artifact.objects.select_for_update().filter(pk=artifact.pk, disposed_at=None)
    if _ids(held) and not _named_elsewhere([artifact.pk]):
        Artifact.objects.filter(pk=artifact.pk).update(disposed_at=at)


def keep_after_all(artifacts: Iterable[Artifact]) -> None:
    """Keep bytes that something new is about to name, inside its transaction.

    Raises:
        Disposed: when they left the store already.
    """
    for artifact in artifacts:
        if artifact.disposed_at is None:
            continue
        with transaction.atomic():
            found = Artifact.objects.select_for_update().get(pk=artifact.pk)
            if not store.exists(found.sha256):
                raise gone(found)
            Artifact.objects.filter(pk=found.pk).update(disposed_at=None, erased_at=None)
        artifact.disposed_at = artifact.erased_at = None


def require_kept(version: ModelVersion) -> None:
    """Refuse to read the files of a version they were disposed of with."""
    disposed = DisposedVersion.objects.filter(version=version).first()
    if disposed is not None:
        raise Disposed(
            f"The files of {version} were disposed of on {disposed.disposed_at:%Y-%m-%d}. "
            "Their manifest and digests stay in the record."
        )


def require_there(artifacts: Iterable[Artifact]) -> None:
    """Refuse to go on with bytes that left the store."""
    for artifact in artifacts:
        if artifact.erased_at is not None:
            raise gone(artifact)


def gone(artifact: Artifact) -> Disposed:
    """Return the refusal of a file that was disposed of."""
    day = f" on {artifact.disposed_at:%Y-%m-%d}" if artifact.disposed_at else ""
    return Disposed(
        f"This file was disposed of{day}, after the time it was kept for. Its path, size and "
        "digest stay in the record."
    )


def erase(now: datetime) -> int:
    """Remove from the store what nothing has named for a day; return how many files went."""
    due = Artifact.objects.filter(disposed_at__lte=now - HOLD, erased_at=None)
    return sum(_erase(some, now) for some in _portions(_ids(due)))


def _erase(ids: Collection[int], now: datetime) -> int:
    """Look once more under the lock whether nothing names these bytes, and remove them."""
    with transaction.atomic():
        held = Artifact.objects.select_for_update().filter(
            pk__in=ids, disposed_at__isnull=False, erased_at=None
        )
        found = {artifact.pk: artifact for artifact in held.order_by("pk")}
        named = _named_elsewhere(found)
        Artifact.objects.filter(pk__in=named).update(disposed_at=None)
        unnamed = [artifact for pk, artifact in found.items() if pk not in named]
        kept = store.artifacts()
        for artifact in unnamed:
            kept.remove(artifact.sha256)
        Artifact.objects.filter(pk__in=[one.pk for one in unnamed]).update(erased_at=now)
    return len(unnamed)


def _named_elsewhere(ids: Collection[int]) -> set[int]:
    """Return which artifacts something that is kept names: any row, except those let go of."""
    named: set[int] = set()
    for rows, column in naming():
        named.update(rows.filter(**{f"{column}__in": ids}).values_list(column, flat=True))
    return named


def naming() -> Iterator[tuple[QuerySet[Any, Any], str]]:
    """Yield what refers to artifacts, with the column it does so by.

    The files of versions disposed of do not count, nor what the runs they came from had logged.
    """
    disposed = DisposedVersion.objects.values("version")
    runs = ModelVersion.objects.filter(pk__in=disposed, run__isnull=False).values("run")
    for relation in Artifact._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        rows = relation.related_model._base_manager.all()
        if relation.related_model is VersionFile:
            rows = rows.exclude(version__in=disposed)
        elif relation.related_model is TrackedFile:
            rows = rows.exclude(run__in=runs).exclude(logged_model__run__in=runs)
        yield rows, relation.field.attname


def _ids(artifacts: QuerySet[Artifact, Artifact]) -> Sequence[int]:
    return list(artifacts.order_by("pk").values_list("pk", flat=True))


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _sizes(ids: Sequence[int]) -> Iterator[int]:
    for some in _portions(ids):
        held = Artifact.objects.filter(pk__in=some).aggregate(held=Sum("size"))
        yield held["held"] or 0
