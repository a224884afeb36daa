"""The page of a request: everything a decision needs, for whoever reads it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals import cases, in_force, operations, policies
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.operations import access
from apps.approvals.pages import frame
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.digests import digest_of_bytes
from apps.core.errors import DomainError
from apps.validation import checks
from tests import scenarios
from tests.approvals.walk import DECLINE, entries, overwrite, refusals
from tests.console.conftest import Answer, Reads
from tests.factories import HOST, PASSWORD, actor, person, signed_in

pytestmark = pytest.mark.django_db

TYPED = "Reproduced on the holdout set; <b>kept</b> as typed."


def shown(opens: Reads, request: PromotionRequest, reader: User) -> Answer:
    answer = opens(reader, request.get_absolute_url())
    assert answer.status == 200
    return answer


def ticket_on(answer: Answer) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', answer.source)
    assert found is not None
    return found[1]


def filled_in(ticket: str, role: str = "validator", **changes: str) -> dict[str, str]:
    """Return the sign-off form as a person fills it in."""
    sent = {"ticket": ticket, "role": role, "decision": "approve", "reason": TYPED}
    return {**sent, "password": PASSWORD, **changes}


def sheet(answer: Answer, title: str) -> str:
    """Return the words of one sheet of a page."""
    part = answer.source.partition(f">{title}</h2>")[2]
    words = re.sub(r"<[^>]+>", " ", part.partition('class="sheet"')[0])
    return re.sub(r"\s+", " ", words)


def sign_url(request: PromotionRequest) -> str:
    return reverse("approvals:sign", args=[request.pk])


# -- what a reader sees


def test_a_signer_sees_what_changes_what_was_checked_what_is_open_and_what_a_signature_binds(
    opens: Reads,
) -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.requested(Stage.PRODUCTION, serving.model)

    page = shown(opens, request, scenarios.validator())

    assert f"Promote {request.version} to production" in page.words
    assert "Replaces version 1. Requested by Dev Developer on" in page.words
    assert "v1 → v2" in sheet(page, "What changes")
    assert "Planned release" in sheet(page, "What changes")
    assert "auc 0.91 0.91 0.89 to 0.93 no change" in sheet(page, "What changes")
    assert "3 of 3 the gate asks for passed" in sheet(page, "Checks")
    assert "Every condition is met." in sheet(page, "Gate")
    assert "0 of 2 given" in sheet(page, "Sign-offs")
    assert "Independent validator Waiting on you You may sign." in sheet(page, "Sign-offs")
    assert "Model risk officer Waiting Rita Risk may sign." in sheet(page, "Sign-offs")
    assert "Decides nothing." in sheet(page, "What the model is for")
    assert "2 sign-offs left" in sheet(page, "Readiness")
    assert "As an independent validator, I" in sheet(page, "Your sign-off")
    assert "Signs as Vera Validator what is shown here" in sheet(page, "Your sign-off")
    [case] = cases.complete([request], at=database_now())
    assert case.dossier.digest[-4:] in sheet(page, "Your sign-off")


def test_the_record_is_told_with_the_names_of_people(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")

    told = sheet(shown(opens, request, scenarios.auditor()), "Record")

    version = request.version
    assert f"Signed off {version} to production by Vera Validator" in told
    assert f"Requested the promotion of {version} to production by Dev Developer" in told


def test_a_condition_that_is_not_met_says_why_and_what_would_open_it(opens: Reads) -> None:
    model = scenarios.registered_model(intended_use="")
    request = scenarios.requested(version=scenarios.registered_version(model))

    page = shown(opens, request, scenarios.owner())

    assert "4 conditions left" in sheet(page, "Readiness")
    assert "Judged as tier 1, since no tier was assessed." in sheet(page, "Readiness")
    gate = sheet(page, "Gate")
    assert "Intended use defined Not met The intended use is not recorded." in gate
    assert "Describe on the model page what the model is for." in gate
    assert "EU AI Act Art. 3(12)" in gate
    assert "2 conditions met" in gate
    assert "0 of 3 the gate asks for passed" in sheet(page, "Checks")
    assert "Queued Waits for a worker." in sheet(page, "Checks")
    assert "Nothing is said about its use" in sheet(page, "What the model is for")


def test_approving_waits_for_the_conditions_and_declining_does_not(opens: Reads) -> None:
    request = scenarios.requested(version=scenarios.registered_version())

    page = shown(opens, request, scenarios.owner())

    assert "Approving opens when every condition of the gate is met." in page.words
    assert re.search(r'<input[^>]*value="approve"[^>]*disabled', page.source)
    assert not re.search(r'<input[^>]*value="decline"[^>]*disabled', page.source)
    assert "Model owner Waiting Olivia Owner may sign." in sheet(page, "Sign-offs")


def test_who_may_not_sign_in_a_role_they_hold_is_told_why(opens: Reads) -> None:
    version = scenarios.checked()
    owner = scenarios.owner()
    request = operations.request_promotion(
        version, by=actor(owner), target=Stage.STAGING, reason="Mine"
    )

    page = shown(opens, request, owner)

    assert "Nobody who requested this promotion may sign as a model owner." in page.words
    assert "Your sign-off" not in page.words
    assert "Nobody may sign here yet: appoint a model owner" in sheet(page, "Sign-offs")


@pytest.mark.parametrize(
    ("many", "to_one", "to_others"),
    [
        (2, "You may sign, or Val 1.", "Val 0 or Val 1 may sign."),
        (5, "You may sign, or any of 4 people.", "Any of 5 people may sign."),
    ],
)
def test_other_signers_are_named_or_counted_when_they_are_many(
    opens: Reads, many: int, to_one: str, to_others: str
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    people = [person(f"v{n}", name=f"Val {n}", everywhere=("validator",)) for n in range(many)]

    assert to_one in sheet(shown(opens, request, people[0]), "Sign-offs")
    assert to_others in sheet(shown(opens, request, scenarios.auditor()), "Sign-offs")


def test_a_person_with_two_roles_says_in_which_they_sign(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    both = person("both", everywhere=("validator", "risk_officer"))

    page = shown(opens, request, both)

    assert re.search(r'type="radio" name="role" value="validator"', page.source)
    assert re.search(r'type="radio" name="role" value="risk_officer"', page.source)
    assert not re.search(r'type="radio" name="role" value="auditor"', page.source)


def test_sign_offs_that_no_longer_count_say_why(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    first = scenarios.sign(request, scenarios.validator(), "validator", reason="First look")
    operations.withdraw_sign_off(
        first, by=actor(scenarios.validator()), reason="I read the wrong version"
    )
    scenarios.sign(request, scenarios.validator(), "validator", reason="Second look")
    catalog.describe_model(request.root, by=actor(scenarios.developer()), method="Other")

    rows = sheet(shown(opens, request, scenarios.auditor()), "Sign-offs")

    assert "0 of 2 given" in rows
    assert "Withdrawn “First look” Withdrawn by the signer: “I read the wrong version”" in rows
    assert "Void “Second look” The model's method changed." in rows.replace("&#x27;", "'")
    assert rows.index("Second look") < rows.index("Vera Validator may sign.")


def test_a_signer_can_take_back_their_own_sign_off_and_nobody_elses(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = scenarios.sign(request, scenarios.validator(), "validator")
    link = reverse("approvals:withdraw_sign_off", args=[signed.pk])

    own = shown(opens, request, scenarios.validator())
    other = shown(opens, request, scenarios.risk_officer())

    assert own.has_link(link)
    assert f"Counts until {signed.expires_at.day}" in own.words
    assert "Your sign-off</h2>" not in own.source
    assert not other.has_link(link)


def passed(request: PromotionRequest) -> str:
    """Return how many of the newest runs passed, as pages say it."""
    runs = request.version.check_runs.newest()
    return f"{runs.filter(state='passed').count()} of {runs.count()} passed"


def test_checks_that_did_not_run_and_that_the_gate_leaves_out_are_folded_away(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    ran = set(request.version.check_runs.values_list("check_name", flat=True))
    asked = cases.complete([request], at=database_now())[0].gate.checks
    left_out = set(checks.NAMES) - ran - asked

    shown_checks = sheet(shown(opens, request, scenarios.validator()), "Checks")

    fold = f"{len(left_out)} checks that the gate does not ask for did not run"
    listed, folded = shown_checks.split(fold)
    assert left_out
    for check in checks.ALL:
        assert check.title in (folded if check.name in left_out else listed)


def test_a_check_the_gate_asks_for_is_listed_although_it_did_not_run() -> None:
    [case] = cases.complete([scenarios.requested(Stage.PRODUCTION)], at=database_now())

    found = frame.checks(replace(case, runs={}))

    assert {one.name for one in found.standings} == case.gate.checks
    assert {one.label for one in found.standings} == {"Not run"}
    assert found.words == "0 of 3 the gate asks for passed"


def test_a_check_under_way_is_shown_as_such(opens: Reads) -> None:
    request = scenarios.requested(version=scenarios.registered_version())

    assert "Queued" in sheet(shown(opens, request, scenarios.owner()), "Checks")


# -- who may see it


PAGES = {
    "approvals:promotion": "get",
    "approvals:dossier": "get",
    "approvals:signatures": "get",
    "approvals:sign": "post",
    "approvals:promote": "post",
    "approvals:withdraw": "post",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_request_on_an_invisible_model_is_not_found(client: Client, name: str) -> None:
    request = scenarios.signed_off()
    path = reverse(name, args=[request.pk])

    answer = getattr(signed_in(client, scenarios.stranger()), PAGES[name])(path)

    assert answer.status_code == 404
    assert request.version.model.name not in answer.content.decode()


def test_refusals_are_told_to_auditors_and_to_whoever_was_refused(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    with pytest.raises(DomainError):
        operations.promote(request, by=actor(scenarios.operator()), reason="Quick")
    said = f"Refused: promote {request.version} to production"

    told = {
        reader.username: said in sheet(shown(opens, request, reader), "Record")
        for reader in (scenarios.auditor(), scenarios.operator(), scenarios.validator())
    }

    assert told == {"audrey": True, "otis": True, "vera": False}


# -- signing


def test_signing_on_the_page_leaves_a_sign_off_and_says_so(opens: Reads, client: Client) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    page = shown(opens, request, scenarios.validator())

    answer = client.post(sign_url(request), filled_in(ticket_on(page)), follow=True)

    signed = SignOff.objects.get(request=request, role="validator")
    assert signed.reason == TYPED
    assert answer.redirect_chain == [(request.get_absolute_url(), 302)]
    assert "Signed as independent validator." in answer.content.decode()


def test_declining_on_the_page_closes_the_request(opens: Reads, client: Client) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sent = filled_in(ticket_on(shown(opens, request, scenarios.validator())), decision="decline")

    answer = client.post(sign_url(request), sent, follow=True).content.decode()

    request.refresh_from_db()
    assert request.state == PromotionRequest.State.DECLINED
    assert "Declined as independent validator." in answer


def test_an_empty_form_says_at_each_field_what_is_missing(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)

    answer = opens(scenarios.validator(), sign_url(request), {})

    assert answer.status == 422
    for missing in ("Say what you decide.", "Give a reason.", "Enter your password to sign."):
        assert missing in answer.words


def test_a_wrong_password_signs_nothing_and_keeps_what_was_typed(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sent = filled_in(ticket_on(shown(opens, request, scenarios.validator())), password="guess")

    answer = Answer(client.post(sign_url(request), sent))

    assert answer.status == 422
    assert "That is not your password. Nothing was signed." in answer.words
    assert TYPED in answer.words
    assert re.search(r'value="approve"[^>]*checked', answer.source)
    assert "guess" not in answer.source
    assert not SignOff.objects.filter(role="validator").exists()


def test_a_stale_form_is_refused_with_what_changed_and_signs_when_sent_again(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sent = filled_in(ticket_on(shown(opens, request, scenarios.validator())))
    scenarios.check(request.version)

    stale = Answer(client.post(sign_url(request), sent))

    assert stale.status == 422
    assert "What you were shown has changed, so nothing was signed." in stale.words
    assert "As an independent validator, I" in stale.words
    assert "The check Schema was run again." in stale.words
    assert TYPED in stale.words
    assert refusals("request.sign_off") == ["stale_form"]
    assert not SignOff.objects.filter(role="validator").exists()

    again = client.post(sign_url(request), filled_in(ticket_on(stale)))
    assert again.status_code == 302
    assert SignOff.objects.filter(role="validator").count() == 1


def test_a_form_of_a_role_that_was_lost_meanwhile_is_refused_and_kept(
    opens: Reads, client: Client
) -> None:
    vera = scenarios.account("vera", "Vera Validator", "validator", "auditor")
    request = scenarios.requested(Stage.PRODUCTION)
    sent = filled_in(ticket_on(shown(opens, request, vera)))
    accounts.end_duty(vera.duty_set.get(role="validator"), by=HOST, reason="Moved on")

    answer = Answer(client.post(sign_url(request), sent))

    assert answer.status == 422
    assert "You hold no role on this model that signs." in answer.words
    assert TYPED in answer.words
    assert "There is nothing here for you to sign any more." in answer.words
    assert refusals("request.sign_off") == ["not_allowed"]
    assert not SignOff.objects.filter(role="validator").exists()


def test_a_form_of_a_request_that_was_decided_meanwhile_is_refused_and_kept(
    opens: Reads, client: Client
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sent = filled_in(ticket_on(shown(opens, request, scenarios.validator())))
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer", DECLINE)

    answer = Answer(client.post(sign_url(request), sent))

    assert answer.status == 422
    assert "This request is closed: declined." in answer.words
    assert TYPED in answer.words


def test_a_forged_ticket_is_refused(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)

    answer = opens(scenarios.validator(), sign_url(request), filled_in("forged"))

    assert answer.status == 422
    assert "This form did not come from the page it claims to." in answer.words


def test_d6_a_form_sent_by_two_browsers_signs_once(opens: Reads, client: Client) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    vera = scenarios.validator()
    browsers = [signed_in(Client(), vera) for _ in range(2)]
    pages = [Answer(browser.get(request.get_absolute_url())) for browser in browsers]

    answers = [
        browser.post(sign_url(request), filled_in(ticket_on(page)))
        for browser, page in zip(browsers, pages, strict=True)
    ]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert SignOff.objects.filter(request=request).count() == 1
    assert "is given already" in answers[1].content.decode()


# -- carrying out and taking back


def test_an_operator_carries_an_open_gate_out(opens: Reads, client: Client) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    page = shown(opens, request, scenarios.operator())
    assert "Open" in sheet(page, "Readiness")

    answer = client.post(
        reverse("approvals:promote", args=[request.pk]),
        {"promote-reason": "In the change window"},
        follow=True,
    )

    request.refresh_from_db()
    assert request.state == PromotionRequest.State.PROMOTED
    assert f"{request.version} is now in production." in answer.content.decode()


def test_a_closed_gate_is_not_carried_out_and_says_what_would_open_it(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    promote = reverse("approvals:promote", args=[request.pk])
    otis = scenarios.operator()

    page = shown(opens, request, otis)
    answer = opens(otis, promote, {"promote-reason": TYPED})

    assert re.search(r"<button[^>]*disabled>\s*Promote", page.source)
    assert "Opens when every condition is met and every sign-off is given." in page.words
    assert answer.status == 422
    assert "The gate is closed. Independent validator: A sign-off is missing." in answer.words
    assert TYPED in answer.words


def test_who_is_no_operator_sees_who_carries_it_out_and_is_refused(opens: Reads) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    scenarios.operator()
    promote = reverse("approvals:promote", args=[request.pk])

    page = shown(opens, request, scenarios.developer())
    answer = opens(scenarios.developer(), promote, {"promote-reason": "Mine"})

    assert "The gate is open. It is carried out by Otis Operator." in page.words
    assert answer.status == 422
    assert "Only an operator of this model carries promotions out." in answer.words


def test_without_an_operator_the_page_says_that_one_is_missing(opens: Reads) -> None:
    request = scenarios.requested()

    page = shown(opens, request, scenarios.owner())

    assert "It is carried out by an operator, who is still to be appointed." in page.words


def test_a_promotion_without_a_reason_is_asked_for_one(opens: Reads) -> None:
    request = scenarios.signed_off()

    answer = opens(
        scenarios.operator(),
        reverse("approvals:promote", args=[request.pk]),
        {"promote-reason": " "},
    )

    assert answer.status == 422
    assert "Give a reason." in sheet(answer, "Carry it out")


def test_the_developer_takes_a_request_back(opens: Reads, client: Client) -> None:
    request = scenarios.requested()
    withdraw = reverse("approvals:withdraw", args=[request.pk])
    assert "Withdraw this request" in shown(opens, request, scenarios.developer()).words

    answer = client.post(withdraw, {"withdraw-reason": "A bug was found"}, follow=True)

    request.refresh_from_db()
    assert request.state == PromotionRequest.State.WITHDRAWN
    assert "The request was withdrawn." in answer.content.decode()


def test_who_may_not_take_a_request_back_is_not_offered_to_and_refused(opens: Reads) -> None:
    request = scenarios.requested()
    withdraw = reverse("approvals:withdraw", args=[request.pk])

    page = shown(opens, request, scenarios.auditor())
    answer = opens(scenarios.auditor(), withdraw, {"withdraw-reason": TYPED})
    empty = opens(scenarios.developer(), withdraw, {"withdraw-reason": ""})

    assert "Withdraw this request" not in page.words
    assert answer.status == 422
    assert "Only the model's developers and owner take a request back." in answer.words
    assert TYPED in answer.words
    assert empty.status == 422
    assert '<details class="disclosure" open>' in empty.source


# -- decided requests


def test_a_promoted_request_shows_who_decided_why_and_the_gate_as_recorded(opens: Reads) -> None:
    first = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.promoted(Stage.PRODUCTION, first.model)
    signed = request.sign_offs.latest("pk")
    overwrite(signed, expires_at=signed.signed_at + timedelta(seconds=1))
    scenarios.check(request.version)

    page = shown(opens, request, scenarios.auditor())

    assert "Replaced version 1." in page.words
    decision = sheet(page, "Decision")
    assert "Otis Operator" in decision
    assert "In the change window" in decision
    assert "policy starter 1.0.0, as recorded" in sheet(page, "Gate")
    assert "Every condition was met." in sheet(page, "Gate")
    assert "7 conditions met" in sheet(page, "Gate")
    assert f"{passed(request)}, as decided on" in sheet(page, "Checks")
    assert "Void" not in sheet(page, "Sign-offs")
    assert "Counts until" not in page.words
    for gone in ("Readiness", "Your sign-off", "Carry it out", "Withdraw this request"):
        assert gone not in page.words


def test_the_checks_of_a_decided_request_are_the_runs_that_were_signed(opens: Reads) -> None:
    request = scenarios.promoted()
    signed = {run.get_absolute_url() for run in request.version.check_runs.all()}
    scenarios.check(request.version)

    page = shown(opens, request, scenarios.auditor())

    assert all(page.has_link(path) for path in signed)
    assert len(re.findall(r'href="[^"]*/checks/[0-9]+/"', page.source)) == len(signed)


def test_a_declined_request_shows_no_gate_and_the_words_of_who_declined(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator", DECLINE, reason="No better")

    page = shown(opens, request, scenarios.developer())

    assert "Declined" in page.words
    assert "Vera Validator" in sheet(page, "Decision")
    assert "No better" in sheet(page, "Decision")
    assert ">Gate</h2>" not in page.source
    assert f"Declined {request.version} to production" in sheet(page, "Record")


def test_a_withdrawn_request_nobody_signed_says_so(opens: Reads) -> None:
    request = scenarios.requested(version=scenarios.registered_version())
    operations.withdraw_request(request, by=actor(scenarios.developer()), reason="Too early")

    page = shown(opens, request, scenarios.developer())

    assert "Nobody signed." in sheet(page, "Sign-offs")
    assert "Too early" in sheet(page, "Decision")
    assert f"{passed(request)}, as decided on" in sheet(page, "Checks")


def test_the_decision_is_shown_however_much_is_on_record_after_it(opens: Reads) -> None:
    request = scenarios.promoted()
    for _ in range(60):
        access.take_dossier(request, by=actor(scenarios.auditor()))

    page = shown(opens, request, scenarios.auditor())

    assert "Otis Operator" in sheet(page, "Decision")
    assert "Every condition was met." in sheet(page, "Gate")


def test_a_condition_a_later_policy_does_not_know_is_shown_by_its_id(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.promoted()
    later = replace(policies.shipped("starter"), conditions=())
    monkeypatch.setattr(in_force, "policy", lambda: later)

    page = shown(opens, request, scenarios.auditor())

    assert "owner_assigned" in sheet(page, "Gate")
    assert "Every condition was met." in sheet(page, "Gate")


# -- the dossier


def test_the_dossier_is_taken_away_as_the_text_its_digest_is_of(client: Client) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    path = reverse("approvals:dossier", args=[request.pk])

    answer = signed_in(client, scenarios.auditor()).get(path)

    [digest] = {signed.dossier_digest for signed in request.sign_offs.all()}
    assert digest_of_bytes(answer.content) == digest
    assert answer.headers["Content-Type"] == "application/json"
    assert f'filename="dossier-{request.record_id}.json"' in answer.headers["Content-Disposition"]
    [entry] = entries("request.take_dossier")
    assert entry["actor"]["id"] == scenarios.auditor().record_id
    assert entry["subject"]["id"] == request.record_id


def test_the_dossier_of_a_decided_request_is_the_one_that_was_signed(client: Client) -> None:
    request = scenarios.promoted(Stage.PRODUCTION)
    scenarios.check(request.version)
    path = reverse("approvals:dossier", args=[request.pk])

    answer = signed_in(client, scenarios.auditor()).get(path)

    assert answer.content.decode() == request.sign_offs.latest("pk").dossier


# -- how much it asks of the database


def signed_often(times: int) -> PromotionRequest:
    """Return an open request that one person signed and took back several times."""
    request, vera = scenarios.requested(Stage.PRODUCTION), scenarios.validator()
    for _ in range(times):
        signed = scenarios.sign(request, vera, "validator")
        operations.withdraw_sign_off(signed, by=actor(vera), reason="Once more")
    scenarios.sign(request, vera, "validator")
    return request


def queries_of(request: PromotionRequest, reader: User) -> int:
    client = signed_in(Client(), reader)
    client.get(request.get_absolute_url())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(request.get_absolute_url()).status_code == 200
    return len(asked)


def test_the_page_asks_as_often_for_twenty_sign_offs_as_for_two() -> None:
    few, many = signed_often(1), signed_often(19)
    assert (few.sign_offs.count(), many.sign_offs.count()) == (2, 20)

    for reader in (scenarios.risk_officer(), scenarios.auditor(), scenarios.operator()):
        assert queries_of(many, reader) == queries_of(few, reader), reader
