"""People, teams, and the duties they hold everywhere."""

import unicodedata
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    Group,
    PermissionsMixin,
)
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.accounts import roles
from apps.audit.governed import EventHistory, GovernedQuerySet, GovernedRow, RecordKind


class UserManager(BaseUserManager.from_queryset(GovernedQuerySet)):  # type: ignore[misc]
    """Finds people; they are created by the operation, never here."""

    def get_by_natural_key(self, username: str | None) -> "User":
        found: User = self.get(username=unicodedata.normalize("NFKC", username or ""))
        return found


class User(AbstractBaseUser, PermissionsMixin, GovernedRow):
    """A person or service account. Never deleted: closed, so that sign-offs stay attributable.

    ``is_superuser`` means platform administrator: manages people, decides nothing about models.
    """

    RECORD = RecordKind(
        "user",
        "usr",
        1,
        (
            "username",
            "display_name",
            "email",
            "org_unit",
            "manager_id",
            "is_active",
            "is_staff",
            "is_superuser",
            "is_service_account",
            "password_changed_at",
        ),
    )
    RULES_EVERYWHERE = True

    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9][a-z0-9._-]*\Z",
                "A sign-in name holds small letters, digits, dots, hyphens and underscores.",
            )
        ],
    )
    display_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    org_unit = models.CharField("organizational unit", max_length=150, blank=True)
    manager = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    """Whom a person reports to; of a service account, the person who answers for what it does."""
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_superuser = models.BooleanField("platform administrator", default=False)
    is_service_account = models.BooleanField(default=False)
    is_examiner = models.BooleanField("examiner from outside", default=False)
    """Sees what an exam grants and can do nothing else; said when the account is opened, for good.

    The state digest leaves it out: the entry that opened the account says it.
    """
    created_at = models.DateTimeField()
    password_changed_at = models.DateTimeField(null=True, blank=True)
    last_login = None  # the record holds sign-ins

    objects: ClassVar[UserManager] = UserManager()
    history = EventHistory(excluded_fields=["password"])

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def answerable_id(self) -> str:
        """The id of whom duties bind for what is done here: themselves, or who answers for it."""
        if self.is_service_account and self.manager_id is not None:
            return self.RECORD.id_of(self.manager_id)
        return self.record_id

    def check_password(self, raw_password: str | None) -> bool:
        """Compare only: a stronger hash is made when the password is next changed."""
        return check_password(raw_password, self.password)

    def give_password(self, password: str, at: datetime) -> None:
        """Replace the password; every session but the one that did it ends."""
        self.set_password(password)
        self.password_changed_at = at
        self.save()

    def close(self, at: datetime) -> None:
        """Close the account. Without a password no session outlives it, even when reopened."""
        self.is_active = False
        self.set_unusable_password()
        self.password_changed_at = at
        self.save()


class Team(GovernedRow):
    """People who hold duties together. Object permissions hang on its ``group``."""

    RECORD = RecordKind("team", "tea", 1, ("name", "group_id"))
    RULES_EVERYWHERE = True

    name = models.CharField(max_length=120, unique=True)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")
    created_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "accounts_team"

    def __str__(self) -> str:
        return self.name


class TeamMembership(GovernedRow):
    """A person belongs to a team from one time to another."""

    RECORD = RecordKind("membership", "mem", 1, ("team_id", "user_id", "since", "until"))

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "accounts_team_membership"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "user"], condition=Q(until=None), name="membership_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

    @property
    def root(self) -> GovernedRow:
        return self.team

    def end(self, at: datetime) -> None:
        """Close the membership at a time."""
        self.until = at
        self.save()


class AbstractDuty(GovernedRow):
    """A person or a team holds a role from one time to another; ended, never removed."""

    FIELDS: ClassVar[tuple[str, ...]] = ("user_id", "team_id", "role", "since", "until")

    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=40, choices=roles.CHOICES)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.holder}: {self.get_role_display()}"

    @property
    def holder(self) -> User | Team:
        holder = self.user or self.team
        assert holder is not None
        return holder

    def end(self, at: datetime) -> None:
        """Close the duty at a time."""
        self.until = at
        self.save()

    @staticmethod
    def constraints(name: str, *scope: str) -> list[models.BaseConstraint]:
        """Return what holds for every kind of duty: one holder, and held once at a time."""
        return [
            models.CheckConstraint(
                condition=Q(user=None, team__isnull=False) | Q(user__isnull=False, team=None),
                name=f"{name}_one_holder",
            ),
            models.UniqueConstraint(
                fields=[*scope, "user", "role"],
                condition=Q(until=None, user__isnull=False),
                name=f"{name}_once_by_user",
            ),
            models.UniqueConstraint(
                fields=[*scope, "team", "role"],
                condition=Q(until=None, team__isnull=False),
                name=f"{name}_once_by_team",
            ),
        ]


class Duty(AbstractDuty):
    """A duty held everywhere in the organization."""

    RECORD = RecordKind("duty", "dut", 1, AbstractDuty.FIELDS)

    history = EventHistory()

    class Meta:
        db_table = "accounts_duty"
        verbose_name_plural = "duties"
        constraints: ClassVar = AbstractDuty.constraints("duty")

    @property
    def root(self) -> GovernedRow:
        return self.holder
