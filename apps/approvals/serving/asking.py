"""Asks by a digest whether it may run somewhere, for programs: by queries that are made once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.approvals.serving import admission
from apps.approvals.serving.admission import Answer, Candidate, Grant
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound
from apps.core.prepared import Blank, Prepared, Slot
from apps.deployments.models import Environment

ASK = "catalog.ask_admission"

_CONTENT, _CONTAINER = "content_digest", "container_digest"
_COLUMNS = (
    "pk",
    "model_id",
    "model__name",
    "number",
    "stage",
    "readiness",
    "content_digest",
    "authorized_at",
    "authorizations__state",
    "authorizations__valid_until",
    "authorizations__content_digest",
)


def answer_to(digest: str, name: str, *, by: Actor, at: datetime) -> Answer:
    """Say whether the content, or else the container image, of a digest may run in an environment.

    What the actor may not ask about is answered like what nobody registered.

    Raises:
        NotAllowed: when a token does not let its owner ask at all.
        NotFound: when there is no environment of that name.
    """
    user_id = catalog.account_that_may(by, ASK)
    if user_id is None:
        raise NotAllowed("This token does not ask for admission: it takes the scope admit.")
    environment = _ENVIRONMENT.row(name)
    if environment is None:
        raise NotFound(f"There is no environment named {name}.")
    return admission.best(
        _candidates(digest, user_id, by),
        environment,
        digest=digest,
        at=at,
        holds=settings.ADMISSION_HOLDS,
    )


def _candidates(digest: str, user_id: int, by: Actor) -> Sequence[Candidate]:
    """Return the versions of a digest that an actor may ask about.

    That of an image is what somebody declared, so it counts only where no content has it.
    """
    roots = catalog.models_of_token(by)
    for column in (_CONTENT, _CONTAINER):
        rows = _VERSIONS[column].tuples(digest, user_id)
        seen = (row for row in rows if roots is None or row[1] in roots)
        if found := list(_read(seen)):
            return found
    return ()


def _read(rows: Iterable[Sequence[Any]]) -> Iterator[Candidate]:
    """Yield each version once, with the last of its authorizations."""
    newest = {row[0]: row for row in rows}
    for pk, _, model, number, stage, readiness, content, since, *granted in newest.values():
        grant = Grant(*granted) if granted[0] is not None else None
        yield Candidate(pk, model, number, stage, readiness, content, since, grant)


def _found(column: str) -> QuerySet[ModelVersion, Any]:
    """Return the query for versions by a digest, once for each of their authorizations."""
    found = catalog.versions_held_by(Slot(1), ASK).filter(**{column: Slot(0)})
    found = found.exclude(**{column: Blank()})  # which the index on images leaves out
    return found.order_by("pk", "authorizations__pk").values_list(*_COLUMNS)


_ENVIRONMENT: Prepared[Environment] = Prepared(
    lambda: Environment.objects.filter(name=Slot()).only(
        "name", "admits", "enforcement", "closed_at"
    )
)
_VERSIONS: Mapping[str, Prepared[ModelVersion]] = {
    column: Prepared(partial(_found, column)) for column in (_CONTENT, _CONTAINER)
}
