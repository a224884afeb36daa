"""Evidence packs: what they are of, how far they are, and by which digest they are known."""

from datetime import datetime

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.approvals.models import EvidencePack


class PackAnswer(Answer):
    """A pack: waiting, making, ready or failed. Ready ones have a file until it is cleared."""

    number: int
    id: str
    kind: str
    title: str
    purpose: str
    state: str
    done: int
    total: int
    ordered_by: str
    ordered_at: datetime
    as_of: datetime | None
    contents_digest: str
    digest: str
    size: int | None
    log_size: int | None
    failure: str
    expires_at: datetime | None
    cleared_at: datetime | None
    file: str | None
    url: str
    page: str

    @classmethod
    def of(cls, pack: EvidencePack) -> "PackAnswer":
        work = getattr(pack, "work", None)
        return cls(
            number=pack.pk,
            id=pack.record_id,
            kind=pack.kind,
            title=pack.title,
            purpose=pack.purpose,
            state=pack.stands.value,
            done=work.done if work else 0,
            total=work.total if work else 0,
            ordered_by=pack.ordered_by.username,
            ordered_at=pack.ordered_at,
            as_of=pack.as_of,
            contents_digest=pack.contents,
            digest=pack.digest,
            size=pack.size,
            log_size=pack.log_size,
            failure=pack.failure,
            expires_at=pack.expires_at,
            cleared_at=pack.cleared_at,
            file=reverse("v1:pack_file", args=[pack.pk]) if pack.has_file else None,
            url=reverse("v1:pack", args=[pack.pk]),
            page=pack.get_absolute_url(),
        )
