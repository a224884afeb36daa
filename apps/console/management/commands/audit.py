"""Verifies, exports and proves the record, and opens its log again."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import BaseCommand, CommandError

from apps.accounts.actors import actor_for
from apps.accounts.management.asking import account_named
from apps.audit import exporting
from apps.audit.checking import whole
from apps.audit.models import AuditEvent, Log
from apps.audit.sealing import anchors, reading, reopening, rotating, signing
from apps.audit.sealing.anchors import AnchorAway
from apps.audit.sealing.sealer import Sealer
from apps.audit.sealing.signing import NoKey
from apps.audit.verifier import standalone
from apps.audit.verifier.bundles import MOST_PROCESSES
from apps.audit.verifier.exports import Missing, Report
from apps.audit.verifier.notes import Bad, Key, read_key
from apps.core.actors import Actor, Door
from apps.core.errors import DomainError
from apps.validation.checks.contract import counted

ANCHORS_WITHIN = 10.0
"""Seconds for which places that keep checkpoints are awaited at the end of a command."""
FOUND, WRONG_USE, NOT_CHECKED = 1, 2, 3
PROCESSES = range(1, MOST_PROCESSES + 1)


class Command(BaseCommand):
    """One command for all that is done with the record as a whole."""

    help = "Verify the record, export it, prove an entry, print its checkpoint and key, reopen it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be done."""
        commands = parser.add_subparsers(dest="what", required=True)
        verify = commands.add_parser("verify", help="check the record in the database")
        verify.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            type=Path,
            help="a checkpoint kept elsewhere, or a folder of them; may be repeated",
        )
        verify.add_argument("--key", action="append", default=[], help="a published key")
        verify.add_argument("--hashes-only", action="store_true", help="leave out what entries say")
        verify.add_argument("--rows", action="store_true", help="hold rows and history to it, too")
        verify.add_argument("--processes", type=int, choices=PROCESSES, help="that look at entries")
        verify.add_argument("--json", action="store_true")
        export = commands.add_parser("export", help="write the log as files, with a verifier")
        export.add_argument("folder", type=Path)
        export.add_argument("--as", dest="acting", required=True, help="who takes it away")
        commands.add_parser("checkpoint", help="print the newest checkpoint")
        commands.add_parser("key", help="print the keys to publish; needs the sealer's files")
        make = commands.add_parser("make-key", help="make a key for the sealer")
        make.add_argument("file", type=Path)
        proof = commands.add_parser("proof", help="print the proof of one entry")
        proof.add_argument("entry", type=UUID, help="its id")
        rotate = commands.add_parser("rotate-key", help="let a new key sign; the old one ends")
        rotate.add_argument("file", type=Path, help="the new key, from make-key")
        rotate.add_argument("--as", dest="acting", required=True)
        rotate.add_argument("--and", dest="second", required=True, help="the second person")
        rotate.add_argument("--reason", required=True)
        reopen = commands.add_parser("reopen", help="go on after a halt, with the loss on record")
        reopen.add_argument("--as", dest="acting", required=True)
        reopen.add_argument("--and", dest="second", required=True, help="the second person")
        reopen.add_argument("--reason", required=True)

    def handle(self, *, what: str, **options: Any) -> None:
        """Do one of them; what is refused is said."""
        doing: dict[str, Callable[..., None]] = {
            "verify": self.verify,
            "export": self.export,
            "checkpoint": self.checkpoint,
            "key": self.key,
            "make-key": self.make_key,
            "proof": self.proof,
            "reopen": self.reopen,
            "rotate-key": self.rotate_key,
        }
        try:
            doing[what](**options)
        except Bad as problem:
            raise CommandError(f"{problem}.", returncode=WRONG_USE) from None
        except (DomainError, NoKey) as refusal:
            raise CommandError(str(refusal), returncode=FOUND) from None
        except (Missing, AnchorAway, OSError) as problem:
            raise CommandError(f"Could not do it: {problem}", returncode=NOT_CHECKED) from None

    def verify(self, *, checkpoint: list[Path], key: list[str], **options: Any) -> None:
        """Check the record; end with 1 when something is found."""
        keys = [read_key(text) for text in key] or _own_keys()
        report = whole.verify(
            keys,
            dict(_notes(checkpoint)),
            hashes_only=options["hashes_only"],
            with_rows=options["rows"],
            processes=options["processes"],
        )
        if options["json"]:
            self.stdout.write(json.dumps(_plain(report), indent=2))
        else:
            self._tell(report)
        if report.findings:
            sys.exit(FOUND)

    def export(self, *, folder: Path, acting: str, **options: Any) -> None:
        """Write the log into a folder."""
        checkpoint = exporting.export(folder, by=_person(acting))
        self.stdout.write(f"{checkpoint.size:,} entries are in {folder}. To check them:")
        program = folder / standalone.NAME
        self.stdout.write(f"python3 {program} export {folder} --key KEY --checkpoint KEPT")

    def checkpoint(self, **options: Any) -> None:
        """Print the newest checkpoint, to be kept elsewhere."""
        newest = reading.newest_checkpoint()
        if newest is None:
            raise Missing("Nothing is signed yet.")
        self.stdout.write(reading.cosigned(newest), ending="")

    def key(self, **options: Any) -> None:
        """Print the keys to publish."""
        for key in signing.kept_keys(_origins()[-1]):
            self.stdout.write(key.verifier.text)

    def make_key(self, *, file: Path, **options: Any) -> None:
        """Make a key, and say where it is to be named."""
        if file.exists():
            raise CommandError(f"{file} is there already.", returncode=WRONG_USE)
        signing.make_key(file)
        self.stdout.write(f"Name it in SIGNET_LOG_KEY_FILES: {file.resolve()}")
        self.stdout.write("Where another key signs already, first: manage.py audit rotate-key")

    def proof(self, *, entry: UUID, **options: Any) -> None:
        """Print the proof of an entry."""
        event = AuditEvent.objects.filter(uid=entry).first()
        proof = event and reading.proof_of(event)
        if not proof:
            raise Missing(f"Entry {entry} is not there, or not sealed and signed yet.")
        self.stdout.write(proof.text, ending="")

    def rotate_key(
        self, *, file: Path, acting: str, second: str, reason: str, **options: Any
    ) -> None:
        """Name a new key in the record, seal that under the old one, and say what to do next."""
        by, other = _person(acting), _person(second)
        rotation = rotating.rotate(file, signing.kept_keys, by=by, second=other, reason=reason)
        sealer = Sealer(signing.kept_keys, anchors.configured())
        while sealer.step():
            pass
        sealer.finish(ANCHORS_WITHIN)
        self.stdout.write(f"The record names the new key: {rotation.key.text}")
        self.stdout.write(
            f"1. Add it to SIGNET_LOG_KEY_FILES behind the old one: {file.resolve()}\n"
            "2. Start the sealers again: both sign now. Publish the new key.\n"
            f"3. The old one signs until {rotation.until:%-d %B %Y}; take its file away then."
        )

    def reopen(self, *, acting: str, second: str, reason: str, **options: Any) -> None:
        """Open a halted log again under its next name."""
        log = reopening.reopen(
            anchors.configured(),
            signing.kept_keys,
            by=_person(acting),
            second=_person(second),
            reason=reason,
        )
        self.stdout.write(f"The log goes on as {log.origin}. Publish its key: manage.py audit key")

    def _tell(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(f"{finding.name}: {finding.place}: {finding.words}")
        for gap in report.gaps:
            self.stdout.write(f"Gap on record: {gap}.")
        if not report.outside:
            self.stdout.write(
                "No checkpoint from elsewhere was given: whether the record was put back is not "
                "known. Name those you kept with --checkpoint."
            )
        verdict = counted(len(report.findings), "finding") if report.findings else "whole"
        self.stdout.write(f"{report.size:,} entries, {report.outside} from elsewhere: {verdict}.")


def _person(name: str) -> Actor:
    return actor_for(account_named(name), door=Door.COMMAND)


def _own_keys() -> list[Key]:
    """Return the keys of the log under each name it had, from the files of the sealer."""
    return [
        read_key(key.verifier.text) for origin in _origins() for key in signing.kept_keys(origin)
    ]


def _origins() -> Sequence[str]:
    log = Log.objects.filter(pk=Log.ONLY).first()
    if log is None:
        raise Missing("Nothing was sealed here yet.")
    name, _, epoch = log.origin.rpartition("/")
    return [f"{name}/{number}" for number in range(1, int(epoch) + 1)]


def _notes(places: list[Path]) -> Iterator[tuple[str, str]]:
    for place in places:
        for file in sorted(place.rglob("*.note")) if place.is_dir() else [place]:
            yield str(file), file.read_text("utf-8")


def _plain(report: Report) -> dict[str, object]:
    return {
        "size": report.size,
        "outside": report.outside,
        "gaps": report.gaps,
        "findings": [finding._asdict() for finding in report.findings],
    }
