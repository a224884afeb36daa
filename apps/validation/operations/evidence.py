"""Evidence items: added, verified or declined by somebody else, withdrawn, and taken away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from apps.audit.actions import Action
from apps.audit.changes import Record, change, record_access
from apps.catalog import ingest, places, store
from apps.catalog.models import Artifact, ModelVersion, RegisteredModel, Upload, UseCase
from apps.catalog.outgoing import Download, opened
from apps.catalog.receiving import SpooledFile
from apps.catalog.store import Source
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.formats import size
from apps.core.inputs import InputRefused, require_text
from apps.validation.evidence.types import Binding, EvidenceType, type_named
from apps.validation.links import require_link
from apps.validation.models import EvidenceItem

_ADD = "catalog.add_evidence"
_VERIFY = "catalog.verify_evidence"
_REFUSAL = "You do not have the right to add evidence to this model."
_NO_VERIFIER = "Peer reviewers and the second line verify evidence of this model."

ADD = Action("evidence.add", permission=_ADD, refusal=_REFUSAL)
VERIFY = Action("evidence.verify", permission=_VERIFY, refusal=_NO_VERIFIER)
DECLINE = Action("evidence.decline", permission=_VERIFY, needs_reason=True, refusal=_NO_VERIFIER)
WITHDRAW = Action("evidence.withdraw", permission=_ADD, needs_reason=True, refusal=_REFUSAL)
TAKE = Action(
    "evidence.download",
    permission="catalog.download_artifacts",
    refusal="You do not have the right to download files of this model.",
)

MOST_BYTES = 256 * 2**20
MOST_TITLE = 200
MOST_NOTE = 5_000
MOST_LINK = 500
MOST_NAME = 255
MOST_YEARS = 100
"""How many years ahead the last day of an item lies at most."""
MOST_ITEMS = 5_000
"""How many items one model has, those about its versions and uses included."""

Subject = RegisteredModel | ModelVersion | UseCase


@dataclass(frozen=True)
class SentFile:
    """A file as it comes in, with the name it came by."""

    name: str
    source: Source | SpooledFile


@dataclass(frozen=True)
class UploadedFile:
    """A file that waits in an upload of the same person."""

    upload: Upload
    path: str


@dataclass(frozen=True)
class _Kept:
    """The content of an item: a file that is kept, or an address."""

    artifact: Callable[[datetime], Artifact] | None = None
    name: str = ""
    link: str = ""


def add_evidence(
    subject: Subject,
    type_id: str,
    *,
    by: Actor,
    title: str,
    file: SentFile | UploadedFile | None = None,
    link: str = "",
    note: str = "",
    valid_until: date | None = None,
) -> EvidenceItem:
    """Attach a file or a link to what its type binds to; an item about a version binds its content.

    Raises:
        InputRefused: when the type, a text, the link or the file is not what it may be.
        RuleBroken: when it is attached to another kind of thing, or to one that has ended.
    """
    kind = type_named(type_id)
    kept = _kept(_model_of(subject), file, link.strip(), by=by)
    with change(ADD, subject, by=by) as record:
        _require_fits(kind, subject)
        _require_texts(title, note)
        _require_ahead(valid_until, record.time)
        model = _model_of(subject)
        if EvidenceItem.objects.filter(model=model).count() >= MOST_ITEMS:
            raise RuleBroken(f"A model has at most {MOST_ITEMS:,} evidence items.")
        item = EvidenceItem(
            model=model,
            version=subject if isinstance(subject, ModelVersion) else None,
            use_case=subject if isinstance(subject, UseCase) else None,
            type=kind.id,
            title=title.strip(),
            note=note.strip(),
            content_digest=subject.content_digest if isinstance(subject, ModelVersion) else "",
            valid_until=valid_until,
            submitted_at=record.time,
            submitted_by_id=_person(by),
        )
        _attach(item, kept, at=record.time)
        item.save()
        model.touch()
        record.about(item)
        record.note(
            type=kind.id, file=item.file_digest, link=item.link, content=item.content_digest
        )
    return item


def verify_evidence(item: EvidenceItem, *, by: Actor) -> EvidenceItem:
    """Stand by an item somebody else submitted: it shows what its type asks for."""
    with change(VERIFY, item, by=by) as record:
        _require_another_person(item, by=by)
        item.require_waiting()
        _require_there(item)
        item.verified_at, item.verified_by_id = record.time, by.user_id
        _save(item, record)
    return item


def decline_evidence(item: EvidenceItem, *, by: Actor, reason: str) -> EvidenceItem:
    """Refuse to stand by an item somebody else submitted; a better one is a new item."""
    with change(DECLINE, item, by=by, reason=reason) as record:
        _require_another_person(item, by=by)
        item.require_waiting()
        item.declined_at, item.declined_by_id = record.time, by.user_id
        item.remark = record.reason
        _save(item, record)
    return item


def withdraw_evidence(item: EvidenceItem, *, by: Actor, reason: str) -> EvidenceItem:
    """Let an item count no more, as who submitted it or may verify it; it stays on record."""
    with change(WITHDRAW, item, by=by, reason=reason) as record:
        if item.submitted_by_id != by.user_id and not by.may(_VERIFY, item.model):
            raise NotAllowed("Who submitted it withdraws it, or who may verify evidence.")
        if item.state in {EvidenceItem.State.WITHDRAWN, EvidenceItem.State.DECLINED}:
            raise RuleBroken(f"It does not count already: it is {item.state.label.lower()}.")
        item.withdrawn_at, item.withdrawn_by_id = record.time, _person(by)
        item.remark = record.reason
        _save(item, record)
    return item


def take_evidence(item: EvidenceItem, *, by: Actor) -> Download:
    """Open the file of an item, once it is recorded who takes it."""
    if item.artifact is None:
        raise NotFound("This item is a link; it has no file.")
    facts = {"sha256": item.artifact.sha256, "size": item.artifact.size}
    record_access(TAKE, item, by=by, facts=facts)
    return opened(item.file_name, item.artifact)


# -- what the operations ask -----------------------------------------------------------------------


def _model_of(subject: Subject) -> RegisteredModel:
    return subject if isinstance(subject, RegisteredModel) else subject.model


def _kept(
    model: RegisteredModel, file: SentFile | UploadedFile | None, link: str, *, by: Actor
) -> _Kept | None:
    """Keep what was sent, before the model is locked; nothing of who may not add it anyway."""
    if not by.may(_ADD, model):
        return None
    if (file is None) == (not link):
        raise InputRefused("Give a file or a link, one of the two.")
    if file is None:
        require_link(link, MOST_LINK, ("https",))
        return _Kept(link=link)
    name = (file.name if isinstance(file, SentFile) else file.path.rpartition("/")[2]).strip()
    _require_name(name)
    if isinstance(file, UploadedFile):
        artifact = _uploaded(file, by=by)
        return _Kept(lambda _at: artifact, name)
    stored = ingest.keep(file.source, most=MOST_BYTES)
    return _Kept(lambda at: places.artifact_of(stored, at=at), name)


def _uploaded(file: UploadedFile, *, by: Actor) -> Artifact:
    ingest.require_open(file.upload, by=by, at=database_now())
    held = file.upload.files.filter(path=file.path).select_related("artifact").first()
    if held is None:
        raise InputRefused(f"The upload holds no file {file.path!a:.200}.")
    artifact: Artifact = held.artifact
    if artifact.size > MOST_BYTES:
        raise InputRefused(f"A file of evidence holds at most {size(MOST_BYTES)}.")
    return artifact


def _attach(item: EvidenceItem, kept: _Kept | None, *, at: datetime) -> None:
    if kept is None:
        raise NotAllowed("The right to add evidence was given only now. Send it again.")
    item.link, item.file_name = kept.link, kept.name
    if kept.artifact is not None:
        item.artifact = kept.artifact(at)
        item.file_digest = f"sha256:{item.artifact.sha256}"


def _require_fits(kind: EvidenceType, subject: Subject) -> None:
    """Refuse an item on another kind of thing than its type binds to, or on one that has ended."""
    if kind.binds_to is not _BINDINGS[type(subject)]:
        raise RuleBroken(f"{kind.title} is {_ABOUT[kind.binds_to]}. Attach it there.")
    if isinstance(subject, ModelVersion):
        subject.require_ready()
    if isinstance(subject, UseCase) and subject.ended_at is not None:
        raise RuleBroken(f"The use “{subject}” has ended.")


_BINDINGS = {
    ModelVersion: Binding.VERSION,
    RegisteredModel: Binding.MODEL,
    UseCase: Binding.USE_CASE,
}
_ABOUT = {
    Binding.VERSION: "about one version",
    Binding.MODEL: "about the model",
    Binding.USE_CASE: "about one use of the model",
}


def _require_texts(title: str, note: str) -> None:
    if not title.strip():
        raise InputRefused("Give it a title.")
    require_text(title.strip(), "The title", MOST_TITLE)
    require_text(note.strip(), "The note", MOST_NOTE, lines=True)


def _require_name(name: str) -> None:
    if "/" in name or len(name) > MOST_NAME:
        raise InputRefused(
            f"The name of a file has no slash and at most {MOST_NAME} characters: {name!a:.200}."
        )
    places.require_path(name)


def _require_ahead(valid_until: date | None, at: datetime) -> None:
    if valid_until is not None and valid_until < at.date():
        raise InputRefused("The last day it counts is past already.")
    if valid_until is not None and valid_until.year > at.year + MOST_YEARS:
        raise InputRefused(f"The last day it counts is at most {MOST_YEARS} years ahead.")


def _require_another_person(item: EvidenceItem, *, by: Actor) -> None:
    if not by.is_person:
        raise NotAllowed("A person verifies evidence, in a browser.")
    if item.submitted_by.answerable_id == by.id:
        raise NotAllowed("You submitted this, so somebody else has to verify it.")


def _require_there(item: EvidenceItem) -> None:
    """Refuse to let somebody stand by a file the store does not hold as it was given."""
    artifact = item.artifact
    if artifact is not None and (item.is_damaged or not store.exists(artifact.sha256)):
        raise RuleBroken("The store does not hold this file as it was given. Tell the operator.")


def _save(item: EvidenceItem, record: Record) -> None:
    item.save()
    item.model.touch()
    record.note(type=item.type, file=item.file_digest, content=item.content_digest)


def _person(by: Actor) -> int:
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account adds evidence.")
    return by.user_id
