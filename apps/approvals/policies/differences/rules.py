"""Differences of the rules beside gates: duties, floors, waivers, what is watched, signatures."""

from collections.abc import Iterator, Sequence

from apps.approvals.policies.differences.amounts import of_amount, of_evidence_types
from apps.approvals.policies.differences.conditions import Titles
from apps.approvals.policies.differences.difference import (
    Difference,
    Effect,
    Part,
    added,
    at_tiers,
    in_both,
    more,
    removed,
    rest,
    stricter_word,
    told_together,
)
from apps.approvals.policies.differences.transitions import roles_by_tier

_DUTIES, _WATCHED, _WAIVERS = "Separation of duties", "While in production", "Waivers"
_ENFORCED = stricter_word(("skip", "warn", "block"))
_ACTS = stricter_word(("open_finding", "escalate", "suspend_authorization"))
_SEVERE = stricter_word(("low", "medium", "high", "critical"))
_BY_DEFAULT = {"before_applies_from": "warn", "from_applies_from": "block"}


def of_duties(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield what is different about who may not sign."""
    for _, old, new in in_both(before, after):
        if old is None or new is None:
            yield _came_or_went(_DUTIES, "Duty", old, new)
        else:
            yield from _of_duty(f"Duty '{new['title']}'", old, new)


def _came_or_went(area: str, kind: str, old: Part | None, new: Part | None) -> Difference:
    """Return that something that makes a policy stricter is there now, or gone."""
    part = new or old or {}
    name = part.get("title", part.get("id", ""))
    if new is not None:
        return Difference(area, f"{kind} '{name}' is new.", added(is_stricter=True))
    return Difference(area, f"{kind} '{name}' is gone.", removed(is_stricter=True))


def _of_duty(name: str, old: Part, new: Part) -> Iterator[Difference]:
    yield from _tiers(_DUTIES, name, old["tiers"], new["tiers"])
    exempt = (old.get("exempt_roles", ()), new.get("exempt_roles", ()))
    yield from _exempt(name, "", *exempt)
    by_tier = (old.get("exempt_roles_by_tier", {}), new.get("exempt_roles_by_tier", {}))
    for tier in sorted({*by_tier[0], *by_tier[1]}):
        at = f" {at_tiers([tier])}"
        yield from _exempt(name, at, by_tier[0].get(tier, ()), by_tier[1].get(tier, ()))
    yield from _applies(name, old.get("applies_to_roles", ()), new.get("applies_to_roles", ()))
    if old["expr"] != new["expr"]:
        yield Difference(_DUTIES, f"{name} has another expression.", Effect.CHANGES)
    told = ("tiers", "exempt_roles", "exempt_roles_by_tier", "applies_to_roles", "expr")
    yield from rest(_DUTIES, name, old, new, told)


def _tiers(area: str, name: str, was: Sequence[int], now: Sequence[int]) -> Iterator[Difference]:
    """Yield the tiers at which something that makes stricter holds now, or no longer."""
    if gained := [str(tier) for tier in now if tier not in was]:
        yield Difference(area, f"{name} holds {at_tiers(gained)} too.", Effect.TIGHTENS)
    if lost := [str(tier) for tier in was if tier not in now]:
        yield Difference(area, f"{name} no longer holds {at_tiers(lost)}.", Effect.LOOSENS)


def _exempt(name: str, at: str, was: Sequence[str], now: Sequence[str]) -> Iterator[Difference]:
    for role in now:
        if role not in was:
            words = f"{name} does not bind '{role}' any more{at}."
            yield Difference(_DUTIES, words, Effect.LOOSENS)
    for role in was:
        if role not in now:
            yield Difference(_DUTIES, f"{name} binds '{role}' too{at}.", Effect.TIGHTENS)


def _applies(name: str, was: Sequence[str], now: Sequence[str]) -> Iterator[Difference]:
    """Yield whom a duty binds; naming nobody, it binds everybody."""
    if bool(was) != bool(now):
        words = f"{name} binds {'only some roles' if now else 'everybody who signs'} now."
        yield Difference(_DUTIES, words, added(is_stricter=not now))
        return
    yield from _exempt(name, "", now, was)


def of_floors(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield what is different about what gates a model more strictly than its tier."""
    for name, old, new in in_both(before, after):
        said = f"Tier floor '{name}'"
        if old is None or new is None:
            part = {"title": name}
            yield _came_or_went("Tier floors", "Tier floor", old and part, new and part)
            continue
        if old["tier"] != new["tier"]:
            effect = more(old["tier"], new["tier"], is_stricter=False)
            words = f"{said} gates at tier {new['tier']} instead of {old['tier']}."
            yield Difference("Tier floors", words, effect)
        yield from rest("Tier floors", said, old, new, ("tier",))


def of_evidence(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield what is different about the evidence a policy knows."""
    for _, old, new in in_both(before, after):
        if old is None and new is not None:
            words = f"Evidence '{new['title']}' is known now."
            yield Difference("Evidence", words, Effect.CHANGES)
        elif new is None and old is not None:
            words = f"Evidence '{old['title']}' is known no longer."
            yield Difference("Evidence", words, Effect.CHANGES)
        elif old is not None and new is not None:
            yield from of_evidence_types(old, new)
            name = f"Evidence '{new['title']}'"
            yield from rest("Evidence", name, old, new, ("max_age_days",))


def of_roles(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield what is different about the roles a policy names."""
    for _, old, new in in_both(before, after):
        if old is None and new is not None:
            yield Difference("Roles", f"Role '{new['title']}' is new.", Effect.CHANGES)
        elif new is None and old is not None:
            yield Difference("Roles", f"Role '{old['title']}' is gone.", Effect.CHANGES)
        elif old is not None and new is not None:
            yield from rest("Roles", f"Role '{new['title']}'", old, new, ())


def of_watched(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield what is different about the rules that hold while a version is in production."""
    for name, old, new in in_both(before, after):
        if old is None or new is None:
            yield _came_or_went(_WATCHED, "Rule", old, new)
        else:
            yield from _of_rule(f"Rule '{new.get('title', name)}'", old, new)


def _of_rule(name: str, old: Part, new: Part) -> Iterator[Difference]:
    yield from _tiers(_WATCHED, name, old["tiers"], new["tiers"])
    if old["action"] != new["action"]:
        was, now = (part["action"].replace("_", " ") for part in (old, new))
        effect = more(_ACTS(old["action"]), _ACTS(new["action"]), is_stricter=True)
        yield Difference(_WATCHED, f"{name} does '{now}' instead of '{was}'.", effect)
    if old["severity"] != new["severity"]:
        effect = more(_SEVERE(old["severity"]), _SEVERE(new["severity"]), is_stricter=True)
        words = f"{name} is {new['severity']} instead of {old['severity']}."
        yield Difference(_WATCHED, words, effect)
    if old["when"] != new["when"]:
        yield Difference(_WATCHED, f"{name} has another expression.", Effect.CHANGES)
    yield from rest(_WATCHED, name, old, new, ("tiers", "action", "severity", "when"))


def of_waivers(old: Part, new: Part, roles: Titles) -> Iterator[Difference]:
    """Yield what is different about departures from a condition."""
    if not old and new:
        yield Difference(_WAIVERS, "Conditions can be waived now.", Effect.LOOSENS)
    elif old and not new:
        yield Difference(_WAIVERS, "Nothing can be waived any more.", Effect.TIGHTENS)
    elif old and new:
        yield from of_amount(_WAIVERS, "The longest waiver, in days,", *_both("max_days", old, new))
        yield from of_amount(
            _WAIVERS, "How often a waiver is renewed", *_both("max_renewals", old, new)
        )
        signs = roles_by_tier(old["sign_offs"], new["sign_offs"], roles, "grants waivers {at}")
        yield from told_together(_WAIVERS, signs)
        yield from _of_expiry(old, new)
        told = ("max_days", "max_renewals", "sign_offs", "on_expiry", "required_fields")
        yield from rest(_WAIVERS, "A waiver", old, new, told)


def _both(key: str, old: Part, new: Part) -> tuple[int | str, int | str]:
    return old[key], new[key]


def _of_expiry(old: Part, new: Part) -> Iterator[Difference]:
    if old["on_expiry"] != new["on_expiry"]:
        is_stricter = new["on_expiry"] == "suspend_authorization"
        what = "suspends the authorization" if is_stricter else "only escalates"
        words = f"A waiver that runs out {what} now."
        yield Difference(_WAIVERS, words, added(is_stricter=is_stricter))


def of_obligations(old: Part | None, new: Part | None) -> Iterator[Difference]:
    """Yield what is different about obligations that name a transition."""
    was, now = {**_BY_DEFAULT, **(old or {})}, {**_BY_DEFAULT, **(new or {})}
    for key, when in (
        ("before_applies_from", "before its date"),
        ("from_applies_from", "from its date on"),
    ):
        if was[key] != now[key]:
            effect = more(_ENFORCED(was[key]), _ENFORCED(now[key]), is_stricter=True)
            words = f"An open obligation does '{now[key]}' instead of '{was[key]}' {when}."
            yield Difference("Obligations", words, effect)


def of_signature(old: Part, new: Part) -> Iterator[Difference]:
    """Yield what is different about how a signature is made."""
    was, now = old.get("factors_required", 1), new.get("factors_required", 1)
    if was != now:
        words = f"A signature asks for {now} instead of {was} factors."
        yield Difference("Signatures", words, more(was, now, is_stricter=True))
    if old["reason_required"] != new["reason_required"]:
        words = "needs a reason now" if new["reason_required"] else "needs no reason any more"
        effect = added(is_stricter=bool(new["reason_required"]))
        yield Difference("Signatures", f"A signature {words}.", effect)
    told = ("factors_required", "reason_required")
    yield from rest("Signatures", "A signature", old, new, told)
