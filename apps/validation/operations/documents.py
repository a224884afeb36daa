"""Documents are written section by section, submitted, and signed by every role that has to."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db.models import QuerySet

from apps.accounts.roles import Line, role_named
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.audit.preconditions import Stale
from apps.catalog.duties import roles_on
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.digests import utc_text
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation.documents import reading, standing
from apps.validation.documents.content import digest_of_text
from apps.validation.documents.reading import Binding, Template, TemplateField
from apps.validation.documents.values import Given, checked, digest_of_given
from apps.validation.models import Document, DocumentRevision, DocumentSignature

_WRITE = "catalog.write_documents"
_SIGN = "catalog.sign_off"
_REFUSAL = "You do not have the right to write documents about this model."
_NO_SIGNER = "You do not have the right to sign documents about this model."

START = Action("document.start", permission=_WRITE, refusal=_REFUSAL)
SAVE_SECTION = Action("document.save_section", permission=_WRITE, refusal=_REFUSAL)
SUBMIT = Action("document.submit", permission=_WRITE, refusal=_REFUSAL)
REVISE = Action("document.revise", permission=_WRITE, refusal=_REFUSAL)
RETURN = Action("document.return", permission=_SIGN, needs_reason=True, refusal=_NO_SIGNER)
APPROVE = Action("document.approve", permission=_SIGN, refusal=_NO_SIGNER, sealing=Sealing.FIRST)


class SectionRefused(InputRefused):
    """Some values may not be written; ``problems`` says why by the key of each field."""

    code: ClassVar[str] = "section_refused"

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


class WrittenMeanwhile(Stale):
    """Somebody wrote something else since the form was opened; ``keys`` are the fields."""

    def __init__(self, written: Collection[TemplateField]) -> None:
        self.keys = frozenset(field.key for field in written)
        names = ", ".join(field.label for field in written)
        super().__init__(
            f"Somebody else wrote this meanwhile: {names}. Look at it, then save again."
        )


def start_document(
    subject: ModelVersion | RegisteredModel, template_id: str, *, by: Actor
) -> Document:
    """Begin a document about a version or model, with what was written about the version before."""
    with change(START, subject, by=by) as record:
        template = reading.template_named(template_id)
        model, version = _bound(template, subject)
        _require_independent(template, model, by=by)
        if standing.documents_about(model, version).filter(template_id=template.id).exists():
            raise RuleBroken(f"There is a {template.title.lower()} here already. Open that one.")
        origin = _earlier(template, version)
        document = Document(
            model=model,
            version=version,
            template_id=template.id,
            template_version=template.version,
            values=standing.written(origin) if origin else {},
            origin=origin,
            started_at=record.time,
            started_by_id=_person(by),
            changed_at=record.time,
        )
        document.save()
        record.about(document)
        record.note(template=template.id, copied_from=origin.record_id if origin else None)
        model.touch()
    return document


def save_section(
    document: Document,
    section_id: str,
    values: Mapping[str, object],
    *,
    by: Actor,
    shown: Mapping[str, str] | None = None,
) -> list[str]:
    """Write fields of one section, and return the keys that changed.

    ``shown`` holds the digest of each field as the person saw it: what they left as it was is not
    touched, and what somebody else wrote meanwhile is not overwritten.

    Raises:
        SectionRefused: when a field is not of the section, or may not hold the value.
        WrittenMeanwhile: when a field was written after it was shown.
    """
    with change(SAVE_SECTION, document, by=by) as record:
        document.require_draft()
        _require_independent(document.template, document.model, by=by)
        known = {field.key: field for field in document.template.section(section_id).fields}
        wanted = _wanted(document, known, values, shown or {})
        if shown is not None:
            _require_unwritten(document, known, wanted, shown)
        stamp = {"by": by.id, "at": utc_text(record.time)}
        kept = {**document.values, **{key: {**told, **stamp} for key, told in wanted.items()}}
        document.values = {key: told for key, told in kept.items() if set(told) - set(stamp)}
        document.changed_at = record.time
        document.save()
        record.note(section=section_id, changed=sorted(wanted))
        document.model.touch()
    return sorted(wanted)


def submit_document(document: Document, *, by: Actor) -> DocumentRevision:
    """Freeze what a document says now, and ask for the signatures of its roles."""
    with change(SUBMIT, document, by=by) as record:
        document.require_draft()
        template = document.template
        _require_independent(template, document.model, by=by)
        if not document.values:
            raise RuleBroken("Nothing is written yet. Fill a section first.")
        content = standing.live(document)
        tier = standing.tier_of(document)
        frozen = content.frozen()
        digest = standing.version_digest(document)
        revision = DocumentRevision(
            document=document,
            number=document.revision,
            template_version=template.version,
            version_digest=digest,
            tier=tier,
            values=frozen,
            digest=digest_of_text(template, digest, frozen),
            submitted_at=record.time,
            submitted_by_id=_person(by),
        )
        revision.save()
        _move(document, Document.Status.IN_REVIEW, record)
        filled = content.filled(tier=tier, facts=standing.facts_of(document))
        record.note(
            revision=revision.number,
            digest=revision.digest,
            missing=[field.key for field in filled.missing],
        )
    return revision


def return_document(document: Document, *, by: Actor, reason: str) -> Document:
    """Give a document back to be changed; what was submitted stays on record with the reason."""
    with change(RETURN, document, by=by, reason=reason) as record:
        document.require_in_review()
        roles = _roles(document, by=by)
        if roles.isdisjoint(document.template.signer_roles):
            raise NotAllowed("Whoever signs this document can return it.")
        revision = _in_review(document)
        revision.conclude(DocumentRevision.State.RETURNED, at=record.time, remark=record.reason)
        document.revision += 1
        _move(document, Document.Status.DRAFT, record)
        record.note(revision=revision.number, digest=revision.digest)
    return document


def approve_document(document: Document, *, by: Actor, role: str, digest: str) -> DocumentSignature:
    """Sign what was submitted in one role of the template; the last signature approves it.

    ``digest`` is that of the text the person saw. A person in a session signs, in a role held on
    the model, once, and nothing they wrote themselves.

    Raises:
        Stale: when another text is in review now.
    """
    with change(APPROVE, document, by=by) as record:
        document.require_in_review()
        revision = _in_review(document)
        _require_may_sign(document, revision, role, by=by)
        if digest != revision.digest:
            raise Stale("Another text is in review now. Look at it before you sign.")
        signature = DocumentSignature(
            revision=revision,
            role=role,
            signer_id=_person(by),
            signer_name=by.name,
            digest=revision.digest,
            signed_at=record.time,
        )
        signature.save()
        given = set(revision.signatures.values_list("role", flat=True))
        is_last = given >= set(document.template.signer_roles)
        if is_last:
            revision.conclude(DocumentRevision.State.APPROVED, at=record.time)
            _move(document, Document.Status.APPROVED, record)
        record.note(
            revision=revision.number,
            digest=revision.digest,
            role=role,
            meaning=signature.meaning,
            approved=is_last,
        )
        document.model.touch()
    return signature


def new_revision(document: Document, *, by: Actor) -> Document:
    """Open an approved document to be written again; what was signed stays as it is."""
    with change(REVISE, document, by=by) as record:
        if document.status != Document.Status.APPROVED:
            raise RuleBroken("Only an approved document needs a new revision to be changed.")
        _require_independent(document.template, document.model, by=by)
        document.revision += 1
        _move(document, Document.Status.DRAFT, record)
        record.note(revision=document.revision)
    return document


# -- what the operations ask -----------------------------------------------------------------------


def _bound(
    template: Template, subject: ModelVersion | RegisteredModel
) -> tuple[RegisteredModel, ModelVersion | None]:
    """Return what a document of a template is about, given where it is begun."""
    version = subject if isinstance(subject, ModelVersion) else None
    if template.binds_to is Binding.VERSION and version is None:
        raise RuleBroken(f"A {template.title.lower()} is about one version. Choose a version.")
    if template.binds_to is Binding.MODEL and version is not None:
        raise RuleBroken(f"A {template.title.lower()} is about the model, not about a version.")
    if version is not None:
        version.require_ready()
    return (subject.model, subject) if isinstance(subject, ModelVersion) else (subject, None)


def _earlier(template: Template, version: ModelVersion | None) -> Document | None:
    """Return the document of the same form about the version before, if any has one."""
    if version is None:
        return None
    found: QuerySet[Document] = Document.objects.filter(
        version__model=version.model,
        version__number__lt=version.number,
        template_id=template.id,
    )
    return found.order_by("-version__number").first()


def _require_independent(template: Template, model: RegisteredModel, *, by: Actor) -> None:
    """Refuse to let those write a document who built what it judges."""
    owner = role_named(template.owner_role)
    if owner.line is Line.FIRST:
        return
    held = roles_on(by.user_id, model.pk) if by.user_id is not None else frozenset()
    if not any(role_named(role).line is owner.line for role in held):
        raise NotAllowed(
            f"A {template.title.lower()} is written by the {owner.line.value} line, such as the "
            f"{owner.title.lower()}."
        )


def _wanted(
    document: Document,
    known: Mapping[str, TemplateField],
    values: Mapping[str, object],
    shown: Mapping[str, str],
) -> dict[str, Given]:
    """Return what changes something, each in the form it is kept in."""
    wanted: dict[str, Given] = {}
    problems: dict[str, str] = {}
    for key, value in values.items():
        if key not in known:
            problems[key] = f"There is no field {key!a:.80} in this section."
            continue
        try:
            told = checked(known[key], value)
        except InputRefused as refusal:
            problems[key] = refusal.message
            continue
        current = digest_of_given(document.values.get(key, {}))
        if digest_of_given(told) != shown.get(key, current):
            wanted[key] = told
    if problems:
        raise SectionRefused(problems)
    return wanted


def _require_unwritten(
    document: Document,
    known: Mapping[str, TemplateField],
    wanted: Collection[str],
    shown: Mapping[str, str],
) -> None:
    written = [
        known[key]
        for key in wanted
        if digest_of_given(document.values.get(key, {})) != shown.get(key)
    ]
    if written:
        raise WrittenMeanwhile(written)


def _require_may_sign(
    document: Document, revision: DocumentRevision, role: str, *, by: Actor
) -> None:
    if not by.is_person:
        raise NotAllowed("A person signs, in a browser.")
    if role not in document.template.signer_roles:
        raise RuleBroken("This document asks for no signature in that role.")
    if role not in _roles(document, by=by):
        raise NotAllowed(f"You are not {role_named(role).title.lower()} of this model.")
    if standing.is_author(revision, by.id):
        raise NotAllowed("You wrote part of this text, so somebody else has to sign it.")
    given = revision.signatures.values_list("role", "signer_id")
    for signed_role, signer in given:
        if signed_role == role:
            raise RuleBroken(f"It is signed by the {role_named(role).title.lower()} already.")
        if signer == by.user_id:
            raise NotAllowed("You signed it in another role. Each role is another person's.")


def _in_review(document: Document) -> DocumentRevision:
    found: DocumentRevision = document.revisions.get(state=DocumentRevision.State.IN_REVIEW)
    found.document = document
    return found


def _roles(document: Document, *, by: Actor) -> frozenset[str]:
    return frozenset() if by.user_id is None else roles_on(by.user_id, document.model_id)


def _move(document: Document, status: Document.Status, record: Record) -> None:
    document.status = status
    document.changed_at = record.time
    document.save()
    document.model.touch()


def _person(by: Actor) -> int:
    if by.user_id is None:
        raise NotAllowed("Only people write documents.")
    return by.user_id
