"""Whatever an examiner looks at, or is refused, is on record before a byte of the answer leaves."""

from dataclasses import dataclass, replace

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.catalog.models import ExamRoom
from apps.core.actors import Actor, FixedAuthority

MOST_ADDRESS = 500
BY_THE_ROOM = "exam room"
"""The permission to write what was looked at: no role grants it, and no examiner holds it."""

LOOK = Action("exam_room.look", permission=BY_THE_ROOM)
TURN_AWAY = Action("exam_room.turn_away", permission=BY_THE_ROOM)


@dataclass(frozen=True)
class Look:
    """What an examiner asked for, and how it was answered."""

    page: str
    """The name of the page; nothing where there is no such page."""
    address: str
    method: str
    status: int

    @property
    def was_shown(self) -> bool:
        """Whether the answer held what was asked for, or led on to it."""
        return self.status < 400


def record_look(examiner: User, room: ExamRoom | None, look: Look, *, by: Actor) -> None:
    """Write what an examiner looked at, or tried to, into the record of their room.

    Without any room it stands in that of their account.
    """
    facts = {
        "page": look.page,
        "address": look.address[:MOST_ADDRESS],
        "method": look.method,
        "status": look.status,
    }
    noting = replace(by, authority=FixedAuthority({BY_THE_ROOM}))
    if look.was_shown:
        record_access(LOOK, room or examiner, by=noting, facts=facts)
    else:
        record_access(TURN_AWAY, room or examiner, by=noting, facts=facts)
