"""What the identity provider just proved of the person in a session, for one signature.

The trip goes through a tab of its own, so that what was typed beside it stays; it leaves a ticket
in the session, which the signature takes.
"""

from django.utils import timezone

from apps.accounts import code_checking
from apps.accounts.access import ActorRequest
from apps.accounts.confirmation import Confirmation, Method, confirmed_now
from apps.accounts.held_factors import factors_asked_of
from apps.accounts.single_sign_on.arriving import known_or_none
from apps.accounts.single_sign_on.provider import SignOnRefused, require_provider
from apps.accounts.single_sign_on.trips import Arrival
from apps.core.errors import NotAllowed

_TICKET = "sign_on_ticket"
_WITH_CODE = {
    Method.PASSWORD_AND_CODE: Method.SSO_AND_CODE,
    Method.PASSWORD_AND_RECOVERY: Method.SSO_AND_RECOVERY,
}


def leave(request: ActorRequest, arrival: Arrival) -> None:
    """Leave a ticket for the person of the session, who came back after proving anew who they are.

    Raises:
        SignOnRefused: when it is somebody else, or they proved nothing since they were asked.
    """
    known = known_or_none(arrival)
    if known is None or known.pk != request.user.pk or arrival.trip.person != request.user.pk:
        raise SignOnRefused("Somebody else came back from there. Nothing can be signed by that.")
    now = timezone.now().timestamp()
    if arrival.proved is None or not arrival.is_proved_since_asked(now):
        raise SignOnRefused(
            f"{arrival.provider.name} did not say that you proved who you are just now. "
            "Nothing can be signed by that."
        )
    if not arrival.provider.has_stepped_up(arrival.claims):
        raise SignOnRefused(
            f"{arrival.provider.name} did not ask as strictly as a signature needs. "
            "Nothing can be signed by that."
        )
    factors = arrival.provider.factors_of(arrival.claims)
    request.session[_TICKET] = {"at": min(arrival.proved, now), "factors": factors}


def take(request: ActorRequest, code: str) -> Confirmation:
    """Return the confirmation that a ticket in the session stands for; it counts once.

    Where the provider proved one factor and the person holds a second one here, a code adds it.

    Raises:
        NotAllowed: when there is no ticket, or the code is missing.
        WrongCode: when the code is wrong, or counted before.
    """
    kept = request.session.get(_TICKET)
    if kept is None:
        raise NotAllowed(f"Confirm with {require_provider().name} first, then sign.")
    method, factors = Method.SSO, int(kept["factors"])
    if factors < factors_asked_of(request.user.pk):
        spent, factors = code_checking.method_with(request.user, code, by=request.actor)
        method = _WITH_CODE[spent]
    del request.session[_TICKET]
    return confirmed_now(request, method, factors=factors, at=kept["at"])
