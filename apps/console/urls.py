"""The pages of the console, each under the name rows know it by."""

from django.urls import include, path

from apps.console.views import (
    audit,
    describing,
    duties,
    gallery,
    inbox,
    models,
    registering,
    versions,
)

_VERSION = "models/<str:name>/versions/<int:number>/"

console = [
    path("", inbox.inbox, name="inbox"),
    path("ui/", gallery.gallery, name="gallery"),
]

models_pages = [
    path("models/", models.models, name="list"),
    path("models/new/", registering.register_model, name="register_model"),  # no model's name
    path("models/<str:name>/", models.model, name="model"),
    path("models/<str:name>/describe/", describing.describe, name="describe"),
    path("models/<str:name>/access/", duties.access, name="access"),
    path("models/<str:name>/access/<int:pk>/end/", duties.end_duty, name="end_duty"),
    path("models/<str:name>/versions/new/", registering.register_version, name="register_version"),
    path(_VERSION, versions.version, name="version"),
    path(f"{_VERSION}files/", versions.version_files, name="version_files"),
    path(f"{_VERSION}files/<path:path>", versions.download, name="download"),
    path(f"{_VERSION}metrics/", versions.version_metrics, name="version_metrics"),
    path(f"{_VERSION}history/", versions.version_history, name="version_history"),
]

audit_pages = [
    path("audit/", audit.entries, name="list"),
    path("audit/<uuid:uid>/", audit.entry, name="entry"),
]

urlpatterns = [
    path("", include((console, "console"))),
    path("", include((models_pages, "models"))),
    path("", include((audit_pages, "audit"))),
]
