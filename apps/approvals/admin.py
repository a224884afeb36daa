"""What people decide in the admin, to be read; decisions are taken on their pages."""

from typing import ClassVar

from django.contrib import admin

from apps.accounts.site import site
from apps.approvals.models import (
    Authorization,
    Comment,
    Delegation,
    DissentAnswer,
    DryRun,
    Emergency,
    EvidencePack,
    LegalHold,
    PackFile,
    PackOf,
    PackWork,
    PolicySignOff,
    PolicyVersion,
    PromotionRequest,
    Ratification,
    Retention,
    Retirement,
    RuleBreach,
    Signature,
    SignOff,
    SignOffCondition,
    SignOffWithdrawal,
    Waiver,
    WaiverObligation,
    WaiverSignOff,
)
from apps.audit.admin import ReadOnlyAdmin
from apps.core import formats


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


@admin.register(PromotionRequest, site=site)
class PromotionRequestAdmin(ReadOnlyAdmin):
    """Every request, newest first."""

    list_display = ("version", "target", "state", "requested_by", "requested_at", "closed_at")
    list_filter = ("state", "target")
    list_select_related = ("version__model", "requested_by")
    search_fields = ("version__model__name", "requested_by__display_name")
    ordering = ("-pk",)


@admin.register(SignOff, site=site)
class SignOffAdmin(SignatureAdmin):
    """Every sign-off and decline, newest first."""

    list_display = ("request", "role", "signer_name", "printed_meaning", "signed", "expires_at")
    list_filter = ("decision", "role")
    list_select_related = ("request",)
    search_fields = ("signer_name", "request__version__model__name")


@admin.register(SignOffWithdrawal, site=site)
class SignOffWithdrawalAdmin(ReadOnlyAdmin):
    """Every sign-off that was taken back, newest first."""

    list_display = ("sign_off", "reason", "withdrawn_at")
    list_select_related = ("sign_off",)
    ordering = ("-pk",)


@admin.register(PolicyVersion, site=site)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Every version of the policy, newest first."""

    list_display = ("title", "number", "state", "author", "published_at", "replaced_at")
    list_filter = ("state",)
    list_select_related = ("author",)
    search_fields = ("title", "number", "policy_id")
    ordering = ("-pk",)


@admin.register(PolicySignOff, site=site)
class PolicySignOffAdmin(SignatureAdmin):
    """Every signature under a policy, newest first."""

    list_display = ("policy", "role", "signer_name", "printed_meaning", "signed")
    list_select_related = ("policy",)
    search_fields = ("signer_name",)


@admin.register(Authorization, site=site)
class AuthorizationAdmin(ReadOnlyAdmin):
    """Every authorization for production, newest first."""

    list_display = ("version", "state", "granted_at", "valid_until", "changed_at", "why")
    list_filter = ("state",)
    list_select_related = ("version__model",)
    search_fields = ("version__model__name",)
    ordering = ("-pk",)


@admin.register(Waiver, site=site)
class WaiverAdmin(ReadOnlyAdmin):
    """Every waiver, newest first."""

    list_display = ("version", "condition", "state", "ends_on", "asked_by", "asked_at")
    list_filter = ("state",)
    list_select_related = ("version__model", "asked_by")
    search_fields = ("version__model__name", "condition")
    ordering = ("-pk",)


@admin.register(WaiverObligation, site=site)
class WaiverObligationAdmin(ReadOnlyAdmin):
    """Every obligation that a waiver covers, the newest first."""

    list_display = ("waiver", "obligation")
    list_select_related = ("waiver", "obligation")
    search_fields = ("waiver__version__model__name", "obligation__title")
    ordering = ("-pk",)


@admin.register(WaiverSignOff, site=site)
class WaiverSignOffAdmin(SignatureAdmin):
    """Every signature on a waiver, newest first."""

    list_display = ("waiver", "role", "signer_name", "printed_meaning", "signed")
    list_filter = ("decision", "role")
    list_select_related = ("waiver",)
    search_fields = ("signer_name", "waiver__version__model__name")


@admin.register(Emergency, site=site)
class EmergencyAdmin(ReadOnlyAdmin):
    """Every emergency, newest first."""

    list_display = ("authorization", "state", "acted_by", "acted_at", "ratify_until", "reviewed_at")
    list_filter = ("state",)
    list_select_related = ("authorization", "acted_by")
    search_fields = ("authorization__version__model__name",)
    ordering = ("-pk",)


@admin.register(Ratification, site=site)
class RatificationAdmin(SignatureAdmin):
    """Every confirmation of an emergency, newest first."""

    list_display = ("emergency", "role", "signer_name", "printed_meaning", "signed")
    list_filter = ("role",)
    list_select_related = ("emergency",)
    search_fields = ("signer_name",)


@admin.register(Retention, site=site)
class RetentionAdmin(ReadOnlyAdmin):
    """How long the records of each model are kept."""

    list_display = ("model", "name", "years", "set_by", "set_at")
    list_select_related = ("model", "set_by")
    search_fields = ("model__name", "name")
    ordering = ("-pk",)


@admin.register(LegalHold, site=site)
class LegalHoldAdmin(ReadOnlyAdmin):
    """Every legal hold, newest first."""

    list_display = ("model", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at")
    list_select_related = ("model", "placed_by", "lifted_by")
    search_fields = ("model__name",)
    ordering = ("-pk",)


@admin.register(Retirement, site=site)
class RetirementAdmin(ReadOnlyAdmin):
    """Every decommissioned version, newest first."""

    list_display = ("version", "decommissioned_at", "retain_until", "disposed_at", "disposed_files")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name",)
    ordering = ("-pk",)


@admin.register(SignOffCondition, site=site)
class SignOffConditionAdmin(ReadOnlyAdmin):
    """Everything an approval was tied to, newest first."""

    list_display = ("sign_off", "text", "owner", "due", "met_at", "missed_at")
    list_select_related = ("sign_off", "owner")
    search_fields = ("text", "sign_off__request__version__model__name")
    ordering = ("-pk",)


@admin.register(DissentAnswer, site=site)
class DissentAnswerAdmin(ReadOnlyAdmin):
    """Every answer to somebody who did not agree, newest first."""

    list_display = ("sign_off", "text", "author", "at")
    list_select_related = ("sign_off", "author")
    ordering = ("-pk",)


@admin.register(Comment, site=site)
class CommentAdmin(ReadOnlyAdmin):
    """Everything said about a request, newest first."""

    list_display = ("request", "section", "text", "author", "written_at", "resolved_at")
    list_filter = ("section",)
    list_select_related = ("request", "author")
    search_fields = ("text", "request__version__model__name")
    ordering = ("-pk",)


@admin.register(Delegation, site=site)
class DelegationAdmin(ReadOnlyAdmin):
    """Everybody who signs or signed for somebody else, newest first."""

    list_display = ("delegator", "delegate", "role", "model", "starts_on", "ends_on", "ended_at")
    list_filter = ("role",)
    list_select_related = ("delegator", "delegate", "model")
    search_fields = ("delegator__display_name", "delegate__display_name", "model__name")
    ordering = ("-pk",)


@admin.register(RuleBreach, site=site)
class RuleBreachAdmin(ReadOnlyAdmin):
    """Every rule that did not hold in production, newest first."""

    list_display = ("version", "title", "action", "severity", "since", "until")
    list_filter = ("action", "severity")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name", "rule", "title")
    ordering = ("-pk",)


@admin.register(DryRun, site=site)
class DryRunAdmin(ReadOnlyAdmin):
    """Every dry run of a policy, newest first."""

    list_display = ("policy", "state", "asked_by", "asked_at", "finished_at", "done", "total")
    list_filter = ("state",)
    list_select_related = ("policy", "asked_by")
    ordering = ("-pk",)


@admin.register(EvidencePack, site=site)
class EvidencePackAdmin(ReadOnlyAdmin):
    """Every evidence pack, newest first; its file is taken away on its own page."""

    list_display = ("title", "state", "ordered_by", "ordered_at", "finished_at", "digest")
    list_filter = ("state", "kind")
    list_select_related = ("ordered_by",)
    search_fields = ("title", "ordered_by__display_name")
    ordering = ("-pk",)


@admin.register(PackOf, site=site)
class PackOfAdmin(ReadOnlyAdmin):
    """Which models each pack tells of."""

    list_display = ("pack", "model")
    list_select_related = ("pack", "model")
    ordering = ("-pk",)


@admin.register(PackWork, site=site)
class PackWorkAdmin(ReadOnlyAdmin):
    """How far the packs are that wait or are being made."""

    list_display = ("pack", "beat_at", "tries", "done", "total")
    list_select_related = ("pack",)
    ordering = ("-pk",)


@admin.register(PackFile, site=site)
class PackFileAdmin(ReadOnlyAdmin):
    """Where the files of packs are kept."""

    list_display = ("pack", "artifact")
    list_select_related = ("pack", "artifact")
    ordering = ("-pk",)
