"""A prepared query answers as the queryset it was made from, every time it is asked."""

import threading

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from apps.accounts.models import ApiToken, User
from apps.core.prepared import Blank, Prepared, Slot
from tests import factories
from tests.api.caller import token_of

pytestmark = pytest.mark.django_db

BY_NAME: Prepared[User] = Prepared(lambda: User.objects.filter(username=Slot(0)))
OPEN_NAMES: Prepared[User] = Prepared(
    lambda: (
        User.objects.filter(is_active=Slot(1), pk__gt=Slot(0))
        .order_by("pk")
        .values_list("pk", "username", "created_at")
    )
)


def test_rows_are_whole_and_the_same_as_those_of_the_queryset() -> None:
    made = factories.person("ada")
    factories.person("bob")

    found = BY_NAME.row("ada")

    assert found == made
    assert found is not None
    assert found.__dict__.keys() == User.objects.get(pk=made.pk).__dict__.keys()
    assert found.created_at == made.created_at
    assert BY_NAME.row("nobody") is None


def test_it_is_asked_with_other_values_each_time() -> None:
    ada, bob = factories.person("ada"), factories.person("bob")

    assert [BY_NAME.row(name) for name in ("ada", "bob", "ada")] == [ada, bob, ada]


def test_values_come_as_python_values_in_the_order_of_the_slots() -> None:
    first = factories.person("ada")
    second = factories.person("bob")

    found = OPEN_NAMES.tuples(first.pk, True)

    assert [tuple(line) for line in found] == [(second.pk, "bob", second.created_at)]


def test_joined_rows_come_along() -> None:
    query: Prepared[ApiToken] = Prepared(
        lambda: ApiToken.objects.select_related("user", "use").filter(name=Slot())
    )
    user = factories.person("ada", everywhere=("model_developer",))
    token_of(user)

    token = query.row("a test")

    assert token is not None
    assert token.user == user
    assert getattr(token, "use", None) is None


def test_a_slot_may_stand_inside_a_subquery() -> None:
    query: Prepared[User] = Prepared(
        lambda: User.objects.filter(Exists(User.objects.filter(pk=OuterRef("pk"), username=Slot())))
    )
    made = factories.person("ada")

    assert query.rows("ada") == [made]


def test_the_empty_text_is_said_by_the_statement_itself() -> None:
    without = User.objects.filter(org_unit=Blank(), username="ada")
    made = factories.person("ada")

    assert list(without) == [made]
    assert not User.objects.exclude(org_unit=Blank()).exists()
    sql, values = without.query.sql_with_params()
    assert "('')" in sql
    assert values == ("ada",)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection() -> None:
    made = factories.person("ada")
    BY_NAME.row("ada")
    found: list[User | None] = []

    def ask() -> None:
        found.append(BY_NAME.row("ada"))
        connection.close()

    other = threading.Thread(target=ask)
    other.start()
    other.join()

    assert found == [made]


def test_text_that_looks_like_sql_is_a_value() -> None:
    factories.person("ada")

    assert BY_NAME.rows("' OR 1=1 --") == []
