"""What people decide: ask for a promotion, sign it off, carry it out, go back."""

from apps.approvals.operations.deletion import (
    DELETE_MODEL,
    DELETE_VERSION,
    Referenced,
    delete_model,
    delete_version,
)
from apps.approvals.operations.promotion import PROMOTE, promote
from apps.approvals.operations.requests import (
    REQUEST_PROMOTION,
    WITHDRAW_REQUEST,
    request_promotion,
    withdraw_request,
)
from apps.approvals.operations.rollback import ROLL_BACK, roll_back, rollback_target, serving
from apps.approvals.operations.signing import (
    SIGN_OFF,
    WITHDRAW_SIGN_OFF,
    sign_off,
    withdraw_sign_off,
)

__all__ = [
    "DELETE_MODEL",
    "DELETE_VERSION",
    "PROMOTE",
    "REQUEST_PROMOTION",
    "ROLL_BACK",
    "SIGN_OFF",
    "WITHDRAW_REQUEST",
    "WITHDRAW_SIGN_OFF",
    "Referenced",
    "delete_model",
    "delete_version",
    "promote",
    "request_promotion",
    "roll_back",
    "rollback_target",
    "serving",
    "sign_off",
    "withdraw_request",
    "withdraw_sign_off",
]
