"""The list of requests, and the pages that ask for a promotion, roll back, take a sign-off back."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.models import PromotionRequest, SignOffWithdrawal
from apps.approvals.pages import listing
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from tests import scenarios
from tests.approvals.deciding import enforced
from tests.approvals.exceptions import retired
from tests.approvals.walk import DECLINE, overwrite, refusals
from tests.console.conftest import Answer, Reads
from tests.factories import actor, signed_in

pytestmark = pytest.mark.django_db

LIST = "/promotions/"
DECIDED = f"{LIST}?state=decided"
TYPED = "Kept <b>as typed</b>"


# -- the list


def test_open_requests_are_listed_newest_first_with_what_is_left(opens: Reads) -> None:
    blocked = scenarios.requested(version=scenarios.registered_version())
    waiting = scenarios.requested(Stage.PRODUCTION)
    ready = scenarios.signed_off()

    page = opens(scenarios.auditor(), LIST)

    assert page.status == 200
    lines = [str(request.version) for request in (ready, waiting, blocked)]
    assert [page.words.index(line) for line in lines] == sorted(map(page.words.index, lines))
    assert f"{ready.version} Staging Open Dev Developer" in page.words
    assert f"{waiting.version} Production 2 sign-offs left" in page.words
    assert f"{blocked.version} Staging 3 conditions left" in page.words
    assert "Promoted" not in page.words


def test_decided_requests_are_listed_with_the_decision(opens: Reads) -> None:
    promoted = scenarios.promoted()
    declined = scenarios.requested()
    scenarios.sign(declined, scenarios.owner(), "model_owner", DECLINE)
    withdrawn = scenarios.requested()
    operations.withdraw_request(withdrawn, by=actor(scenarios.developer()), reason="Too early")

    page = opens(scenarios.auditor(), DECIDED)

    assert f"{promoted.version} Staging Promoted" in page.words
    assert f"{declined.version} Staging Declined" in page.words
    assert f"{withdrawn.version} Staging Withdrawn" in page.words


def test_empty_lists_say_what_belongs_there(opens: Reads) -> None:
    assert "No promotion waits for a decision" in opens(scenarios.auditor(), LIST).words
    assert "Nothing was decided yet" in opens(scenarios.auditor(), DECIDED).words


def test_requests_on_invisible_models_are_not_listed(opens: Reads) -> None:
    request = scenarios.requested()

    assert str(request.version) not in opens(scenarios.stranger(), LIST).words


def many_requests(count: int) -> list[PromotionRequest]:
    model = scenarios.registered_model()
    return [scenarios.requested(version=scenarios.registered_version(model)) for _ in range(count)]


def test_a_long_list_is_read_page_by_page(
    opens: Reads, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    requests = many_requests(3)

    first = opens(scenarios.auditor(), LIST)
    older = re.search(r'rel="next" href="([^"]+)"', first.source)
    assert older is not None
    second = Answer(client.get(older[1].replace("&amp;", "&")))

    assert f"{requests[2].version} " in first.words
    assert f"{requests[0].version} " not in first.words
    assert f"{requests[0].version} " in second.words
    assert 'rel="prev"' in second.source


def test_an_address_of_a_page_that_was_changed_shows_the_first_page(opens: Reads) -> None:
    [request] = many_requests(1)

    page = opens(scenarios.auditor(), f"{LIST}?page=forged")

    assert page.status == 200
    assert f"{request.version} " in page.words
    assert "This address of a page does not hold." in page.words


def queries_of(path: str, reader: User) -> int:
    client = signed_in(Client(), reader)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_list_asks_as_often_for_twenty_requests_as_for_two() -> None:
    readers = (scenarios.auditor(), scenarios.owner())
    many_requests(2)
    few = [queries_of(LIST, reader) for reader in readers]
    many_requests(18)

    assert PromotionRequest.objects.count() == 20
    assert [queries_of(LIST, reader) for reader in readers] == few


# -- asking for a promotion


def asking(version: ModelVersion) -> str:
    return reverse("approvals:request", args=[version.model.name, version.number])


def test_the_page_that_asks_says_what_the_gate_will_want(opens: Reads) -> None:
    version = scenarios.registered_version()

    page = opens(scenarios.developer(), asking(version))

    assert f"Request promotion of {version} to staging" in page.words
    assert "Scan for unsafe code clean and recent" in page.words
    assert "A model owner has to sign." in page.words
    assert "Request promotion</button>" in page.source.replace("\n", "").replace("  ", "")


def test_asking_on_the_page_leads_to_the_request(opens: Reads) -> None:
    version = scenarios.checked()

    answer = opens(
        scenarios.developer(), asking(version), {"target": "staging", "reason": "Planned"}
    )

    request = PromotionRequest.objects.get()
    assert answer.status == 302
    assert answer.response.headers["Location"] == request.get_absolute_url()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"target": "staging", "reason": ""}, "Give a reason."),
        ({"target": "production", "reason": TYPED}, "it cannot be promoted to Production"),
        ({"target": "nowhere", "reason": TYPED}, "There is no such stage to ask for."),
        ({"reason": TYPED}, "There is no such stage to ask for."),
    ],
)
def test_a_refused_request_keeps_what_was_typed(
    opens: Reads, sent: dict[str, str], said: str
) -> None:
    version = scenarios.checked()

    answer = opens(scenarios.developer(), asking(version), sent)

    assert answer.status == 422
    assert said in answer.words
    assert sent["reason"] in answer.words
    assert not PromotionRequest.objects.exists()


def test_who_may_not_ask_is_told_who_does(opens: Reads) -> None:
    version = scenarios.checked()

    page = opens(scenarios.auditor(), asking(version))
    answer = opens(scenarios.auditor(), asking(version), {"target": "staging", "reason": "Me"})

    assert "Only the model's developers and owner ask to move its versions." in page.words
    assert "<textarea" not in page.source
    assert answer.status == 422
    assert refusals("version.request_promotion") == ["not_allowed"]


def test_an_open_request_is_linked_instead_of_asked_for_again(opens: Reads) -> None:
    request = scenarios.requested()

    page = opens(scenarios.developer(), asking(request.version))

    assert f"{request} is open: Promote {request.version} to staging." in page.words
    assert page.has_link(request.get_absolute_url())


def test_from_production_a_renewal_is_asked_for_or_what_the_address_names(opens: Reads) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    archiving = f"{asking(version)}?to=archived"

    renewal = opens(scenarios.developer(), asking(version))
    page = opens(scenarios.developer(), archiving)
    nonsense = opens(scenarios.developer(), f"{asking(version)}?to=staging")
    answer = opens(
        scenarios.developer(), archiving, {"target": "archived", "reason": "Nobody uses it"}
    )

    for shown in (renewal, nonsense):
        assert f"Ask to renew {version} in production" in shown.words
        assert 'name="target" value="production"' in shown.source
    assert f"Ask to archive {version}" in page.words
    assert 'name="target" value="archived"' in page.source
    assert "Reason recorded" not in page.words
    assert "A model owner has to sign." in page.words
    assert answer.status == 302
    assert PromotionRequest.objects.latest("pk").transition == "production_to_archived"


def test_from_where_nothing_leads_on_nothing_can_be_asked_for(opens: Reads) -> None:
    version = retired().version

    page = opens(scenarios.developer(), asking(version))

    assert "Nothing to request" in page.words
    assert f"{version} is decommissioned; nothing leads on from there." in page.words


def test_a_policy_without_a_transition_says_so_where_it_would_be_asked_for(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    enforced(monkeypatch, lambda text: text["transitions"].pop(2))

    page = opens(scenarios.developer(), asking(version))

    assert "has no transition" in page.words
    assert "<textarea" not in page.source
    assert opens(scenarios.developer(), version.get_absolute_url()).status == 200


# -- sent back, set aside


def leaving(version: ModelVersion, name: str) -> str:
    return reverse(f"approvals:{name}", args=[version.model.name, version.number])


def test_a_candidate_is_sent_back_and_set_aside_by_those_who_ask(opens: Reads) -> None:
    version = scenarios.checked(Stage.PRODUCTION)
    back, aside = leaving(version, "send_back"), leaving(version, "set_aside")
    for path, does in ((back, "Send back"), (aside, "Set aside")):
        assert does in opens(scenarios.developer(), path).words
        assert "Give a reason." in opens(scenarios.developer(), path, {"reason": ""}).words
        refused = opens(scenarios.auditor(), path, {"reason": TYPED})
        assert (refused.status, TYPED in refused.words) == (422, True)
        for sent in (None, {"reason": "x"}):
            assert opens(scenarios.stranger(), path, sent).status == 404

    answer = opens(scenarios.developer(), back, {"reason": "The data was wrong"})
    version.refresh_from_db()
    assert answer.response.headers["Location"] == version.get_absolute_url()
    assert version.stage == Stage.DEVELOPMENT
    opens(scenarios.developer(), aside, {"reason": "Given up"})
    version.refresh_from_db()
    assert version.stage == Stage.ARCHIVED
    late = opens(scenarios.developer(), back, {"reason": TYPED})
    assert "leaves it by a request with sign-offs." in late.words
    assert TYPED in late.words


def test_a_version_of_an_invisible_model_is_not_found(opens: Reads) -> None:
    version = scenarios.checked()

    for sent in (None, {"target": "staging", "reason": "x"}):
        assert opens(scenarios.stranger(), asking(version), sent).status == 404
    assert opens(scenarios.developer(), asking(version).replace("/1/", "/2/")).status == 404


# -- rolling back


def rolling_back(version: ModelVersion) -> str:
    return reverse("approvals:roll_back", args=[version.model.name])


@pytest.fixture
def first(db: None) -> ModelVersion:
    """A version that was in production before the present one."""
    version = scenarios.promoted(Stage.PRODUCTION).version
    scenarios.promoted(Stage.PRODUCTION, version.model)
    return version


def test_the_page_that_rolls_back_shows_what_changes_and_the_gate(
    opens: Reads, first: ModelVersion
) -> None:
    page = opens(scenarios.operator(), rolling_back(first))

    assert f"Roll back {first.model.name} to version 1" in page.words
    assert "Version 2 leaves production and is archived; version 1" in page.words
    assert "Every condition is met." in page.words
    assert "v2 → v1" in page.words


def test_rolling_back_on_the_page_leads_to_the_model(opens: Reads, first: ModelVersion) -> None:
    answer = opens(scenarios.operator(), rolling_back(first), {"reason": "It misses too much"})

    first.refresh_from_db()
    assert answer.status == 302
    assert answer.response.headers["Location"] == first.model.get_absolute_url()
    assert first.stage == Stage.PRODUCTION


def test_a_rollback_without_a_reason_is_asked_for_one(opens: Reads, first: ModelVersion) -> None:
    answer = opens(scenarios.operator(), rolling_back(first), {"reason": ""})

    assert answer.status == 422
    assert "Give a reason." in answer.words


def test_who_is_no_operator_sees_who_rolls_back(opens: Reads, first: ModelVersion) -> None:
    page = opens(scenarios.developer(), rolling_back(first))
    answer = opens(scenarios.developer(), rolling_back(first), {"reason": "Mine"})

    assert "Carried out by an operator of this model: Otis Operator." in page.words
    assert "<textarea" not in page.source
    assert answer.status == 422
    assert "Only an operator of this model rolls it back." in answer.words


def test_a_closed_gate_says_what_would_open_the_way_back(opens: Reads, first: ModelVersion) -> None:
    overwrite(first, content_digest="sha256:" + "0" * 64)

    page = opens(scenarios.operator(), rolling_back(first))
    answer = opens(scenarios.operator(), rolling_back(first), {"reason": TYPED})

    assert "The gate is closed. It says below what would open it." in page.words
    assert "Choose a version whose digest is the one that was authorized." in page.words
    assert answer.status == 422
    assert "Target is unchanged since then" in answer.words


def test_a_model_without_a_version_before_says_so(opens: Reads) -> None:
    version = scenarios.checked()

    page = opens(scenarios.operator(), rolling_back(version))
    answer = opens(scenarios.operator(), rolling_back(version), {"reason": "Quick"})

    assert "There is no version before to go back to" in page.words
    assert answer.status == 422
    assert "has no version before to go back to" in answer.words


def test_an_invisible_model_is_not_found(opens: Reads, first: ModelVersion) -> None:
    for sent in (None, {"reason": "x"}):
        assert opens(scenarios.stranger(), rolling_back(first), sent).status == 404


# -- taking a sign-off back


@pytest.fixture
def taking_back(db: None) -> str:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = scenarios.sign(request, scenarios.validator(), "validator")
    return reverse("approvals:withdraw_sign_off", args=[signed.pk])


def test_a_signer_takes_a_sign_off_back_on_its_page(opens: Reads, taking_back: str) -> None:
    page = opens(scenarios.validator(), taking_back)
    answer = opens(scenarios.validator(), taking_back, {"reason": "I read the wrong version"})

    assert "as independent validator on" in page.words
    assert "“Looked at it closely”" in page.words
    assert answer.status == 302
    assert SignOffWithdrawal.objects.get().reason == "I read the wrong version"


def test_a_refused_withdrawal_says_why_and_keeps_what_was_typed(
    opens: Reads, taking_back: str
) -> None:
    request = PromotionRequest.objects.latest("pk")
    operations.withdraw_request(request, by=actor(scenarios.developer()), reason="Too early")

    answer = opens(scenarios.validator(), taking_back, {"reason": TYPED})
    empty = opens(scenarios.validator(), taking_back, {"reason": ""})

    assert answer.status == 422
    assert "This request is closed: withdrawn." in answer.words
    assert TYPED in answer.words
    assert "Give a reason." in empty.words


def test_nobody_else_finds_the_page_of_a_sign_off(opens: Reads, taking_back: str) -> None:
    for reader in (scenarios.stranger(), scenarios.auditor(), scenarios.risk_officer()):
        assert opens(reader, taking_back).status == 404
        assert opens(reader, taking_back, {"reason": "x"}).status == 404
    assert not SignOffWithdrawal.objects.exists()
