"""Searches that a person keeps under a name: theirs alone, and no matter of the record."""

from apps.catalog.models import SavedView
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused, require_text

MOST_VIEWS = 50
MOST_NAME = 80
MOST_QUERY = 2000


def of(actor: Actor) -> list[SavedView]:
    """Return the views a person saved, in order of their names."""
    return list(SavedView.objects.filter(user=actor.user_id).order_by("name", "pk"))


def save(name: str, query: str, *, by: Actor) -> SavedView:
    """Keep a search under a name; one that has the name already is replaced."""
    if by.user_id is None:
        raise NotAllowed("Only a person saves views.")
    name = _readable(name)
    if len(query) > MOST_QUERY:
        raise InputRefused("This view chooses too much to be kept. Take some filters away.")
    there = SavedView.objects.filter(user=by.user_id)
    if not there.filter(name=name).exists() and there.count() >= MOST_VIEWS:
        raise RuleBroken(f"You keep {MOST_VIEWS} views already. Delete one first.")
    view, _ = SavedView.objects.update_or_create(
        user_id=by.user_id, name=name, defaults={"query": query}
    )
    return view


def rename(pk: int, name: str, *, by: Actor) -> SavedView:
    """Give a saved view another name."""
    view, name = _own(pk, by), _readable(name)
    if SavedView.objects.filter(user=by.user_id, name=name).exclude(pk=pk).exists():
        raise RuleBroken(f"You keep another view under the name “{name}”.")
    view.name = name
    view.save()
    return view


def delete(pk: int, *, by: Actor) -> SavedView:
    """Forget a saved view."""
    view = _own(pk, by)
    SavedView.objects.filter(pk=view.pk).delete()
    return view


def _own(pk: int, by: Actor) -> SavedView:
    view = SavedView.objects.filter(pk=pk, user=by.user_id).first()
    if view is None:
        raise NotFound("You keep no such view.")
    return view


def _readable(name: str) -> str:
    name = name.strip()
    if not name:
        raise InputRefused("Give the view a name.")
    require_text(name, "The name of a view", MOST_NAME)
    return name
