"""A question that keeps the database busy for long is refused in words."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from apps.core.patience import TookTooLong, patience

pytestmark = pytest.mark.django_db

ENDLESS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000000)
SELECT COUNT(*) FROM n
"""


def asked(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_a_question_without_end_is_cut_off() -> None:
    with pytest.raises(TookTooLong, match="Narrow it"), patience(0.05):
        asked(ENDLESS)


def test_a_quick_question_is_answered_and_the_limit_is_gone_afterwards() -> None:
    with patience(0.05):
        assert asked("SELECT 7") == 7

    counted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
    assert asked(f"{counted} SELECT COUNT(*) FROM n") == 300_000


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_and_ends_outside_a_transaction_too() -> None:
    with pytest.raises(TookTooLong, match="Narrow it"), patience(0.05):
        asked(ENDLESS)

    counted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
    assert asked(f"{counted} SELECT COUNT(*) FROM n") == 300_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is watched from here")
def test_postgresql_is_told_the_limit_in_two_statements() -> None:
    with CaptureQueriesContext(connection) as told, patience():
        asked("SELECT 7")

    assert [each["sql"] for each in told] == [
        "SET statement_timeout = '2000'",
        "SELECT 7",
        "RESET statement_timeout",
    ]


def test_another_trouble_of_the_database_is_not_taken_for_impatience() -> None:
    with pytest.raises(OperationalError), patience():
        raise OperationalError("disk I/O error")
