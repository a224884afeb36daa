"""Where MLflow clients call. Their paths have no trailing slash, and none is redirected."""

from apps.api.mlflow import (
    artifacts,
    experiments,
    logged_models,
    metrics,
    registry,
    runs,
    searches,
    server,
    versions,
    webhooks,
)
from apps.api.mlflow.calls import urls

app_name = "mlflow"
urlpatterns = [
    *server.OPEN,
    *urls(
        (
            *registry.ENDPOINTS,
            *versions.ENDPOINTS,
            *artifacts.ENDPOINTS,
            *searches.ENDPOINTS,
            *experiments.ENDPOINTS,
            *runs.ENDPOINTS,
            *metrics.ENDPOINTS,
            *logged_models.ENDPOINTS,
            *webhooks.ENDPOINTS,
            *server.ENDPOINTS,
        )
    ),
    *server.LAST,
]
