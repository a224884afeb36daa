"""What the clock decides: conditions missed, authorizations over, requests nobody goes on with.

Each is looked for without a lock and decided under it, so that two workers at once decide once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from apps.approvals import authorizing, in_force
from apps.approvals.facts import context
from apps.approvals.judgment import effective_tier
from apps.approvals.models import (
    Authorization,
    Comment,
    DissentAnswer,
    Emergency,
    PromotionRequest,
    SignOff,
    SignOffCondition,
    SignOffWithdrawal,
)
from apps.approvals.operations.requests import close_as
from apps.approvals.policies import Policy
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.sweeping import NotDue, batches, sweeping
from apps.risk.models import Finding, Severity
from apps.risk.operations import findings
from apps.risk.operations.findings import Found

MISS_CONDITION = Action("condition.miss", permission=BY_WORKER)
END_AUTHORIZATION = Action("authorization.end", permission=BY_WORKER)
LAPSE_REQUEST = Action("request.lapse", permission=BY_WORKER)

REQUEST_DAYS = "approval_valid_days"
"""The setting that says after how many quiet days an open request lapses, as sign-offs do."""
_LIVE = (PromotionRequest.State.OPEN, PromotionRequest.State.PROMOTED)


# -- conditions of sign-offs


def miss_conditions(now: datetime) -> int:
    """Note which conditions of sign-offs were not met in time; return how many."""
    late = SignOffCondition.objects.filter(
        met_at=None,
        missed_at=None,
        due__lt=now.date(),
        sign_off__withdrawal=None,
        sign_off__request__state__in=_LIVE,
    )
    with sweeping() as sweep:
        sweep.each(list(late.order_by("due", "pk")), miss_condition)
    return sweep.done


def miss_condition(asked: SignOffCondition) -> None:
    """Note that a condition was not met in time; what was authorized on its terms is revoked."""
    with change(MISS_CONDITION, asked, by=SYSTEM) as record:
        if not asked.is_open or not asked.is_missed(record.time.date()):
            raise NotDue("It was settled meanwhile, or its day is not over.")
        asked.missed_at = record.time
        asked.save()
        given = asked.sign_off
        record.note(sign_off=given.record_id, request=given.request.record_id, due=str(asked.due))
        standing = authorizing.of(given.request.version)
        if standing and given.record_id in standing.sign_off_ids:
            why = (
                f"A condition of the sign-off by {given.signer_name} was not met by {asked.due}: "
                f"{asked.text}"
            )
            state = Authorization.State.REVOKED
            authorizing.end(given.request.version, at=record.time, why=why, state=state)
            record.note(revoked=standing.record_id)
        record.note(finding=findings.find(given.request.version, _found(asked)).record_id)


def _found(asked: SignOffCondition) -> Found:
    given = asked.sign_off
    return Found(
        f"condition:{asked.record_id}",
        Finding.Source.CONDITION,
        Severity.HIGH,
        f"A condition on {given.request.version} was not met by {asked.due}",
        f"{given.signer_name} asked: {asked.text}",
    )


# -- authorizations


def end_authorizations(now: datetime) -> int:
    """End every authorization whose time is over; return how many. What runs goes on running."""
    over = Authorization.objects.filter(state=Authorization.State.VALID, valid_until__lte=now)
    unconfirmed = Emergency.objects.filter(state=Emergency.State.OPEN).values("authorization")
    with sweeping() as sweep:
        ended = over.exclude(pk__in=unconfirmed).order_by("valid_until", "pk")
        sweep.each(list(ended), end_authorization)
    return sweep.done


def end_authorization(granted: Authorization) -> None:
    """End an authorization whose time is over; one that waits to be confirmed lapses instead."""
    with change(END_AUTHORIZATION, granted, by=SYSTEM) as record:
        is_valid = granted.state == Authorization.State.VALID
        waits = Emergency.objects.filter(authorization=granted, state=Emergency.State.OPEN)
        if not is_valid or granted.holds(record.time) or waits.exists():
            raise NotDue("It ended or was renewed meanwhile, or its time is not over.")
        granted.state, granted.changed_at = Authorization.State.ENDED, record.time
        granted.why = "Its time was over."
        granted.save()
        record.note(version=granted.version.record_id)


# -- requests


def lapse_requests(now: datetime) -> int:
    """Close the open requests nobody went on with for so long; return how many."""
    policy = in_force.policy()
    quiet = [days for tier in policy.tiers if (days := _days(policy, tier.number)) is not None]
    if not quiet:
        return 0
    before = now - timedelta(days=min(quiet))
    still_open = PromotionRequest.objects.filter(
        state=PromotionRequest.State.OPEN, requested_at__lte=before
    ).select_related("version")
    with sweeping() as sweep:
        for batch in batches(still_open):
            lapsed = sweep.judged(batch, lambda some: _lapsed(some, policy, now))
            sweep.each(lapsed, lapse_request)
    return sweep.done


def lapse_request(request: PromotionRequest) -> None:
    """Close an open request nobody went on with; whoever still wants it asks again."""
    with change(LAPSE_REQUEST, request, by=SYSTEM) as record:
        if not request.is_open or not _lapsed([request], in_force.policy(), record.time):
            raise NotDue("Somebody went on with it, or it was decided.")
        close_as(request, PromotionRequest.State.LAPSED, by=SYSTEM, at=record.time)
        record.note(transition=request.transition, target=request.target)


def _lapsed(
    requests: Sequence[PromotionRequest], policy: Policy, at: datetime
) -> list[PromotionRequest]:
    """Keep the requests that were quiet for as long as the tiers of their models allow."""
    evidence = context.Evidence.about([request.version for request in requests], policy)
    touched = _last_touched(requests)

    def is_over(request: PromotionRequest) -> bool:
        tier = effective_tier(policy, evidence.base(request.version, at=at))
        days = _days(policy, tier)
        return days is not None and at >= touched[request.pk] + timedelta(days=days)

    return [request for request in requests if is_over(request)]


def _days(policy: Policy, tier: int) -> int | None:
    days = policy.tier(tier).settings.get(REQUEST_DAYS)
    return int(str(days)) if days is not None else None


def _last_touched(requests: Sequence[PromotionRequest]) -> Mapping[int, datetime]:
    """Return when somebody last did something about each request."""
    keys = [request.pk for request in requests]
    touched = {request.pk: request.requested_at for request in requests}
    for times in _times(keys):
        for pk, at in times:
            touched[pk] = max(touched[pk], at)
    return touched


def _times(keys: Sequence[int]) -> Iterable[Iterable[tuple[int, datetime]]]:
    """Yield when requests changed, and when people signed, wrote and answered on them."""
    yield from (
        rows.order_by().values_list(of_request).annotate(last=Max(at))
        for rows, of_request, at in (
            (PromotionRequest.history.filter(id__in=keys), "id", "history_date"),
            (SignOff.objects.filter(request__in=keys), "request", "signed_at"),
            (Comment.objects.filter(request__in=keys), "request", "written_at"),
            (
                SignOffWithdrawal.objects.filter(sign_off__request__in=keys),
                "sign_off__request",
                "withdrawn_at",
            ),
            (DissentAnswer.objects.filter(sign_off__request__in=keys), "sign_off__request", "at"),
            (
                SignOffCondition.objects.filter(sign_off__request__in=keys, met_at__isnull=False),
                "sign_off__request",
                "met_at",
            ),
        )
    )
