"""What waits on one person beside requests: conditions, dissent, waivers, emergencies, policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.roles import role_named
from apps.approvals import in_force
from apps.approvals import queries as approvals
from apps.approvals.models import Emergency, Waiver
from apps.approvals.operations import ANSWER_DISSENT, REVIEW_EMERGENCY
from apps.approvals.pages import transitions
from apps.approvals.pages.waivers import condition_title
from apps.approvals.policies import Policy
from apps.approvals.policy_standing import SIGNING_ROLES, why_not_sign
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_held
from apps.console.queries import undecided
from apps.core.actors import Actor
from apps.core.formats import calendar_day, moment

MOST = 50
"""How many things of one kind are shown; the oldest come first."""

Held = Mapping[tuple[int, int], frozenset[str]]


@dataclass(frozen=True)
class Item:
    """One line of the inbox: what it is, where it is decided, and the numbers that matter."""

    title: str
    href: str
    text: str
    since: datetime
    status: str = ""
    status_tone: str = "warn"
    icon: str = "git-pull-request"
    tone: str = "idle"
    action: str = "Review"


def on(actor: Actor, *, at: datetime) -> list[Item]:
    """Return what waits on a person beside requests, in one query for each kind and one more."""
    if actor.user_id is None or not actor.is_person:
        return []
    visible = catalog.models_visible_to(actor)
    waivers = list(
        undecided.waivers(actor, visible)
        .select_related("version__model", "asked_by")
        .prefetch_related("sign_offs")
        .order_by("pk")[:MOST]
    )
    emergencies = list(
        undecided.emergencies(actor, visible, at=at)
        .select_related("authorization__version__model")
        .prefetch_related("ratifications")
        .order_by("pk")[:MOST]
    )
    held = _held(actor, waivers, emergencies)
    return [
        *_conditions(actor, visible, at),
        *_dissents(actor),
        *_waivers(actor, waivers, held),
        *_emergencies(actor, emergencies, held),
        *_to_review(actor),
        *_policies(actor),
    ]


def own_waivers(actor: Actor) -> list[Item]:
    """Return the waivers a person asked for, each with whose signature it waits for."""
    asked = approvals.waivers_visible_to(actor).filter(
        state=Waiver.State.ASKED, asked_by=actor.user_id
    )
    found = list(asked.prefetch_related("sign_offs").order_by("pk")[:MOST])
    policy = in_force.policy() if found else None
    return [
        _waiver(one, f"Waits for a signature as {_titles(_missing(one))}", policy) for one in found
    ]


def _conditions(actor: Actor, visible: undecided.Models, at: datetime) -> list[Item]:
    owed = undecided.conditions(actor, visible, on=at.date())
    return [
        Item(
            f"Condition on {one.sign_off.request.version}",
            f"{one.sign_off.request.get_absolute_url()}#conditions-of-sign-offs",
            f"{one.text} · due {calendar_day(one.due)} · asked by {one.sign_off.signer_name}",
            one.sign_off.signed_at,
            status="Yours to meet",
            icon="list-checks",
            tone="info",
            action="Open",
        )
        for one in owed.select_related("sign_off__request__version__model").order_by("due", "pk")[
            :MOST
        ]
    ]


def _dissents(actor: Actor) -> list[Item]:
    unanswered = undecided.dissents(
        actor, catalog.models_where(actor, ANSWER_DISSENT.permission)
    ).select_related("request__version__model")
    return [
        Item(
            transitions.title_of(one.request),
            f"{one.request.get_absolute_url()}#dissent",
            f"{one.signer_name} asks for changes: {one.reason}",
            one.signed_at,
            status="Waits for your answer",
            icon="message-square-warning",
            tone="warn",
            action="Answer",
        )
        for one in unanswered.order_by("pk")[:MOST]
    ]


def _waivers(actor: Actor, found: Sequence[Waiver], held: Held) -> list[Item]:
    items, policy = [], in_force.policy() if found else None
    for one in found:
        roles = _in(held, actor, one.version.model_id) & set(_missing(one))
        if roles and actor.id not in one.version.contributors:
            text = f"Sign as {_titles(sorted(roles))} · asked for by {one.asked_by}"
            items.append(_waiver(one, text, policy))
    return items


def _waiver(one: Waiver, text: str, policy: Policy | None) -> Item:
    title = condition_title(policy, one.condition) if policy else one.condition
    return Item(
        f"Waiver of “{title}” for {one.version}",
        one.get_absolute_url(),
        text,
        one.asked_at,
        icon="file-clock",
        tone="info",
    )


def _emergencies(actor: Actor, found: Sequence[Emergency], held: Held) -> list[Item]:
    items = []
    for one in found:
        missing = set(one.roles) - {signed.role for signed in one.ratifications.all()}
        roles = _in(held, actor, one.authorization.version.model_id) & missing
        if roles:
            text = f"Confirm as {_titles(sorted(roles))} by {moment(one.ratify_until, 'full')}"
            items.append(_emergency(one, text, "Confirm"))
    return items


def _to_review(actor: Actor) -> list[Item]:
    waiting = undecided.reviews(
        actor, catalog.models_where(actor, REVIEW_EMERGENCY.permission)
    ).select_related("authorization__version__model")
    text = "Look back at it: until then no other version of the model is promoted to production."
    return [_emergency(one, text, "Review") for one in waiting.order_by("pk")[:MOST]]


def _policies(actor: Actor) -> list[Item]:
    """Return the proposed policy, when the person may sign it in a role."""
    items = []
    for one in undecided.policies(actor).select_related("based_on").prefetch_related("sign_offs"):
        roles = [role for role in SIGNING_ROLES if not why_not_sign(one, role, actor)]
        if roles and one.proposed_at is not None:
            items.append(
                Item(
                    f"Policy “{one}”",
                    one.get_absolute_url(),
                    f"Sign as {_titles(roles)}",
                    one.proposed_at,
                    icon="scroll-text",
                    tone="info",
                )
            )
    return items


def _emergency(one: Emergency, text: str, action: str) -> Item:
    return Item(
        f"{one.authorization.version} was put back at once",
        one.get_absolute_url(),
        text,
        one.acted_at,
        status=one.get_state_display(),
        status_tone="bad",
        icon="siren",
        tone="bad",
        action=action,
    )


def _held(actor: Actor, waivers: Sequence[Waiver], emergencies: Sequence[Emergency]) -> Held:
    """Return the roles of a person on the models these are about; none asked, no query."""
    models = {one.version.model_id for one in waivers}
    models |= {one.authorization.version.model_id for one in emergencies}
    return roles_held([actor.user_id or 0], models) if models else {}


def _in(held: Held, actor: Actor, model_id: int) -> frozenset[str]:
    return held.get((actor.user_id or 0, model_id), frozenset())


def _missing(waiver: Waiver) -> list[str]:
    given = {signed.role for signed in waiver.sign_offs.all()}
    return [role for role in waiver.roles if role not in given]


def _titles(roles: Sequence[str]) -> str:
    return " or ".join(role_named(role).title for role in roles)
