"""Promotion requests and sign-offs in the admin, to be read; decisions are taken on their pages."""

from django.contrib import admin

from apps.accounts.site import site
from apps.approvals.models import PromotionRequest, SignOff, SignOffWithdrawal
from apps.audit.admin import ReadOnlyAdmin


@admin.register(PromotionRequest, site=site)
class PromotionRequestAdmin(ReadOnlyAdmin):
    """Every request, newest first."""

    list_display = ("version", "target", "state", "requested_by", "requested_at", "closed_at")
    list_filter = ("state", "target")
    list_select_related = ("version__model", "requested_by")
    search_fields = ("version__model__name", "requested_by__display_name")
    ordering = ("-pk",)


@admin.register(SignOff, site=site)
class SignOffAdmin(ReadOnlyAdmin):
    """Every sign-off and decline, newest first."""

    list_display = ("request", "role", "decision", "signer_name", "signed_at", "expires_at")
    list_filter = ("decision", "role")
    list_select_related = ("request",)
    search_fields = ("signer_name", "request__version__model__name")
    ordering = ("-pk",)


@admin.register(SignOffWithdrawal, site=site)
class SignOffWithdrawalAdmin(ReadOnlyAdmin):
    """Every sign-off that was taken back, newest first."""

    list_display = ("sign_off", "reason", "withdrawn_at")
    list_select_related = ("sign_off",)
    ordering = ("-pk",)
