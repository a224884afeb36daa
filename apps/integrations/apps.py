from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.core.addresses import read_trust
from apps.integrations.mlflow_import.servers import read_servers
from apps.integrations.streams.targets import require_whole


class IntegrationsConfig(AppConfig):
    name = "apps.integrations"
    label = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with trusted hosts, networks, servers and streams that cannot be read."""
        try:
            read_trust(tuple(settings.OUTBOUND_ALLOW))
        except ValueError as error:
            raise ImproperlyConfigured(f"SIGNET_OUTBOUND_ALLOW: {error}.") from None
        try:
            read_servers(tuple(settings.MLFLOW_SOURCES))
        except ValueError as error:
            raise ImproperlyConfigured(f"SIGNET_MLFLOW_SOURCES: {error}.") from None
        try:
            require_whole()
        except ValueError as error:
            raise ImproperlyConfigured(f"SIGNET_STREAMS: {error}.") from None
