"""What monitoring found: breaches, as they begin and as they grow worse."""

from collections.abc import Iterator

from apps.audit.models import AuditEvent
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import TROUBLE
from apps.integrations.notices.sources.decisions import row_id
from apps.validation.models import Breach


def breached(event: AuditEvent) -> Iterator[Due]:
    """Tell who watches a series that it is past a band, until somebody answered for it."""
    found = Breach.objects.select_related("series__model", "series__version__model")
    breach = found.get(pk=row_id(event.subject_id))
    if breach.acknowledged_at is None:
        series = breach.series
        band = breach.get_band_display().lower()
        yield Due(
            {series.owner_id, series.model.owner_id},
            f"breach:{breach.record_id}:{breach.band}",
            TROUBLE,
            f"{series} is past its {band} threshold",
            f"A value of {breach.value:.4g} put it there. Look at it and say what it was.",
            breach.get_absolute_url(),
            series.model_id,
        )
