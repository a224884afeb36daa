"""What was in production at a moment, as a table, a file and differences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.approvals.models import Authorization
from apps.approvals.past import portfolio, production
from apps.approvals.past.policies import in_force_at
from apps.approvals.past.production import Serving
from apps.console.as_of import entries
from apps.console.as_of.asking import Asked, at_query
from apps.core import moments
from apps.core.actors import Actor
from apps.core.sheets import Cell
from apps.risk.models import Severity

PAGE_SIZE = 50
MOST_DIFFERENCES = 500
NO_APPROVAL = "No authorization stood."
HEADER = (
    "Model",
    "Name then",
    "Version",
    "In production since",
    "Owner",
    "Tier",
    "Authorization",
    "Granted",
    "Valid until",
    "Promotion",
    "Signed by",
    "Policy",
    "Waivers relied on",
    *(f"Open findings: {one.label.lower()}" for one in Severity),
    "Content digest",
)
DIFFERENCES_HEADER = ("Model", "Version", "What", "Was", "Became", "When", "Entry")


@dataclass(frozen=True)
class Line:
    """A version in production, in words."""

    serving: Serving
    model_url: str
    version_url: str
    promotion_url: str
    authorization: str
    tone: str
    signers: Sequence[tuple[str, str]]
    """Names as they were printed, each with the role they signed in."""
    findings: str


def lines(found: Sequence[Serving], at: datetime) -> list[Line]:
    """Return versions as the page lists them."""
    return [_line(one, at) for one in found]


def _line(one: Serving, at: datetime) -> Line:
    query, request = at_query(at), one.request
    name, number = one.known_as, one.version.number
    words, tone = authorization_in_words(one.authorization, at)
    return Line(
        one,
        f"{reverse('as_of:model', args=[name])}?{query}",
        f"{reverse('as_of:version', args=[name, number])}?{query}",
        f"{reverse('as_of:promotion', args=[request.pk])}?{query}" if request else "",
        words,
        tone,
        _signers(one),
        _findings(one),
    )


def authorization_in_words(one: Authorization | None, at: datetime) -> tuple[str, str]:
    """Say how an authorization stood at a moment, with its tone."""
    if one is None:
        return NO_APPROVAL, "bad"
    if one.state == Authorization.State.SUSPENDED:
        return f"Suspended. {one.why}".strip(), "bad"
    if one.valid_until is None:
        return "Without end", "good"
    until = moments.in_words(one.valid_until)
    return (f"Until {until}", "good") if one.holds(at) else (f"Ran out: {until}", "bad")


def _signers(one: Serving) -> list[tuple[str, str]]:
    signed = [*one.sign_offs, *one.ratifications]
    return [(row.signer_name, row.get_role_display()) for row in signed]


def _findings(one: Serving) -> str:
    if one.findings is None:
        return "not shown"
    counts = [(one.findings[severity.value], severity.label.lower()) for severity in Severity]
    return ", ".join(f"{count} {label}" for count, label in counts if count)


def page(actor: Actor, asked: Asked, mark: str, size: int = PAGE_SIZE) -> dict[str, Any]:
    """Return one page of what was in production; ``BadMark`` when there is no such page."""
    assert asked.at is not None
    states = production.in_production(actor, asked.at)
    bound_to = f"in production {asked.query} for {actor.id}"
    found = production.BY_NAME.page(states, size=size, mark=mark, bound_to=bound_to)
    policy = in_force_at(asked.at)
    return {
        "lines": lines(production.serving(found.rows, asked.at, actor), asked.at),
        "total": states.order_by().count(),
        "newer": found.newer,
        "older": found.older,
        "policy": policy,
        "policy_url": policy_url(policy.row, asked.at),
    }


def policy_url(row: Any, at: datetime) -> str:
    """Return where the policy that was in force is shown as it was."""
    if row is None:
        return reverse("approvals:shipped_policy", args=["starter"])
    return f"{reverse('as_of:policy', args=[row.pk])}?{at_query(at)}"


def differences(actor: Actor, asked: Asked) -> dict[str, Any]:
    """Return what is different about production at two moments."""
    after, until = asked.moments
    found = portfolio.differences(actor, after, until)
    shown = found[:MOST_DIFFERENCES]
    visible = entries.seen(actor, (one.event for one in shown))
    return {
        "differences": [
            entries.row(
                one,
                f"{one.known_as}, version {one.number}",
                one.what,
                visible,
                f"{reverse('as_of:model', args=[one.known_as])}?{asked.query}",
            )
            for one in shown
        ],
        "more": len(found) - len(shown),
    }


# -- files -----------------------------------------------------------------------------------------


def cells(actor: Actor, at: datetime) -> Iterator[Sequence[Cell]]:
    """Return the rows of the file of everything that was in production."""
    for one in production.all_serving(actor, at):
        granted = one.authorization
        yield (
            one.known_as,
            one.model.name,
            one.version.number,
            one.entered.at if one.entered else None,
            one.owner,
            one.tier.in_words,
            authorization_in_words(granted, at)[0],
            granted.granted_at if granted else None,
            granted.valid_until if granted else None,
            one.request.record_id if one.request else _without_request(one),
            "; ".join(f"{name} ({role})" for name, role in _signers(one)),
            one.policy.title if one.policy else "",
            ", ".join(map(str, granted.waiver_ids)) if granted else "",
            *(None if one.findings is None else one.findings[severity] for severity in Severity),
            one.version.content_digest,
        )


def _without_request(one: Serving) -> str:
    if one.emergency:
        return f"Emergency, by {one.emergency_by}"
    return "Put back by a rollback" if one.authorization else ""


def difference_cells(actor: Actor, asked: Asked) -> Iterator[Sequence[Cell]]:
    """Return the rows of the file of what is different."""
    for one in portfolio.differences(actor, *asked.moments):
        event = str(one.event) if one.event else ""
        yield one.known_as, one.number, one.what, one.before, one.after, one.at, event


def file_name(asked: Asked) -> str:
    """Return what the file is called: the moments are part of it."""
    told = [moments.written(at).replace(":", "") for at in (asked.at, asked.until) if at]
    return f"in-production-{'-and-'.join(told)}"
