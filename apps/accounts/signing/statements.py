"""The exact words of a signature, and how long a form that shows them holds."""

from dataclasses import dataclass
from datetime import timedelta

from apps.core.digests import digest_of_bytes
from apps.core.errors import RuleBroken

TICKET_HOLDS = timedelta(hours=2)


class StaleForm(RuleBroken):
    """What was shown is no longer what would be signed; the message says what changed."""

    code = "stale_form"


@dataclass(frozen=True)
class Statement:
    """The words of one signature, exact to the byte."""

    text: str

    @property
    def digest(self) -> str:
        return digest_of_bytes(self.text.encode("utf-8"))
