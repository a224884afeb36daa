"""Registers and the portfolio leave Signet as files only after the record says who took them."""

from apps.accounts.models import User
from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import NotAllowed

EXPORT_REGISTER = Action(
    "user.export_register",
    permission=ON_OWN,
    refusal="Only a person in a browser session exports registers.",
    sealing=Sealing.FIRST,
)
EXPORT_PORTFOLIO = Action(
    "user.export_portfolio",
    permission=ON_OWN,
    refusal="Only a person in a browser session exports the portfolio.",
    sealing=Sealing.FIRST,
)


def export_register(register_id: str, form: str, as_of: str = "", *, by: Actor) -> None:
    """Record that somebody takes a register away, as far as they see its models."""
    person = _person(EXPORT_REGISTER, by)
    facts: dict[str, object] = {"register": register_id, "form": form, "as_of": as_of}
    record_access(EXPORT_REGISTER, person, by=by, facts=facts)


def export_portfolio(table: str, form: str, *, by: Actor) -> None:
    """Record that somebody takes numbers of the models they see away."""
    person = _person(EXPORT_PORTFOLIO, by)
    record_access(EXPORT_PORTFOLIO, person, by=by, facts={"table": table, "form": form})


def _person(action: Action, by: Actor) -> User:
    person: User | None = User.objects.filter(pk=by.user_id).first()
    if person is None:
        raise NotAllowed(action.refusal)
    return person
