"""Settings of a worker that tests start and kill: short leases, sweeps twice a second."""

from datetime import timedelta

from registry_site.settings.test import *  # noqa: F403

CELERY_TASK_ALWAYS_EAGER = False
CELERY_BEAT_SCHEDULE = {
    "send unclaimed checks": {"task": "validation.send_unclaimed", "schedule": 0.5},
    "take back stalled checks": {"task": "validation.take_back_stalled", "schedule": 0.5},
}
CHECK_LEASE = timedelta(seconds=1.5)
