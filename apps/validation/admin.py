"""Check runs and leases in the admin, for operators who look for work that hangs."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from apps.accounts.site import site
from apps.audit.admin import Button, ReadOnlyAdmin
from apps.validation import operations
from apps.validation.models import CheckLease, CheckRun, ExternalCheck


def _is_final(run: Any) -> bool:
    return bool(run.is_final)


@admin.register(CheckRun, site=site)
class CheckRunAdmin(ReadOnlyAdmin):
    """Every run of a check, newest first."""

    list_display = ("check_name", "version", "state", "attempt", "worker", "queued_at")
    list_filter = ("state", "check_name")
    list_select_related = ("version__model",)
    search_fields = ("version__model__name", "worker")
    ordering = ("-pk",)
    buttons: ClassVar = (
        Button("again", "Run again", operations.rerun, forms.Form, shown=_is_final),
    )


@admin.register(ExternalCheck, site=site)
class ExternalCheckAdmin(ReadOnlyAdmin):
    """What tools outside are expected to post results of."""

    list_display = ("name", "title", "hours_until_due", "ended_at")
    search_fields = ("name", "title")
    ordering = ("name", "pk")


@admin.register(CheckLease, site=site)
class CheckLeaseAdmin(ReadOnlyAdmin):
    """What is being examined now, and until when its worker is believed to live."""

    list_display = ("run", "attempt", "until", "step")
    list_select_related = ("run__version__model",)
    ordering = ("until", "pk")
