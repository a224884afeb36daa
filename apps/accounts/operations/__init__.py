"""What can be done to people, teams, duties, tokens and second factors."""

from apps.accounts.operations.administration import (
    appoint_administrator,
    dismiss_administrator,
    first_administrator,
)
from apps.accounts.operations.directory import (
    PersonSaid,
    Taken,
    TeamSaid,
    admit_person,
    admit_team,
    drop_person,
    drop_team,
    update_person,
    update_team,
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
from apps.accounts.operations.sign_on import (
    admit_by_sign_on,
    follow_groups,
    link_sign_on,
    unlink_sign_on,
)
from apps.accounts.operations.teams import create_team, join_team, leave_team
from apps.accounts.operations.tokens import create_token, renew_token, revoke_token, withdraw_token

__all__ = [
    "EXPORT_ENTRIES",
    "PersonSaid",
    "Taken",
    "TeamSaid",
    "WrongCode",
    "WrongPassword",
    "add_code_device",
    "add_passkey",
    "admit_by_sign_on",
    "admit_person",
    "admit_team",
    "appoint_administrator",
    "change_password",
    "close_account",
    "create_team",
    "create_token",
    "create_user",
    "dismiss_administrator",
    "drop_person",
    "drop_team",
    "end_duty",
    "entrust_account",
    "export_entries",
    "first_administrator",
    "follow_groups",
    "grant_duty",
    "join_team",
    "leave_team",
    "link_sign_on",
    "remove_code_device",
    "remove_passkey",
    "renew_recovery_codes",
    "renew_token",
    "reopen_account",
    "revoke_token",
    "set_password",
    "unlink_sign_on",
    "update_person",
    "update_team",
    "use_recovery_code",
    "withdraw_factors",
    "withdraw_token",
]
