"""Evidence packs: ordered, ordered once more after they failed, and taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from apps.accounts.models import User
from apps.approvals.models import EvidencePack, PackFile, PackOf, PackWork, PromotionRequest
from apps.approvals.packs import queries, tasks
from apps.approvals.packs.scope import DOWNLOAD
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change, record_access
from apps.catalog import outgoing
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.outgoing import Download
from apps.core.actors import ON_OWN_READING, Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken

_REFUSAL = "You need the right to see models, and a token the scope read for all of them."

ORDER = Action("pack.order", permission=ON_OWN_READING, needs_reason=True, refusal=_REFUSAL)
REPEAT = Action("pack.repeat", permission=ON_OWN_READING, refusal=_REFUSAL)
TAKE = Action("pack.download", permission=ON_OWN_READING, refusal=_REFUSAL, sealing=Sealing.FIRST)

MOST_WAITING = 3
"""How many packs of one person wait at a time."""
MOST_SUBJECTS = 200
"""How many models, versions and promotions one pack is of at most."""
MOST_VERSIONS = 500

Subject = RegisteredModel | ModelVersion | PromotionRequest


@dataclass(frozen=True)
class _PackOf:
    """A pack as what a person's own event is about."""

    record_id: str
    root: User
    record_word: str = EvidencePack.RECORD.word


def order_pack(*subjects: Subject, by: Actor, reason: str) -> EvidencePack:
    """Have a worker make a pack of models, versions or promotions, as of now.

    Raises:
        NotAllowed: when the actor is no person, or may not see every model it is of.
        RuleBroken: when it is of nothing or of too much, or too many wait.
    """
    person = _person(by)
    with change(ORDER, person, by=by, reason=reason) as record:
        chosen = tuple(dict.fromkeys(subjects))
        _require_few(chosen)
        models = {one.pk: one for one in map(_model_of, chosen)}
        _require_seen(models, by=by)
        _require_room(person)
        pack = EvidencePack(
            kind=_kind(chosen),
            title=_title(chosen),
            model_ids=_ids(chosen, RegisteredModel),
            version_ids=_ids(chosen, ModelVersion),
            request_ids=_ids(chosen, PromotionRequest),
            purpose=record.reason,
            ordered_by=person,
            ordered_at=record.time,
        )
        pack.save()
        PackWork.objects.create(pack=pack)
        for model in models.values():
            PackOf.objects.create(pack=pack, model=model)
        record.about(pack)
        record.note(kind=pack.kind, models=sorted(one.record_id for one in models.values())[:50])
        transaction.on_commit(partial(tasks.ring, [pack.pk]))
    return pack


def repeat_pack(pack: EvidencePack, *, by: Actor) -> EvidencePack:
    """Have a pack made that could not be made before, as of the moment it was ordered at.

    Raises:
        NotAllowed: when the actor is no person, or may not see every model it is of.
        RuleBroken: when it did not fail, or too many of the actor wait.
    """
    person = _person(by)
    with change(REPEAT, _PackOf(pack.record_id, person), by=by) as record:
        _require_visible(pack, by=by)
        locked = record.lock(pack)
        pack.renew(locked)
        _require_room(person)
        pack.wait_again()
        PackWork.objects.update_or_create(
            pack=pack, defaults={"beat_at": None, "tries": 0, "done": 0, "total": 0}
        )
        record.about(pack)
        transaction.on_commit(partial(tasks.ring, [pack.pk]))
    return pack


def download_pack(pack: EvidencePack, *, by: Actor) -> Download:
    """Open the file of a pack, once it is recorded who takes it.

    Raises:
        NotAllowed: when the actor is no person, or may not see every model it is of, or ordered
            another one and may not download files of every model.
        NotFound: when there is no file: it is not made yet, or was cleared.
    """
    _require_visible(pack, by=by)
    _require_files(pack, by=by)
    file = PackFile.objects.filter(pack=pack).select_related("artifact").first()
    if file is None:
        raise NotFound("There is no file: it is not made yet, or its time is over.")
    outgoing.require_sound(file.artifact)
    subject = _PackOf(pack.record_id, _person(by))
    record_access(TAKE, subject, by=by, facts={"digest": pack.digest, "size": pack.size})
    return outgoing.opened(pack.file_name, file.artifact)


def _model_of(subject: Subject) -> RegisteredModel:
    if isinstance(subject, RegisteredModel):
        return subject
    return subject.model if isinstance(subject, ModelVersion) else subject.root


def _person(by: Actor) -> User:
    person: User | None = User.objects.filter(pk=by.user_id).first()
    if person is None:
        raise NotAllowed(_REFUSAL)
    return person


def _require_few(subjects: Sequence[Subject]) -> None:
    if not subjects:
        raise RuleBroken("Say what the pack is of: a model, a version or a promotion.")
    if len(subjects) > MOST_SUBJECTS:
        raise RuleBroken(f"A pack is of at most {MOST_SUBJECTS} models, versions and promotions.")
    whole = [one.pk for one in subjects if isinstance(one, RegisteredModel)]
    versions = ModelVersion.objects.filter(model__in=whole, deleted_at=None).count()
    if versions + len(subjects) - len(whole) > MOST_VERSIONS:
        raise RuleBroken(f"A pack holds at most {MOST_VERSIONS} versions. Order several packs.")


def _require_seen(models: dict[int, RegisteredModel], *, by: Actor) -> None:
    if catalog.models_visible_to(by).filter(pk__in=models).count() != len(models):
        raise NotAllowed("A pack takes the right to see every model it is of.")


def _require_visible(pack: EvidencePack, *, by: Actor) -> None:
    if not queries.packs_visible_to(by).filter(pk=pack.pk).exists():
        raise NotAllowed("A pack takes the right to see every model it is of.")


def _require_files(pack: EvidencePack, *, by: Actor) -> None:
    """Refuse files of evidence to whoever may not download them; one's own order leaves those out.

    Examiners are given packs whole where their room says so.
    """
    if by.user_id == pack.ordered_by_id or by.only_looks:
        return
    models = pack.of_models.values_list("model", flat=True)
    if catalog.models_where(by, DOWNLOAD).filter(pk__in=models).count() != len(models):
        raise NotAllowed(
            "It holds files of evidence that you may not download. Order one yourself: it leaves "
            "them out."
        )


def _require_room(person: User) -> None:
    own = EvidencePack.objects.filter(ordered_by=person)
    if queries.still_waiting(own).count() >= MOST_WAITING:
        raise RuleBroken(
            f"{MOST_WAITING} packs of yours are waiting. Order the next once one of them is made."
        )


def _kind(subjects: Sequence[Subject]) -> str:
    if len(subjects) > 1:
        return EvidencePack.Kind.MANY
    [one] = subjects
    if isinstance(one, RegisteredModel):
        return EvidencePack.Kind.MODEL
    is_version = isinstance(one, ModelVersion)
    return EvidencePack.Kind.VERSION if is_version else EvidencePack.Kind.PROMOTION


def _title(subjects: Sequence[Subject]) -> str:
    if len(subjects) > 1:
        return f"{len(subjects)} models, versions or promotions"
    [one] = subjects
    if isinstance(one, RegisteredModel):
        return one.name
    if isinstance(one, ModelVersion):
        return f"Version {one.number} of {one.model.name}"
    target = one.get_target_display().lower()
    return f"Promotion of version {one.version.number} of {one.version.model.name} to {target}"


def _ids(subjects: Sequence[Subject], kind: type[Subject]) -> list[int]:
    return sorted(one.pk for one in subjects if isinstance(one, kind))
