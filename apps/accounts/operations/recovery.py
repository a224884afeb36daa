"""Recovery codes: ten on paper, each of which stands in once for a factor that is not at hand."""

import hashlib
import secrets

from apps.accounts.confirmation import Confirmation
from apps.accounts.held_factors import factors_asked_of
from apps.accounts.models import RecoveryCode, User
from apps.accounts.operations.factors import WrongCode
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import RuleBroken

RENEW_RECOVERY_CODES = Action("recovery_code.renew", permission=ON_OWN)
USE_RECOVERY_CODE = Action("recovery_code.use", permission=ON_OWN)

HOW_MANY = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # without those that look alike
_GROUPS, _GROUP = 5, 5  # 125 bits: too many to guess, so that a plain digest keeps them


def renew_recovery_codes(user: User, *, by: Actor, confirmed: Confirmation) -> list[str]:
    """Make new recovery codes, which are returned here and kept nowhere; earlier ones end."""
    with change(RENEW_RECOVERY_CODES, user, by=by) as record:
        confirmed.require_fresh(by, now=record.time)
        if factors_asked_of(user.pk) == 1:
            raise RuleBroken("Recovery codes stand in for a second factor. Add one first.")
        for old in RecoveryCode.objects.filter(user=user, removed_at=None).order_by("pk"):
            old.remove(record.time)
        texts = [_made() for _ in range(HOW_MANY)]
        for text in texts:
            RecoveryCode(user=user, digest=_digest_of(text), added_at=record.time).save()
        record.note(codes=HOW_MANY, confirmed=str(confirmed.method))
    return texts


def use_recovery_code(user: User, *, by: Actor, code: str) -> RecoveryCode:
    """Let a recovery code count, this once."""
    with change(USE_RECOVERY_CODE, user, by=by) as record:
        known = RecoveryCode.objects.filter(user=user, digest=_digest_of(code), removed_at=None)
        found = known.first()
        if not isinstance(found, RecoveryCode):
            raise WrongCode("That is none of your recovery codes. Nothing was signed.")
        if found.used_at is not None:
            raise WrongCode("That recovery code was used before. Take another one.")
        found.user = user
        found.spend(record.time)
        record.about(found)
    return found


def _made() -> str:
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)]
    groups = ["".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP)]
    return "-".join(groups)


def _digest_of(text: str) -> str:
    """Return the digest a code is kept by, however it was typed."""
    plain = "".join(letter for letter in text.lower() if letter in _LETTERS)
    return hashlib.sha256(f"signet.recovery/{plain}".encode()).hexdigest()
