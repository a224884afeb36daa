"""What waits on a person in the inbox beside requests to sign and to carry out."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.models import SignOffCondition
from apps.approvals.operations import Asked
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.approvals import deciding
from tests.approvals.exceptions import (
    APPROVE,
    asked,
    enforce_emergency,
    in_days,
    ratify,
    roll_back_at_once,
    sign_waiver,
    unscanned,
)
from tests.approvals.walk import overwrite
from tests.console.conftest import Reads
from tests.factories import actor, signed_in
from tests.risk import assessed

INBOX = "/"

pytestmark = pytest.mark.django_db


def told(opens: Reads, people: dict[str, User], words: str) -> dict[str, bool]:
    """Return whose inbox says something."""
    return {name: words in opens(person, INBOX).words for name, person in people.items()}


def people() -> dict[str, User]:
    return {
        "dev": scenarios.developer(),
        "olivia": scenarios.owner(),
        "vera": scenarios.validator(),
        "rita": scenarios.risk_officer(),
        "otis": scenarios.operator(),
        "audrey": scenarios.auditor(),
        "sam": scenarios.stranger(),
    }


def only(*names: str) -> dict[str, bool]:
    return {name: name in names for name in people()}


def test_a_condition_waits_on_whom_it_was_asked_of_until_it_is_met_or_missed(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    deciding.signed_with_conditions(request, scenarios.validator(), "validator")
    line = f"Condition on {request.version} Yours to meet Watch the age band · due"

    assert told(opens, people(), line) == only("dev")
    page = opens(scenarios.developer(), INBOX)
    assert page.has_link(f"{request.get_absolute_url()}#conditions-of-sign-offs")
    assert "1 decision." in page.words

    condition = SignOffCondition.objects.get()
    overwrite(condition, due=in_days(-1))
    assert told(opens, people(), line) == only()
    overwrite(condition, due=in_days(1))
    operations.meet_condition(condition, by=actor(scenarios.developer()), reason="Watched")
    assert told(opens, people(), line) == only()


def test_dissent_waits_on_those_who_answer_it_until_somebody_does(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = deciding.asks_for_changes(request, scenarios.validator(), "validator")
    line = "Vera Validator asks for changes: Show the slices"

    assert told(opens, people(), line) == only("dev", "olivia")
    assert (
        "Changes asked for: Vera Validator asks for changes, and nobody answered."
        in opens(scenarios.developer(), INBOX).words
    )
    operations.answer_dissent(signed, by=actor(scenarios.developer()), reason="In the report")
    assert told(opens, people(), line) == only()


def test_a_waiver_waits_on_those_who_may_sign_it_and_who_asked_sees_for_whom(
    opens: Reads,
) -> None:
    waiver = asked()
    title = f"Waiver of “Scan for unsafe code clean and recent” for {waiver.version}"

    assert told(opens, people(), f"{title} Sign as Model risk officer") == only("rita") or told(
        opens, people(), "Sign as Model risk officer · asked for by Dev Developer"
    ) == only("rita")
    own = opens(scenarios.developer(), INBOX)
    assert "Waits for a signature as Model risk officer" in own.words
    assert own.has_link(waiver.get_absolute_url())
    sign_waiver(waiver, decision=APPROVE)
    assert told(opens, people(), title) == only()


def test_an_emergency_waits_on_those_who_confirm_it_and_then_on_those_who_review_it(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()

    assert told(opens, people(), "Confirm as Model owner by") == only("olivia")
    assert told(opens, people(), "Confirm as Model risk officer by") == only("rita")
    assert told(opens, people(), "Look back at it") == only()
    ratify(emergency, scenarios.owner(), "model_owner")
    assert told(opens, people(), "Confirm as Model owner by") == only()
    ratify(emergency, scenarios.risk_officer(), "risk_officer")
    assert told(opens, people(), "Look back at it") == only("vera", "rita")
    assert opens(scenarios.validator(), INBOX).has_link(emergency.get_absolute_url())


def test_what_is_carried_out_waits_on_operators_under_its_own_title(opens: Reads) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.requested(Stage.ARCHIVED, version=version)

    assert "Waits for a sign-off as Model owner" in opens(scenarios.developer(), INBOX).words
    scenarios.sign(request, scenarios.owner(), "model_owner")

    assert told(opens, people(), f"Archive {version} Ready to archive") == only("otis")
    assert "an operator can archive it" in opens(scenarios.developer(), INBOX).words


def test_a_gate_that_waits_for_an_answer_to_its_warnings_says_so(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding.enforced(monkeypatch, deciding.warns_of_the_use)
    deciding.warned()

    for person in (scenarios.developer(), scenarios.owner()):
        assert "Warnings: 1 warning is not answered yet." in opens(person, INBOX).words


def test_an_assessment_waits_on_those_who_review_it_until_they_signed(opens: Reads) -> None:
    waiting = assessed.submitted()
    line = f"{waiting} Review the answers · submitted by"
    assert told(opens, people(), line) == only("vera", "rita")

    assessed.sign(waiting, scenarios.validator(), "validator")
    assert told(opens, people(), line) == only("rita")
    assert opens(scenarios.risk_officer(), INBOX).has_link(waiting.get_absolute_url())


def queries_of(reader: User) -> int:
    client = signed_in(Client(), reader)
    client.get(INBOX)
    with CaptureQueriesContext(connection) as asked_for:
        assert client.get(INBOX).status_code == 200
    return len(asked_for)


def test_the_inbox_asks_as_often_for_twenty_things_as_for_two() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    wanted = [Asked(f"Number {n}", scenarios.developer(), in_days(5)) for n in range(20)]
    deciding.signed_with_conditions(request, scenarios.validator(), "validator", *wanted)
    late = list(SignOffCondition.objects.order_by("pk")[2:])
    for one in late:
        overwrite(one, due=in_days(-1))
    deciding.asks_for_changes(request, scenarios.risk_officer(), "risk_officer")
    asked(unscanned(request.root), by=scenarios.owner())
    readers: tuple[User, ...] = (scenarios.developer(), scenarios.risk_officer())
    overwrite(SignOffCondition.objects.order_by("pk")[0], owner=scenarios.developer())
    few = [queries_of(reader) for reader in readers]

    for one in late:
        overwrite(one, due=in_days(5))
    for _ in range(3):
        asked(unscanned(request.root), by=scenarios.owner())

    many: Any = [queries_of(reader) for reader in readers]
    assert many == few
