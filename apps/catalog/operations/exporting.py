"""Lists of models leave Signet as a file only after the record says who took them."""

from apps.accounts.models import User
from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import NotAllowed

EXPORT_MODELS = Action(
    "user.export_models",
    permission=ON_OWN,
    refusal="Only a person in a browser session exports the list of models.",
    sealing=Sealing.FIRST,
)


def export_models(*, by: Actor, query: str, rows: int) -> None:
    """Record that somebody takes the models they see, narrowed by a query, as a file.

    Everybody may take what the pages show them: the event is about who took it.
    """
    person = User.objects.filter(pk=by.user_id).first()
    if person is None:
        raise NotAllowed(EXPORT_MODELS.refusal)
    record_access(EXPORT_MODELS, person, by=by, facts={"query": query[:500], "rows": rows})
