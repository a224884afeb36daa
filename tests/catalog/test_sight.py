"""What one condition in SQL lets an actor see is what every list lets the same actor see."""

from collections.abc import Callable, Iterable

import pytest
from django.db import connection
from django.test import RequestFactory

from apps.accounts import operations as accounts
from apps.accounts.models import Duty, User
from apps.accounts.scopes import Scope
from apps.accounts.tokens import actor_of_bearer
from apps.catalog import operations, queries
from apps.catalog.models import RegisteredModel
from apps.catalog.sight import Sight, seen_among_many_by, seen_by
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER, Actor
from tests import factories, scenarios
from tests.api.caller import token_of

pytestmark = pytest.mark.django_db


def seen(actor: Actor, by: Callable[[Actor], Sight] = seen_by) -> set[str]:
    """Return the names of the models the condition lets through."""
    sight = by(actor)
    table = RegisteredModel._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.name FROM {table} m WHERE m.deleted_at IS NULL AND {sight.condition}",
            sight.parameters,
        )
        return {name for (name,) in cursor.fetchall()}


def listed(actor: Actor) -> set[str]:
    return set(queries.models_visible_to(actor).values_list("name", flat=True))


def by_token(user: User, *scopes: Scope, roots: Iterable[str] = ()) -> Actor:
    text = token_of(user, *scopes, roots=tuple(roots))
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {text}"})
    actor = actor_of_bearer(request)
    assert actor is not None
    return actor


@pytest.mark.parametrize("few", [queries.FEW, 0], ids=["few grants", "many grants"])
def test_condition_and_list_agree_for_every_kind_of_actor(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    first, second = (scenarios.registered_model(name) for name in ("first", "second"))
    owner, sam = factories.actor(scenarios.owner()), scenarios.stranger()
    tess, uma = scenarios.account("tess", "Tess"), scenarios.account("uma", "Uma")
    team, wide = factories.team("Builders", tess), factories.team("Eyes", everywhere=["auditor"])
    accounts.join_team(wide, by=factories.HOST, user=uma)
    operations.grant_model_duty(first, sam, "model_developer", by=owner, reason="Help")
    operations.grant_model_duty(second, team, "model_developer", by=owner, reason="Help")
    dev = scenarios.developer()
    roots = [first.record_ref]

    expected = {
        factories.actor(dev): {"first", "second"},
        factories.actor(uma): {"first", "second"},
        factories.actor(sam): {"first"},
        factories.actor(tess): {"second"},
        factories.actor(scenarios.account("nat", "Nat Nobody")): set(),
        by_token(dev): {"first", "second"},
        by_token(dev, roots=roots): {"first"},
        by_token(tess, roots=roots): set(),
        by_token(sam, roots=roots): {"first"},
        by_token(dev, roots=["user:usr_1"]): set(),
        by_token(dev, Scope.REGISTER): set(),
        WORKER: set(),
        SYSTEM: set(),
        ANONYMOUS: set(),
    }

    for actor, names in expected.items():
        assert seen(actor) == listed(actor) == names, actor
        assert seen(actor, seen_among_many_by) == names, actor


def test_what_was_taken_away_is_seen_no_longer() -> None:
    model, sam = scenarios.registered_model("first"), scenarios.stranger()
    owner = factories.actor(scenarios.owner())
    duty = operations.grant_model_duty(model, sam, "model_developer", by=owner, reason="Help")
    auditor = scenarios.auditor()
    assert seen(factories.actor(sam)) == seen(factories.actor(auditor)) == {"first"}

    operations.end_model_duty(duty, by=owner, reason="Done")
    everywhere = Duty.objects.get(user=auditor, until=None)
    accounts.end_duty(everywhere, by=factories.HOST, reason="Done")

    for user in (sam, auditor):
        assert seen(factories.actor(user)) == listed(factories.actor(user)) == set()
        assert seen(factories.actor(user), seen_among_many_by) == set()
