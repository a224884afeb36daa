"""People, teams, duties and tokens in the admin; its buttons call operations."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin

from apps.accounts import held_factors, operations, roles
from apps.accounts.forms import PasswordField
from apps.accounts.models import (
    ApiToken,
    Duty,
    OneTimeCodeDevice,
    Passkey,
    RecoveryCode,
    SignOnIdentity,
    Team,
    TeamMembership,
    User,
)
from apps.accounts.site import site
from apps.audit.admin import Button, ReadOnlyAdmin, ReasonForm
from apps.audit.models import AuditEvent
from apps.core.actors import Actor


class PersonForm(forms.Form):
    username = forms.CharField(label="Sign-in name", max_length=150)
    display_name = forms.CharField(label="Name", max_length=150)
    email = forms.EmailField(label="Mail", required=False)
    org_unit = forms.CharField(label="Organizational unit", max_length=150, required=False)
    password = PasswordField(
        "First password",
        autocomplete="new-password",
        help_text="12 characters or more. Whoever gets it changes it on the page “Password”.",
    )


def _who_answers() -> "forms.ModelChoiceField[User]":
    people = User.objects.filter(is_active=True, is_service_account=False, is_examiner=False)
    return forms.ModelChoiceField(
        people.order_by("display_name", "pk"),
        label="Who answers for it",
        help_text="Duties bind this person for what it does: they do not sign what it asks for.",
    )


class ServiceForm(forms.Form):
    username = forms.CharField(label="Name of the account", max_length=150)
    display_name = forms.CharField(label="What it is for", max_length=150)
    manager = _who_answers()


class EntrustForm(ReasonForm):
    manager = _who_answers()
    field_order = ("manager", "reason")


class NewPasswordForm(ReasonForm):
    new = PasswordField("New password", autocomplete="new-password")
    field_order = ("new", "reason")


class DutyForm(ReasonForm):
    role = forms.ChoiceField(choices=roles.CHOICES)
    field_order = ("role", "reason")


class TeamForm(forms.Form):
    name = forms.CharField(max_length=120)


class MemberForm(forms.Form):
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_examiner=False).order_by("display_name", "pk"),
        label="Person",
    )


def _is_open(row: Any) -> bool:
    return bool(row.is_active)


def _is_closed(row: Any) -> bool:
    return not row.is_active


def _is_open_person(row: Any) -> bool:
    return bool(row.is_active and not row.is_service_account)


def _may_hold(row: Any) -> bool:
    return bool(row.is_active and not row.is_examiner)


def _is_open_service(row: Any) -> bool:
    return bool(row.is_active and row.is_service_account)


def _has_factors(row: Any) -> bool:
    return bool(held_factors.factors_asked_of(row.pk) > 1)


def _is_held(row: Any) -> bool:
    return row.until is None


def _is_live(row: Any) -> bool:
    return row.revoked_at is None


def _create_service(*, by: Actor, **fields: Any) -> User:
    return operations.create_user(by=by, is_service_account=True, **fields)


def _create_examiner(*, by: Actor, **fields: Any) -> User:
    return operations.create_user(by=by, is_examiner=True, **fields)


def _leave(membership: TeamMembership, *, by: Actor) -> TeamMembership:
    return operations.leave_team(membership.team, by=by, user=membership.user)


class NothingForm(forms.Form):
    """Asks only whether to go on."""


@admin.register(User, site=site)
class UserAdmin(ReadOnlyAdmin):
    """Accounts of people and services."""

    list_display = (
        "username",
        "display_name",
        "org_unit",
        "is_active",
        "is_superuser",
        "is_staff",
        "is_service_account",
        "is_examiner",
    )
    list_filter = (
        "is_active",
        "is_superuser",
        "is_staff",
        "is_service_account",
        "is_examiner",
        "org_unit",
    )
    search_fields = ("username", "display_name", "email")
    ordering = ("username",)
    fields = (
        "username",
        "display_name",
        "email",
        "org_unit",
        "manager",
        "is_active",
        "is_superuser",
        "is_staff",
        "is_service_account",
        "is_examiner",
        "created_at",
        "password_changed_at",
    )
    buttons: ClassVar = (
        Button("create", "Create person", operations.create_user, PersonForm, on_row=False),
        Button("service", "Create service account", _create_service, ServiceForm, on_row=False),
        Button("examiner", "Create examiner", _create_examiner, PersonForm, on_row=False),
        Button(
            "entrust",
            "Name who answers for it",
            operations.entrust_account,
            EntrustForm,
            shown=_is_open_service,
        ),
        Button("duty", "Grant duty", operations.grant_duty, DutyForm, shown=_may_hold),
        Button(
            "password",
            "Set password",
            operations.set_password,
            NewPasswordForm,
            shown=_is_open_person,
        ),
        Button(
            "appoint",
            "Appoint administrator",
            operations.appoint_administrator,
            shown=lambda row: _is_open_person(row) and _may_hold(row) and not row.is_superuser,
        ),
        Button(
            "dismiss",
            "Dismiss administrator",
            operations.dismiss_administrator,
            shown=lambda row: row.is_superuser,
        ),
        Button(
            "factors",
            "Remove lost factors",
            operations.withdraw_factors,
            shown=_has_factors,
        ),
        Button("close", "Close account", operations.close_account, shown=_is_open),
        Button("reopen", "Reopen account", operations.reopen_account, shown=_is_closed),
    )


@admin.register(Team, site=site)
class TeamAdmin(ReadOnlyAdmin):
    """Teams."""

    list_display = ("name", "created_at")
    search_fields = ("name",)
    ordering = ("name",)
    buttons: ClassVar = (
        Button("create", "Create team", operations.create_team, TeamForm, on_row=False),
        Button("join", "Add person", operations.join_team, MemberForm),
        Button("duty", "Grant duty", operations.grant_duty, DutyForm),
    )


@admin.register(TeamMembership, site=site)
class TeamMembershipAdmin(ReadOnlyAdmin):
    """Who is, and was, in which team."""

    list_display = ("team", "user", "since", "until")
    list_filter = (("until", admin.EmptyFieldListFilter), "team")
    list_select_related = ("team", "user")
    ordering = ("-pk",)
    buttons: ClassVar = (Button("leave", "Leave team", _leave, NothingForm, shown=_is_held),)


@admin.register(Duty, site=site)
class DutyAdmin(ReadOnlyAdmin):
    """Duties that hold, and held, everywhere."""

    list_display = ("role", "user", "team", "since", "until")
    list_filter = (("until", admin.EmptyFieldListFilter), "role")
    list_select_related = ("team", "user")
    ordering = ("-pk",)
    buttons: ClassVar = (Button("end", "End duty", operations.end_duty, shown=_is_held),)


@admin.register(ApiToken, site=site)
class ApiTokenAdmin(ReadOnlyAdmin):
    """API tokens, without what opens anything."""

    list_display = ("name", "user", "hint", "scopes", "created_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    ordering = ("-pk",)
    fields = (
        "name",
        "user",
        "hint",
        "scopes",
        "roots",
        "created_at",
        "expires_at",
        "revoked_at",
    )
    buttons: ClassVar = (
        Button("revoke", "Revoke token", operations.withdraw_token, shown=_is_live),
    )


@admin.register(SignOnIdentity, site=site)
class SignOnIdentityAdmin(ReadOnlyAdmin):
    """Who people are at the identity provider, and were."""

    list_display = ("user", "issuer", "subject", "since", "until")
    list_filter = (("until", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__username", "subject")
    ordering = ("-pk",)
    buttons: ClassVar = (
        Button("unlink", "Sign in there no longer", operations.unlink_sign_on, shown=_is_held),
    )


@admin.register(OneTimeCodeDevice, site=site)
class OneTimeCodeDeviceAdmin(ReadOnlyAdmin):
    """Authenticator apps without secrets; a lost one is removed on the page of its person."""

    list_display = ("user", "added_at", "removed_at")
    list_filter = (("removed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-pk",)
    fields = ("user", "added_at", "removed_at")


@admin.register(Passkey, site=site)
class PasskeyAdmin(ReadOnlyAdmin):
    """Passkeys with their public keys, by which their signatures are verified."""

    list_display = ("name", "user", "added_at", "removed_at")
    list_filter = (("removed_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    ordering = ("-pk",)
    fields = ("name", "user", "credential_id", "public_key", "added_at", "removed_at")


@admin.register(RecoveryCode, site=site)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    """When recovery codes were made and used; not what they are."""

    list_display = ("user", "added_at", "used_at", "removed_at")
    list_filter = (("used_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-pk",)
    fields = ("user", "added_at", "used_at", "removed_at")


@admin.register(AuditEvent, site=site)
class AuditEventAdmin(ReadOnlyAdmin):
    """Events of the record; the audit pages show them whole."""

    list_display = ("written_at", "action", "outcome", "actor_id", "subject_id")
    list_filter = ("outcome",)
    search_fields = ("action", "actor_id", "subject_id")
    ordering = ("-pk",)
    fields = (
        "uid",
        "written_at",
        "action",
        "outcome",
        "actor_id",
        "subject_type",
        "subject_id",
        "chain_root",
        "chain_rev",
        "parent_uid",
    )
