"""Models are registered with an owner and described by those who know them."""

from collections.abc import Callable

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.catalog import names, operations
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.catalog.operations import NameTaken
from apps.catalog.operations.registering import DESCRIBE_MODEL, REGISTER_MODEL
from apps.core.actors import ANONYMOUS, WORKER, Actor
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db


def test_a_registered_model_has_an_owner_a_developer_and_an_event() -> None:
    model = scenarios.registered_model("credit-default", title="Credit default")

    duties = set(ModelDuty.objects.values_list("user", "role"))
    assert duties == {
        (scenarios.owner().pk, "model_owner"),
        (scenarios.developer().pk, "model_developer"),
    }
    (entry,) = entries(REGISTER_MODEL.name)
    assert entry["subject"] == {"type": "model", "id": model.record_id}
    assert entry["chain"]["root"] == model.record_ref
    assert entry["detail"] == {"name": "credit-default", "owner": scenarios.owner().record_id}
    assert {row["row"].partition(":")[0] for row in entry["rows"]} == {"model", "model_duty"}
    assert model.touched_at == model.created_at


def test_whoever_registers_owns_unless_somebody_else_does() -> None:
    by = actor(scenarios.owner())
    model = operations.register_model(by=by, name="alone")

    assert model.owner == model.created_by == scenarios.owner()
    assert by.may("catalog.manage_access", model)
    assert by.may("catalog.register_version", model)


def test_what_is_said_about_a_model_is_kept() -> None:
    model = operations.register_model(
        by=actor(scenarios.developer()),
        name="full",
        title="Full",
        intended_use="For\ntwo lines",
        out_of_scope_uses="Not for this",
        limitations="Small data",
        team=team("Credit"),
        domain="Lending",
        kind="vendor",
        method="Gradient boosting",
        flags=("is_ai", "affects_individuals", "is_ai"),
    )
    model.refresh_from_db()

    assert model.flags == ["affects_individuals", "is_ai"]
    assert (model.kind, model.method, model.domain) == ("vendor", "Gradient boosting", "Lending")
    assert (model.intended_use, model.team and model.team.name) == ("For\ntwo lines", "Credit")


@pytest.mark.parametrize("twin", ["credit", "CREDIT", "ｃredit", "сredit"])  # noqa: RUF001
def test_i2_a_name_that_looks_taken_is_refused(twin: str) -> None:
    scenarios.registered_model("credit")

    with pytest.raises(DomainError):
        scenarios.registered_model(twin)

    assert RegisteredModel.objects.count() == 1
    assert len(refusals(REGISTER_MODEL.name)) == 1


def test_of_two_who_take_a_name_at_once_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.registered_model("credit")
    monkeypatch.setattr("apps.catalog.operations.registering.free_name", names.folded_name)

    with pytest.raises(NameTaken, match="“credit” is taken"):
        scenarios.registered_model("credit")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "a/b"}, "slash"),
        ({"title": "x" * 201}, "The title holds at most 200"),
        ({"title": "two\nlines"}, "cannot be shown"),
        ({"intended_use": "x" * 5001}, "The intended use holds at most 5,000"),
        ({"limitations": "nul\0"}, "cannot be shown"),
        ({"kind": "magic"}, "The kind is one of in_house"),
        ({"flags": ["is_ai", "is_magic"]}, "A flag is one of is_ai"),
    ],
)
def test_what_a_model_cannot_be_is_refused(facts: dict[str, object], words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        operations.register_model(
            **{"by": actor(scenarios.developer()), "name": "m", **facts}  # type: ignore[arg-type]
        )
    assert not RegisteredModel.objects.exists()


def test_a_closed_account_owns_nothing_new() -> None:
    leaver = person("leaver")
    accounts.close_account(leaver, by=HOST, reason="Left")

    with pytest.raises(RuleBroken, match="closed"):
        scenarios.registered_model(owner=leaver)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: actor(scenarios.stranger()),
        lambda: actor(scenarios.auditor()),
        lambda: actor(scenarios.risk_officer()),
        lambda: WORKER,
        lambda: ANONYMOUS,
    ],
)
def test_nobody_without_the_right_registers(wrong: Callable[[], Actor]) -> None:
    with pytest.raises(NotAllowed, match="right to register models"):
        operations.register_model(by=wrong(), name="m")

    assert not RegisteredModel.objects.exists()
    assert len(refusals("model.register")) == 1


def test_an_actor_without_an_account_registers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actor, "may", lambda *args: True)

    with pytest.raises(NotAllowed, match="a person or a service account"):
        operations.register_model(by=WORKER, name="m")


def test_a_broken_insert_of_the_event_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    by = actor(scenarios.developer())

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError

    monkeypatch.setattr("apps.audit.writing.insert", fail)
    before = AuditEvent.objects.count()
    with pytest.raises(OSError):  # noqa: PT011 - the one made here
        operations.register_model(by=by, name="m")

    assert not RegisteredModel.objects.exists()
    assert not ModelDuty.objects.exists()
    assert AuditEvent.objects.count() == before


# -- describing


def test_describing_changes_what_is_given_and_says_what() -> None:
    model = scenarios.registered_model(title="Old", limitations="Some")
    before = model.touched_at

    operations.describe_model(
        model, by=actor(scenarios.owner()), title="New", limitations="Some", flags=["is_ai"]
    )

    model.refresh_from_db()
    assert (model.title, model.limitations, model.flags) == ("New", "Some", ["is_ai"])
    assert model.touched_at > before
    (entry,) = entries(DESCRIBE_MODEL.name)
    assert entry["detail"] == {"changed": ["title", "flags"]}


def test_describing_a_model_as_it_is_writes_no_row() -> None:
    model = scenarios.registered_model(title="Same")

    operations.describe_model(model, by=actor(scenarios.owner()), title="Same")

    (entry,) = entries("model.describe")
    assert entry["rows"] == []


def test_a_description_beyond_its_limits_is_refused() -> None:
    model = scenarios.registered_model()

    with pytest.raises(InputRefused, match="The method holds at most 200"):
        operations.describe_model(model, by=actor(scenarios.owner()), method="x" * 201)


@pytest.mark.parametrize("wrong", [scenarios.stranger, scenarios.auditor, scenarios.risk_officer])
def test_only_those_who_build_a_model_describe_it(wrong: Callable[[], User]) -> None:
    model = scenarios.registered_model(title="Old")

    with pytest.raises(NotAllowed, match="right to describe"):
        operations.describe_model(model, by=actor(wrong()), title="New")

    model.refresh_from_db()
    assert model.title == "Old"
    assert len(refusals("model.describe")) == 1
