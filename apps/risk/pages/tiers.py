"""What the pages of tiers show: the tier of a model and how it came, and another one to sign."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import TermsTicket
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.risk import overriding
from apps.risk.facts.judged import Judged
from apps.risk.models import Assessment, TierOverride, TierOverrideSignOff
from apps.risk.operations import tier_overrides as operations
from apps.risk.overriding import Offer
from apps.risk.tier_forms import OverrideSigningForm
from apps.risk.tier_previews import preview
from apps.risk.tiers import CurrentTier, history

State, Decision = TierOverride.State, TierOverrideSignOff.Decision
TONES = {
    State.ASKED: "info",
    State.GRANTED: "warn",
    State.DECLINED: "bad",
    State.WITHDRAWN: "idle",
    State.ENDED: "idle",
}


def crumbs(model: RegisteredModel) -> list[tuple[str, str]]:
    """Return what leads to the pages of a model."""
    return [("Models", reverse("models:list")), (model.name, model.get_absolute_url())]


def current_of(model: RegisteredModel, at: datetime) -> CurrentTier:
    """Return the tier a model is at."""
    return Judged.of([model.pk]).tier(model.pk, at)


def beside(model: RegisteredModel, at: datetime) -> dict[str, Any]:
    """Return what the page of a model says of its tier: which it is, and which it would be."""
    current = current_of(model, at)
    return {"current": current, "preview": preview(model, current, at)}


def of_model(model: RegisteredModel, reader: Actor, at: datetime) -> dict[str, Any]:
    """Return what the page of a model's tier shows."""
    current = current_of(model, at)
    found = Assessment.objects.filter(
        model=model, state__in=[Assessment.State.APPROVED, Assessment.State.SUPERSEDED]
    ).select_related("questionnaire")
    overrides = list(model.tier_overrides.order_by("pk"))
    may_ask = reader.is_person and reader.may(operations.OVERRIDE_TIER.permission, model)
    is_free = all(one.state not in {State.ASKED, State.GRANTED} for one in overrides)
    return {
        "model": model,
        "crumbs": crumbs(model),
        "current": current,
        "preview": preview(model, current, at),
        "steps": history(list(found), overrides),
        "waiting": [one for one in overrides if one.state == State.ASKED],
        "may_ask": may_ask and is_free and bool(overriding.choices(current)),
        "facts": _facts(current, at),
    }


def one(
    override: TierOverride, reader: Actor, at: datetime, sent: OverrideSigningForm | None = None
) -> dict[str, Any]:
    """Return what the page of another tier shows; a refused form stays as it was typed."""
    seats, why_not, form = _signing(override, reader, at, sent)
    is_live = override.state in {State.ASKED, State.GRANTED}
    return {
        "override": override,
        "crumbs": [
            *crumbs(override.model),
            ("Tier", reverse("risk:tier", args=[override.model.name])),
        ],
        "tone": TONES[State(override.state)],
        "signatures": [_signature(override, seat) for seat in seats],
        "sign_form": form,
        "why_not_sign": why_not,
        "may_withdraw": is_live
        and (override.state == State.ASKED or override.is_lighter)
        and reader.may(operations.WITHDRAW_TIER_OVERRIDE.permission, override.model),
        "facts": [
            {"term": "Assessed", "value": f"Tier {override.assessed_tier}"},
            {"term": "Asked by", "person": str(override.asked_by)},
            {"term": "Asked", "at": override.asked_at},
            {"term": "Last day", "value": str(override.ends_on)},
        ],
    }


def _facts(current: CurrentTier, at: datetime) -> list[dict[str, Any]]:
    if current.tiering is None:
        return []
    facts: list[dict[str, Any]] = [
        {
            "term": "Tiering",
            "value": "The approved assessment",
            "href": current.tiering.get_absolute_url(),
        },
        {"term": "Assessed", "value": f"Tier {current.assessed}"},
        {"term": "Days since", "value": str(current.age_days(at))},
    ]
    if current.override is not None:
        facts.append(
            {
                "term": "Signed instead",
                "value": f"Until {current.override.ends_on}",
                "href": current.override.get_absolute_url(),
            }
        )
    return facts


def _signing(
    override: TierOverride, reader: Actor, at: datetime, sent: OverrideSigningForm | None
) -> tuple[list[RoleSeat[TierOverrideSignOff]], str, OverrideSigningForm | None]:
    """Return the roles that sign, why this reader cannot, and the form for one who can."""
    if override.state != State.ASKED:
        given = {one.role: one for one in override.sign_offs.order_by("pk")}
        return [RoleSeat(role, given.get(role)) for role in override.roles], "", sent
    offer = Offer.of(override, at)
    seats = offer.seats(reader)
    free = [seat for seat in seats if seat.is_free]
    if not free or not reader.is_person:
        why = dict.fromkeys(seat.why_not for seat in seats if seat.why_not and not seat.given)
        return seats, " ".join(why), sent
    form = sent or OverrideSigningForm()
    form.offer(free, ticket=TermsTicket.issue(offer.terms, to=reader).sealed())
    return seats, "", form


def _signature(override: TierOverride, seat: RoleSeat[TierOverrideSignOff]) -> Mapping[str, Any]:
    row: dict[str, Any] = {"slot": seat.title}
    if (given := seat.given) is not None:
        return row | {
            "state": "given" if given.decision == Decision.APPROVE else "declined",
            "person": given.signer_name,
            "reason": given.reason,
            "at": given.signed_at,
            "digest": given.statement_digest,
            "meaning": given.printed_meaning,
        }
    if override.state != State.ASKED:
        return row | {"state": "none", "note": "Not signed."}
    if seat.is_free:
        return row | {"state": "yours"}
    people = [str(person) for person in catalog.holders_of(seat.role, override.model)]
    return row | {"state": "waiting", "note": ", ".join(people[:3]) or "Nobody holds this role."}
