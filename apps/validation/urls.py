from django.urls import path

from apps.validation.views import (
    attestations,
    checks,
    document_writing,
    documents,
    evidence,
    external,
    reference,
    runs,
    settings,
)

app_name = "validation"

_ATTESTATIONS = "models/<str:name>/versions/<int:number>/attestations/"
_DOCUMENTS = "models/<str:name>/versions/<int:number>/documents/"
_DOCUMENT = "documents/<int:pk>/"
_EVIDENCE = "models/<str:name>/versions/<int:number>/evidence/"
_ITEM = "models/<str:name>/evidence/<int:pk>/"
_SETTINGS = "checks/settings/<slug:check>/"
_VERSION = "models/<str:name>/versions/<int:number>/checks/"

urlpatterns = [
    path(_VERSION, checks.checks, name="checks"),
    path(f"{_VERSION}part/", checks.checks_part, name="checks_part"),
    path(f"{_VERSION}run/", checks.run_checks, name="run_checks"),
    path(f"{_VERSION}cancel/", checks.cancel_checks, name="cancel_checks"),
    path(f"{_VERSION}<int:pk>/", runs.run, name="run"),
    path(f"{_VERSION}<int:pk>/evidence/", runs.evidence_file, name="run_evidence"),
    path(f"models/<str:name>/{_SETTINGS}", settings.model_settings, name="model_settings"),
    path("checks/", reference.reference, name="reference"),
    path("checks/external/new/", external.expect, name="expect_external"),
    path("checks/external/<slug:external>/end/", external.end, name="end_external"),
    path("checks/<slug:check>/settings/", settings.settings_for_all, name="settings_for_all"),
    path(_ATTESTATIONS, attestations.attestations, name="attestations"),
    path(f"{_ATTESTATIONS}<int:pk>/file/", attestations.attestation_file, name="attestation_file"),
    path(
        f"{_ATTESTATIONS}<int:pk>/withdraw/",
        attestations.withdraw_attestation,
        name="withdraw_attestation",
    ),
    path(_DOCUMENTS, documents.documents, name="documents"),
    path(
        f"{_DOCUMENTS}<slug:template>/start/",
        document_writing.start_document,
        name="start_document",
    ),
    path(_DOCUMENT, documents.document, name="document"),
    path(f"{_DOCUMENT}edit/<slug:section>/", document_writing.edit_section, name="edit_section"),
    path(f"{_DOCUMENT}submit/", document_writing.submit_document, name="submit_document"),
    path(f"{_DOCUMENT}approve/", document_writing.approve_document, name="approve_document"),
    path(f"{_DOCUMENT}return/", document_writing.return_document, name="return_document"),
    path(f"{_DOCUMENT}revise/", document_writing.revise_document, name="revise_document"),
    path(
        f"{_DOCUMENT}revisions/<int:number>/",
        documents.document_revision,
        name="document_revision",
    ),
    path(f"{_DOCUMENT}export/<slug:form>/", documents.export_document, name="export_document"),
    path(_EVIDENCE, evidence.evidence, name="evidence"),
    path(f"{_EVIDENCE}new/", evidence.add_evidence, name="add_evidence"),
    path(_ITEM, evidence.evidence_item, name="evidence_item"),
    path(f"{_ITEM}file/", evidence.download_evidence, name="download_evidence"),
    path(f"{_ITEM}verify/", evidence.verify_evidence, name="verify_evidence"),
    path(f"{_ITEM}decline/", evidence.decline_evidence, name="decline_evidence"),
    path(f"{_ITEM}withdraw/", evidence.withdraw_evidence, name="withdraw_evidence"),
]
