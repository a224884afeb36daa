"""Where a file may stand among others: under a clean label, beside no twin, with room for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from apps.catalog import disposal
from apps.catalog.manifest import LabelRefused, folded, require_label, require_labels
from apps.catalog.models import Artifact
from apps.catalog.store import StoredBytes
from apps.core import formats
from apps.core.errors import RuleBroken

MOST_FOLDED = 1100


def require_path(path: str) -> None:
    """Refuse a path that is no clean label, or that grows too long once case is folded."""
    require_label(path)
    if len(folded(path)) > MOST_FOLDED:
        raise LabelRefused(f"The path {path!a:.200} is refused: it is too long to compare.")


def require_no_clash(files: QuerySet[Any], path: str) -> None:
    """Refuse a path that differs from another only in case, or makes a file also a folder."""
    fold = folded(path)
    same = Q(folded_path=fold) & ~Q(path=path)
    nested = Q(folded_path__in=list(_parents(fold))) | Q(folded_path__startswith=f"{fold}/")
    for other in files.filter(same | nested).values_list("path", flat=True)[:1]:
        require_labels([other, path])


def room_in(files: QuerySet[Any], path: str) -> int:
    """Return how many bytes a file of this path may hold beside the others."""
    others = files.exclude(path=path).aggregate(files=Count("pk"), held=Sum("artifact__size"))
    if others["files"] >= settings.MOST_FILES:
        raise RuleBroken(f"A version holds at most {settings.MOST_FILES:,} files.")
    left = settings.MOST_VERSION_BYTES - (others["held"] or 0)
    if left < 0:
        raise _too_much()
    return int(min(settings.MOST_FILE_BYTES, left))


def require_room(files: QuerySet[Any], path: str, size: int) -> None:
    """Refuse a file that is larger than the room left for it."""
    if size > room_in(files, path):
        raise _too_much()


def artifact_of(stored: StoredBytes, *, at: datetime) -> Artifact:
    """Return the artifact that names stored bytes, made when it is not there yet."""
    artifact, _ = Artifact.objects.get_or_create(
        sha256=stored.sha256, defaults={"size": stored.size, "stored_at": at, "verified_at": at}
    )
    disposal.keep_after_all([artifact])
    return artifact


def _too_much() -> RuleBroken:
    return RuleBroken(
        f"The files of a version hold at most {formats.size(settings.MOST_VERSION_BYTES)}."
    )


def _parents(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts)))
