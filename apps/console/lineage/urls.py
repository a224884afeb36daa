"""The pages of assets, and those of the lineage of a version."""

from django.urls import path

from apps.console.views import assets, tracing

_LINEAGE = "models/<str:name>/versions/<int:number>/lineage/"
_ASSET = "assets/<uuid:uid>/"

lineage_pages = [
    path(_LINEAGE, tracing.version_lineage, name="version_lineage"),
    path(f"{_LINEAGE}<slug:part>.csv", tracing.export_version, name="export_lineage"),
    path(f"{_LINEAGE}<int:pk>/end/", tracing.end_version_edge, name="end_edge"),
]

assets_pages = [
    path("assets/", assets.assets, name="list"),
    path("assets/new/", assets.declare, name="declare"),
    path(_ASSET, assets.asset, name="asset"),
    path(f"{_ASSET}edit/", assets.describe, name="describe"),
    path(f"{_ASSET}retire/", assets.retire, name="retire"),
    path(f"{_ASSET}lineage/<slug:part>.csv", assets.export, name="export"),
    path(f"{_ASSET}lineage/<int:pk>/end/", assets.end_edge, name="end_edge"),
]
