"""What a request of the directory may hold at most, held to before the library reads it."""

from collections.abc import Mapping

from scim2_models import InvalidFilterException, InvalidSyntaxException, InvalidValueException

from apps.api.scim.filters import MOST_FILTER
from apps.core.inputs import InputRefused, read_json

MOST_OPERATIONS = 200
MOST_PATH = 500


def require_bounded(body: bytes) -> None:
    """Refuse a body that is no plain JSON, or asks for more than one request may.

    Raises:
        SCIMException: with what is too much.
    """
    if not body:
        return
    try:
        sent = read_json(body)
    except InputRefused as refusal:
        raise InvalidSyntaxException(detail=str(refusal)) from None
    if not isinstance(sent, Mapping):
        raise InvalidSyntaxException(detail="This is no JSON object.")
    for name, value in sent.items():
        if name.lower() == "filter" and len(str(value)) > MOST_FILTER:
            raise InvalidFilterException(detail=f"A filter holds at most {MOST_FILTER} characters.")
        if name.lower() == "operations" and isinstance(value, list):
            _require_few(value)


def _require_few(operations: list[object]) -> None:
    if len(operations) > MOST_OPERATIONS:
        raise InvalidValueException(
            detail=f"One request holds at most {MOST_OPERATIONS} operations. Send it in parts."
        )
    for operation in operations:
        said = operation.items() if isinstance(operation, Mapping) else ()
        if any(name.lower() == "path" and len(str(value)) > MOST_PATH for name, value in said):
            raise InvalidValueException(detail=f"A path holds at most {MOST_PATH} characters.")
