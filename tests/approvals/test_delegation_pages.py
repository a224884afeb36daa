"""The pages on which people let somebody sign in their place."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.models import Delegation
from apps.catalog import operations as catalog
from tests import scenarios
from tests.approvals.deciding import delegated
from tests.approvals.exceptions import in_days, today
from tests.approvals.walk import overwrite
from tests.console.conftest import Reads
from tests.factories import actor, person, signed_in

pytestmark = pytest.mark.django_db

LIST, NEW = "/account/delegations/", "/account/delegations/new/"
WHY = "On leave <until> spring"


@pytest.fixture
def stan(db: None) -> User:
    return person("stan", name="Stan Standin", everywhere=("peer_reviewer",))


def sent(**changes: str) -> dict[str, str]:
    form = {"to": "stan", "role": "validator", "model": "", "reason": WHY}
    return {**form, "starts_on": str(today()), "ends_on": str(in_days(5)), **changes}


def ending(made: Delegation) -> str:
    return reverse("approvals:end_delegation", args=[made.pk])


def test_the_list_says_first_what_to_do_or_that_there_is_nothing(opens: Reads) -> None:
    signer, auditor = opens(scenarios.validator(), LIST), opens(scenarios.auditor(), LIST)

    assert "Nobody signs in your place" in signer.words
    assert signer.has_link(NEW)
    assert "You hold no role that signs." in auditor.words
    assert not auditor.has_link(NEW)
    assert "nothing to delegate" in opens(scenarios.auditor(), NEW).words
    assert opens(scenarios.validator(), "/account/").has_link(LIST)


def test_somebody_is_let_to_sign_and_both_see_it(opens: Reads, stan: User) -> None:
    vera = scenarios.validator()
    page = opens(vera, NEW)
    assert '<option value="stan">Stan Standin</option>' in page.source
    assert '<option value="vera">' not in page.source
    assert "Model risk officer" not in page.words

    answer = opens(vera, NEW, sent())

    made = Delegation.objects.get()
    assert answer.response.headers["Location"] == LIST
    assert (made.role, made.model, made.ends_on) == ("validator", None, in_days(5))
    given, received = opens(vera, LIST), opens(stan, LIST)
    assert "Stan Standin signs for you as Independent validator In effect On every model" in (
        given.words
    )
    assert f"“{WHY}”" in given.words
    assert "You sign for Vera Validator as Independent validator In effect" in received.words
    assert ending(made) in given.source
    assert ending(made) not in received.source
    assert WHY not in opens(scenarios.auditor(), LIST).words


def test_a_role_held_on_one_model_is_delegated_there(opens: Reads, stan: User) -> None:
    model, mia = scenarios.registered_model("lending"), person("mia", name="Mia")
    catalog.grant_model_duty(
        model, mia, "validator", by=actor(scenarios.risk_officer()), reason="Knows it"
    )

    everywhere = opens(mia, NEW, sent())
    there = opens(mia, NEW, sent(model="lending"))

    assert "You do not hold the role Independent validator on every model." in everywhere.words
    assert there.status == 302
    assert Delegation.objects.get().model == model
    assert "On lending," in opens(mia, LIST).words


def test_who_signs_nothing_on_the_model_is_refused_on_the_form(opens: Reads) -> None:
    mia, elsa = person("mia", name="Mia"), person("elsa", name="Elsa Elsewhere")
    officer = actor(scenarios.risk_officer())
    for model, who, role in (("lending", mia, "validator"), ("fraud", elsa, "peer_reviewer")):
        there = scenarios.registered_model(model)
        catalog.grant_model_duty(there, who, role, by=officer, reason="Knows it")

    answer = opens(mia, NEW, sent(to="elsa", model="lending"))

    assert answer.status == 422
    assert "Elsa Elsewhere holds no role that signs on lending." in answer.words
    assert not Delegation.objects.exists()


def test_what_cannot_be_delegated_is_refused_and_nothing_typed_is_lost(
    opens: Reads, stan: User
) -> None:
    vera = scenarios.validator()
    wrong = {
        "Name the person.": sent(to=""),
        "Nobody who can be named here bears this name.": sent(to="audrey"),
        "Choose a role.": sent(role=""),
        "Select a valid choice.": sent(role="risk_officer"),
        "Say when it begins.": sent(starts_on=""),
        "Give a day as 2026-12-31.": sent(ends_on="soon"),
        "A delegation starts today or later": sent(starts_on=str(in_days(-1))),
        "A delegation lasts at most 60 days.": sent(ends_on=str(in_days(61))),
        "Give a reason.": sent(reason=""),
    }
    for says, form in wrong.items():
        answer = opens(vera, NEW, form)
        assert (answer.status, says in answer.words) == (422, True), says
        assert form["reason"] in answer.words
        assert f'value="{form["to"]}"' in answer.source or not form["to"]
    assert not Delegation.objects.exists()
    opens(vera, NEW, sent())
    assert "Somebody stands in for you" in opens(vera, NEW, sent()).words


def test_who_delegated_ends_it_and_nobody_else(opens: Reads, client: Client, stan: User) -> None:
    made = delegated(scenarios.validator(), stan, "validator")

    assert opens(stan, ending(made), {}).status == 404
    assert opens(scenarios.stranger(), ending(made), {}).status == 404
    assert opens(scenarios.validator(), ending(made)).status == 405
    signed_in(client, scenarios.validator())
    answer = client.post(ending(made), follow=True).content.decode()
    again = client.post(ending(made), follow=True).content.decode()

    assert "Stan Standin no longer signs for you." in answer
    assert "Ended early" in answer
    assert "This delegation is over already." in again


def test_one_to_come_and_one_that_is_over_stand_apart(opens: Reads, stan: User) -> None:
    vera = scenarios.validator()
    delegated(vera, stan, "validator", starts_on=in_days(3))
    over = delegated(scenarios.owner(), stan, "model_owner")
    overwrite(over, starts_on=in_days(-9), ends_on=in_days(-2))

    assert "Not yet" in opens(vera, LIST).words
    assert "Over You signed for Olivia Owner as Model owner Over" in opens(stan, LIST).words
    assert "In your absence" not in opens(vera, "/").words


def test_the_inbox_says_who_signs_in_ones_absence(opens: Reads, stan: User) -> None:
    scenarios.registered_model()
    delegated(scenarios.validator(), stan, "validator")

    inbox = opens(scenarios.validator(), "/")

    assert "In your absence" in inbox.words
    assert "Stan Standin signs for you as Independent validator" in inbox.words
    assert inbox.has_link(LIST)
    assert "In your absence" not in opens(stan, "/").words


def test_the_list_asks_as_often_for_twenty_as_for_two(stan: User) -> None:
    vera, counts = scenarios.validator(), []
    for number in range(20):
        made = delegated(
            vera, stan, "validator", starts_on=in_days(number), ends_on=in_days(number)
        )
        if number % 2:
            operations.end_delegation(made, by=actor(vera))
        if number in {1, 19}:
            client = signed_in(Client(), vera)
            client.get(LIST)
            with CaptureQueriesContext(connection) as asked:
                client.get(LIST)
            counts.append(len(asked))

    assert counts[0] == counts[1]
