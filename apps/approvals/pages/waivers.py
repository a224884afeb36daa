"""What the pages of waivers show: the list, one with its terms and signatures, and the ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.accounts.roles import role_named
from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import covering, in_force, operations, queries, waiving
from apps.approvals.models import Authorization, Waiver, WaiverSignOff
from apps.approvals.pages.policies import reported_to
from apps.approvals.policies import Policy
from apps.approvals.term_forms import WaiverSigningForm
from apps.approvals.waiver_rules import Rules
from apps.approvals.waiving import Offer
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion
from apps.core import links
from apps.core.actors import Actor
from apps.core.errors import DomainError
from apps.core.paging import Order

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))
STATE, LEFT, MODEL = "state", "left", "model"
DAYS_LEFT = (7, 30, 90)

TONES = {
    Waiver.State.ASKED: "info",
    Waiver.State.GRANTED: "warn",
    Waiver.State.DECLINED: "bad",
    Waiver.State.WITHDRAWN: "idle",
    Waiver.State.REVOKED: "bad",
    Waiver.State.ENDED: "idle",
}


@dataclass(frozen=True)
class Row:
    """A waiver as the list shows it."""

    waiver: Waiver
    condition: str
    tone: str
    left: str


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return what the list shows: the page the address asks for, filtered as it says."""
    today, policy = now().date(), in_force.policy()
    wanted = _filtered(request, queries.waivers_visible_to(request.actor), today)
    found = links.page_of(request, wanted, NEWEST_FIRST, PAGE_SIZE)
    model = links.asked(request, MODEL)
    clear = request.path if any(links.asked(request, name) for name in (STATE, LEFT, MODEL)) else ""
    return {
        "rows": [_row(waiver, policy, today) for waiver in found.rows],
        "facets": _facets(request),
        "clear": clear,
        "narrowed": f"Only waivers of {model} are shown." if model else "",
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }


def one(waiver: Waiver, reader: Actor, sent: WaiverSigningForm | None = None) -> Mapping[str, Any]:
    """Return what the page of a waiver shows; a form that was refused stays as it was typed."""
    policy, at = in_force.policy(), now()
    seats, why_not_sign, form = _signing(waiver, reader, sent, at)
    given = {seat.role: seat for seat in seats}
    return {
        "waiver": waiver,
        "version": waiver.version,
        "condition": condition_title(policy, waiver.condition),
        "tone": TONES[Waiver.State(waiver.state)],
        "left": days_left(waiver, at.date()),
        "why_not_counted": waiving.why_not_counted(waiver, at),
        "terms": [
            ("Why", waiver.reason),
            ("What is done instead", waiver.compensating_controls),
            ("How use is limited", waiver.use_limits),
            ("What risk remains", waiver.residual_risk),
        ],
        "covers": [
            one.obligation for one in waiver.covers.select_related("obligation").order_by("pk")
        ],
        "signatures": [_signature(waiver, seat) for seat in given.values()],
        "facts": _facts(waiver, policy),
        "relying": _relying(waiver),
        "renewed_by": waiver.renewed_by.order_by("pk").last(),
        "sign_form": form,
        "why_not_sign": why_not_sign,
        "may_withdraw": waiver.state == Waiver.State.ASKED
        and reader.may(operations.WITHDRAW_WAIVER.permission, waiver.root),
        "may_revoke": waiver.state == Waiver.State.GRANTED and _is_risk_officer(waiver, reader),
        "may_renew": _may_renew(waiver, reader),
    }


def asking(version: ModelVersion, reader: Actor, *, at: datetime) -> dict[str, Any]:
    """Return what the page that asks for a waiver shows: what can be waived, or why nothing."""
    page: dict[str, Any] = {"version": version, "rules": None, "why_not": ""}
    if not reader.may(operations.ASK_FOR_WAIVER.permission, version.model):
        return page | {"why_not": operations.ASK_FOR_WAIVER.refusal}
    try:
        rules = waiving.rules_for(version, at)
    except DomainError as refusal:
        return page | {"why_not": str(refusal)}
    return page | {"rules": rules, "last": rules.last_day(at.date()), "signers": signers_of(rules)}


def offered(
    version: ModelVersion, condition: str, rules: Rules | None, at: datetime
) -> list[tuple[str, str]]:
    """Return the obligations that a waiver of a condition may name, which no other covers yet."""
    there = [] if rules is None else waiving.coverable(version, condition, rules, at)
    return [(one.id, one.title) for one in there if condition not in one.waived_for]


def carried_over(waiver: Waiver, rules: Rules, at: datetime) -> list[str]:
    """Return the titles of the obligations that a renewal of a waiver would cover."""
    return [one.title for one in covering.still_open(waiver, rules, at)]


def signers_of(rules: Rules) -> str:
    """Say who has to sign a waiver here."""
    titles = [role_named(role).title for role in rules.roles]
    return f"{', '.join(titles[:-1])} and {titles[-1]}" if len(titles) > 1 else titles[0]


def condition_title(policy: Policy, condition_id: str) -> str:
    """Return what a condition is called by the policy in force, or its id when it is gone."""
    found = policy.condition_or_none(condition_id)
    return found.title if found else condition_id


def condition_title_now(condition_id: str) -> str:
    """Return what a condition is called by the policy in force."""
    return condition_title(in_force.policy(), condition_id)


def days_left(waiver: Waiver, today: date) -> str:
    """Say how long a granted waiver still holds."""
    if waiver.state != Waiver.State.GRANTED:
        return ""
    days = (waiver.ends_on - today).days
    if days < 0:
        return "over"
    return {0: "ends today", 1: "1 day left"}.get(days, f"{days} days left")


def _row(waiver: Waiver, policy: Policy, today: date) -> Row:
    return Row(
        waiver,
        condition_title(policy, waiver.condition),
        TONES[Waiver.State(waiver.state)],
        days_left(waiver, today),
    )


def _filtered(request: HttpRequest, waivers: QuerySet[Waiver], today: date) -> QuerySet[Waiver]:
    state, left, model = (links.asked(request, name) for name in (STATE, LEFT, MODEL))
    if state in Waiver.State.values:
        waivers = waivers.filter(state=state)
    if left in set(map(str, DAYS_LEFT)):
        last = today + timedelta(days=int(left))
        waivers = waivers.filter(state=Waiver.State.GRANTED, ends_on__lte=last)
    return waivers.filter(version__model__name=model) if model else waivers


def _facets(request: HttpRequest) -> list[dict[str, Any]]:
    states = [(str(state.value), str(state.label)) for state in Waiver.State]
    left = [(str(days), f"{days} days") for days in DAYS_LEFT]
    return [
        {"title": "State", "options": _options(request, STATE, states)},
        {"title": "Ends within", "options": _options(request, LEFT, left)},
    ]


def _options(
    request: HttpRequest, name: str, values: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    chosen = links.asked(request, name)
    return [
        {
            "label": label,
            "url": links.with_query(request, **{name: "" if value == chosen else value}),
            "current": value == chosen,
        }
        for value, label in values
    ]


def _signing(
    waiver: Waiver, reader: Actor, sent: WaiverSigningForm | None, at: datetime
) -> tuple[list[RoleSeat[WaiverSignOff]], str, WaiverSigningForm | None]:
    """Return the roles that sign, why this reader cannot, and the form for one who can."""
    given = {one.role: one for one in waiver.sign_offs.order_by("pk")}
    shown = [RoleSeat(role, given.get(role)) for role in waiver.roles]
    if waiver.state != Waiver.State.ASKED:
        return shown, "", sent
    try:
        offer = Offer.of(waiver, at)
    except DomainError as refusal:
        return shown, str(refusal), sent
    seats = offer.seats(reader)
    free = [seat for seat in seats if seat.is_free]
    if not free or not reader.is_person:
        return seats, " ".join(dict.fromkeys(seat.why_not for seat in seats if seat.why_not)), sent
    form = sent or WaiverSigningForm()
    form.offer(free, ticket=TermsTicket.issue(offer.terms, to=reader).sealed())
    return seats, "", form


def _signature(waiver: Waiver, seat: RoleSeat[WaiverSignOff]) -> dict[str, Any]:
    row: dict[str, Any] = {"slot": seat.title}
    if (given := seat.given) is not None:
        is_yes = given.decision == WaiverSignOff.Decision.APPROVE
        return row | {
            "state": "given" if is_yes else "declined",
            "person": given.signer_name,
            "reason": given.reason,
            "at": given.signed_at,
            "digest": given.statement_digest,
            "meaning": given.printed_meaning,
        }
    if waiver.state != Waiver.State.ASKED:
        return row | {"state": "none", "note": "Not signed."}
    if seat.is_free:
        return row | {"state": "yours"}
    people = [str(person) for person in catalog.holders_of(seat.role, waiver.version.model)]
    named = ", ".join(people[:3]) or "Nobody holds this role yet."
    return row | {"state": "waiting", "note": named}


def _facts(waiver: Waiver, policy: Policy) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {
            "term": "Version",
            "value": str(waiver.version),
            "href": waiver.version.get_absolute_url(),
        },
        {"term": "Asked by", "person": str(waiver.asked_by)},
        {"term": "Asked", "at": waiver.asked_at},
        {"term": "Tier", "value": str(waiver.tier)},
        {"term": "Policy", "digest": waiver.policy_digest},
        {"term": "Content", "digest": waiver.version.content_digest},
    ]
    if waiver.renews is not None:
        earlier = waiver.renews
        facts.append({"term": "Renews", "value": str(earlier), "href": earlier.get_absolute_url()})
    if told := reported_to(policy):
        facts.append({"term": "Reported to", "value": told})
    if waiver.decided_at is not None:
        facts.append({"term": waiver.get_state_display(), "at": waiver.decided_at})
    return facts


def _relying(waiver: Waiver) -> list[Authorization]:
    """Return the authorizations that were granted without the condition because of it."""
    granted = waiver.version.authorizations.order_by("-pk")
    return [one for one in granted if waiver.pk in one.waiver_ids]


def _may_renew(waiver: Waiver, reader: Actor) -> bool:
    was_granted = waiver.state in {Waiver.State.GRANTED, Waiver.State.ENDED}
    return (
        was_granted
        and reader.may(operations.RENEW_WAIVER.permission, waiver.root)
        and not waiver.renewed_by.filter(state=Waiver.State.ASKED).exists()
        and not covering.is_renewed(waiver)
    )


def _is_risk_officer(waiver: Waiver, reader: Actor) -> bool:
    holders = catalog.holders_of(waiving.RISK_OFFICER, waiver.version.model)
    return reader.is_person and reader.user_id in {person.pk for person in holders}
