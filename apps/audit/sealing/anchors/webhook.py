"""An address that is sent each checkpoint, signed as webhooks are; it is never read back."""

import time

from django.conf import settings

from apps.audit.log.notes import Checkpoint
from apps.audit.sealing.anchors.contract import FROM_NOTHING, Anchor, AnchorAway, Growth
from apps.core import deliveries, outbound
from apps.core.errors import DomainError

TEXT = "text/plain; charset=utf-8"


class WebhookAnchor(Anchor):
    """Whoever keeps what arrives there can hold the log to it later."""

    reads_back = False

    def __init__(self, name: str, url: str, *, is_required: bool) -> None:
        super().__init__(name, is_required=is_required)
        self.url = url

    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
        body = note.encode()
        headers = deliveries.headers(
            body,
            delivery=f"{checkpoint.origin}/{checkpoint.size}",
            timestamp=int(time.time()),
            secret=settings.ANCHOR_SECRET,
        )
        try:
            status = outbound.post(self.url, body, headers={**headers, "Content-Type": TEXT})
        except DomainError as refusal:
            raise AnchorAway(str(refusal)) from None
        if not 200 <= status < 300:
            raise AnchorAway(f"It answered with status {status}.")
        return f"answered with status {status}"
