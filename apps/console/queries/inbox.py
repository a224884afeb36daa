"""What waits on one person: decisions to take, promotions to carry out, answers to wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from apps.approvals import cases
from apps.approvals import queries as approvals
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.pages import delegations, seats, transitions
from apps.approvals.pages.delegations import Row
from apps.approvals.queries import MOST_JUDGED, Waiting
from apps.approvals.readiness import SlotState, VerdictState
from apps.audit.models import AuditEvent
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelVersion
from apps.catalog.models.labels import CHAMPION
from apps.console.queries import erasures, standing, waiting
from apps.console.queries import judged as waiting_judged
from apps.console.queries.standing import Standing
from apps.console.queries.waiting import Item
from apps.core.actors import Actor
from apps.core.formats import since
from apps.validation import queries as validation
from apps.validation.checks.contract import counted

MOST_SERVING = 25
_BESIDE = frozenset({"emergency", "note", "dissent", "cooling-off", "distinct-signers"})
"""What keeps a gate shut beside conditions and sign-offs (readiness.Closed.gate)."""


@dataclass(frozen=True)
class Desk:
    """Everything that waits on one person, or that the person waits for."""

    to_sign: Sequence[Item]
    to_carry_out: Sequence[Item]
    not_yet: Sequence[Item]
    own: Sequence[Item]
    beside: Sequence[Item]
    """What waits on the person beside requests to sign and to carry out."""
    judged: Sequence[Item]
    """What waits of what is judged: assessments, findings, reports."""
    away: Sequence[Row]
    """Who signs in the person's place now."""

    @property
    def decisions(self) -> list[Item]:
        """What the person can decide now, oldest first."""
        found = (*self.to_sign, *self.to_carry_out, *self.beside, *self.judged)
        return sorted(found, key=lambda item: item.since)


def desk_of(actor: Actor, *, now: datetime) -> Desk:
    """Judge the open requests that concern a person, together, and sort them by what they need."""
    to_sign = _ids(approvals.requests_in_signing_roles_of(actor, on=now.date()))
    to_carry_out = _ids(approvals.requests_promotable_by(actor))
    own = _ids(approvals.own_open_requests(actor))
    judged = _judged({**to_sign, **to_carry_out, **own}, at=now)
    signable = approvals.signable([judged[pk] for pk in to_sign if pk in judged], by=actor)
    is_open = [judged[pk] for pk in to_carry_out if pk in judged and judged[pk].readiness.is_open]
    return Desk(
        to_sign=[_to_sign(found, actor, now) for found in signable if found.is_ripe],
        to_carry_out=[_to_carry_out(case, now) for case in is_open],
        not_yet=[_not_yet(found.case) for found in signable if not found.is_ripe],
        own=[
            *(_own(judged[pk]) for pk in own if pk in judged),
            *waiting.own_waivers(actor),
        ],
        beside=[*waiting.on(actor, at=now), *erasures.waiting_on(actor)],
        judged=waiting_judged.on(actor, at=now),
        away=delegations.in_effect(actor.user_id, on=now.date()) if actor.user_id else (),
    )


def in_waiting(requests: QuerySet[PromotionRequest], *, now: datetime) -> list[Item]:
    """Return open requests as lines that say what each waits for."""
    judged = _judged(_ids(requests), at=now)
    return [_own(case) for case in judged.values()]


def _ids(requests: QuerySet[PromotionRequest]) -> dict[int, PromotionRequest]:
    return {request.pk: request for request in requests[:MOST_JUDGED]}


def _judged(requests: dict[int, PromotionRequest], *, at: datetime) -> dict[int, Case]:
    if not requests:
        return {}
    return {case.request.pk: case for case in cases.complete(list(requests.values()), at=at)}


def _item(request: PromotionRequest, text: str, **shown: str) -> Item:
    """Return the line of a request, under the title of what it asks for."""
    title, href = transitions.title_of(request), request.get_absolute_url()
    return Item(title, href, text, request.requested_at, **shown)


def _to_sign(found: Waiting, actor: Actor, now: datetime) -> Item:
    case = found.case
    roles = " or ".join(_as_whom(slot, found) for slot in found.slots)
    text = " · ".join((f"Sign as {roles}", _checks(case), _sign_offs(case), _asked(case, now)))
    void = _own_void(case, actor)
    return _item(
        case.request,
        f"{text}. {void}" if void else text,
        status="Sign again" if void else "",
        icon="pen-line",
        tone="info",
    )


def _as_whom(slot: SlotState, found: Waiting) -> str:
    """Name a slot, and for whom the person would sign in it when not for themselves."""
    title, somebody = slot.rule.title, found.in_place_of.get(slot.rule.role)
    return f"{title} for {somebody}" if somebody else title


def _own_void(case: Case, actor: Actor) -> str:
    """Say what changed since the person signed, unless they took it back or signed again."""
    changes = seats.since_you_signed(case, actor)
    return f"Your sign-off is void: {' '.join(changes)}" if changes else ""


def _to_carry_out(case: Case, now: datetime) -> Item:
    button = transitions.of(case.request).button
    return _item(
        case.request,
        " · ".join((_checks(case), _sign_offs(case), _asked(case, now))),
        status=f"Ready to {button.lower()}",
        status_tone="good",
        icon="arrow-up",
        tone="good",
        action=button,
    )


def _not_yet(case: Case) -> Item:
    return _item(case.request, _closed(case), icon="clock")


def _own(case: Case) -> Item:
    return _item(case.request, _waits_for(case))


def _waits_for(case: Case) -> str:
    if case.readiness.is_open:
        button = transitions.of(case.request).button.lower()
        return f"Its gate is open: an operator can {button} it · {_sign_offs(case)}"
    if not case.readiness.may_ask_for_sign_offs or case.readiness.dissents:
        return _closed(case)
    missing = ", ".join(slot.rule.title for slot in case.readiness.slots if slot.missing)
    if not missing:
        return _closed(case)
    return f"Waits for a sign-off as {missing} · {_sign_offs(case)}"


def _closed(case: Case) -> str:
    """Say what keeps a gate shut beside the sign-offs."""
    blocked = case.readiness.with_state(VerdictState.BLOCKED)
    titles = [verdict.title for verdict in blocked]
    beside = [one for one in case.readiness.closed if one.gate in _BESIDE]
    told = [f"Not met yet: {'; '.join(titles)}"] if titles else []
    return " · ".join((*told, *(f"{one.title}: {one.reason}" for one in beside), _checks(case)))


def _checks(case: Case) -> str:
    asked, told = case.gate.checks, case.facts["checks"]
    assert isinstance(told, dict)
    passed = [name for name in asked if told[name]["status"] == "passed" and told[name]["fresh"]]
    return f"{len(passed)} of {counted(len(asked), 'check')} passed"


def _sign_offs(case: Case) -> str:
    needed = sum(slot.rule.count for slot in case.readiness.slots)
    given = needed - sum(slot.missing for slot in case.readiness.slots)
    return f"{given} of {needed} sign-off{'' if needed == 1 else 's'} given"


def _asked(case: Case, now: datetime) -> str:
    return f"asked by {case.request.requested_by} {since(case.request.requested_at, now=now)}"


@dataclass(frozen=True)
class Serving:
    """A version in production, since when, and how it stands."""

    version: ModelVersion
    since: datetime | None
    standing: Standing


def in_production(actor: Actor) -> list[Serving]:
    """Return what is in production, newest first, as far as one page shows it."""
    versions = list(
        catalog.versions_visible_to(actor)
        .filter(stage=Stage.PRODUCTION)
        .select_related("model__owner")
        .order_by("-id")[:MOST_SERVING]
    )
    counts = validation.counts_by_version(versions)
    since_by_version = _champions_since(versions)
    return [
        Serving(
            version,
            since_by_version.get(version.pk, version.authorized_at),
            standing.in_production(version, counts),
        )
        for version in versions
    ]


def _champions_since(versions: Sequence[ModelVersion]) -> dict[int, datetime]:
    """Return since when each version is its model's champion: when the alias last moved."""
    aliases = Alias.objects.filter(version__in=versions, name=CHAMPION)
    moved = Alias.history.filter(
        id__in=aliases.values("pk"), version_id__in=[v.pk for v in versions]
    )
    newest = moved.values("version_id").annotate(at=Max("history_date"))
    return {row["version_id"]: row["at"] for row in newest}


@dataclass(frozen=True)
class Portfolio:
    """The numbers of what a person may see, and of the record."""

    models: int
    serving: int
    open_requests: int
    entries: int
    newest: AuditEvent | None

    @property
    def models_label(self) -> str:
        return (
            "registered model you can see" if self.models == 1 else "registered models you can see"
        )

    @property
    def serving_label(self) -> str:
        return "version in production" if self.serving == 1 else "versions in production"

    @property
    def requests_label(self) -> str:
        return "open promotion request" if self.open_requests == 1 else "open promotion requests"


def portfolio(actor: Actor) -> Portfolio:
    """Count what a person may see."""
    serving = catalog.versions_visible_to(actor).filter(stage=Stage.PRODUCTION)
    return Portfolio(
        models=catalog.models_visible_to(actor).count(),
        serving=serving.count(),
        open_requests=approvals.open_requests_visible_to(actor).count(),
        entries=AuditEvent.objects.count(),
        newest=AuditEvent.objects.order_by("-id").first(),
    )
