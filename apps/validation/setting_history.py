"""How the parameters of a check came to be what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.audit import timeline
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.validation.described import in_words
from apps.validation.models import CheckSetting

MOST_SHOWN = 20


@dataclass(frozen=True)
class Change:
    """One setting of the parameters: by whom, when, why, and to what."""

    who: str
    at: datetime
    reason: str
    values: str


def changes(setting: CheckSetting) -> list[Change]:
    """Return the newest settings of some parameters, the last one first."""
    about = timeline.about_subject(setting)
    done = timeline.events(about).filter(outcome=AuditEvent.Outcome.DONE).order_by("-id")
    entries = [TimelineEntry.of(event) for event in done[:MOST_SHOWN]]
    people = _people(entries)
    return [_change(entry, people) for entry in entries]


def _people(entries: list[TimelineEntry]) -> Mapping[str, User]:
    ids = [str(entry.actor["id"]) for entry in entries]
    pks = [int(pk) for kind, _, pk in (one.partition("_") for one in ids) if kind == "usr"]
    return {user.record_id: user for user in User.objects.filter(pk__in=pks)}


def _change(entry: TimelineEntry, people: Mapping[str, User]) -> Change:
    set_values: Mapping[str, object] = entry.detail.get("parameters", {})
    values = "; ".join(
        f"{name.replace('_', ' ')}: {in_words(value)}" for name, value in sorted(set_values.items())
    )
    who = str(people.get(entry.actor["id"], entry.actor["id"]))
    return Change(who, entry.time, entry.reason, values or "back to the defaults")
