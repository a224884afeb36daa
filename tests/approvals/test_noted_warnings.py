"""A sign-off binds what was said about the warnings when it was given."""

import pytest

from apps.accounts.signing.statements import StaleForm
from apps.approvals import operations
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import GatesClosed
from tests import scenarios
from tests.approvals import deciding
from tests.approvals.walk import case_of, promote, sign, why_void
from tests.console.conftest import Reads
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _warns(monkeypatch: pytest.MonkeyPatch) -> None:
    deciding.enforced(monkeypatch, deciding.warns_of_the_use)


def note(request: PromotionRequest, words: str) -> None:
    operations.note_warnings(request, by=actor(scenarios.developer()), reason=words)
    request.refresh_from_db()


def test_what_is_said_is_part_of_what_is_signed() -> None:
    request = deciding.warned()
    assert case_of(request).dossier.note is None
    note(request, "Only a pilot")
    first = case_of(request).dossier

    note(request, "Every branch")

    assert first.note
    assert case_of(request).dossier.digest != first.digest


def test_what_is_said_after_a_sign_off_ends_it_and_the_signer_is_shown_why(opens: Reads) -> None:
    request = deciding.warned()
    note(request, "Only a pilot")
    signer = scenarios.owner()
    signed = sign(request, signer, "model_owner")
    assert why_void(request) == []

    note(request, "Every branch from Monday on")

    assert why_void(request) == ["What is said about the warnings changed."]
    with pytest.raises(GatesClosed):
        promote(request)
    page = opens(signer, request.get_absolute_url())
    assert "What is said about the warnings changed." in page.words
    assert "Every branch from Monday on" in page.words
    again = sign(request, signer, "model_owner")
    assert again.dossier_digest != signed.dossier_digest
    promote(request)


def test_a_page_opened_before_something_else_was_said_signs_nothing() -> None:
    request = deciding.warned()
    note(request, "Only a pilot")
    opened = scenarios.ticket(request, actor(scenarios.owner()))

    note(request, "Every branch")

    with pytest.raises(StaleForm, match="What is said about the warnings changed"):
        sign(request, scenarios.owner(), "model_owner", ticket=opened)
    assert not request.sign_offs.exists()


def test_the_form_says_that_another_answer_ends_what_was_signed(opens: Reads) -> None:
    request = deciding.warned()
    page = request.get_absolute_url()
    assert "ends the sign-offs given" not in opens(scenarios.developer(), page).words

    note(request, "Only a pilot")

    assert "Another answer ends the sign-offs given." in opens(scenarios.developer(), page).words


def test_saying_the_same_again_ends_nothing() -> None:
    request = deciding.warned()
    note(request, "Only a pilot")
    sign(request, person("ole", everywhere=("model_owner",)), "model_owner")

    note(request, "Only a pilot")

    assert why_void(request) == []
