"""Makes a pack: claimed, gathered, sealed, stored, concluded; begun again when a worker is lost."""

import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from django.conf import settings
from django.db.models import Q, QuerySet

from apps.approvals.models import EvidencePack, PackFile, PackWork
from apps.approvals.packs import binding
from apps.approvals.packs.binding import Bound
from apps.approvals.packs.chains import Head
from apps.approvals.packs.contents import MOST_BYTES, Contents
from apps.approvals.packs.gathering import Gathered, gather
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.models import AuditEvent
from apps.audit.sealing import spare
from apps.catalog import disposal, ingest, places
from apps.core.actors import BY_WORKER, WORKER
from apps.core.clock import database_now
from apps.core.errors import DomainError, RuleBroken
from apps.core.sweeping import NotDue, sweeping

logger = logging.getLogger(__name__)

BIND = Action("pack.bind", permission=BY_WORKER)
MAKE = Action("pack.make", permission=BY_WORKER)
FAIL = Action("pack.fail", permission=BY_WORKER)
CLEAR = Action("pack.clear", permission=BY_WORKER)

LEASE = timedelta(minutes=5)
"""Far longer than one step takes; after it, a pack whose worker was lost is made anew."""
TRIES = 3
LOST = "Its workers were lost again and again. Order it once more."
UNSIGNED = (
    "The record was not sealed and signed in time, so nothing could prove it. See that a sealer "
    "runs, then order it once more."
)
SEALED_WITHIN = timedelta(seconds=60)
PAUSE = 0.5
_HEAD_ROOM = 2**26
"""How much larger than its contents a pack may be: names, and the part of the log."""

Clock = Callable[[], datetime]
Pause = Callable[[float], None]
State = EvidencePack.State


class Lost(Exception):
    """The pack was taken from this worker, so going on would be in vain."""


class Unsigned(RuleBroken):
    """Nothing signed the log in time."""

    code = "unsigned"


@dataclass
class Claim:
    """A pack this worker holds for as long as its last beat is the one that stands."""

    pack: EvidencePack
    beat_at: datetime
    clock: Clock

    def progress(self, done: int, total: int) -> None:
        """Say how far it is.

        Raises:
            Lost: when another worker has it by now.
        """
        now = self.clock()
        if not self._mine().update(done=done, total=total, beat_at=now):
            raise Lost
        self.beat_at = now

    def beat(self) -> None:
        """Say that it goes on.

        Raises:
            Lost: when another worker has it by now.
        """
        now = self.clock()
        if not self._mine().update(beat_at=now):
            raise Lost
        self.beat_at = now

    def require_held(self) -> None:
        """Refuse to conclude what another worker has by now; asked inside the change.

        Raises:
            Lost: when it does.
        """
        if not self._mine().exists():
            raise Lost

    def _mine(self) -> QuerySet[PackWork, PackWork]:
        return PackWork.objects.filter(pack=self.pack.pk, beat_at=self.beat_at)


def waiting(now: datetime) -> list[int]:
    """Return the packs to be made: nobody claimed them, or their worker was lost."""
    return list(_free(now).order_by("pk").values_list("pk", flat=True))


def make_pack(pack_id: int, *, clock: Clock = database_now, pause: Pause = time.sleep) -> None:
    """Make a pack, unless somebody else is at it; whatever goes wrong is said on its row."""
    claim = _claimed(pack_id, clock)
    if claim is None:
        return
    try:
        with Contents() as contents:
            _make(claim, contents, pause)
    except Lost:
        logger.warning("Evidence pack %s went on elsewhere.", pack_id)
    except DomainError as refusal:
        fail(claim, str(refusal))
    except Exception as trouble:
        logger.exception("Evidence pack %s could not be made.", pack_id)
        fail(claim, f"An error of its own stopped it ({type(trouble).__name__}).")


def _free(now: datetime) -> QuerySet[PackWork, PackWork]:
    is_free = Q(beat_at=None) | Q(beat_at__lt=now - LEASE)
    return PackWork.objects.filter(is_free, pack__state=State.WAITING)


def _claimed(pack_id: int, clock: Clock) -> Claim | None:
    now = clock()
    work = _free(now).select_related("pack__ordered_by").filter(pk=pack_id).first()
    if work is None:
        return None
    mine = _free(now).filter(pk=pack_id, tries=work.tries)
    if not mine.update(beat_at=now, tries=work.tries + 1, done=0, total=0):
        return None
    claim = Claim(work.pack, now, clock)
    if work.tries >= TRIES:
        fail(claim, LOST)
        return None
    return claim


def _make(claim: Claim, contents: Contents, pause: Pause) -> None:
    pack = claim.pack
    gathered = gather(pack, contents, claim.progress)
    event = _bound(pack, gathered) or bind(claim, gathered)
    bound = _signed(claim, gathered, event, pause)
    with cast(BinaryIO, tempfile.TemporaryFile()) as file:
        contents.write_to(file, dict(bound.files))
        file.seek(0)
        stored = ingest.keep(file, most=MOST_BYTES + _HEAD_ROOM)
    claim.beat()
    with change(MAKE, pack, by=WORKER) as record:
        claim.require_held()
        artifact = places.artifact_of(stored, at=record.time)
        PackFile.objects.create(pack=pack, artifact=artifact)
        PackWork.objects.filter(pack=pack).delete()
        pack.conclude(
            f"sha256:{stored.sha256}",
            stored.size,
            log_size=bound.log_size,
            at=record.time,
            expires_at=record.time + timedelta(days=settings.PACK_DAYS),
        )
        record.note(digest=pack.digest, size=pack.size, contents=pack.contents)


def bind(claim: Claim, gathered: Gathered) -> AuditEvent:
    """Let the record name the contents of a pack, before the part is made that proves it."""
    with change(BIND, claim.pack, by=WORKER) as record:
        claim.require_held()
        claim.pack.bind(gathered.digest, as_of=gathered.as_of)
        record.note(contents=gathered.digest, chains=len(gathered.heads))
    return AuditEvent.objects.get(uid=record.uid)


def fail(claim: Claim, why: str) -> None:
    """Say why a pack could not be made, unless another worker has it by now."""
    pack = claim.pack
    try:
        with change(FAIL, pack, by=WORKER) as record:
            claim.require_held()
            PackWork.objects.filter(pack=pack).delete()
            pack.fail(why, at=record.time)
            record.note(digest=None)
    except Lost:
        logger.warning("Evidence pack %s ends elsewhere.", pack.pk)


def _bound(pack: EvidencePack, gathered: Gathered) -> AuditEvent | None:
    """Return the last entry of a pack's chain, if it names just these contents already."""
    last = AuditEvent.objects.filter(chain_root=pack.record_ref).order_by("-chain_rev").first()
    is_bound = pack.contents == gathered.digest and last is not None and last.action == BIND.name
    return last if is_bound else None


def _signed(claim: Claim, gathered: Gathered, event: AuditEvent, pause: Pause) -> Bound:
    """Wait until the log is signed as far as the pack goes; seal it here when nobody else does."""
    own, began = Head(claim.pack.record_ref, event), claim.clock()
    while (bound := binding.bound_or_none(gathered, own)) is None:
        claim.beat()
        if claim.clock() - began > SEALED_WITHIN:
            raise Unsigned(UNSIGNED)
        if not spare.step():
            pause(PAUSE)
    return bound


def clear_expired(now: datetime) -> None:
    """Let go of the files of packs whose days are over."""
    due = EvidencePack.objects.filter(state=State.READY, cleared_at=None, expires_at__lte=now)
    with sweeping() as sweep:
        sweep.each(list(due.order_by("pk")), _clear)


def _clear(pack: EvidencePack) -> None:
    with change(CLEAR, pack, by=WORKER) as record:
        if not pack.has_file or pack.expires_at is None or pack.expires_at > record.time:
            raise NotDue("Its file is cleared already, or its time is not over.")
        artifact = pack.file.artifact
        PackFile.objects.filter(pack=pack).delete()
        disposal.let_go(artifact, at=record.time)
        pack.clear(at=record.time)
        record.note(digest=pack.digest)
