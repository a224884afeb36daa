"""The Celery application. The broker is a doorbell: what must be done stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")

app = Celery("signet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(
    [
        "apps.integrations.mlflow_import",
        "apps.integrations.notices",
        "apps.integrations.streams",
        "apps.approvals.dry_runs",
        "apps.approvals.packs",
        "apps.risk.campaigns",
    ]
)
