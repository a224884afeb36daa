from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.accounts.roles import ROLES


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with groups that give roles nobody has heard of."""
        known = {role.id for role in ROLES}
        unknown = sorted({role for _, role in settings.OIDC_GROUP_ROLES} - known)
        if unknown:
            raise ImproperlyConfigured(
                f"SIGNET_OIDC_GROUP_ROLES names no role: {', '.join(unknown)}."
            )
