"""The pages of the console, each under the name rows know it by."""

from django.urls import include, path

from apps.console.as_of.urls import as_of_pages
from apps.console.exams.urls import exams_pages
from apps.console.lineage.urls import assets_pages, lineage_pages
from apps.console.serving.urls import deployments_pages
from apps.console.views import (
    audit,
    comparing,
    describing,
    duties,
    field_histories,
    files,
    gallery,
    inbox,
    inventory,
    models,
    monitoring,
    portfolio,
    protection,
    redactions,
    registering,
    uses,
    versions,
)

_VERSION = "models/<str:name>/versions/<int:number>/"
_USE = "models/<str:name>/uses/<slug:key>/"
_SERIES = "models/<str:name>/monitoring/<int:pk>/"
_SUPPLIER = "models/<str:name>/third-parties/<int:pk>/"
_GROUP = "<slug:group>/edit/"
_OF_USE, _OF_SUPPLIER = {"kind": uses.USE}, {"kind": uses.SUPPLIER}

console = [
    path("", inbox.inbox, name="inbox"),
    path("ui/", gallery.gallery, name="gallery"),
]

models_pages = [
    path("models/", portfolio.models, name="list"),
    path("models.csv", portfolio.export, name="export_list"),
    path("saved-views/", portfolio.save_view, name="save_view"),
    path("saved-views/<int:pk>/rename/", portfolio.rename_view, name="rename_view"),
    path("saved-views/<int:pk>/delete/", portfolio.delete_view, name="delete_view"),
    path("models/new/", registering.register_model, name="register_model"),  # no model's name
    path("models/inventory.csv", inventory.inventory_csv, name="inventory_csv"),
    path("models/<str:name>/", models.model, name="model"),
    path("models/<str:name>/inventory/", inventory.model_inventory, name="inventory"),
    path(
        f"models/<str:name>/inventory/{_GROUP}",
        inventory.edit_model_inventory,
        name="edit_inventory",
    ),
    path("models/<str:name>/fields/<slug:field>/", field_histories.of_model, name="past_inventory"),
    path(
        f"{_VERSION}fields/<slug:field>/", field_histories.of_version, name="past_version_inventory"
    ),
    path(f"{_USE}fields/<slug:field>/", field_histories.of_record, _OF_USE, name="past_use_case"),
    path(
        f"{_SUPPLIER}fields/<slug:field>/",
        field_histories.of_record,
        _OF_SUPPLIER,
        name="past_third_party",
    ),
    path("models/<str:name>/uses/new/", uses.add, _OF_USE, name="add_use_case"),
    path(_USE, uses.show, _OF_USE, name="use_case"),
    path(f"{_USE}{_GROUP}", uses.edit_group, _OF_USE, name="edit_use_case"),
    path(f"{_USE}approve/", uses.approve, name="approve_use"),
    path(f"{_USE}end/", uses.end, _OF_USE, name="end_use_case"),
    path("models/<str:name>/third-parties/new/", uses.add, _OF_SUPPLIER, name="add_third_party"),
    path(_SUPPLIER, uses.show, _OF_SUPPLIER, name="third_party"),
    path(f"{_SUPPLIER}{_GROUP}", uses.edit_group, _OF_SUPPLIER, name="edit_third_party"),
    path(f"{_SUPPLIER}end/", uses.end, _OF_SUPPLIER, name="end_third_party"),
    path("models/<str:name>/compare/", comparing.compare, name="compare"),
    path("models/<str:name>/describe/", describing.describe, name="describe"),
    path("models/<str:name>/monitoring/", monitoring.monitoring, name="monitoring"),
    path("models/<str:name>/monitoring/new/", monitoring.start_series, name="start_series"),
    path(f"{_SERIES}bands/", monitoring.change_bands, name="change_bands"),
    path(f"{_SERIES}end/", monitoring.end_series, name="end_series"),
    path(f"{_SERIES}points.csv", monitoring.points_csv, name="points_csv"),
    path(
        "models/<str:name>/breaches/<int:pk>/",
        monitoring.acknowledge_breach,
        name="acknowledge_breach",
    ),
    path("models/<str:name>/access/", duties.access, name="access"),
    path("models/<str:name>/access/<int:pk>/end/", duties.end_duty, name="end_duty"),
    path("models/<str:name>/versions/new/", registering.register_version, name="register_version"),
    path(_VERSION, versions.version, name="version"),
    path(f"{_VERSION}files/", files.version_files, name="version_files"),
    path(f"{_VERSION}files/<path:path>", files.download, name="download"),
    path(f"{_VERSION}preview/<path:path>", files.preview, name="preview"),
    path(f"{_VERSION}card/", files.version_card, name="version_card"),
    path(f"{_VERSION}export/<str:form>/", files.export, name="export"),
    path(f"{_VERSION}metrics/", versions.version_metrics, name="version_metrics"),
    path(f"{_VERSION}history/", versions.version_history, name="version_history"),
    path(f"{_VERSION}inventory/", inventory.version_inventory, name="version_inventory"),
    path(
        f"{_VERSION}inventory/{_GROUP}",
        inventory.edit_version_inventory,
        name="edit_version_inventory",
    ),
]

audit_pages = [
    path("audit/", audit.entries, name="list"),
    path("audit/entries.csv", audit.export, {"form": audit.CSV}, name="export_csv"),
    path("audit/entries.jsonl", audit.export, {"form": audit.LINES}, name="export_lines"),
    path("audit/protection/", protection.protection, name="protection"),
    path("audit/redactions/", redactions.redactions, name="redactions"),
    path("audit/redactions/<int:pk>/", redactions.redaction, name="redaction"),
    path("audit/<uuid:uid>/erase/", redactions.ask, name="ask_redaction"),
    path("audit/<uuid:uid>/", audit.entry, name="entry"),
    path("audit/<uuid:uid>/proof/", protection.proof, name="proof"),
    path("audit/<uuid:uid>/raw/", protection.raw, name="raw"),
]

urlpatterns = [
    path("", include((console, "console"))),
    path("", include(([*models_pages, *lineage_pages], "models"))),
    path("", include((assets_pages, "assets"))),
    path("", include((audit_pages, "audit"))),
    path("", include((as_of_pages, "as_of"))),
    path("", include((exams_pages, "exams"))),
    path("", include((deployments_pages, "deployments"))),
]
