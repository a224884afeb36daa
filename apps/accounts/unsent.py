"""What was typed into a form whose session was over: carried through the sign-in page, not lost.

Nothing is stored: the sign-in page holds it in a field only this installation can make. Passwords,
codes and files never come along, so a form that signs asks who somebody is again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

from apps.accounts.models import User

SECRETS = frozenset({"password", "code", "assertion", "answer", "current", "new", "again"})
"""The fields, of any form, that prove who somebody is."""
MOST_SEALED = 700_000  # with room to spare below DATA_UPLOAD_MAX_MEMORY_SIZE, for the way back
_SALT = "signet.unsent"


@dataclass(frozen=True)
class Unsent:
    """A form that nobody took: where it goes, what was typed, and by whom when that is known."""

    path: str
    values: Sequence[Sequence[str]]
    person: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return what a page sent with its form, or None when there is nothing to keep."""
        by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        if request.method != "POST" or by_script:
            return None
        dropped = SECRETS | {"csrfmiddlewaretoken"}
        sent = request.POST.lists()
        values = [(name, one) for name, all_ in sent if name not in dropped for one in all_]
        if not any(value for _, value in values):
            return None
        kept = cls(request.get_full_path(), values, getattr(request, "session_was_of", ""))
        return kept if len(kept.sealed) <= MOST_SEALED else None

    @property
    def sealed(self) -> str:
        """This, as the text the sign-in page carries."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)

    @classmethod
    def opened(cls, text: str) -> Self | None:
        """Read back what a sign-in page carried, or None for anything else."""
        try:
            return cls(**signing.loads(text, salt=_SALT, max_age=settings.SESSION_LONGEST))
        except signing.BadSignature:
            return None

    def may_be_sent_by(self, user: User) -> bool:
        """Whether nobody else is known to have typed it."""
        return self.person in {"", str(user.pk)}
