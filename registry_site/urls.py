from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.accounts.site import site
from apps.api.v1.api import api
from apps.console.views.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("admin/", site.urls),
    path("api/v1/", api.urls),
    path("", include("apps.api.mlflow.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.approvals.urls")),
    path("", include("apps.risk.urls")),
    path("", include("apps.validation.urls")),
    path("notices/", include("apps.integrations.notices.urls")),
    path("", include("apps.console.urls")),
]
if settings.SCIM:
    urlpatterns.append(path("scim/v2/", include("apps.api.scim.urls")))
