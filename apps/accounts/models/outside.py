"""Who people and teams are elsewhere: at an identity provider, and in the directory."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models.people import Team, User
from apps.audit.governed import EventHistory, GovernedRow, RecordKind


class OutsideRow(GovernedRow):
    """Holds from one time to another; ended, never rewritten into somebody else."""

    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def end(self, at: datetime) -> None:
        """Let it hold no longer."""
        self.until = at
        self.save()


class SignOnIdentity(OutsideRow):
    """A person at an identity provider: its issuer and their subject there, never their mail."""

    RECORD = RecordKind(
        "sign_on_identity", "soi", 1, ("user_id", "issuer", "subject", "since", "until")
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)

    history = EventHistory()

    class Meta:
        db_table = "accounts_sign_on_identity"
        verbose_name_plural = "sign-on identities"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                condition=Q(until=None),
                name="sign_on_identity_of_one_person",
            ),
            models.UniqueConstraint(
                fields=["issuer", "user"],
                condition=Q(until=None),
                name="sign_on_identity_once_by_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"

    @property
    def root(self) -> GovernedRow:
        return self.user


class DirectoryPerson(OutsideRow):
    """A person the directory keeps: what it calls them, and what else it wants to read back."""

    RECORD = RecordKind(
        "directory_person",
        "dpe",
        1,
        (
            "user_id",
            "user_name",
            "external_id",
            "given_name",
            "family_name",
            "is_closed",
            "since",
            "until",
        ),
    )

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="directory_people")
    user_name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=255)
    """The user name in the form in which it is compared."""
    external_id = models.CharField(max_length=255, blank=True)
    given_name = models.CharField(max_length=150, blank=True)
    family_name = models.CharField(max_length=150, blank=True)
    is_closed = models.BooleanField(default=False)
    """Whether the directory's word closed the account: only then does its word open it again."""
    changed_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "accounts_directory_person"
        verbose_name_plural = "directory people"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name_key"], condition=Q(until=None), name="directory_person_one_name"
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=Q(until=None) & ~Q(external_id=""),
                name="directory_person_one_external_id",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(until=None), name="directory_person_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in the directory"

    @property
    def root(self) -> GovernedRow:
        return self.user


class DirectoryTeam(OutsideRow):
    """A team the directory keeps: its name and its members are what the directory says."""

    RECORD = RecordKind("directory_team", "dte", 1, ("team_id", "external_id", "since", "until"))

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="directory_teams")
    external_id = models.CharField(max_length=255, blank=True)
    changed_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "accounts_directory_team"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=Q(until=None) & ~Q(external_id=""),
                name="directory_team_one_external_id",
            ),
            models.UniqueConstraint(
                fields=["team"], condition=Q(until=None), name="directory_team_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} in the directory"

    @property
    def root(self) -> GovernedRow:
        return self.team
