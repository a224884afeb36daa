"""Entries of the record leave Signet as a file only after the record says who took them."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import User
from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import NotAllowed

EXPORT_ENTRIES = Action(
    "user.export_entries",
    permission=ON_OWN,
    refusal="Only a person in a browser session takes entries of the record away.",
    sealing=Sealing.FIRST,
)


def export_entries(*, by: Actor, form: str, asked: Mapping[str, Any], most: int) -> None:
    """Record that somebody takes the entries they see, narrowed by what they asked for, as a file.

    Everybody may take what the pages show them: the event is about who took it.
    """
    person = User.objects.filter(pk=by.user_id).first()
    if person is None:
        raise NotAllowed(EXPORT_ENTRIES.refusal)
    facts = {"form": form, "asked": dict(asked), "most": most}
    record_access(EXPORT_ENTRIES, person, by=by, facts=facts)
