"""How long a model's records are kept, and legal holds, which stop every clock."""

from apps.approvals.models import LegalHold, Retention
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import require_text

MOST_YEARS = 100
MOST_NAME = 120
MOST_BASIS = 2000

SET_RETENTION = Action(
    "model.set_retention",
    permission="catalog.manage_retention",
    refusal="Only a records manager sets how long the records of a model are kept.",
)
PLACE_HOLD = Action(
    "model.place_legal_hold",
    permission="catalog.place_legal_hold",
    needs_reason=True,
    refusal="Only legal counsel and records managers place a legal hold.",
)
LIFT_HOLD = Action(
    "legal_hold.lift",
    permission="catalog.place_legal_hold",
    needs_reason=True,
    refusal="Only legal counsel and records managers lift a legal hold.",
    sealing=Sealing.FIRST,
)


class OnHold(RuleBroken):
    """A legal hold keeps everything of a model as it is."""

    code = "on_hold"


def set_retention(
    model: RegisteredModel, *, by: Actor, name: str, years: int, basis: str
) -> Retention:
    """Say for how many years the records of a model stay once it is decommissioned, and why.

    What is decommissioned already is kept for as long as was said then, or longer; never shorter.
    """
    with change(SET_RETENTION, model, by=by) as record:
        user_id = _account(by)
        name, basis = name.strip(), basis.strip()
        if not name or not basis:
            raise RuleBroken("Say under which retention class records are kept, and its basis.")
        require_text(name, "The retention class", MOST_NAME)
        require_text(basis, "The basis", MOST_BASIS, lines=True)
        if not 1 <= years <= MOST_YEARS:
            raise RuleBroken(f"Records are kept for 1 to {MOST_YEARS} years.")
        kept = Retention.objects.filter(model=model).first() or Retention(model=model)
        kept.name, kept.years, kept.basis = name, years, basis
        kept.set_by_id, kept.set_at = user_id, record.time
        kept.save()
        record.note(years=years)
    return kept


def place_hold(model: RegisteredModel, *, by: Actor, reason: str) -> LegalHold:
    """Keep everything of a model as it is until the hold is lifted."""
    with change(PLACE_HOLD, model, by=by, reason=reason) as record:
        hold = LegalHold(
            model=model, reason=record.reason, placed_by_id=_account(by), placed_at=record.time
        )
        hold.save()
        record.about(hold)
    return hold


def lift_hold(hold: LegalHold, *, by: Actor, reason: str) -> None:
    """End a legal hold; another one on the same model stays in force."""
    with change(LIFT_HOLD, hold, by=by, reason=reason) as record:
        if hold.lifted_at is not None:
            raise RuleBroken("This hold was lifted already.")
        hold.lifted_by_id, hold.lifted_at = _account(by), record.time
        hold.why_lifted = record.reason
        hold.save()


def require_no_hold(model: RegisteredModel) -> None:
    """Refuse while a legal hold is in force on a model."""
    hold = LegalHold.objects.filter(model=model, lifted_at=None).order_by("pk").first()
    if hold is not None:
        raise OnHold(
            f"A legal hold is in force on {model.name} since {hold.placed_at:%Y-%m-%d}, so nothing "
            "of it goes. Wait until legal counsel lifts it."
        )


def _account(by: Actor) -> int:
    if by.user_id is None or not by.is_person:
        raise NotAllowed("Only a person signed in through the browser decides on retention.")
    return by.user_id
