"""Finds what an address or a body names, among what the caller may see; all else is not there."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from apps.accounts.models import Team, User
from apps.api.v1.asked.lineage import NewEnd
from apps.approvals import queries as approvals
from apps.approvals.models import PromotionRequest
from apps.audit.actions import Action
from apps.catalog import ingest, lineage, queries
from apps.catalog.lineage import End, Sight
from apps.catalog.models import (
    Asset,
    LineageEdge,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    Upload,
    UseCase,
)
from apps.core.actors import Actor
from apps.core.inputs import MOST_INTEGER, InputRefused

Record = TypeVar("Record", UseCase, ThirdParty)


def model(actor: Actor, name: str, *, to: Action | None = None) -> RegisteredModel:
    """Return a model the actor may see, or do something to: not every token reads."""
    found = queries.model_or_none(actor, name)
    if found is None and to is not None:
        found = queries.models_where(actor, to.permission).filter(name=name).first()
    if found is None:
        raise Http404
    return found


def version(actor: Actor, name: str, number: int, *, to: Action | None = None) -> ModelVersion:
    """Return a version of a model the actor may see, or do something to."""
    if number > queries.MOST_NUMBER:
        raise Http404
    found = queries.version_or_none(actor, name, number)
    if found is None and to is not None:
        found = _version(model(actor, name, to=to), number)
    if found is None:
        raise Http404
    return found


def version_of(known: RegisteredModel, number: int) -> ModelVersion:
    """Return the version of a model that a body names by its number."""
    found = _version(known, number) if 0 < number <= queries.MOST_NUMBER else None
    if found is None:
        raise InputRefused(f"{known} has no version {number}.")
    return found


def upload(actor: Actor, upload_id: UUID) -> Upload:
    """Return an upload the actor started."""
    found = queries.upload_or_none(actor, upload_id)
    if found is None:
        raise Http404
    return found


def shown_upload(actor: Actor, upload_id: UUID) -> Upload:
    """Return an upload the actor started, unless the token can neither read nor register."""
    if not (queries.models_visible_to(actor).exists() or ingest.may_register(actor)):
        raise Http404
    return upload(actor, upload_id)


def request(
    actor: Actor, number: int, *, to: Action | None = None, or_to: Action | None = None
) -> PromotionRequest:
    """Return a promotion request on a model the actor may see, or do something to."""
    if number > MOST_INTEGER:
        raise Http404
    found = approvals.requests_visible_to(actor).filter(pk=number).first()
    for action in (to, or_to):
        if found is None and action is not None:
            models = queries.models_where(actor, action.permission)
            asked = PromotionRequest.objects.filter(version__model__in=models, pk=number)
            found = asked.select_related("version__model", "requested_by").first()
    if found is None:
        raise Http404
    return found


def use_case(actor: Actor, name: str, key: str) -> UseCase:
    """Return a use of a model the actor may see."""
    uses: QuerySet[UseCase] = UseCase.objects.filter(model=model(actor, name), key=key)
    return _record(uses)


def third_party(actor: Actor, name: str, number: int) -> ThirdParty:
    """Return a supplier relationship of a model the actor may see."""
    if number > MOST_INTEGER:
        raise Http404
    parties: QuerySet[ThirdParty] = ThirdParty.objects.filter(model=model(actor, name), pk=number)
    return _record(parties)


def asset(actor: Actor, uid: UUID) -> Asset:
    """Return an asset the actor may see."""
    found = lineage.asset_or_none(actor, uid)
    if found is None:
        raise Http404
    return found


def edge(actor: Actor, number: int) -> LineageEdge:
    """Return an edge whose ends the actor may both see."""
    if number > MOST_INTEGER:
        raise Http404
    sight = Sight.of(actor)
    seen = LineageEdge.objects.filter(sight.of_end("origin"), sight.of_end("target"), pk=number)
    ends = ("origin_asset", "origin_version__model", "target_asset", "target_version__model")
    found: LineageEdge | None = seen.select_related(*ends).first()
    if found is None:
        raise Http404
    return found


def end(actor: Actor, asked: NewEnd) -> End:
    """Return the end of an edge that a body names."""
    is_asset = asked.asset is not None
    if is_asset == (asked.model is not None) or (asked.model is None) != (asked.version is None):
        raise InputRefused("An end is an asset, or a model and a version of it.")
    found: End | None = None
    if asked.asset is not None:
        found = lineage.asset_or_none(actor, asked.asset)
    elif asked.model is not None and asked.version is not None:
        found = queries.version_or_none(actor, asked.model, asked.version)
    if found is None:
        raise InputRefused("There is no such asset or version that you can see.")
    return found


def person(username: str | None) -> User | None:
    """Return the person of a sign-in name, if one is given."""
    if username is None:
        return None
    found: User | None = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise InputRefused(f"Nobody has the sign-in name {username!a:.160}.")
    return found


def people(usernames: Sequence[str]) -> list[User]:
    """Return the people of some sign-in names, closed accounts too."""
    found = list(User.objects.filter(username__in=usernames).order_by("pk"))
    unknown = set(usernames) - {one.username for one in found}
    if unknown:
        raise InputRefused(f"Nobody has the sign-in name {min(unknown)!a:.160}.")
    return found


def team(name: str | None) -> Team | None:
    """Return the team of a name, if one is given."""
    if name is None:
        return None
    found: Team | None = Team.objects.filter(name=name).first()
    if found is None:
        raise InputRefused(f"There is no team {name!a:.160}.")
    return found


def _version(known: RegisteredModel, number: int) -> ModelVersion | None:
    versions: QuerySet[ModelVersion] = known.versions.filter(number=number, deleted_at=None)
    return versions.select_related("model", "run").first()


def _record(records: QuerySet[Record, Record]) -> Record:
    found = records.select_related("model__owner").first()
    if found is None:
        raise Http404
    return found
