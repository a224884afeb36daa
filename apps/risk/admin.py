"""What is judged of models, in the admin, to be read; judgment happens on its pages."""

from typing import ClassVar

from django.contrib import admin

from apps.accounts.signing.signature import Signature
from apps.accounts.site import site
from apps.audit.admin import ReadOnlyAdmin
from apps.core import formats
from apps.risk.models import (
    Answer,
    AnswerEvidence,
    Assessment,
    AssessmentSignOff,
    Campaign,
    CampaignEntry,
    CampaignSnapshot,
    Finding,
    FindingEvidence,
    FindingExtension,
    Incident,
    Obligation,
    OwnerAttestation,
    QuestionnaireSignOff,
    QuestionnaireVersion,
    ReportDuty,
    Review,
    RiskAcceptance,
    RiskAcceptanceSignOff,
    TierOverride,
    TierOverrideSignOff,
)


class SignatureAdmin(ReadOnlyAdmin):
    """Shows a signature with its printed name, its time with the zone and its meaning (11.50)."""

    readonly_fields: ClassVar = ("signed", "printed_meaning")
    ordering = ("-pk",)

    @admin.display(description="signed", ordering="signed_at")
    def signed(self, row: Signature) -> str:
        return formats.moment(row.signed_at, "full")

    @admin.display(description="printed meaning")
    def printed_meaning(self, row: Signature) -> str:
        return row.printed_meaning


@admin.register(Assessment, site=site)
class AssessmentAdmin(ReadOnlyAdmin):
    """Every assessment, newest first."""

    list_display = ("kind", "model", "state", "outcome", "approved_at", "valid_until", "stale_at")
    list_filter = ("state", "kind")
    list_select_related = ("model", "questionnaire")
    search_fields = ("model__name", "outcome")
    ordering = ("-pk",)


@admin.register(Answer, site=site)
class AnswerAdmin(ReadOnlyAdmin):
    """Every answer, newest first."""

    list_display = ("assessment", "key", "is_prefilled", "answered_by", "answered_at")
    list_filter = ("is_prefilled",)
    list_select_related = (
        "assessment__model",
        "assessment__questionnaire",
        "assessment__version__model",
        "assessment__use_case",
        "answered_by",
    )
    search_fields = ("key", "assessment__model__name")
    ordering = ("-pk",)


@admin.register(AnswerEvidence, site=site)
class AnswerEvidenceAdmin(ReadOnlyAdmin):
    """Every item that was attached to an answer, newest first."""

    list_display = ("assessment", "key", "item", "attached_by", "attached_at", "removed_at")
    list_select_related = (
        "assessment__model",
        "assessment__questionnaire",
        "assessment__version__model",
        "assessment__use_case",
        "item",
        "attached_by",
    )
    search_fields = ("key", "assessment__model__name")
    ordering = ("-pk",)


@admin.register(AssessmentSignOff, site=site)
class AssessmentSignOffAdmin(SignatureAdmin):
    """Every signature on an assessment, newest first."""

    list_display = ("assessment", "role", "signer_name", "printed_meaning", "signed")
    list_filter = ("decision", "role")
    list_select_related = (
        "assessment__model",
        "assessment__questionnaire",
        "assessment__version__model",
        "assessment__use_case",
    )
    search_fields = ("signer_name", "assessment__model__name")
    ordering = ("-pk",)


@admin.register(Obligation, site=site)
class ObligationAdmin(ReadOnlyAdmin):
    """Everything assessments made mandatory, newest first."""

    list_display = ("title", "model", "kind", "state", "owner", "applies_from", "deferred_until")
    list_filter = ("state", "kind")
    list_select_related = ("model", "owner")
    search_fields = ("title", "model__name", "ref")
    ordering = ("-pk",)


@admin.register(TierOverride, site=site)
class TierOverrideAdmin(ReadOnlyAdmin):
    """Every tier that was asked for instead of an assessed one, newest first."""

    list_display = ("model", "assessed_tier", "tier", "state", "ends_on", "asked_by", "asked_at")
    list_filter = ("state",)
    list_select_related = ("model", "asked_by")
    search_fields = ("model__name",)
    ordering = ("-pk",)


@admin.register(TierOverrideSignOff, site=site)
class TierOverrideSignOffAdmin(SignatureAdmin):
    """Every signature on another tier, newest first."""

    list_display = ("override", "role", "signer_name", "printed_meaning", "signed")
    list_filter = ("decision", "role")
    list_select_related = ("override",)
    search_fields = ("signer_name", "override__model__name")


@admin.register(QuestionnaireVersion, site=site)
class QuestionnaireVersionAdmin(ReadOnlyAdmin):
    """Every version of a questionnaire, newest first."""

    list_display = ("questionnaire_id", "number", "state", "is_shipped", "author", "published_at")
    list_filter = ("state", "is_shipped")
    list_select_related = ("author",)
    search_fields = ("questionnaire_id", "title")
    ordering = ("-pk",)


@admin.register(QuestionnaireSignOff, site=site)
class QuestionnaireSignOffAdmin(SignatureAdmin):
    """Every signature under a questionnaire, newest first."""

    list_display = ("questionnaire", "role", "signer_name", "printed_meaning", "signed")
    list_filter = ("role",)
    list_select_related = ("questionnaire",)
    search_fields = ("signer_name", "questionnaire__title")


@admin.register(Review, site=site)
class ReviewAdmin(ReadOnlyAdmin):
    """Every review, newest first."""

    list_display = ("model", "kind", "state", "due", "conclusion", "done_by", "done_at")
    list_filter = ("state", "kind", "conclusion")
    list_select_related = ("model", "done_by")
    search_fields = ("model__name",)
    ordering = ("-pk",)


@admin.register(OwnerAttestation, site=site)
class OwnerAttestationAdmin(SignatureAdmin):
    """Every attestation of an owner, newest first."""

    list_display = ("model", "signer_name", "printed_meaning", "signed")
    list_select_related = ("model",)
    search_fields = ("model__name", "signer_name")


@admin.register(Campaign, site=site)
class CampaignAdmin(ReadOnlyAdmin):
    """Every campaign, newest first."""

    list_display = ("title", "state", "due", "total", "begun_by", "begun_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("begun_by",)
    search_fields = ("title",)
    ordering = ("-pk",)


@admin.register(CampaignEntry, site=site)
class CampaignEntryAdmin(ReadOnlyAdmin):
    """What every owner was asked and said, newest first."""

    list_display = ("campaign", "model", "owner", "state", "answered_at", "escalated_at")
    list_filter = ("state",)
    list_select_related = ("campaign", "model", "owner")
    search_fields = ("model__name", "campaign__title")
    ordering = ("-pk",)


@admin.register(CampaignSnapshot, site=site)
class CampaignSnapshotAdmin(ReadOnlyAdmin):
    """How the models of every campaign stood, newest first."""

    list_display = ("campaign", "moment", "digest", "taken_at")
    list_select_related = ("campaign",)
    ordering = ("-pk",)
    exclude = ("rows",)


@admin.register(Finding, site=site)
class FindingAdmin(ReadOnlyAdmin):
    """Every finding, newest first."""

    list_display = ("title", "model", "severity", "state", "source", "owner", "due")
    list_filter = ("state", "severity", "source")
    list_select_related = ("model", "owner")
    search_fields = ("title", "model__name", "cause")
    ordering = ("-pk",)


@admin.register(FindingEvidence, site=site)
class FindingEvidenceAdmin(ReadOnlyAdmin):
    """Every item that was attached to a finding, newest first."""

    list_display = ("finding", "item", "attached_by", "attached_at")
    list_select_related = ("finding", "item", "attached_by")
    search_fields = ("finding__title", "finding__model__name")
    ordering = ("-pk",)


@admin.register(FindingExtension, site=site)
class FindingExtensionAdmin(ReadOnlyAdmin):
    """Every day that was moved on, newest first."""

    list_display = ("finding", "was_due", "due", "granted_by", "granted_at")
    list_select_related = ("finding", "granted_by")
    search_fields = ("finding__title", "finding__model__name")
    ordering = ("-pk",)


@admin.register(RiskAcceptance, site=site)
class RiskAcceptanceAdmin(ReadOnlyAdmin):
    """Every risk that was accepted, newest first."""

    list_display = ("finding", "ends_on", "accepted_by", "accepted_at", "ended_at")
    list_select_related = ("finding", "accepted_by")
    search_fields = ("finding__title", "finding__model__name")
    ordering = ("-pk",)


@admin.register(RiskAcceptanceSignOff, site=site)
class RiskAcceptanceSignOffAdmin(SignatureAdmin):
    """Every signature that bears a risk, newest first."""

    list_display = ("acceptance", "signer_name", "role", "signed", "printed_meaning")
    list_select_related = ("acceptance",)
    search_fields = ("signer_name", "acceptance__finding__title")


@admin.register(Incident, site=site)
class IncidentAdmin(ReadOnlyAdmin):
    """Every incident, newest first."""

    list_display = ("title", "model", "severity", "state", "owner", "discovered_at", "closed_at")
    list_filter = ("state", "severity")
    list_select_related = ("model", "owner")
    search_fields = ("title", "model__name")
    ordering = ("-pk",)


@admin.register(ReportDuty, site=site)
class ReportDutyAdmin(ReadOnlyAdmin):
    """Every report an authority expects, newest first."""

    list_display = ("name", "incident", "clock", "due_at", "reported_at", "set_aside_at")
    list_filter = ("clock",)
    list_select_related = ("incident",)
    search_fields = ("name", "incident__title", "reference")
    ordering = ("-pk",)
