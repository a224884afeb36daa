"""What can be done to people, teams, duties and tokens."""

from apps.accounts.operations.administration import (
    appoint_administrator,
    dismiss_administrator,
    first_administrator,
)
from apps.accounts.operations.duties import end_duty, grant_duty
from apps.accounts.operations.passwords import WrongPassword, change_password, set_password
from apps.accounts.operations.people import close_account, create_user, reopen_account
from apps.accounts.operations.teams import create_team, join_team, leave_team
from apps.accounts.operations.tokens import create_token, revoke_token, withdraw_token

__all__ = [
    "WrongPassword",
    "appoint_administrator",
    "change_password",
    "close_account",
    "create_team",
    "create_token",
    "create_user",
    "dismiss_administrator",
    "end_duty",
    "first_administrator",
    "grant_duty",
    "join_team",
    "leave_team",
    "reopen_account",
    "revoke_token",
    "set_password",
    "withdraw_token",
]
