"""A questionnaire that comes with Signet is asked no longer, and again; what was begun goes on."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from apps.core.actors import Auth, Door
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.risk import offered
from apps.risk.models import Assessment, QuestionnaireVersion
from apps.risk.operations import assessment_review, assessments
from apps.risk.operations import questionnaires as operations
from apps.risk.questionnaires import SHIPPED, parse, shipped
from apps.risk.subjects import current_tier
from tests import scenarios
from tests.approvals.walk import entries, refusals
from tests.console.conftest import Reads
from tests.factories import actor
from tests.risk.assessed import LIGHT, TIERING, answered, approved, sign_all, started
from tests.risk.questionnaire_walk import WHY, chair, fresh, writer

pytestmark = pytest.mark.django_db
State = QuestionnaireVersion.State
SHIPPED_PAGE = reverse("risk:shipped_questionnaire", args=[TIERING])
RETIRE = reverse("risk:retire_shipped_questionnaire", args=[TIERING])


def retired() -> QuestionnaireVersion:
    """Let the tiering that comes with Signet be asked no longer."""
    return operations.retire_shipped(TIERING, by=actor(chair()), reason="We tier by our own")


def again(version: QuestionnaireVersion) -> QuestionnaireVersion:
    return operations.offer_again(version, by=actor(chair()), reason="Ours was worse")


def test_what_comes_with_signet_is_asked_no_longer_though_nobody_used_it_yet() -> None:
    version = retired()

    assert (version.state, version.is_shipped) == (State.RETIRED, True)
    assert version.digest == shipped(TIERING).digest
    assert [one.id for one in offered.offered()] == [one for one in SHIPPED if one != TIERING]
    assert offered.newest(TIERING) is None
    [entry] = entries("questionnaire.retire_shipped")
    assert (entry["reason"] is not None, entry["detail"]["begun"]) == (True, 0)
    with pytest.raises(NotFound, match="is in use"):
        started()


def test_one_that_was_used_is_retired_by_its_version_too() -> None:
    version = started().questionnaire

    operations.retire_questionnaire(version, by=actor(chair()), reason=WHY)

    assert offered.newest(TIERING) is None
    assert entries("questionnaire.retire")[0]["detail"]["begun"] == 1


def test_an_assessment_that_was_begun_is_answered_signed_and_counts() -> None:
    draft = answered(example_id=LIGHT)
    retired()

    assessment_review.submit_assessment(draft, by=actor(scenarios.owner()))
    sign_all(draft)

    draft.refresh_from_db()
    assert draft.state == Assessment.State.APPROVED
    assert current_tier(draft.model) == 4
    with pytest.raises(RuleBroken, match="newest version already"):
        other = started_before(draft)
        assessments.move_to_newer(other, to="", by=actor(scenarios.owner()))


def started_before(draft: Assessment) -> Assessment:
    """Return another draft by the same questionnaire, from before it was retired."""
    version = QuestionnaireVersion.objects.get(questionnaire_id=draft.kind)
    again(version)
    begun = started()
    operations.retire_questionnaire(fresh(version), by=actor(chair()), reason=WHY)
    return begun


def test_a_later_release_does_not_bring_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    version = retired()
    text = shipped(TIERING).text
    newer = parse(text.replace(f"version: {shipped(TIERING).version}", "version: 9.0.0", 1))
    monkeypatch.setattr(offered, "shipped", lambda _: newer)

    assert offered.newest(TIERING) is None

    again(version)
    found = offered.newest(TIERING)
    assert found is not None
    assert found.version == "9.0.0"


def test_it_is_asked_again_with_a_reason() -> None:
    version = retired()

    again(version)

    assert (fresh(version).state, fresh(version).replaced_at) == (State.PUBLISHED, None)
    assert [one.id for one in offered.offered()] == list(SHIPPED)
    assert started().questionnaire == version
    assert len(entries("questionnaire.offer_again")) == 1


def test_what_is_over_is_not_ended_twice_nor_what_is_asked_asked_again() -> None:
    version = retired()
    with pytest.raises(RuleBroken, match="not asked any more"):
        retired()
    with pytest.raises(RuleBroken, match="retired by now"):
        operations.retire_questionnaire(version, by=actor(chair()), reason=WHY)
    again(version)
    with pytest.raises(RuleBroken, match="in use by now"):
        again(version)
    with pytest.raises(RuleBroken, match="No questionnaire of this name"):
        operations.retire_shipped("house-check", by=actor(chair()), reason=WHY)
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.retire_shipped(TIERING, by=actor(chair()), reason=" ")


def test_only_a_person_who_signs_questionnaires_ends_that_one_is_asked() -> None:
    version = retired()
    for who in (scenarios.owner(), scenarios.auditor(), writer()):
        with pytest.raises(NotAllowed, match="signs questionnaires"):
            operations.offer_again(version, by=actor(who), reason=WHY)
        with pytest.raises(NotAllowed, match="signs questionnaires"):
            operations.retire_shipped("genai-risk", by=actor(who), reason=WHY)
    program = actor(chair(), door=Door.API, auth=Auth.TOKEN)
    with pytest.raises(NotAllowed):
        operations.retire_shipped("genai-risk", by=program, reason=WHY)
    assert refusals("questionnaire.offer_again") == ["not_allowed"] * 3
    assert refusals("questionnaire.retire_shipped") == ["not_allowed"] * 4


# -- its pages


def test_it_is_retired_and_asked_again_on_its_pages(opens: Reads) -> None:
    assert "Ask it no longer" in opens(chair(), SHIPPED_PAGE).words
    assert "Ask it no longer" not in opens(scenarios.owner(), SHIPPED_PAGE).words
    refused = opens(chair(), RETIRE, {"reason": " "})
    assert (refused.status, "Give a reason." in refused.words) == (422, True)
    assert opens(scenarios.owner(), RETIRE, {"reason": WHY}).status == 422

    assert opens(chair(), RETIRE, {"reason": WHY}).status == HTTPStatus.FOUND

    version = QuestionnaireVersion.objects.get()
    gone = opens(chair(), SHIPPED_PAGE)
    assert "It is not asked here any more." in gone.words
    assert gone.has_link(version.get_absolute_url())
    assert "Ask it no longer" not in gone.words
    assert shipped(TIERING).summary not in opens(chair(), "/questionnaires/").words
    address = reverse("risk:offer_questionnaire_again", args=[version.pk])
    assert "Ask it again" in opens(chair(), version.get_absolute_url()).words
    assert "Ask it again" not in opens(scenarios.owner(), version.get_absolute_url()).words
    assert opens(chair(), address, {"reason": ""}).status == 422
    assert opens(chair(), address, {"reason": WHY}).status == HTTPStatus.FOUND
    assert fresh(version).state == State.PUBLISHED


def test_the_page_of_a_model_keeps_what_was_begun_or_approved_by_it(opens: Reads) -> None:
    done, begun = approved(), started(scenarios.registered_model())
    operations.retire_questionnaire(done.questionnaire, by=actor(chair()), reason=WHY)

    for held in (done, begun):
        page = opens(scenarios.owner(), reverse("risk:assessments", args=[held.model.name]))
        assert "Not asked any more" in page.words
        assert page.has_link(held.get_absolute_url())
    nothing = scenarios.registered_model()
    page = opens(scenarios.owner(), reverse("risk:assessments", args=[nothing.name]))
    assert "Not asked any more" not in page.words
    assert opens(scenarios.owner(), begun.get_absolute_url()).status == HTTPStatus.OK
