"""The page of a request, for every transition and every decision a person can take on it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.confirmation import challenge_of
from apps.approvals import in_force, operations, policies
from apps.approvals.models import PromotionRequest, SignOff, SignOffCondition
from apps.approvals.operations import Asked
from apps.approvals.pages import gate
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from tests import scenarios
from tests.accounts.authenticator import HOST
from tests.accounts.holders import with_passkey
from tests.approvals import deciding
from tests.approvals.exceptions import (
    archived,
    in_days,
    records_manager,
    retain,
    today,
    two_in_turn,
)
from tests.approvals.policy_texts import use
from tests.approvals.test_promotion_page import (
    TYPED,
    filled_in,
    queries_of,
    sheet,
    shown,
    sign_url,
    ticket_on,
)
from tests.approvals.walk import case_of, overwrite
from tests.console.conftest import Answer, Reads
from tests.factories import PASSWORD, actor, person, signed_in

pytestmark = pytest.mark.django_db

OTHERS = {
    Stage.PRODUCTION: (
        "Renew {} in production",
        "Renew",
        "The authorization of {} is renewed.",
        {"risk_officer": scenarios.risk_officer},
    ),
    Stage.ARCHIVED: (
        "Archive {}",
        "Archive",
        "{} is archived.",
        {"model_owner": scenarios.owner},
    ),
    Stage.DECOMMISSIONED: (
        "Decommission {}",
        "Decommission",
        "{} is decommissioned.",
        {"model_owner": scenarios.owner, "records_manager": records_manager},
    ),
}
"""Title, button and message of what is asked for once a version is in production, and who signs."""


# -- every transition in its own words


def test_every_transition_is_said_in_its_own_words_and_carried_out(
    opens: Reads, client: Client
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    retain(version.model)
    for target, (title, button, done, signers) in OTHERS.items():
        version.refresh_from_db()
        request = scenarios.requested(target, version=version)
        for role, signer in signers.items():
            scenarios.sign(request, signer(), role)

        page = shown(opens, request, scenarios.operator())
        answer = deciding.carried_out(client, request)

        assert title.format(version) in page.words
        assert re.search(
            rf'<button class="button primary[^>]*>\s*<svg.*?</svg>{button}', page.source
        )
        assert done.format(version) in answer.words
        assert "Otis Operator" in sheet(answer, "Decision"), target
        assert "Promote" not in answer.words
        version.refresh_from_db()
        assert version.stage == target
    last = version.requests.latest("pk")
    told = sheet(shown(opens, last, scenarios.auditor()), "Record")
    assert f"Asked to decommission {version} by Dev Developer" in told
    assert f"Signed off the decommissioning of {version} by Olivia Owner" in told
    assert f"Decommissioned {version} by Otis Operator" in told


def test_a_way_back_is_carried_out_on_its_page_and_to_no_other_version(
    opens: Reads, client: Client
) -> None:
    model = two_in_turn()
    first, operator = model.versions.get(number=1), scenarios.operator()
    request = operations.request_promotion(
        first, by=actor(operator), target=Stage.PRODUCTION, reason="It misses too much"
    )

    page = shown(opens, request, operator)
    answer = deciding.carried_out(client, request)

    request.refresh_from_db()
    assert f"Go back to {first}" in page.words
    assert f"{first} is in production again." in answer.words
    assert request.state == PromotionRequest.State.PROMOTED
    assert f"Rolled back {first}" in sheet(answer, "Decision")

    other = archived(model)
    astray = operations.request_promotion(
        other, by=actor(operator), target=Stage.PRODUCTION, reason="Try this one"
    )
    refused = deciding.carried_out(client, astray)
    assert refused.status == 422
    assert f"{model.name} has no version before to go back to." in refused.words


def test_a_request_that_lapsed_and_one_closed_with_its_version_say_how(opens: Reads) -> None:
    request = scenarios.requested()
    operations.set_aside(request.version, by=actor(scenarios.developer()), reason="Superseded")

    page = shown(opens, request, scenarios.auditor())

    assert f"Set aside {request.version}" in sheet(page, "Decision")
    assert "Superseded" in sheet(page, "Decision")
    overwrite(request, state=PromotionRequest.State.LAPSED)
    assert "Lapsed" in shown(opens, request, scenarios.auditor()).words
    assert "Lapsed" in opens(scenarios.auditor(), "/promotions/?state=decided").words


# -- the form of a sign-off


def test_the_form_offers_four_decisions_fills_in_nothing_and_names_who_sees_the_model(
    opens: Reads,
) -> None:
    scenarios.stranger()
    page = shown(opens, scenarios.requested(Stage.PRODUCTION), scenarios.validator())

    form = sheet(page, "Your sign-off")
    for choice in ("approve", "approve with conditions", "ask for changes", "decline"):
        assert choice in form
    part = page.source.partition("Your sign-off</h2>")[2].partition("</form>")[0]
    assert "checked" not in part
    assert part.count("Who does condition") == 3
    assert '<option value="dev">Dev Developer</option>' in part
    assert "Sam Stranger" not in part


def test_an_approval_with_conditions_says_what_by_whom_and_by_when(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    page = shown(opens, request, scenarios.validator())
    sent = filled_in(
        ticket_on(page),
        decision="with_conditions",
        text_1="Watch the age band",
        owner_1="dev",
        due_1=str(in_days(10)),
        text_3="Write the runbook",
        owner_3="olivia owner",
        due_3=str(in_days(20)),
    )

    answer = Answer(client.post(sign_url(request), sent, follow=True))

    assert "Signed with conditions as independent validator." in answer.words
    assert "Independent validator · Vera Validator With conditions" in sheet(answer, "Sign-offs")
    rows = sheet(answer, "Conditions of sign-offs")
    assert "Watch the age band Open Dev Developer by" in rows
    assert "Write the runbook Open Olivia Owner by" in rows
    assert [one.due for one in SignOffCondition.objects.order_by("pk")] == [
        in_days(10),
        in_days(20),
    ]


def test_conditions_that_say_too_little_are_refused_and_nothing_typed_is_lost(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    page = shown(opens, request, scenarios.validator())
    right = {"text_1": "Watch <it>", "owner_1": "dev", "due_1": str(in_days(10))}
    wrong: dict[str, dict[str, str]] = {
        "Name who does it.": right | {"owner_1": ""},
        "Say by when.": right | {"due_1": ""},
        "Say what has to be done.": right | {"text_1": ""},
        "Nobody who can be named here bears this name.": right | {"owner_1": "sam"},
        "Give a day as 2026-12-31.": right | {"due_1": "soon"},
        "Say at least one condition": {},
        "A condition is due today or later.": right | {"due_1": str(in_days(-1))},
        "The policy wants conditions met by": right | {"due_1": str(in_days(500))},
    }
    for says, typed in wrong.items():
        sent = filled_in(ticket_on(page), decision="with_conditions", **typed)
        page = Answer(client.post(sign_url(request), sent))
        assert page.status == 422, says
        assert says in page.words
        assert TYPED in page.words
        assert re.search(r'value="with_conditions"[^>]*checked', page.source)
        for value in filter(None, typed.values()):
            assert value in page.words or f'value="{value}"' in page.source, value
    plain = Answer(client.post(sign_url(request), filled_in(ticket_on(page), **right)))
    assert "Only an approval with conditions has conditions." in plain.words
    assert "data-typed" in plain.source
    assert not SignOff.objects.filter(role="validator").exists()


def test_more_conditions_find_room_without_losing_those_that_were_typed(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    page = shown(opens, request, scenarios.validator())
    sent = filled_in(ticket_on(page), decision="with_conditions", text_3="Third", owner_3="dev")

    more = Answer(client.post(sign_url(request), {**sent, **_rows(3), "more": "1"}))

    assert more.status == 200
    assert "Who does condition 6" in more.words
    assert "Who does condition 7" not in more.words
    assert "Third" in more.words
    assert TYPED in more.words
    assert PASSWORD not in more.source
    assert "Say by when." not in more.words
    full = Answer(client.post(sign_url(request), {**sent, **_rows(20), "more": "1"}))
    assert "Who does condition 20" in full.words
    assert "Room for more conditions" not in full.words
    assert not SignOff.objects.filter(role="validator").exists()


def _rows(count: int) -> dict[str, str]:
    """Return the fields of empty rows, as a browser sends them."""
    numbers = range(1, count + 1)
    return {f"{part}_{number}": "" for number in numbers for part in ("text", "owner", "due")} | {
        "text_3": "Third",
        "owner_3": "dev",
    }


def test_only_a_plain_approval_goes_without_a_reason_and_only_where_the_policy_lets_it(
    opens: Reads, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding.enforced(monkeypatch, _asks_no_reason)
    request = scenarios.requested(Stage.PRODUCTION)
    page = shown(opens, request, scenarios.validator())

    for decision in ("with_conditions", "ask_changes", "decline"):
        sent = filled_in(ticket_on(page), decision=decision, reason="")
        page = Answer(client.post(sign_url(request), sent))
        assert page.status == 422, decision
        assert "Give a reason." in sheet(page, "Your sign-off")
    answer = client.post(sign_url(request), filled_in(ticket_on(page), reason=""), follow=True)

    assert "Signed as independent validator." in answer.content.decode()
    assert "Only a plain approval goes without." in page.words


def _asks_no_reason(document: dict[str, Any]) -> None:
    document["signature"]["reason_required"] = False


def test_a_passkey_is_asked_for_the_very_conditions(client: Client) -> None:
    vera, request = scenarios.validator(), scenarios.requested(Stage.PRODUCTION)
    _, key = with_passkey(vera)
    browser = signed_in(Client(SERVER_NAME=HOST), vera)
    page = Answer(browser.get(request.get_absolute_url()))
    asked = {"text_1": "Watch it", "owner_1": "dev", "due_1": str(in_days(9))}
    sent = filled_in(ticket_on(page), decision="with_conditions", password="", **asked)
    options = browser.post(reverse("approvals:ask_passkey", args=[request.pk]), sent).json()
    proof = key.signed(options)

    other = browser.post(sign_url(request), {**sent, "due_1": str(in_days(8)), "assertion": proof})
    sent["ticket"] = ticket_on(Answer(other))
    options = browser.post(reverse("approvals:ask_passkey", args=[request.pk]), sent).json()
    answer = browser.post(sign_url(request), {**sent, "assertion": key.signed(options)})

    assert "The passkey signed something else, so nothing was signed." in other.content.decode()
    assert answer.status_code == 302, sheet(Answer(answer), "Your sign-off")
    signed = SignOff.objects.get(role="validator")
    assert (signed.method, "Watch it" in signed.statement) == ("passkey", True)
    assert len(challenge_of(signed.statement)) == 32


def test_a_stand_in_is_told_for_whom_they_sign_and_so_is_everybody_else(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    stan = person("stan", name="Stan Standin", everywhere=("peer_reviewer",))
    deciding.delegated(scenarios.validator(), stan, "validator")

    page = shown(opens, request, stan)
    inbox = opens(stan, "/")
    client.post(sign_url(request), filled_in(ticket_on(page)))

    assert "As an independent validator, for Vera Validator, I" in sheet(page, "Your sign-off")
    assert "Sign as Independent validator for Vera Validator" in inbox.words
    rows = sheet(shown(opens, request, scenarios.auditor()), "Sign-offs")
    assert "Independent validator · Stan Standin for Vera Validator" in rows


def test_every_signature_shows_its_name_its_time_with_zone_and_its_meaning(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = scenarios.sign(request, scenarios.validator(), "validator")

    rows = sheet(shown(opens, request, scenarios.auditor()), "Sign-offs")

    at = f"{signed.signed_at:%H:%M} UTC"
    assert re.search(
        rf"Vera Validator .*Signed {signed.signed_at.day} .*{at} \. Meaning: review\.", rows
    )


# -- dissent, conditions and warnings


def test_dissent_stands_out_until_it_is_answered_and_stays_beside_the_answer(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    asked = deciding.asks_for_changes(request, scenarios.validator(), "validator")
    path = reverse("approvals:answer_dissent", args=[asked.pk])
    field = f"answer-{asked.pk}-reason"

    page = shown(opens, request, scenarios.developer())
    assert page.source.index("Dissent</h2>") < page.source.index("What changes</h2>")
    assert "Vera Validator asks for changes as Independent validator" in sheet(page, "Dissent")
    assert "Waits for an answer" in sheet(page, "Dissent")
    assert "Changes asked for" in sheet(page, "Readiness")
    for reader in (scenarios.validator(), scenarios.auditor()):
        assert path not in shown(opens, request, reader).source
    assert opens(scenarios.stranger(), path, {field: "x"}).status == 404
    empty = opens(scenarios.developer(), path, {field: ""})
    assert (empty.status, "Write an answer." in sheet(empty, "Dissent")) == (422, True)
    refused = opens(scenarios.auditor(), path, {field: TYPED})
    assert "Only the model's developers and owner answer a signer." in refused.words

    opens(scenarios.developer(), path, {field: "The slices are in the report"})

    told = sheet(shown(opens, request, scenarios.developer()), "Dissent")
    assert "Dev Developer answered" in told
    assert "Show the slices" in told
    assert "The slices are in the report" in told
    assert "Waits for an answer" not in told
    again = opens(scenarios.developer(), path, {field: TYPED})
    assert "This was answered already." not in sheet(again, "Record")
    assert again.status == 422


def test_a_signer_who_decides_anew_settles_their_own_dissent(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    deciding.asks_for_changes(request, scenarios.validator(), "validator")
    scenarios.sign(request, scenarios.validator(), "validator")

    page = shown(opens, request, scenarios.developer())

    assert "The signer has decided anew since." in sheet(page, "Dissent")
    assert "Changes asked for" not in sheet(page, "Readiness")
    assert "Your answer" not in page.words


def test_who_was_asked_says_that_a_condition_is_met_and_by_which_evidence(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    deciding.signed_with_conditions(request, scenarios.validator(), "validator")
    asked, dev = SignOffCondition.objects.get(), scenarios.developer()
    path = reverse("approvals:meet_condition", args=[asked.pk])
    item = _report(request)

    assert shown(opens, request, dev).has_link(path)
    assert not shown(opens, request, scenarios.owner()).has_link(path)
    for reader in (scenarios.owner(), scenarios.stranger()):
        assert opens(reader, path).status == 404
    assert "Watch the age band" in opens(dev, path).words
    empty = opens(dev, path, {"reason": "", "evidence": item.pk})
    assert (empty.status, "Say how it is met." in empty.words) == (422, True)
    assert f'value="{item.pk}" selected' in empty.source
    other = opens(dev, path, {"reason": TYPED, "evidence": "999"})
    assert "Choose an item of this model." in other.words
    assert TYPED in other.words

    opens(dev, path, {"reason": "The slice is watched", "evidence": item.pk})

    asked.refresh_from_db()
    assert (asked.met_by, asked.evidence) == (dev, item)
    rows = sheet(shown(opens, request, dev), "Conditions of sign-offs")
    assert "Watch the age band Met Dev Developer by" in rows
    assert f"shown by {item}" in rows
    again = opens(dev, path, {"reason": TYPED})
    assert "It is settled already, or its day is over." in again.words
    assert TYPED in again.words


def _report(request: PromotionRequest) -> Any:
    return scenarios.validation.add_evidence(
        request.version,
        "red_team_report",
        by=actor(scenarios.developer()),
        title="Report",
        file=scenarios.validation.SentFile("report.pdf", [b"Report"]),
    )


def test_a_condition_that_was_not_met_ends_the_sign_off(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    deciding.signed_with_conditions(request, scenarios.validator(), "validator")
    overwrite(SignOffCondition.objects.get(), due=in_days(-1))

    page = shown(opens, request, scenarios.validator())

    assert "Watch the age band Not met in time" in sheet(page, "Conditions of sign-offs")
    assert "Void" in sheet(page, "Sign-offs")
    assert "Its condition was not met by" in sheet(page, "What changed since you signed")


def test_warnings_wait_for_an_answer_before_anybody_approves(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding.enforced(monkeypatch, deciding.warns_of_the_use)
    request = deciding.warned()
    path = reverse("approvals:note_warnings", args=[request.pk])
    signer = person("ole", name="Ole Owner", everywhere=("model_owner",))

    told = shown(opens, request, signer)
    assert "Warnings to answer" in sheet(told, "Readiness")
    assert "Approving opens when who asked for this has answered the warnings." in told.words
    auditors = sheet(shown(opens, request, scenarios.auditor()), "Warnings")
    assert "1 warning" in auditors
    assert "who asked for this has not answered yet. Nobody approves before." in auditors
    assert "Why it may go on nevertheless" in shown(opens, request, scenarios.developer()).words
    assert opens(scenarios.stranger(), path, {"note-reason": "x"}).status == 404
    empty = opens(scenarios.developer(), path, {"note-reason": " "})
    assert "Say why it may go on although the gate warns." in sheet(empty, "Warnings")
    refused = opens(scenarios.auditor(), path, {"note-reason": TYPED})
    assert refused.status == 422

    answer = opens(scenarios.developer(), path, {"note-reason": "Only a pilot"})

    assert answer.status == 302
    page = shown(opens, request, signer)
    assert "Only a pilot" in sheet(page, "Warnings")
    assert not re.search(r'<input[^>]*value="approve"[^>]*disabled', page.source)
    assert "Answer anew" in shown(opens, request, scenarios.developer()).words


# -- what was read, what changed


def test_a_condition_shows_what_it_read_with_value_and_source(opens: Reads) -> None:
    model = scenarios.registered_model(intended_use="")
    request = scenarios.requested(version=scenarios.registered_version(model))

    told = sheet(shown(opens, request, scenarios.auditor()), "Gate")

    assert "What it read model.intended_use nothing from Model record" in told
    assert "checks.unsafe-code.fresh no from" in told
    assert "model.owner_active yes from Account of the owner The owner's account" in told.replace(
        "&#x27;", "'"
    )


def test_a_gate_of_seventy_conditions_shows_the_open_ones_first_by_category(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = policies.shipped("default")
    monkeypatch.setattr(in_force, "policy", lambda: policy)
    version = scenarios.check(scenarios.registered_version())
    overwrite(version, stage=Stage.STAGING)
    request = scenarios.requested(Stage.PRODUCTION, version=version)

    page = shown(opens, request, scenarios.auditor())

    judged = gate.on_page(case_of(request), None)
    assert judged is not None
    assert len(judged.unmet) + len(judged.met) + len(judged.beside) > 50
    part = page.source.partition('id="gate"')[2].partition('class="sheet"')[0]
    shown_first, _, folded = part.partition(judged.met_in_words)
    groups = re.findall(r'<h3 class="group">([^<]+) <span class="muted">(\d+) cond', shown_first)
    assert [name for name, _ in groups] == list(dict.fromkeys(row.category for row in judged.unmet))
    assert sum(int(count) for _, count in groups) == len(judged.unmet) > 15
    assert len(re.findall('<h3 class="group">', folded)) > 3


def test_conditions_that_do_not_apply_are_folded_apart_and_counted_as_nothing(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding.enforced(monkeypatch, _asks_the_use_of_generators)
    request = scenarios.requested()

    page = shown(opens, request, scenarios.auditor())

    assert "5 conditions met" in sheet(page, "Gate")
    assert "1 condition does not apply Intended use defined" in sheet(page, "Gate")
    assert "5 of 6 conditions and sign-offs are there" in page.source


def _asks_the_use_of_generators(document: dict[str, Any]) -> None:
    asked = use(document, "intended_use_defined", "development_to_staging")
    asked["when"] = "model.is_generative"


def test_who_signed_sees_first_what_changed_since_and_so_does_their_inbox(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")
    catalog.describe_model(request.root, by=actor(scenarios.developer()), method="Other")

    page = shown(opens, request, scenarios.validator())

    assert "The model's method changed." in sheet(page, "What changed since you signed").replace(
        "&#x27;", "'"
    )
    order = [page.source.index(f"{title}</h2>") for title in ("since you signed", "What changes")]
    assert order == sorted(order)
    assert 'data-state="void"' in page.source
    assert "since you signed" not in shown(opens, request, scenarios.risk_officer()).words
    assert (
        "Your sign-off is void: The model's method changed."
        in opens(scenarios.validator(), "/").words
    )
    scenarios.sign(request, scenarios.validator(), "validator")
    assert "since you signed" not in shown(opens, request, scenarios.validator()).words


# -- how much it asks of the database


def test_the_page_asks_as_often_for_twenty_conditions_and_dissents_as_for_two() -> None:
    few, many = _much(1), _much(10)

    for reader in (scenarios.auditor(), scenarios.developer(), scenarios.operator()):
        assert queries_of(many, reader) == queries_of(few, reader), reader


def _much(times: int) -> PromotionRequest:
    """Return a request with conditions and dissents, each by somebody of their own."""
    request, by = scenarios.requested(Stage.PRODUCTION), actor(scenarios.developer())
    for number in range(times):
        name = f"v{request.pk}x{number}"
        one = person(name, everywhere=("validator",))
        asked = deciding.asks_for_changes(request, one, "validator")
        operations.answer_dissent(asked, by=by, reason="Done")
    wanted = [Asked(f"Number {n}", scenarios.owner(), today()) for n in range(2 * times)]
    deciding.signed_with_conditions(request, scenarios.validator(), "validator", *wanted)
    for number in range(2 * times):
        deciding.said(request, scenarios.auditor(), f"Number {number} for @vera")
    return request


def test_nothing_of_a_decided_request_can_be_signed_or_noted(opens: Reads) -> None:
    request = scenarios.promoted()

    page = shown(opens, request, scenarios.developer())

    assert database_now() > request.requested_at
    for gone in ("Your sign-off", "Carry it out", "Why it may go on"):
        assert gone not in page.words
