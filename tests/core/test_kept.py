"""What is asked with every call is parsed and planned once in a connection of PostgreSQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from apps.core.kept import keeping_cursor, kept
from tests import factories

pytestmark = pytest.mark.django_db

only_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite keeps every statement by itself"
)
NAMED = "SELECT id, username FROM accounts_user WHERE username = %s"


def statements_kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [text for (text,) in cursor.fetchall()]


def test_it_answers_for_the_values_given_each_time() -> None:
    ada, bob = factories.person("ada"), factories.person("bob")

    assert [kept(NAMED, [name]) for name in ("ada", "bob", "nobody")] == [
        [(ada.pk, "ada")],
        [(bob.pk, "bob")],
        [],
    ]


def test_text_that_looks_like_sql_is_a_value() -> None:
    factories.person("ada")

    assert kept(NAMED, ["' OR 1=1 --"]) == []


def test_a_refused_statement_is_an_error_of_django() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        kept("SELECT nothing FROM nowhere")

    assert kept("SELECT 7") == [(7,)]


def test_what_it_wrote_is_undone_with_its_transaction() -> None:
    ada = factories.person("ada")
    write = "UPDATE accounts_user SET display_name = %s WHERE id = %s"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with keeping_cursor() as cursor:
            cursor.execute(write, ["Somebody else", ada.pk])
        raise ZeroDivisionError

    ada.refresh_from_db()
    assert ada.display_name != "Somebody else"


@only_postgresql
def test_postgresql_keeps_it_and_nothing_else() -> None:
    for _ in range(3):
        kept(NAMED, ["ada"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM accounts_user WHERE username = %s", ["ada"])

    mine = [text for text in statements_kept() if "accounts_user" in text]
    assert mine == [NAMED.replace("%s", "$1")]


@only_postgresql
def test_it_is_asked_all_the_same_where_nothing_may_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    statement = "SELECT 7 + %s"

    assert kept(statement, [1]) == [(8,)]
    assert not [text for text in statements_kept() if "7 +" in text and "$1" in text]
