"""Until when versions may be in production, in words."""

from collections.abc import Mapping, Sequence

from apps.approvals.models import Authorization
from apps.catalog.models import ModelVersion
from apps.core.formats import calendar_day

STANDING = (Authorization.State.VALID, Authorization.State.SUSPENDED)


def of_versions(versions: Sequence[ModelVersion]) -> Mapping[int, Authorization]:
    """Return what stands of the authorizations of some versions, by version, in one query."""
    if not versions:
        return {}
    found = Authorization.objects.filter(version__in=versions, state__in=STANDING)
    return {one.version_id: one for one in found.order_by("pk")}


def in_words(version: ModelVersion) -> str:
    """Say how long a version may be in production; nothing of one that may not."""
    return told(of_versions([version]).get(version.pk))


def told(authorization: Authorization | None) -> str:
    """Say until when an authorization lasts, or that it is suspended and why."""
    if authorization is None:
        return ""
    if authorization.state == Authorization.State.SUSPENDED:
        return f"Suspended. {authorization.why}".strip()
    if authorization.valid_until is None:
        return "Without end"
    return f"Until {calendar_day(authorization.valid_until.date())}"
