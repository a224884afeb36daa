"""The page of all checks, and the pages that expect and end external ones."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import checks, operations, runner
from apps.validation.checks.contract import Weight
from apps.validation.checks.entry_points import Added, Refused
from apps.validation.models import ExternalCheck
from tests.factories import actor, person, signed_in
from tests.validation.conftest import Given, passing
from tests.validation.records import outcomes
from tests.validation.test_pages import queries_of

pytestmark = pytest.mark.django_db

REFERENCE = reverse("validation:reference")
EXPECT = reverse("validation:expect_external")
END = reverse("validation:end_external", args=["load-test"])
SENT: dict[str, Any] = {
    "name": "load-test",
    "title": "Load test",
    "sentence": "Holds a thousand requests a second.",
    "hours_until_due": "24",
    "reason": "Agreed",
}


@pytest.fixture
def web(client: Client, validator: User) -> Client:
    return signed_in(client, validator)


@pytest.fixture
def officer(db: None) -> Client:
    return signed_in(Client(), person("casey", everywhere=("risk_officer",)))


def text_of(client: Client, address: str = REFERENCE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_check_stands_there_with_what_it_is_for_and_what_it_takes(web: Client) -> None:
    page = text_of(web)

    for check in checks.ALL:
        assert f'id="{check.name}"' in page, check.name
    assert "No external check is expected" in page
    assert "No list was loaded" in page
    assert "could not be had" not in page


def test_what_waits_and_runs_is_counted_by_weight_on_what_one_sees(
    web: Client, version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    first, second, heavy = given_checks(first=passing, second=passing, third=passing)
    checks.ALL = (first, second, replace(heavy, weight=Weight.HEAVY))  # undone with the fixture
    runs = operations.start_checks(version, by=vera)
    runner.claim(runs[0], worker="w1")

    page = text_of(web)

    assert "1 running, 1 waiting" in page
    assert "0 running, 1 waiting" in page
    stranger = text_of(signed_in(Client(), person("stranger")))
    assert stranger.count("0 running, 0 waiting") == 2


def test_checks_of_others_name_their_package_and_those_that_failed_the_reason(
    web: Client, given_checks: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    [check] = given_checks(other=passing)
    monkeypatch.setattr(checks, "ADDED", (Added(check, "their-checks 2.0"),))
    monkeypatch.setattr(checks, "REFUSED", (Refused("bad", "worse 1.0", "It is <broken>."),))

    page = text_of(web)

    for words in ("their-checks 2.0", "bad of worse 1.0", "It is &lt;broken&gt;."):
        assert words in page


def test_an_officer_expects_an_external_check_and_ends_it(officer: Client, web: Client) -> None:
    assert officer.post(EXPECT, SENT).status_code == 302
    assert "Posted as <code>load-test</code> within 24 hours" in text_of(web)
    assert END in text_of(officer)
    assert END not in text_of(web)

    assert officer.post(END, {"reason": "Replaced"}).status_code == 302
    assert ExternalCheck.objects.get().ended_at is not None
    assert "Ended" in text_of(web)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "unsafe-code"}, "already"),
        ({"name": "Load Test"}, "small letters"),
        ({"title": ""}, "Give it a title."),
        ({"hours_until_due": "0"}, "greater than or equal to 1"),
        ({"reason": ""}, "Give a reason."),
    ],
)
def test_what_cannot_be_expected_is_refused_on_the_page(
    officer: Client, changed: dict[str, str], words: str
) -> None:
    answer = officer.post(EXPECT, SENT | changed)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ExternalCheck.objects.exists()


def test_who_does_not_manage_checks_is_refused(officer: Client, web: Client) -> None:
    assert web.post(EXPECT, SENT).status_code == 422
    officer.post(EXPECT, SENT)
    assert web.post(END, {"reason": "No"}).status_code == 422
    assert officer.get(END.replace("load-test", "absent")).status_code == 404
    assert outcomes("external_check.end") == ["refused"]


def test_the_page_takes_as_many_queries_for_many_external_checks_as_for_few(web: Client) -> None:
    casey = actor(person("casey", everywhere=("risk_officer",)))

    def expect(number: int) -> None:
        operations.expect_external_check(
            f"test-{number}", by=casey, title="T", sentence="S.", hours_until_due=1, reason="R"
        )

    for number in range(2):
        expect(number)
    few = queries_of(web, REFERENCE)
    for number in range(2, 20):
        expect(number)

    assert queries_of(web, REFERENCE) == few
