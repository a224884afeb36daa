"""Erasures stand in the inbox of those who may decide on them, and in the number beside it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.operations import redaction
from apps.audit.models import AuditEvent, Redaction
from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel
from apps.console.queries import badge, inbox
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.exceptions import counsel, hold, records_manager
from tests.console.conftest import Reads
from tests.factories import actor, person, signed_in, team

INBOX = "/"
WORDS = "Jane Doe fell ill"

pytestmark = pytest.mark.django_db


def officer() -> User:
    return scenarios.account("petra", "Petra Privacy", "privacy_officer")


def people() -> dict[str, User]:
    return {
        "petra": officer(),
        "lea": counsel(),
        "remy": records_manager(),
        "rita": scenarios.risk_officer(),
    }


def numbers() -> dict[str, int]:
    """Return on whom erasures wait: in the inbox, and by the number, which have to say the same."""
    found, at = {}, database_now()
    for name, user in people().items():
        desk = inbox.desk_of(actor(user), now=at)
        listed = [item for item in desk.decisions if item.title.startswith("Erase words")]
        assert badge.waiting_on(actor(user), at=at) == len(listed) == len(desk.decisions), name
        found[name] = len(listed)
    return {name: count for name, count in found.items() if count}


def said(by: User) -> AuditEvent:
    """Let somebody write words about a person, as the reason of a hold that is over again."""
    placed = operations.place_hold(scenarios.registered_model(), by=actor(by), reason=WORDS)
    operations.lift_hold(placed, by=actor(by), reason="Closed")
    return AuditEvent.objects.filter(action="model.place_legal_hold").latest("id")


def asked(event: AuditEvent, by: User) -> Redaction:
    return redaction.ask_redaction(
        event, "reason", basis="order", by=actor(by), reason="A court said so"
    )


def test_an_erasure_waits_on_those_who_may_decide_and_wrote_no_word_of_it() -> None:
    found = asked(said(by=records_manager()), by=records_manager())
    assert numbers() == {"petra": 1, "lea": 1}

    redaction.approve_redaction(found, by=actor(officer()), reason="She may")
    assert numbers() == {}

    asked(said(by=counsel()), by=records_manager())
    assert numbers() == {"petra": 1}


def test_it_never_waits_on_who_asked_and_waits_no_more_once_declined() -> None:
    found = asked(said(by=records_manager()), by=officer())
    assert numbers() == {"lea": 1}

    redaction.decline_redaction(found, by=actor(counsel()), reason="No ground")
    assert numbers() == {}


def test_it_waits_on_a_team_that_decides_everywhere_and_not_on_who_has_a_duty_on_one_model() -> (
    None
):
    here, mate = person("hera", name="Hera"), person("mate", name="Mate")
    team("Privacy", mate, everywhere=("privacy_officer",))
    event = said(by=records_manager())
    catalog.grant_model_duty(
        scenarios.registered_model(),
        here,
        "privacy_officer",
        by=actor(scenarios.risk_officer()),
        reason="Here",
    )
    asked(event, by=records_manager())

    for user, waits in ((mate, 1), (here, 0)):
        desk = inbox.desk_of(actor(user), now=database_now())
        assert len(desk.beside) == waits
        assert badge.waiting_on(actor(user), at=database_now()) == waits


def test_its_line_leads_to_where_it_is_decided_and_repeats_none_of_the_words(opens: Reads) -> None:
    found = asked(said(by=records_manager()), by=records_manager())
    hold(RegisteredModel.objects.get())

    page = opens(officer(), INBOX)

    assert page.has_link(reverse("audit:redaction", args=[found.pk]))
    assert "Erase words of “Placed" in page.words
    assert "Reason · A court or an authority ordered it · asked by Remy Records" in page.words
    assert "1 decision." in page.words
    assert 'Inbox<span class="count">1</span>' in page.source
    assert WORDS not in page.source
    assert "Erase words" not in opens(records_manager(), INBOX).words


def test_the_inbox_and_the_number_ask_as_often_for_twenty_as_for_two() -> None:
    event, client = said(by=records_manager()), signed_in(Client(), officer())

    def queries(rows: range) -> tuple[int, int]:
        for number in rows:
            Redaction.objects.create(
                event=event,
                place=f"legal_hold:lgh_{number}.reason",
                basis="order",
                asked_in=event.uid,
                asked_by=actor(records_manager()).id,
                asked_at=event.written_at,
            )
        with CaptureQueriesContext(connection) as of_inbox:
            assert client.get(INBOX).status_code == 200
        with CaptureQueriesContext(connection) as of_number:
            assert badge.waiting_on(actor(officer()), at=database_now()) == rows.stop
        return len(of_inbox), len(of_number)

    queries(range(1))
    assert queries(range(1, 2)) == queries(range(2, 20))
