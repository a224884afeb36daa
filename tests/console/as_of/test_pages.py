"""Pages of the past: visible, invisible, refused, and each in as many queries for many rows."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals import operations as approvals
from apps.audit import past
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ExamRoom
from tests import scenarios
from tests.approvals import policy_walk
from tests.console.as_of.many import copied
from tests.console.as_of.moment import latest
from tests.console.conftest import Reads
from tests.examining import opened
from tests.factories import actor
from tests.risk.found import raised

pytestmark = pytest.mark.django_db

HOME = "/as-of/"
CREDIT = "/models/credit/as-of/"
FIRST = "/models/credit/versions/1/as-of/"


def address(path: str, at: str = "", until: str = "") -> str:
    asked = {"at": at, "and": until}
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


def credit(**facts: Any) -> Any:
    return scenarios.registered_model("credit", **facts)


# -- the whole portfolio


def test_what_was_in_production_is_listed_with_its_approvals(opens: Reads) -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION, model=credit())
    raised(request.version.model)
    at = latest()
    catalog.rename_model(request.version.model, "lending", by=actor(scenarios.owner()))

    answer = opens(scenarios.auditor(), address(HOME, at))

    assert "As it was on" in answer.words
    assert "lending then credit Version 1 Owner Olivia Owner" in answer.words
    assert f"{request} Vera Validator" in answer.words
    assert "Rita Risk" in answer.words
    assert "1 high" in answer.words
    assert answer.has_link("/models/")
    assert answer.has_link(address(request.get_absolute_url() + "as-of/", at))
    assert "csrfmiddlewaretoken" not in answer.source.partition("<main")[2]


def test_a_version_that_left_production_is_there_before_and_gone_after(opens: Reads) -> None:
    version = scenarios.promoted(to=Stage.PRODUCTION, model=credit()).version
    before = latest()
    newer = scenarios.promoted(to=Stage.PRODUCTION, model=version.model)
    after = latest()

    then = opens(scenarios.auditor(), address(HOME, before)).words
    now = opens(scenarios.auditor(), address(HOME, after)).words
    between = opens(scenarios.auditor(), address(HOME, before, after))

    assert "Version 1 Owner" in then
    assert "Version 2 Owner" in now
    assert "Version 1 Owner" not in now
    assert "credit, version 1 Left production Production Archived" in between.words
    assert f"credit, version {newer.version.number} Entered production" in between.words
    event = AuditEvent.objects.get(
        action="version.promote", subject_id=newer.record_id, outcome="done"
    )
    assert between.has_link(f"/audit/{event.uid}/")


def test_a_version_that_was_put_back_says_so_and_leads_to_the_event(opens: Reads) -> None:
    version = scenarios.promoted(to=Stage.PRODUCTION, model=credit()).version
    scenarios.promoted(to=Stage.PRODUCTION, model=version.model)
    approvals.roll_back(version.model, by=actor(scenarios.operator()), reason="It is slow")

    answer = opens(scenarios.auditor(), address(HOME, latest()))
    file = opens(scenarios.auditor(), address("/as-of/production.csv", latest()))

    assert "Put back by a rollback" in answer.words
    event = AuditEvent.objects.get(action="model.roll_back", outcome="done")
    assert answer.has_link(f"/audit/{event.uid}/")
    assert "Put back by a rollback" in "".join(_lines(file))


def test_only_what_a_reader_sees_today_is_listed_and_another_owner_is_a_difference(
    opens: Reads,
) -> None:
    model = scenarios.promoted(to=Stage.PRODUCTION, model=credit()).version.model
    before = latest()
    catalog.rename_model(model, "lending", by=actor(scenarios.owner()))
    after = latest()

    hidden = opens(scenarios.stranger(), address(HOME, after)).words
    seen = opens(scenarios.auditor(), address(HOME, before, after)).words

    assert "Nothing was in production that you can see" in hidden
    assert "lending, version 1 Name credit lending" in seen


def test_the_file_holds_every_line_and_is_recorded(opens: Reads) -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION, model=credit())
    at = latest()
    copied(request, 3)

    lines = _lines(opens(scenarios.auditor(), address(f"{HOME}production.csv", at)))
    different = _lines(opens(scenarios.auditor(), address(f"{HOME}production.csv", at, at)))

    assert lines[0].startswith("\ufeffModel,Name then,Version")
    assert [line.split(",")[0] for line in lines[1:]] == ["copy-0", "copy-1", "copy-2", "credit"]
    assert "Vera Validator (" in lines[4]
    assert len(different) == 1
    assert AuditEvent.objects.filter(action="user.export_models").count() == 2
    assert opens(scenarios.auditor(), f"{HOME}production.csv").status == 302


def _lines(answer: Any) -> list[str]:
    whole = b"".join(answer.response.streaming_content).decode()
    return [line for line in whole.split("\r\n") if line]


def test_many_lines_take_as_many_queries_as_a_few(opens: Reads) -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION, model=credit())
    copied(request, 1)
    path = address(HOME, latest())
    few = _queries(opens, path)

    copied(request, 18, start=1)

    assert opens(scenarios.auditor(), path).words.count("Version 1 Owner") == 20
    assert _queries(opens, path) == few


def _queries(opens: Reads, path: str) -> int:
    opens(scenarios.auditor(), path)
    with CaptureQueriesContext(connection) as queries:
        assert opens(scenarios.auditor(), path).status == 200
    return len(queries)


# -- one model, version, promotion, policy


def test_a_model_is_shown_as_it_was(opens: Reads) -> None:
    model = credit(title="Default risk", intended_use="Decides nothing yet.")
    scenarios.registered_version(model)
    at = latest()
    by = actor(scenarios.owner())
    catalog.describe_model(model, by=by, title="Losses", intended_use="Decides.")
    scenarios.registered_version(model, {"a": b"2"})
    catalog.set_model_tag(model, "area", "retail", by=by)

    answer = opens(scenarios.auditor(), address(CREDIT, at))
    between = opens(scenarios.auditor(), address(CREDIT, at, latest())).words

    assert "Default risk" in answer.words
    assert "Decides nothing yet." in answer.words
    assert "Version 1 Development" in answer.words
    assert "Version 2" not in answer.words
    assert "area=retail" not in answer.words
    assert answer.has_link(address(FIRST, at))
    assert "Model Title Default risk Losses entry of" in between
    assert "Version 2 Stage not set Development" in between
    assert "Tag area Value not set retail" in between


def test_a_version_is_shown_with_its_evidence_and_its_approvals_of_then(opens: Reads) -> None:
    model = credit()
    checked = scenarios.check(scenarios.registered_version(model))
    before = latest()
    request = scenarios.requested(version=checked)
    asked = latest()
    scenarios.sign(request, scenarios.owner(), "model_owner", reason="Looked at it closely")
    approvals.promote(request, by=actor(scenarios.operator()), reason="In the change window")

    first = opens(scenarios.auditor(), address(FIRST, before)).words
    second = opens(scenarios.auditor(), address(FIRST, asked)).words
    third = opens(scenarios.auditor(), address(FIRST, latest())).words

    assert "Nobody had asked for a promotion." in first
    assert "Passed" in first
    assert "Nobody had signed." in second
    assert "Open" in second
    assert "Looked at it closely" in third
    assert "Staging" in third.partition("Requests and sign-offs")[0]
    assert "No authorization stood." in third


def test_a_promotion_shows_the_judgment_of_the_record_once_there_is_one(opens: Reads) -> None:
    request = scenarios.signed_off(model=credit())
    page, before = f"{request.get_absolute_url()}as-of/", latest()
    approvals.promote(request, by=actor(scenarios.operator()), reason="In the change window")

    first = opens(scenarios.auditor(), address(page, before)).words
    second = opens(scenarios.auditor(), address(page, latest()))

    assert "The record held no judgment by then." in first
    assert "Olivia Owner" in first
    assert "Promoted" in second.words.partition("Sign-offs")[0]
    assert "Otis Operator" in second.words
    assert 'data-state="met"' in second.source
    assert "Active accountable owner" in second.words.partition("Conditions")[2]
    assert "The entry that decided it" in second.words


def test_a_policy_shows_its_text_of_then_and_which_one_was_in_force(opens: Reads) -> None:
    draft = policy_walk.proposed()
    page, before = f"/policies/{draft.pk}/as-of/", latest()
    policy_walk.tried(draft)
    policy_walk.signed_by_both(draft)
    approvals.publish_policy(draft, by=actor(policy_walk.writer()), reason="Due")

    first = opens(scenarios.auditor(), address(page, before))
    hidden = opens(scenarios.developer(), address(page, before)).words
    second = opens(scenarios.developer(), address(page, latest())).words

    assert "Another policy was in force." in first.words
    assert first.has_link("/policies/shipped/starter/")
    assert "Nobody had signed." in first.words
    assert "It was not published yet" in hidden
    assert "It was in force." in second
    assert "Moves and their gates" in second


def test_a_model_and_a_version_take_as_many_queries_for_many_rows(opens: Reads) -> None:
    model = credit()
    checked = scenarios.check(scenarios.registered_version(model))
    raised(model)
    scenarios.requested(version=checked)
    taken = []
    for _ in range(2):
        at = latest()
        taken += [_queries(opens, address(path, at)) for path in (CREDIT, FIRST)]
        for number in range(3):
            scenarios.registered_version(model, {"a": f"{number}".encode()})
            raised(model, title=f"Finding {number}")
            catalog.set_model_tag(model, f"tag-{number}", "x", by=actor(scenarios.owner()))

    assert taken[:2] == taken[2:]


# -- what is asked


@pytest.mark.parametrize("path", [HOME, CREDIT])
def test_what_is_no_moment_is_refused_with_what_was_typed(opens: Reads, path: str) -> None:
    scenarios.registered_version(credit())

    ahead = opens(scenarios.auditor(), address(path, "2999-01-01"))
    nonsense = opens(scenarios.auditor(), address(path, "yesterday"))
    turned = opens(scenarios.auditor(), address(path, "2026-02-01", "2026-01-01"))

    assert ahead.status == nonsense.status == turned.status == 422
    assert "That moment has not come yet." in ahead.words
    assert 'value="2999-01-01"' in ahead.source
    assert "This is no moment." in nonsense.words
    assert "The second moment is before the first." in turned.words
    assert "As it was on" not in ahead.words


def test_what_is_shown_at_one_moment_alone_asks_for_one_alone(opens: Reads) -> None:
    scenarios.registered_version(credit())

    ahead = opens(scenarios.auditor(), address(FIRST, "2999-01-01"))
    shown = opens(scenarios.auditor(), address(FIRST, latest(), latest())).words

    assert ahead.status == 422
    assert "That moment has not come yet." in ahead.words
    assert "Compare with" not in shown
    assert "Registered by" in shown


def test_a_page_without_a_moment_asks_for_one(opens: Reads) -> None:
    credit()

    answer = opens(scenarios.auditor(), CREDIT)

    assert answer.status == 200
    assert "Choose a day" in answer.words
    assert "As it was on" not in answer.words


def test_before_the_record_and_before_a_model_nothing_is_guessed(opens: Reads) -> None:
    scenarios.registered_model("fraud")
    between = latest()
    credit()
    first = past.first_moment()
    assert first is not None

    before = opens(scenarios.auditor(), address(CREDIT, "2001-01-01")).words
    nothing = opens(scenarios.auditor(), address(HOME, "2001-01-01")).words
    early = opens(scenarios.auditor(), address(CREDIT, between)).words

    assert "The record begins on" in before
    assert "That was before the record begins" in before
    assert "That was before the record begins" in nothing
    assert "It was not registered yet" in early


def test_a_moment_is_shown_in_the_form_and_its_address_can_be_sent(opens: Reads) -> None:
    credit()
    at = latest()
    day, _, of_day = at.partition("T")

    answer = opens(scenarios.auditor(), address(CREDIT, at))
    typed = opens(scenarios.auditor(), f"{CREDIT}?{urlencode({'at': day, 'at_time': of_day})}")

    assert f'value="{day}"' in answer.source
    assert f'value="{of_day.removesuffix("Z")}"' in answer.source
    assert typed.words == answer.words


def test_who_may_not_see_it_today_meets_no_past_of_it(opens: Reads) -> None:
    request = scenarios.requested(model=credit())
    promotion = f"{request.get_absolute_url()}as-of/"
    draft = policy_walk.drafted()

    for path in (CREDIT, FIRST, promotion, f"/policies/{draft.pk}/as-of/"):
        assert opens(scenarios.stranger(), address(path, latest())).status == 404
        assert opens(scenarios.auditor(), address(path, latest())).status == 200


def test_every_live_page_leads_to_its_past(opens: Reads) -> None:
    request = scenarios.requested(model=credit())
    draft = policy_walk.drafted()
    lives = {
        "/models/": HOME,
        "/risk/": HOME,
        "/models/credit/": CREDIT,
        "/models/credit/versions/1/": FIRST,
        request.get_absolute_url(): f"{request.get_absolute_url()}as-of/",
        draft.get_absolute_url(): f"{draft.get_absolute_url()}as-of/",
    }

    for live, then in lives.items():
        assert opens(scenarios.auditor(), live).has_link(then), live


def test_an_examiner_sees_the_past_of_what_was_granted_and_of_no_more(opens: Reads) -> None:
    model = scenarios.promoted(to=Stage.PRODUCTION, model=credit()).version.model
    scenarios.registered_model("fraud")
    raised(model)
    room = opened(model, parts=[ExamRoom.Part.FILES])
    at = latest()

    listed = opens(room.examiner, address(HOME, at))
    shown = opens(room.examiner, address(CREDIT, at)).words

    assert "credit Version 1" in listed.words
    assert "not shown" in listed.words
    assert not listed.has_link(address(f"{HOME}production.csv", at))
    assert "Olivia Owner" in shown
    assert "Open findings" not in shown
    assert opens(room.examiner, address("/models/fraud/as-of/", at)).status == 404
    assert opens(room.examiner, address(f"{HOME}production.csv", at)).status == 404
