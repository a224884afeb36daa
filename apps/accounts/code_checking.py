"""What a code adds to a password that was right; each code counts once, also of two at once."""

from apps.accounts import one_time_codes, operations
from apps.accounts.confirmation import Method
from apps.accounts.held_factors import held_by
from apps.accounts.models import OneTimeCodeDevice, OneTimeCodeUse, User
from apps.accounts.operations import WrongCode
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed

_DIGITS = 6


def method_with(user: User, code: str, *, by: Actor) -> tuple[Method, int]:
    """Return how a password and a code confirm somebody, and by how many factors; spend the code.

    Raises:
        WrongCode: when it is wrong, or counted before.
        NotAllowed: when a second factor is held and no code given.
    """
    held = held_by(user.pk)
    if not held.any:
        return Method.PASSWORD, 1
    typed = "".join(code.split())
    if not typed:
        raise NotAllowed("Enter a one-time code or a recovery code too, or use a passkey.")
    if held.device and len(typed) == _DIGITS:
        _spend(held.device, typed)
        return Method.PASSWORD_AND_CODE, 2
    operations.use_recovery_code(user, by=by, code=typed)
    return Method.PASSWORD_AND_RECOVERY, 2


def _spend(device: OneTimeCodeDevice, code: str) -> None:
    """Count a code, unless it or a later one counted already."""
    now = database_now()
    step = one_time_codes.step_of(one_time_codes.opened(bytes(device.secret)), code, at=now)
    if step is None:
        raise WrongCode("That is not the code the app shows now. Nothing was signed.")
    earlier = OneTimeCodeUse.objects.filter(device=device, step__lt=step)
    if not earlier.update(step=step, last_used_at=now):
        raise WrongCode("That code was used already. Wait for the next one. Nothing was signed.")
