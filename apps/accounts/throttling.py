"""Guesses of passwords, codes and passkeys slow down: soon for an account, late for an address.

An account is never locked. Whoever guesses makes only their own address wait, and never longer
than a minute, so nobody can shut another person out.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.models import SignInFailure
from apps.accounts.operations import WrongPassword
from apps.accounts.passkeys import PasskeyRefused
from apps.core.errors import DomainError

REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True)
class Pace:
    """How many wrong guesses are free, and how long the wait after more of them may grow."""

    free: int
    longest: int

    def wait_after(self, failures: int) -> int:
        """Return the seconds to wait: none, then 1, 2, 4 and so on up to the longest."""
        if failures < self.free:
            return 0
        return int(min(2 ** min(failures - self.free, 16), self.longest))


FOR_ACCOUNT = Pace(free=5, longest=60)
FOR_ADDRESS = Pace(free=50, longest=10)


class TooManyTries(DomainError):
    """Guesses come too fast; ``seconds`` says how long to wait."""

    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        unit = "second" if seconds == 1 else "seconds"
        super().__init__(
            f"Too many wrong passwords, codes or passkeys from here. Try again in {seconds} {unit}."
        )
        self.seconds = seconds


@contextmanager
def guess(account: str, request: HttpRequest) -> Iterator[None]:
    """Count a guess before it is checked, so that many at once count too; forget it when right.

    Raises:
        TooManyTries: when the address has to wait; nothing is checked then.
    """
    address, digest = address_of(request), _digest_of(account)
    SignInFailure.objects.filter(at__lte=timezone.now() - REMEMBERED).delete()
    this = SignInFailure.objects.create(account_digest=digest, address=address, at=timezone.now())
    if seconds := _seconds_to_wait(this):
        this.delete()
        raise TooManyTries(seconds)
    try:
        yield
    except (WrongPassword, PasskeyRefused):
        raise
    except Exception:
        this.delete()
        raise
    SignInFailure.objects.filter(account_digest=digest, address=address).delete()


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from: the peer of the connection, not what a header claims."""
    return str(request.META.get("REMOTE_ADDR") or "unknown")[:64]


def _seconds_to_wait(this: SignInFailure) -> int:
    same_account = Q(account_digest=this.account_digest)
    earlier = SignInFailure.objects.filter(address=this.address, at__gt=this.at - REMEMBERED)
    found = earlier.exclude(pk=this.pk).aggregate(
        for_account=Count("pk", filter=same_account),
        account_last=Max("at", filter=same_account),
        for_address=Count("pk"),
        address_last=Max("at"),
    )
    return max(
        _left(FOR_ACCOUNT.wait_after(found["for_account"]), found["account_last"], this.at),
        _left(FOR_ADDRESS.wait_after(found["for_address"]), found["address_last"], this.at),
    )


def _left(wait: int, last: datetime | None, now: datetime) -> int:
    if last is None:
        return 0
    return max(0, math.ceil(wait - (now - last).total_seconds()))


def _digest_of(account: str) -> str:
    """Return a keyed digest, so that no name, nor a password typed as one, is kept."""
    return salted_hmac("accounts.sign_in", account, algorithm="sha256").hexdigest()
