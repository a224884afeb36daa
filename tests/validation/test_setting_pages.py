"""The pages that set what a check gets: made from its parameters, refused at the field, kept."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from django.test import Client
from django.urls import reverse
from msgspec import Meta

from apps.accounts.models import User
from apps.catalog.models import RegisteredModel
from apps.validation import checks, operations
from apps.validation.checks.contract import Check, Outcome, Parameters
from apps.validation.described import NO_ENTRY, Typed, in_words, parameters_of
from apps.validation.models import CheckSetting
from tests.factories import actor, person, signed_in
from tests.scenarios import registered_model
from tests.validation.records import detail, events, outcomes
from tests.validation.test_pages import queries_of

pytestmark = pytest.mark.django_db


class Way(StrEnum):
    FAST = "fast"
    SLOW = "slow"


class Rules(Parameters, frozen=True):
    """One of each kind of parameter."""

    margin: Annotated[Decimal, Meta(description="By how much it may be worse.")] = Decimal("0.05")
    least: Annotated[int, Meta(description="How many rows are enough.", ge=1)] = 30
    is_strict: Annotated[bool, Meta(description="Whether every slice counts.")] = False
    way: Annotated[Way, Meta(description="How it is done.")] = Way.FAST
    slices: Annotated[tuple[str, ...], Meta(description="Which slices count.")] = ("all",)
    limits: Annotated[dict[str, Decimal], Meta(description="Limits by metric.")] = {}
    note: Annotated[str, Meta(description="A word to go with it.")] = ""


SENT = {
    "set_margin": "0.10",
    "set_least": "50",
    "set_is_strict": "yes",
    "set_way": "slow",
    "set_slices": "young\n\n old \n",
    "set_limits": '{"auc": 0.8}',
    "reason": "Agreed with the validators",
}
KEPT: dict[str, Any] = {
    "margin": "0.10",
    "least": 50,
    "is_strict": True,
    "way": "slow",
    "slices": ["young", "old"],
    "limits": {"auc": "0.8"},
}

PLAIN = Check("plain", "Plain", "Looks.", lambda v, p=None, q=None: Outcome("Fine."), "1")
FUSSY = Check(
    "fussy", "Fussy", "Looks closely.", lambda v, p=None, q=None: Outcome("Fine."), "1", Rules
)


@pytest.fixture(autouse=True)
def _two_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ALL", (FUSSY, PLAIN))
    monkeypatch.setattr(checks, "NAMES", ("fussy", "plain"))


@pytest.fixture
def model() -> RegisteredModel:
    return registered_model("credit")


@pytest.fixture
def web(client: Client, validator: User) -> Client:
    return signed_in(client, validator)


@pytest.fixture
def officer(db: None) -> Client:
    """A browser of the risk officer, who sets parameters for every model."""
    return signed_in(Client(), person("casey", everywhere=("risk_officer",)))


def of_model(check: str = "fussy", name: str = "credit") -> str:
    return reverse("validation:model_settings", args=[name, check])


FOR_ALL = reverse("validation:settings_for_all", args=["fussy"])


def test_every_kind_of_parameter_has_a_control_with_description_and_default(
    web: Client, model: RegisteredModel
) -> None:
    page = web.get(of_model()).content.decode()

    assert [one.typed for one in parameters_of(FUSSY)] == [
        Typed.FRACTION,
        Typed.WHOLE,
        Typed.YES_NO,
        Typed.CHOICE,
        Typed.LINES,
        Typed.JSON,
        Typed.TEXT,
    ]
    for words in ("By how much it may be worse.", "Default: 0.05.", "Default: no.", "As JSON."):
        assert words in page
    assert "Nothing was set here" in page


def test_what_is_typed_is_set_shown_again_and_told_with_its_reason(
    web: Client, model: RegisteredModel
) -> None:
    answer = web.post(of_model(), SENT)

    assert answer.status_code == 302
    setting = CheckSetting.objects.get()
    assert (setting.model, setting.parameters) == (model, KEPT)
    [event] = events("check.set_parameters", setting)
    assert detail(event)["parameters"] == KEPT
    page = web.get(of_model()).content.decode()
    for words in ('value="0.10"', "young\nold", "Agreed with the validators", "least: 50", "Vera"):
        assert words in page


def test_empty_fields_keep_the_default_and_an_empty_list_can_be_set(
    web: Client, model: RegisteredModel
) -> None:
    web.post(of_model(), {"set_slices": NO_ENTRY, "reason": "None at all"})
    assert CheckSetting.objects.get().parameters == {"slices": []}
    assert f">\n{NO_ENTRY}</textarea>" in web.get(of_model()).content.decode()

    web.post(of_model(), {"reason": "Back"})
    assert CheckSetting.objects.get().parameters == {}
    assert "back to the defaults" in web.get(of_model()).content.decode()


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("set_margin", "much", "Invalid decimal"),
        ("set_margin", "NaN", "not finite"),
        ("set_margin", "1e9999999999999999999999", "Invalid decimal"),
        ("set_least", "0.5", "no whole number"),
        ("set_least", "0", "&gt;= 1"),
        ("set_way", "sideways", "Select a valid choice"),
        ("set_limits", "{", "This is not JSON"),
        ("set_limits", '{"auc": []}', "Expected"),
        ("set_slices", "x\0", "Null characters"),
        ("reason", "", "Give a reason."),
    ],
)
def test_what_the_check_does_not_take_is_refused_and_nothing_is_set(
    web: Client, model: RegisteredModel, field: str, text: str, words: str
) -> None:
    answer = web.post(of_model(), SENT | {field: text})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    if words != "not finite":
        assert list(answer.context["form"].errors) == [field]
    assert not CheckSetting.objects.exists()


def test_the_same_parameters_again_are_refused_on_the_page(
    web: Client, model: RegisteredModel
) -> None:
    web.post(of_model(), SENT)

    answer = web.post(of_model(), SENT)

    assert answer.status_code == 422
    assert "These parameters are set already." in answer.content.decode()


def test_a_stale_form_does_not_take_away_what_somebody_set_meanwhile(
    web: Client, officer: Client, model: RegisteredModel
) -> None:
    for browser, address in ((web, of_model()), (officer, FOR_ALL)):
        shown = browser.get(address).context["form"].initial["shown"]
        theirs, mine = {**SENT, "shown": shown}, {"set_least": "7", "reason": "x", "shown": shown}
        assert browser.post(address, theirs).status_code == 302

        answer = browser.post(address, mine)

        assert answer.status_code == 422
        assert "Somebody set other parameters meanwhile." in answer.content.decode()
        kept = CheckSetting.objects.order_by("-pk")[0].parameters
        assert kept == KEPT, address
        again = {**mine, "shown": browser.get(address).context["form"].initial["shown"]}
        assert browser.post(address, again).status_code == 302


def test_what_is_set_for_every_model_is_shown_beside_a_models_own(
    web: Client, officer: Client, model: RegisteredModel
) -> None:
    assert officer.post(FOR_ALL, {"set_least": "99", "reason": "House rule"}).status_code == 302
    assert officer.post(FOR_ALL, {"set_least": "98", "reason": "Eased"}).status_code == 302

    page = web.get(of_model())

    assert {"term": "Least", "value": "98"} in page.context["for_all"]
    told = officer.get(FOR_ALL).content.decode()
    assert told.index("Eased") < told.index("House rule")


def test_who_may_not_set_them_sees_why_and_is_refused(
    client: Client, model: RegisteredModel
) -> None:
    reader = signed_in(client, person("paul", everywhere=("auditor",)))
    for address, action in ((of_model(), "set_parameters"), (FOR_ALL, "set_for_all")):
        page, answer = reader.get(address), reader.post(address, SENT)
        assert "disabled" in page.content.decode()
        assert answer.status_code == 422
        assert outcomes(f"check.{action}") == ["refused"]


def test_what_is_not_visible_or_no_check_is_not_there(
    client: Client, web: Client, model: RegisteredModel
) -> None:
    stranger = signed_in(Client(), person("stranger"))

    assert stranger.get(of_model()).status_code == 404
    assert stranger.post(of_model(), SENT).status_code == 404
    assert web.get(of_model(check="magic")).status_code == 404
    assert web.get(reverse("validation:settings_for_all", args=["magic"])).status_code == 404


def test_a_check_without_parameters_says_so(web: Client, model: RegisteredModel) -> None:
    assert "takes no parameters" in web.get(of_model(check="plain")).content.decode()


def test_the_page_takes_as_many_queries_for_many_changes_as_for_few(
    web: Client, validator: User, model: RegisteredModel
) -> None:
    def set_least(least: int) -> None:
        operations.set_parameters(
            model, "fussy", {"least": least}, by=actor(validator), reason="Again"
        )

    for least in (1, 2):
        set_least(least)
    few = queries_of(web, of_model())
    for least in range(3, 21):
        set_least(least)

    assert queries_of(web, of_model()) == few


def test_values_are_said_in_words() -> None:
    said: Callable[[object], str] = in_words
    cases = [(True, "yes"), ([], "none"), (None, "none"), (["a", "b"], "a, b"), (0, "0")]
    assert [said(value) for value, _ in cases] == [words for _, words in cases]
