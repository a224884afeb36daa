"""Pages of what is due, of reviews, attestations and campaigns."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.catalog import operations as catalog
from apps.risk.models import Campaign, Finding, OwnerAttestation, Review
from tests import scenarios
from tests.approvals.exceptions import entries, in_days, move_clock, refusals
from tests.console.conftest import Reads
from tests.factories import PASSWORD, actor, signed_in
from tests.risk.reviewed import WHY, attest, begun, planned, review, running, schedule_by_default

pytestmark = pytest.mark.django_db

DUE, CAMPAIGNS, NEW = "/risk/due/", "/campaigns/", "/campaigns/new/"


def ticket_in(html: str) -> str:
    return html.split('name="ticket" value="')[1].split('"', maxsplit=1)[0]


def queries_of(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == HTTPStatus.OK
    return len(asked)


# -- what is due


def test_an_empty_page_of_what_is_due_says_what_would_stand_there(opens: Reads) -> None:
    assert "Nothing of yours is due" in opens(scenarios.auditor(), DUE).words
    assert "Nothing is due" in opens(scenarios.auditor(), f"{DUE}?whose=all").words


def test_what_is_due_is_shown_by_month_to_the_owner_and_to_all_who_see_it(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = scenarios.registered_model()
    planned(model, in_days(3))
    schedule_by_default(monkeypatch)

    own = opens(scenarios.owner(), DUE)
    every = opens(scenarios.auditor(), f"{DUE}?whose=all")

    for page in (own, every):
        assert f"{model.name}: owner attestation is due" in page.words
        assert f"{model.name}: re-tiering is due" in page.words
        assert f"{model.name}: periodic review is planned In 3 days" in page.words
        assert "Without a tier, as at the strictest: every 6 months." in page.words
    assert model.name not in opens(scenarios.auditor(), DUE).words
    assert model.name not in opens(scenarios.stranger(), f"{DUE}?whose=all").words


def test_what_is_due_costs_the_same_for_two_models_and_for_twenty(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        planned(scenarios.registered_model(), in_days(number))
    reader = signed_in(client, scenarios.auditor())
    running()
    with monkeypatch.context() as policy:
        schedule_by_default(policy)
        few = queries_of(reader, f"{DUE}?whose=all")
    for number in range(18):
        planned(scenarios.registered_model(), in_days(number))
    with monkeypatch.context() as policy:
        schedule_by_default(policy)
        assert queries_of(reader, f"{DUE}?whose=all") == few


# -- the reviews of a model


def test_the_page_of_a_model_says_first_who_reviews_and_attests(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/reviews/"

    page = opens(scenarios.auditor(), path)

    assert "Nobody reviewed it yet" in page.words
    assert "The owner has not attested it yet" in page.words
    assert not page.has_link(f"/models/{model.name}/attest/")
    assert opens(scenarios.owner(), path).has_link(f"/models/{model.name}/attest/")
    assert opens(scenarios.validator(), path).has_link(f"{path}carry-out/")
    assert opens(scenarios.stranger(), path).status == HTTPStatus.NOT_FOUND


def test_the_page_shows_schedule_history_and_attestations(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = scenarios.registered_model()
    attest(model)
    review(model)
    planned(model, kind="event")
    schedule_by_default(monkeypatch)

    page = opens(scenarios.auditor(), f"/models/{model.name}/reviews/")

    assert "Owner attestation Every 6 months; done last on" in page.words
    assert "Go on as it is" in page.words
    assert "Review after an event Planned" in page.words
    assert "Olivia Owner" in page.words


def test_the_page_of_a_model_costs_the_same_for_two_reviews_and_for_twenty(client: Client) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/reviews/"
    for _ in range(2):
        review(model)
    reader = signed_in(client, scenarios.auditor())
    few = queries_of(reader, path)
    for _ in range(18):
        review(model)

    assert queries_of(reader, path) == few


def test_a_review_is_planned_and_dropped_on_its_pages(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/reviews/"

    late = {"kind": "periodic", "due": str(in_days(-1)), "reason": WHY}
    refused = opens(scenarios.validator(), f"{path}plan/", late)
    assert refused.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "a day to come" in refused.words
    assert WHY in refused.words
    sent = opens(scenarios.validator(), f"{path}plan/", late | {"due": str(in_days(4))})
    assert sent.status == HTTPStatus.FOUND
    plan = Review.objects.get()
    drop = f"/reviews/{plan.pk}/drop/"
    assert opens(scenarios.stranger(), drop).status == HTTPStatus.NOT_FOUND
    assert opens(scenarios.owner(), drop, {"reason": WHY}).status == 422
    assert opens(scenarios.validator(), drop, {"reason": WHY}).status == HTTPStatus.FOUND
    plan.refresh_from_db()
    assert plan.state == "dropped"


def test_a_review_is_carried_out_with_its_findings(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/reviews/carry-out/"
    sent = {"kind": "periodic", "conclusion": "restrict", "reason": WHY}

    alone = opens(scenarios.validator(), path, sent)
    half = opens(scenarios.validator(), path, sent | {"title_1": "Old thresholds"})
    sent |= {"title_1": "Old", "severity_1": "high", "description_1": "Two years old"}
    whole = opens(scenarios.validator(), path, sent)

    assert (alone.status, half.status, whole.status) == (422, 422, 302)
    assert "Raise a finding" in alone.words
    assert "Say both" in half.words
    assert Finding.objects.get().severity == "high"
    shown = opens(scenarios.auditor(), f"/models/{model.name}/reviews/")
    assert "Restrict its use" in shown.words
    assert shown.has_link(Finding.objects.get().get_absolute_url())
    assert opens(scenarios.stranger(), path).status == HTTPStatus.NOT_FOUND


# -- attesting


def test_an_owner_sees_the_record_signs_it_and_sees_what_changed_next_time(
    client: Client,
) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/attest/"
    reader = signed_in(client, model.owner)
    html = reader.get(path).content.decode()
    assert "It was never attested before" in html
    assert "Decides nothing." in html

    wrong = reader.post(path, {"ticket": ticket_in(html), "password": "no"})
    assert wrong.status_code == 422
    assert not OwnerAttestation.objects.exists()
    done = reader.post(path, {"ticket": ticket_in(wrong.content.decode()), "password": PASSWORD})

    assert done.status_code == HTTPStatus.FOUND
    assert OwnerAttestation.objects.get().signer == model.owner
    assert "Nothing. Olivia Owner attested it" in reader.get(path).content.decode()


def test_a_page_that_is_out_of_date_signs_nothing_and_shows_the_record_as_it_is(
    client: Client,
) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/attest/"
    reader = signed_in(client, model.owner)
    old = ticket_in(reader.get(path).content.decode())
    scenarios.promoted(scenarios.Stage.PRODUCTION, model)

    answer = reader.post(path, {"ticket": old, "password": PASSWORD})

    assert answer.status_code == 422
    assert "has changed, so nothing was signed" in answer.content.decode()
    assert not OwnerAttestation.objects.exists()


def test_who_does_not_own_the_model_sees_why_there_is_no_form(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/attest/"

    page = opens(scenarios.risk_officer(), path)

    assert "Only the accountable owner" in page.words
    assert "Your attestation" not in page.words
    sent = opens(scenarios.risk_officer(), f"{path}correct/", {"what": "x", "severity": "low"})
    assert sent.status == 422
    assert "Only the accountable owner" in sent.words
    for address in (path, f"{path}correct/", f"{path}passkey/"):
        assert opens(scenarios.stranger(), address, {}).status == HTTPStatus.NOT_FOUND


def test_the_page_to_attest_costs_the_same_for_two_uses_and_for_twenty(client: Client) -> None:
    model = scenarios.registered_model()
    by, path = actor(scenarios.owner()), f"/models/{model.name}/attest/"
    for number in range(2):
        catalog.add_use_case(model, by=by, title=f"Use {number}")
    attest(model)
    reader = signed_in(client, model.owner)
    few = queries_of(reader, path)
    for number in range(2, 20):
        catalog.add_use_case(model, by=by, title=f"Use {number}")

    assert queries_of(reader, path) == few


def test_something_wrong_becomes_a_finding_and_an_empty_form_is_refused(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/attest/correct/"

    assert opens(model.owner, path, {"what": " ", "severity": "low"}).status == 422
    sent = opens(model.owner, path, {"what": "A use is missing", "severity": "medium"})

    assert sent.status == HTTPStatus.FOUND
    assert Finding.objects.get().description == "A use is missing"


# -- campaigns


def test_the_list_of_campaigns_is_for_who_runs_them_and_whose_models_they_ask_about(
    opens: Reads,
) -> None:
    assert "No campaign asks about your models" in opens(scenarios.owner(), CAMPAIGNS).words
    scenarios.registered_model()
    campaign = running()

    for who in (scenarios.owner(), scenarios.risk_officer(), scenarios.auditor()):
        assert "0 of 1 answered" in opens(who, CAMPAIGNS).words
    assert "Autumn" not in opens(scenarios.stranger(), CAMPAIGNS).words
    for address in (campaign.get_absolute_url(), f"{campaign.get_absolute_url()}progress/"):
        assert opens(scenarios.stranger(), address).status == HTTPStatus.NOT_FOUND


def test_a_campaign_is_begun_on_its_page_which_says_how_many_models_it_is_about(
    opens: Reads,
) -> None:
    scenarios.registered_model()
    scenarios.registered_model()
    assert "No tier yet: 2 models" in opens(scenarios.risk_officer(), NEW).words
    sent = {"title": "Spring", "tiers": ["4"], "due": str(in_days(9)), "reason": WHY}

    nobody = opens(scenarios.risk_officer(), NEW, sent)
    begins = opens(scenarios.risk_officer(), NEW, sent | {"tiers": ["0"]})

    assert (nobody.status, begins.status) == (422, 302)
    assert "No model is at one of these tiers" in nobody.words
    assert "Spring" in nobody.source
    campaign = Campaign.objects.get()
    page = opens(scenarios.risk_officer(), campaign.get_absolute_url())
    assert "A worker looks at every model" in page.words
    for who in (scenarios.owner(), scenarios.stranger()):
        refused = opens(who, NEW, sent)
        assert refused.status == HTTPStatus.FORBIDDEN
        assert "run campaigns" in refused.words
    assert Campaign.objects.count() == 1


def test_a_campaign_shows_progress_answers_and_how_models_stood(opens: Reads) -> None:
    first, second = scenarios.registered_model(), scenarios.registered_model()
    campaign = running()
    attest(first)
    path = campaign.get_absolute_url()

    page = opens(scenarios.risk_officer(), path)
    waiting = opens(scenarios.risk_officer(), f"{path}?state=open")

    assert "1 of 2 answered" in page.words
    assert first.name in page.words
    assert second.name in waiting.words
    assert f">{first.name}<" not in waiting.source
    assert page.has_link(f"{path}before.csv")
    assert "No answer matches" in opens(scenarios.owner(), f"{path}?state=corrected").words
    assert not opens(scenarios.owner(), path).has_link(f"{path}before.csv")


def test_how_models_stood_is_a_file_for_who_runs_campaigns(client: Client) -> None:
    model = scenarios.registered_model()
    path = running().get_absolute_url()

    file = signed_in(client, scenarios.risk_officer()).get(f"{path}before.csv")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]

    assert lines[0] == "Model,Name,Tier,Owner,Owner's name,Open findings"
    owner = scenarios.owner().record_id
    assert lines[1] == f"{model.record_id},{model.name},0,{owner},Olivia Owner,0"
    [entry] = entries("campaign.export")
    assert entry["detail"]["moment"] == "before"
    assert client.get(f"{path}after.csv").status_code == HTTPStatus.NOT_FOUND
    assert signed_in(client, scenarios.owner()).get(f"{path}before.csv").status_code == 403
    assert refusals("campaign.export") == ["not_allowed"]


def test_a_campaign_is_ended_on_its_page_after_its_day(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenarios.registered_model()
    campaign = running()
    path = f"{campaign.get_absolute_url()}end/"
    early = opens(scenarios.risk_officer(), path, {"reason": WHY})
    assert early.status == 422
    assert "Owners have until" in early.words
    move_clock(monkeypatch, 21)

    assert opens(scenarios.owner(), path, {"reason": WHY}).status == 422
    assert opens(scenarios.risk_officer(), path, {"reason": WHY}).status == HTTPStatus.FOUND
    campaign.refresh_from_db()
    assert campaign.is_over


def test_pages_of_campaigns_cost_the_same_for_two_models_and_for_twenty(client: Client) -> None:
    reader = signed_in(client, scenarios.risk_officer())
    for _ in range(2):
        scenarios.registered_model()
    few = running()
    of_few = queries_of(reader, few.get_absolute_url()), queries_of(reader, CAMPAIGNS)
    for _ in range(18):
        scenarios.registered_model()
    many = running()
    begun(by=actor(scenarios.risk_officer()))

    assert (queries_of(reader, many.get_absolute_url()), queries_of(reader, CAMPAIGNS)) == of_few
