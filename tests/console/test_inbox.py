"""The inbox: what waits on a person, what serves, and how the whole stands."""

from typing import Any

import pytest
from django.urls import reverse

from apps.approvals import queries
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.console import walk
from tests.console.conftest import Reads
from tests.factories import actor, person

INBOX = "/"

pytestmark = pytest.mark.django_db


def test_a_request_waits_on_those_whose_role_may_still_sign(opens: Reads) -> None:
    request = walk.requested(walk.staged(), Stage.PRODUCTION)
    walk.signed_off(request, "validator", by=walk.validator())

    answer = opens(scenarios.risk_officer(), INBOX)

    assert f"Promote {request.version} to production" in answer.words
    assert (
        "Sign as Model risk officer · 3 of 3 checks passed · 1 of 2 sign-offs given"
        " · asked by Dev Developer just now"
    ) in answer.words
    assert answer.has_link(request.get_absolute_url())
    assert 'Inbox<span class="count">1</span>' in answer.source


@pytest.mark.parametrize("somebody", [walk.validator, scenarios.developer, scenarios.auditor])
def test_it_does_not_wait_on_those_who_signed_asked_or_hold_no_role(
    opens: Reads, somebody: Any
) -> None:
    request = walk.requested(walk.staged(), Stage.PRODUCTION)
    walk.signed_off(request, "validator", by=walk.validator())

    answer = opens(somebody(), INBOX)

    assert "Sign as" not in answer.words
    assert "Nothing to decide" in answer.words
    assert '<span class="count">' not in answer.source.partition("<main")[0]


def test_a_contributor_is_not_asked_even_with_the_right_role(opens: Reads) -> None:
    both = person("bo", everywhere=("validator", "model_developer"))
    version = scenarios.registered_version(contributors=[both])
    walk.requested(walk.staged(version), Stage.PRODUCTION)

    assert "Sign as" not in opens(both, INBOX).words


def test_a_request_on_an_invisible_model_is_not_shown(opens: Reads) -> None:
    request = walk.ready_to_promote()

    answer = opens(scenarios.stranger(), INBOX)

    assert request.version.model.name not in answer.source
    assert "No model is visible to you yet" in answer.words


def test_an_administrator_is_led_to_the_administration_and_nobody_else_is(opens: Reads) -> None:
    admin = reverse("admin:index")

    answer = opens(person("ada", administrator=True), INBOX)

    assert "You manage people here" in answer.words
    assert answer.source.count(f'href="{admin}"') == 2
    assert not opens(scenarios.owner(), INBOX).has_link(admin)


def test_a_role_on_one_model_is_enough_to_be_asked(opens: Reads) -> None:
    reviewer = person("robin")
    asked = walk.requested(walk.staged(), Stage.PRODUCTION)
    other = walk.requested(walk.staged(), Stage.PRODUCTION)
    catalog.grant_model_duty(
        asked.version.model,
        reviewer,
        "validator",
        by=actor(scenarios.risk_officer()),
        reason="Knows the portfolio",
    )

    answer = opens(reviewer, INBOX)

    assert f"Promote {asked.version} to production" in answer.words
    assert str(other.version) not in answer.source


def test_conditions_come_before_signatures(opens: Reads) -> None:
    request = walk.requested(scenarios.registered_version())

    answer = opens(scenarios.owner(), INBOX)

    assert "Nothing to decide" in answer.words
    assert "Not ready for your signature" in answer.words
    assert "Not met yet: Stored files match their digest" in answer.words
    assert queries.waiting_on(actor(scenarios.owner()), at=request.requested_at) == []


def test_a_void_sign_off_is_asked_for_again(opens: Reads) -> None:
    request = walk.requested(walk.staged(), Stage.PRODUCTION)
    walk.signed_off(request, "validator", by=walk.validator())
    walk.checked(request.version)

    answer = opens(walk.validator(), INBOX)

    assert "Sign again" in answer.words
    assert "Your sign-off is void:" in answer.words
    assert "was run again" in answer.words


def test_an_operator_sees_what_is_ready_to_promote(opens: Reads) -> None:
    request = walk.ready_to_promote()
    walk.requested(walk.staged(), Stage.PRODUCTION)

    answer = opens(walk.operator(), INBOX)

    assert f"Promote {request.version} to production Ready to promote" in answer.words
    assert answer.words.count("Ready to promote") == 1
    assert "1 decision." in answer.words


def test_those_who_asked_see_what_each_request_waits_for(opens: Reads) -> None:
    walk.requested(walk.checked())
    walk.ready_to_promote()

    words = opens(scenarios.developer(), INBOX).words

    assert "Asked for by you" in words
    assert "Waits for a sign-off as Model owner · 0 of 1 sign-off given" in words
    assert "Its gate is open: an operator can promote it · 2 of 2 sign-offs given" in words


def test_what_is_in_production_is_shown_with_its_standing(opens: Reads) -> None:
    version = walk.in_production()

    answer = opens(scenarios.auditor(), INBOX)

    assert f"{version.model.name} 1 Olivia Owner" in answer.words
    assert "In order" in answer.words
    assert answer.has_link(version.get_absolute_url())


def test_the_numbers_lead_to_their_rows(opens: Reads) -> None:
    walk.in_production()
    scenarios.registered_model()

    answer = opens(scenarios.auditor(), INBOX)

    assert "2 registered models you can see" in answer.words
    assert "1 version in production" in answer.words
    assert "0 open promotion requests" in answer.words
    assert answer.has_link("/models/?stage=production")
    assert answer.has_link(reverse("audit:list"))


def test_an_empty_registry_says_what_to_do_first(opens: Reads) -> None:
    assert opens(scenarios.developer(), INBOX).has_link(reverse("models:register_model"))


def test_the_inbox_needs_as_many_queries_for_twelve_requests_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    for _ in range(2):
        walk.requested(walk.checked())
    owner = scenarios.owner()
    opens(owner, INBOX)
    with django_assert_max_num_queries(90) as few:
        opens(owner, INBOX)
    for _ in range(10):
        walk.requested(walk.checked())
    with django_assert_max_num_queries(len(few)):
        assert opens(owner, INBOX).words.count("Sign as Model owner") == 12
