"""Brings a backup back into an empty database, and holds what came to the record and to anchors.

Files come first, which can be repeated; the database follows all at once or not at all. Whoever
sees rows there sees all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.sessions.models import Session

from apps.accounts.rights import KEEP_BACKUPS
from apps.audit.actions import Action
from apps.audit.changes import announced
from apps.audit.checking import whole
from apps.audit.governed import REGISTRY
from apps.audit.models import Log
from apps.audit.sealing import states
from apps.audit.verifier.exports import Report
from apps.audit.verifier.notes import Finding, read_key
from apps.catalog import store
from apps.catalog.backups import copying, databases, fitting, listing, looking, naming, standing
from apps.catalog.backups.copying import Course
from apps.catalog.backups.folders import Backup
from apps.catalog.backups.manifest import LogState, opens
from apps.catalog.backups.naming import Missing
from apps.catalog.backups.problems import DoesNotFit
from apps.catalog.backups.progress import Tell, silent
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

RESTORE = Action(
    "backup.restore",
    permission=KEEP_BACKUPS,
    needs_reason=True,
    refusal="Only whoever runs commands on the host restores a backup.",
)


@dataclass
class Outcome:
    """What a look at a restored registry found."""

    size: int = 0
    """How many entries the log has."""
    outside: int = 0
    """How many checkpoints from elsewhere it was held to."""
    findings: list[Finding] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    halted: str = ""
    """Why the log is halted; nothing while it is open."""

    @property
    def is_whole(self) -> bool:
        return not (self.findings or self.missing or self.halted)


def restore(
    backup: Backup,
    *,
    by: Actor,
    reason: str,
    keys: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    tell: Tell = silent,
) -> Outcome:
    """Fill an empty database and the store from a backup; then look whether all is there and true.

    The log is halted when a checkpoint kept elsewhere is ahead of it. Nobody stays signed in.

    Raises:
        NotAllowed: when the actor keeps no backups.
        RuleBroken: when no reason is given.
        DoesNotFit: when it does not belong here, or the database is not empty; nothing is touched.
        Damaged: when its dump is not what was written; nothing is touched.
        CouldNot: when a disk or a server would not do; the same again goes on.
    """
    if not by.may(RESTORE.permission):
        raise NotAllowed(RESTORE.refusal)
    if not reason.strip():
        raise RuleBroken("Give a reason. It is kept for good and shown to auditors.")
    keys = fitting.known_keys(backup.manifest.log, keys)
    fitting.require_fits(backup, keys)
    looking.require_dump(backup)
    lacking = copying.copy(
        listing.read(backup.list),
        backup.files,
        store.artifacts(),
        Course("Copying files", backup.manifest.files.bytes, tell),
    )
    tell("Filling the database", 0, 0)
    databases.configured().load(backup.dump)
    halt_if_behind(keys)
    with announced(RESTORE, REGISTRY, by=by, reason=reason) as record:
        # A session that was ended since the backup must not be alive again.
        Session.objects.all().delete()
        tell("Checking the record", 0, 0)
        found = look(backup, lacking, keys=keys, notes=notes or {})
        record.note(
            backup=backup.manifest.digest,
            made_at=backup.manifest.made_at,
            size=found.size,
            findings=len(found.findings),
            missing=len(found.missing),
            halted=bool(found.halted),
        )
    return found


def look_again(
    backup: Backup,
    *,
    keys: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    tell: Tell = silent,
) -> Outcome:
    """Hold what is here to the backup it came from: each file is read, and the record checked.

    Raises:
        DoesNotFit: when the database is empty, or the backup is another installation's.
        CouldNot: when a store does not answer.
    """
    backup.tagged.require_own()
    if databases.is_empty():
        raise DoesNotFit("The database is empty: nothing was restored to it.")
    keys = fitting.known_keys(_log(), keys)
    halt_if_behind(keys)
    course = Course("Reading files", backup.manifest.files.bytes, tell)
    lacking = copying.untrue(listing.expected(), store.artifacts(), course)
    tell("Checking the record", 0, 0)
    return look(backup, lacking, keys=keys, notes=notes or {})


def halt_if_behind(keys: Sequence[str]) -> None:
    """Halt the log before anything is signed, when a place that keeps checkpoints is ahead."""
    log = _log()
    if log is not None and not log.is_halted and (trouble := standing.compared(log, keys).trouble):
        states.halt(trouble)


def look(
    backup: Backup, lacking: Sequence[str], *, keys: Sequence[str], notes: Mapping[str, str]
) -> Outcome:
    """Check the record with all that is kept elsewhere, and name what the store lacks."""
    found = Outcome()
    if not opens(backup.manifest.secret):
        words = (
            "it is another one than the backup's: the sealed secrets of authenticator apps "
            "cannot be opened. Put the old one back in SIGNET_SECRET_KEY"
        )
        found.findings.append(Finding("secret", "SECRET_KEY", words))
    _look_at_record(backup, found, keys, notes)
    found.missing += naming.named(lacking)
    log = _log()
    if log is not None and log.is_halted:
        found.halted = log.trouble
    return found


def _look_at_record(
    backup: Backup, found: Outcome, keys: Sequence[str], notes: Mapping[str, str]
) -> None:
    log, told = _log(), backup.manifest.log
    if log is None or told is None:
        return
    if not _holds(log, told):
        words = f"the backup was of {told.size} entries, and it does not go on from them"
        found.findings.append(Finding("backup.log", log.origin, words))
    stands = standing.compared(log, keys)
    outside = {**stands.notes, **notes}
    report: Report = whole.verify(list(map(read_key, keys)), outside, with_rows=True)
    found.size, found.outside, found.away = report.size, report.outside, stands.away
    found.findings += report.findings
    went_back = [each for each in report.findings if each.name in standing.WENT_BACK]
    if went_back and not log.is_halted:
        states.halt(f"{went_back[0].name}: {went_back[0].place}: {went_back[0].words}.")


def _holds(log: Log, told: LogState) -> bool:
    """Say whether the log holds what it held when the backup was made."""
    if log.size == told.size:
        return bytes(log.root).hex() == told.root
    root = standing.root_at(told.size) if log.size > told.size else None
    return root is not None and root.hex() == told.root


def _log() -> Log | None:
    return Log.objects.filter(pk=Log.ONLY).first()
