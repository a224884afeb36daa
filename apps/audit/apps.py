from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.audit.sealing import places
from apps.audit.sealing.places import BadPlace


class AuditConfig(AppConfig):
    name = "apps.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with a place for checkpoints that cannot be read."""
        try:
            places.require_whole(settings.ANCHORS)
        except BadPlace as problem:
            raise ImproperlyConfigured(f"SIGNET_ANCHORS: {problem}.") from None
