"""The table of exam requests names pages, calls and commands that there are."""

import re
from importlib import import_module
from pathlib import Path
from uuid import UUID

from django.core.management import get_commands
from django.core.management.base import BaseCommand
from django.urls import Resolver404, resolve

from apps.console.exams import pages
from tests.architecture.test_authorization_matrix import ours

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "exam-requests.md").read_text()
NAMED = re.findall(r"`([^`]+)`", TEXT)
PLACES = {"name": "credit", "number": "1", "id": "1", "key": "scoring", "uid": str(UUID(int=7))}
ROWS = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)


def addresses() -> list[str]:
    return sorted({name for name in NAMED if name.startswith("/") and name != "/api/v1/"})


def is_there(address: str) -> bool:
    try:
        resolve(re.sub(r"{(\w+)}", lambda place: PLACES[place[1]], address))
    except Resolver404:
        return False
    return True


def commands() -> list[str]:
    said = (name for name in NAMED if name.startswith("manage.py "))
    return sorted({name for name in said if not name.endswith("…")})


def test_every_address_of_the_table_is_there() -> None:
    assert addresses()
    assert [address for address in addresses() if not is_there(address)] == []


def test_every_command_of_the_table_is_there() -> None:
    known = get_commands()
    assert commands()
    for said in commands():
        _, name, *rest = said.split()
        assert name in known, said
        if rest:
            loaded = import_module(f"{known[name]}.management.commands.{name}").Command()
            assert isinstance(loaded, BaseCommand)
            assert rest[0] in loaded.create_parser("manage.py", name).format_help(), said


def test_there_are_34_questions_and_each_has_an_answer_or_says_that_there_is_none() -> None:
    rows = ROWS.findall(TEXT)
    assert [int(number) for number, _ in rows] == list(range(1, 35))
    for number, row in rows:
        question, source, answer, exam = (cell.strip() for cell in row.split(" | "))
        assert question.endswith((".", "?")), number
        assert source, number
        assert exam, number
        assert "`" in answer or "**" in answer, number


def test_what_an_exam_opens_is_there() -> None:
    named = {*pages.OPEN, *pages.OWN, *pages.WITH_FORMS, *pages.LEADING_HOME}
    assert named <= set(ours())
    assert not set(pages.OPEN) & {*pages.OWN, *pages.LEADING_HOME}
