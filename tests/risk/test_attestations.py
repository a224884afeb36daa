"""Owners attest the record exactly as it was shown, or say what is wrong with it."""

import json
from collections.abc import Callable

import pytest

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.statements import StaleForm
from apps.catalog import operations as catalog
from apps.core.actors import Auth, Door
from apps.core.clock import database_now
from apps.core.digests import digest_of
from apps.core.errors import NotAllowed
from apps.risk import attested
from apps.risk.facts.judged import Judged
from apps.risk.models import Finding, OwnerAttestation
from apps.risk.operations import attestations
from tests import scenarios
from tests.approvals.exceptions import entries, move_clock, refusals
from tests.factories import actor
from tests.risk.reviewed import attest, attest_ticket, confirmed, moment

pytestmark = pytest.mark.django_db


def test_an_owner_signs_the_record_by_the_digest_of_what_was_shown() -> None:
    model = scenarios.registered_model()

    signed = attest(model)

    assert signed.snapshot["model"]["name"] == model.name
    assert signed.snapshot_digest == digest_of(signed.snapshot)
    assert json.loads(signed.statement)["snapshot"] == signed.snapshot_digest
    assert (signed.signer, signed.role) == (model.owner, "model_owner")
    [entry] = entries("model.attest")
    assert entry["sign"]["statement"] == signed.statement_digest
    assert entry["detail"]["snapshot"] == signed.snapshot_digest


def test_the_snapshot_tells_inventory_uses_suppliers_tier_and_what_serves() -> None:
    model = scenarios.registered_model()
    by = actor(scenarios.owner())
    catalog.add_use_case(model, by=by, title="Lending")
    catalog.add_third_party(model, by=by, title="Acme")

    shown = {(line.part, line.name) for line in attested.lines(attest(model).snapshot)}

    assert {("Uses", "Lending"), ("Third parties", "Acme"), ("Tier", "Tier")} <= shown
    assert ("Model", "Accountable owner") in shown


def test_a_form_from_before_the_record_changed_signs_nothing() -> None:
    model = scenarios.registered_model()
    ticket = attest_ticket(model, actor(model.owner))
    catalog.add_use_case(model, by=actor(scenarios.owner()), title="Lending")

    with pytest.raises(StaleForm, match="has changed"):
        attest(model, ticket=ticket)

    assert not OwnerAttestation.objects.exists()
    assert refusals("model.attest") == ["stale_form"]


def test_a_form_counts_once_and_for_whom_it_was_made() -> None:
    model = scenarios.registered_model()
    ticket = attest_ticket(model, actor(model.owner))
    attest(model, ticket=ticket)

    with pytest.raises(StaleForm, match="sent already"):
        attest(model, ticket=ticket)
    with pytest.raises(StaleForm, match="somebody else"):
        attest(model, ticket=attest_ticket(model, actor(scenarios.developer())))


@pytest.mark.parametrize(
    "who",
    [
        scenarios.developer,
        scenarios.risk_officer,
        scenarios.auditor,
        scenarios.stranger,
        lambda: scenarios.account("otto", "Otto Other", "model_owner"),
    ],
)
def test_nobody_but_the_accountable_owner_attests_or_corrects(who: Callable[[], User]) -> None:
    model = scenarios.registered_model()

    with pytest.raises(NotAllowed, match="accountable owner"):
        attest(model, who())
    with pytest.raises(NotAllowed, match="accountable owner"):
        attestations.correct(model, by=actor(who()), what="The owner")

    assert not OwnerAttestation.objects.exists()


def test_a_program_of_the_owner_attests_nothing() -> None:
    model = scenarios.registered_model()
    by = actor(model.owner, door=Door.COMMAND, auth=Auth.NONE)

    with pytest.raises(NotAllowed, match="signed in through the browser"):
        attest(model, by)


def test_an_owner_confirms_who_they_are_just_before(monkeypatch: pytest.MonkeyPatch) -> None:
    model = scenarios.registered_model()
    by = actor(model.owner)
    early = confirmed(by)
    move_clock(monkeypatch, 1)

    with pytest.raises(NotAllowed, match="password again"):
        attest(model, confirmed=early)
    with pytest.raises(NotAllowed, match="password again"):
        attest(model, confirmed=Confirmation(0, "password", moment()))


def test_what_changed_since_is_told_line_by_line() -> None:
    model = scenarios.registered_model()
    before = attest(model).snapshot
    catalog.add_use_case(model, by=actor(scenarios.owner()), title="Lending")

    found = attested.changes(before, attested.snapshot_of(model, database_now()))

    assert (found[0].name, found[0].before) == ("Uses: Lending", None)
    assert attested.changes(before, before) == []


def test_what_is_wrong_is_kept_as_a_finding_and_attests_nothing() -> None:
    model = scenarios.registered_model()

    finding = attestations.correct(model, by=actor(model.owner), what="It has two more uses")

    assert finding.source == Finding.Source.REVIEW
    assert finding.description == "It has two more uses"
    assert not OwnerAttestation.objects.exists()
    [entry] = entries("model.correct_record")
    assert entry["detail"]["finding"] == finding.record_id


def test_policies_read_the_age_of_the_newest_attestation(monkeypatch: pytest.MonkeyPatch) -> None:
    model, other = scenarios.registered_model(), scenarios.registered_model()
    attest(model)
    at = move_clock(monkeypatch, 40)

    judged = Judged.of([model.pk, other.pk])

    facts = [judged.of_model(one.pk, [], at)["model"] for one in (model, other)]
    assert [one["attestation_age_days"] for one in facts] == [40, -1]


def test_a_passkey_signs_the_same_words() -> None:
    model = scenarios.registered_model()
    by = actor(model.owner)
    ticket = attest_ticket(model, by)

    offered = attestations.attestation_offered(model, by=by, ticket=ticket, at=moment())

    assert offered.text == attest(model, ticket=ticket).statement
