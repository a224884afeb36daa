"""What can be done to people, teams, duties, tokens and second factors."""

from apps.accounts.operations.administration import (
    appoint_administrator,
    dismiss_administrator,
    first_administrator,
)
from apps.accounts.operations.duties import end_duty, grant_duty
from apps.accounts.operations.factors import (
    WrongCode,
    add_code_device,
    add_passkey,
    remove_code_device,
    remove_passkey,
    withdraw_factors,
)
from apps.accounts.operations.passwords import WrongPassword, change_password, set_password
from apps.accounts.operations.people import (
    close_account,
    create_user,
    entrust_account,
    reopen_account,
)
from apps.accounts.operations.record_exports import EXPORT_ENTRIES, export_entries
from apps.accounts.operations.recovery import renew_recovery_codes, use_recovery_code
from apps.accounts.operations.teams import create_team, join_team, leave_team
from apps.accounts.operations.tokens import create_token, renew_token, revoke_token, withdraw_token

__all__ = [
    "EXPORT_ENTRIES",
    "WrongCode",
    "WrongPassword",
    "add_code_device",
    "add_passkey",
    "appoint_administrator",
    "change_password",
    "close_account",
    "create_team",
    "create_token",
    "create_user",
    "dismiss_administrator",
    "end_duty",
    "entrust_account",
    "export_entries",
    "first_administrator",
    "grant_duty",
    "join_team",
    "leave_team",
    "remove_code_device",
    "remove_passkey",
    "renew_recovery_codes",
    "renew_token",
    "reopen_account",
    "revoke_token",
    "set_password",
    "use_recovery_code",
    "withdraw_factors",
    "withdraw_token",
]
