"""People, teams, the duties they hold everywhere, and what they prove themselves with."""

from apps.accounts.models.factors import (
    OneTimeCodeDevice,
    OneTimeCodeUse,
    Passkey,
    PasskeyUse,
    RecoveryCode,
)
from apps.accounts.models.failures import SignInFailure
from apps.accounts.models.outside import DirectoryPerson, DirectoryTeam, SignOnIdentity
from apps.accounts.models.people import AbstractDuty, Duty, Team, TeamMembership, User, UserManager
from apps.accounts.models.tokens import ApiToken, TokenUse

__all__ = [
    "AbstractDuty",
    "ApiToken",
    "DirectoryPerson",
    "DirectoryTeam",
    "Duty",
    "OneTimeCodeDevice",
    "OneTimeCodeUse",
    "Passkey",
    "PasskeyUse",
    "RecoveryCode",
    "SignInFailure",
    "SignOnIdentity",
    "Team",
    "TeamMembership",
    "TokenUse",
    "User",
    "UserManager",
]
