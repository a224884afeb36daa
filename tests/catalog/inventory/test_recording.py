"""Values are recorded by whom their field names, whole or not at all, and each change is kept."""

from collections.abc import Callable

import pytest

from apps.accounts import operations as accounts
from apps.approvals import operations as approvals
from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.inventory import facts, sheets
from apps.catalog.models import ModelSheet, RegisteredModel, UseCase
from apps.catalog.operations import ChangedMeanwhile, FieldsRefused
from apps.core.actors import Actor
from apps.core.errors import DomainError, NotAllowed, NotFound, RuleBroken
from tests import scenarios
from tests.catalog.inventory.walk import (
    WHY,
    by_developer,
    by_owner,
    by_pipeline,
    digests,
    on_sheet,
    third_party,
    use_case,
)
from tests.catalog.record import entries, refusals
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> RegisteredModel:
    return scenarios.registered_model("credit", intended_use="Ranks cases.")


def test_an_owner_records_values_and_the_record_says_which_without_saying_what(
    model: RegisteredModel,
) -> None:
    changed = operations.record_values(
        model,
        {"business_line": "Cards", "stakeholders": ["Collections", "Audit"]},
        by=by_owner(),
        reason="First record",
    )

    assert changed == ["business_line", "stakeholders"]
    assert on_sheet(model) == {"business_line": "Cards", "stakeholders": ["Collections", "Audit"]}
    [entry] = entries("inventory.record")
    assert entry["detail"]["changed"] == ["business_line", "stakeholders"]
    assert entry["subject"] == {"type": "model", "id": model.record_id}
    assert entry["chain"]["root"] == model.record_ref
    assert "Cards" not in str(entry)
    assert [row["row"] for row in entry["rows"]] == [model.sheet.record_ref]


def test_history_keeps_every_value_with_the_version_of_the_fields(model: RegisteredModel) -> None:
    for line in ("Cards", "Loans"):
        operations.record_values(model, {"business_line": line}, by=by_owner())

    states = ModelSheet.history.order_by("history_id")
    assert [(state.values, state.fields_version) for state in states] == [
        ({"business_line": "Cards"}, "1.0.0"),
        ({"business_line": "Loans"}, "1.0.0"),
    ]


@pytest.mark.parametrize("nothing", [None, []])
def test_an_empty_value_takes_a_recorded_one_away(model: RegisteredModel, nothing: object) -> None:
    operations.record_values(model, {"stakeholders": ["Audit"]}, by=by_owner())

    assert operations.record_values(model, {"stakeholders": nothing}, by=by_owner())

    assert on_sheet(model) == {}


def test_what_is_recorded_already_changes_nothing(model: RegisteredModel) -> None:
    operations.record_values(model, {"business_line": "Cards"}, by=by_owner())

    assert operations.record_values(model, {"business_line": " Cards "}, by=by_owner()) == []

    assert ModelSheet.history.count() == 1


def test_columns_of_a_model_are_described_through_the_inventory(model: RegisteredModel) -> None:
    operations.record_values(
        model, {"intended_use": "Ranks claims.", "description": "A ranker."}, by=by_owner()
    )

    model.refresh_from_db()
    assert (model.intended_use, model.description) == ("Ranks claims.", "A ranker.")
    assert on_sheet(model) == {}
    assert facts.of_subject(model)["intended_use"] == "Ranks claims."
    [described] = [e for e in entries("model.describe") if e["parent"]]
    assert described["detail"]["changed"] == ["description", "intended_use"]


def test_a_yes_or_no_that_is_a_flag_sets_the_flag_policies_read(model: RegisteredModel) -> None:
    privacy = actor(person("paula", everywhere=("privacy_officer",)))

    operations.record_values(model, {"processes_personal_data": True}, by=privacy)
    model.refresh_from_db()
    assert model.flags == ["processes_personal_data"]

    operations.record_values(model, {"processes_personal_data": False}, by=privacy)
    model.refresh_from_db()
    assert model.flags == []
    assert facts.of_subject(model)["processes_personal_data"] is False


REFUSED: list[tuple[dict[str, object], Callable[[], Actor], str]] = [
    ({"origin": "internal"}, by_owner, "supplied by an approved assessment"),
    ({"owner": "usr_99999"}, by_owner, "part of the model itself"),
    ({"id": "x"}, by_owner, "worked out by Signet"),
    ({"next_review_at": "x"}, by_owner, "worked out by Signet"),
    ({"name": "other"}, by_owner, "part of the model itself"),
    ({"tags": ["x"]}, by_owner, "part of the model itself"),
    ({"nothing_like_it": "x"}, by_owner, "There is no field"),
    ({"business_line": "x" * 501}, by_owner, "at most 500"),
    ({"business_line": "Cards"}, by_developer, "supplied by Model owner"),
    ({"is_ai": True}, by_owner, "supplied by Model developer"),
]


@pytest.mark.parametrize(
    ("values", "by", "words"), REFUSED, ids=lambda part: getattr(part, "__name__", str(part)[:40])
)
def test_a_refused_field_says_why_and_nothing_of_the_change_is_kept(
    model: RegisteredModel, values: dict[str, object], by: Callable[[], Actor], words: str
) -> None:
    with pytest.raises(FieldsRefused) as refusal:
        operations.record_values(model, {"legal_entities": ["Bank plc"], **values}, by=by())

    assert words in refusal.value.problems[next(iter(values))]
    assert on_sheet(model) == {}
    assert len(refusals("inventory.record")) == 1


@pytest.mark.parametrize("who", ["sam", "audrey"])
def test_who_fills_no_inventory_is_refused_by_permission(model: RegisteredModel, who: str) -> None:
    people = {"sam": scenarios.stranger(), "audrey": scenarios.auditor()}

    with pytest.raises(NotAllowed, match="right to fill the inventory"):
        operations.record_values(model, {"business_line": "x"}, by=actor(people[who]))

    assert len(refusals("inventory.record")) == 1


def test_a_role_on_one_model_fills_that_one_alone(model: RegisteredModel) -> None:
    vera = person("vic")
    operations.grant_model_duty(
        model, vera, "validator", by=actor(scenarios.risk_officer()), reason=WHY
    )
    other = scenarios.registered_model("other")

    assert operations.record_values(model, {"limitations": [["Small", "", ""]]}, by=actor(vera))
    with pytest.raises(NotAllowed):
        operations.record_values(other, {"limitations": [["Small", "", ""]]}, by=actor(vera))


def test_the_pipeline_records_through_a_token_what_nobody_records_by_hand() -> None:
    version = scenarios.registered_version()
    values = {"scan_status": "clean", "scanned_at": "2026-11-20T10:00:00Z"}

    assert operations.record_values(version, values, by=by_pipeline())
    with pytest.raises(FieldsRefused, match="training or build"):
        operations.record_values(version, {"scan_status": "flagged"}, by=by_developer())

    assert on_sheet(version) == {
        "scan_status": "clean",
        "scanned_at": "2026-11-20T10:00:00.000000Z",
    }


def test_what_came_with_a_version_is_not_rewritten(model: RegisteredModel) -> None:
    version = scenarios.registered_version(model, change_class="minor")

    rewritten: list[dict[str, object]] = [{"change_class": "material"}, {"contributors": []}]
    for values in rewritten:
        with pytest.raises(FieldsRefused, match="part of the version itself"):
            operations.record_values(version, values, by=by_developer())
    assert operations.record_values(version, {"license": "Apache-2.0"}, by=by_developer())

    known = facts.of_subject(version)
    assert (known["change_class"], known["license"]) == ("minor", "Apache-2.0")
    assert known["metrics"] == "Metrics of its run"


def test_only_people_with_an_open_account_are_named(model: RegisteredModel) -> None:
    gone = person("gone")
    robot = person("robot", service=True)
    accounts.close_account(gone, by=HOST, reason="Left")

    for who in (gone.record_id, robot.record_id, "usr_99999"):
        with pytest.raises(FieldsRefused, match="names nobody with an open account"):
            operations.record_values(model, {"business_sponsor": who}, by=by_owner())
    assert operations.record_values(
        model, {"developer": {"person": scenarios.developer().record_id}}, by=by_owner()
    )


def test_a_sheet_read_before_somebody_else_wrote_it_loses_nothing(model: RegisteredModel) -> None:
    operations.record_values(model, {"business_line": "Cards"}, by=by_owner())
    stale = RegisteredModel.objects.select_related("sheet").get(pk=model.pk)
    operations.record_values(model, {"business_line": "Loans", "aliases": ["x"]}, by=by_owner())

    operations.record_values(stale, {"stakeholders": ["Audit"]}, by=by_owner())

    assert on_sheet(model) == {
        "business_line": "Loans",
        "aliases": ["x"],
        "stakeholders": ["Audit"],
    }


def test_nothing_is_recorded_about_a_deleted_version(model: RegisteredModel) -> None:
    kept, gone = scenarios.registered_version(model), scenarios.registered_version(model)
    approvals.delete_version(gone, by=by_developer(), reason=WHY)

    with pytest.raises(NotFound, match="was deleted"):
        operations.record_values(gone, {"license": "MIT"}, by=by_developer())
    assert operations.record_values(kept, {"license": "MIT"}, by=by_developer())


# -- what was shown --------------------------------------------------------------------------------


def test_a_value_changed_since_it_was_shown_is_not_overwritten(model: RegisteredModel) -> None:
    shown = digests(model, {"business_line": None, "stakeholders": None})
    operations.record_values(model, {"business_line": "Loans"}, by=by_owner())

    with pytest.raises(ChangedMeanwhile, match="Business line") as refusal:
        operations.record_values(
            model, {"business_line": "Cards", "stakeholders": []}, by=by_owner(), shown=shown
        )

    assert refusal.value.keys == {"business_line"}
    assert on_sheet(model) == {"business_line": "Loans"}


def test_what_a_person_left_as_it_was_shown_stays_as_somebody_else_made_it(
    model: RegisteredModel,
) -> None:
    shown = digests(model, {"business_line": None, "stakeholders": None})
    operations.record_values(model, {"business_line": "Loans"}, by=by_owner())

    changed = operations.record_values(
        model, {"business_line": "", "stakeholders": ["Audit"]}, by=by_owner(), shown=shown
    )

    assert changed == ["stakeholders"]
    assert on_sheet(model) == {"business_line": "Loans", "stakeholders": ["Audit"]}


def test_a_field_that_was_never_shown_is_not_written_by_a_form(model: RegisteredModel) -> None:
    with pytest.raises(ChangedMeanwhile):
        operations.record_values(model, {"business_line": "Cards"}, by=by_owner(), shown={})


# -- uses and suppliers ----------------------------------------------------------------------------


def test_a_use_is_added_with_a_key_of_its_own_and_filled(model: RegisteredModel) -> None:
    first, second = use_case(model, "Card limits"), use_case(model, "Card  limits")
    odd, new = use_case(model, "…"), use_case(model, "New")

    assert [use.key for use in (first, second, odd, new)] == [
        "card-limits", "card-limits-2", "use", "new-2",
    ]  # fmt: skip
    operations.record_values(first, {"intended_purpose": "Sets limits."}, by=by_owner())
    assert facts.of_subject(first) == {
        "id": first.record_id,
        "title": "Card limits",
        "intended_purpose": "Sets limits.",
    }
    assert [entry["subject"]["type"] for entry in entries("use_case.add")] == ["use_case"] * 4


def test_a_supplier_record_is_added_and_makes_the_model_third_party(
    model: RegisteredModel,
) -> None:
    assert facts.of_subject(model)["is_third_party"] is False
    party = third_party(model)

    model = RegisteredModel.objects.get(pk=model.pk)
    assert facts.of_subject(model)["is_third_party"] is True
    assert facts.of_subject(model)["suppliers"] == ["Scores Inc."]
    assert operations.record_values(party, {"service": "Scores, 2026 edition"}, by=by_owner())
    assert len(entries("third_party.add")) == 1


@pytest.mark.parametrize("kind", ["use", "party"])
def test_a_record_ends_once_with_a_reason_and_takes_nothing_more(
    model: RegisteredModel, kind: str
) -> None:
    record: UseCase = use_case(model) if kind == "use" else third_party(model)  # type: ignore[assignment]
    end = operations.end_use_case if kind == "use" else operations.end_third_party
    key = "description" if kind == "use" else "service"

    with pytest.raises(RuleBroken, match="Give a reason"):
        end(record, by=by_owner(), reason="")  # type: ignore[arg-type]
    end(record, by=by_owner(), reason=WHY)  # type: ignore[arg-type]

    assert record.ended_at is not None
    with pytest.raises(RuleBroken, match="has ended"):
        end(record, by=by_owner(), reason=WHY)  # type: ignore[arg-type]
    with pytest.raises(RuleBroken, match="has ended"):
        operations.record_values(record, {key: "x"}, by=by_owner())
    assert len(entries("use_case.end") + entries("third_party.end")) == 1


@pytest.mark.parametrize("role", ["validator", "operator", "model_developer"])
def test_only_who_answers_for_it_adds_and_ends_records(model: RegisteredModel, role: str) -> None:
    by = actor(person("someone", everywhere=(role,)))
    use, party = use_case(model), third_party(model)

    for refused in (
        lambda: operations.add_use_case(model, by=by, title="x"),
        lambda: operations.end_use_case(use, by=by, reason=WHY),
        lambda: operations.add_third_party(model, by=by, title="x"),
        lambda: operations.end_third_party(party, by=by, reason=WHY),
    ):
        with pytest.raises(NotAllowed, match="add and end"):
            refused()
    assert model.use_cases.count() == model.third_parties.count() == 1


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "bell\a"])
def test_a_record_has_a_title_that_can_be_shown(model: RegisteredModel, title: str) -> None:
    for add in (operations.add_use_case, operations.add_third_party):
        with pytest.raises(DomainError):
            add(model, by=by_owner(), title=title)
    assert not AuditEvent.objects.filter(action="use_case.add", outcome="done").exists()


def test_a_model_has_room_for_so_many_records(
    model: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.catalog.operations.inventory.MOST_RECORDS", 1)
    use_case(model)
    third_party(model)
    for add in (use_case, third_party):
        with pytest.raises(RuleBroken, match="at most 1"):
            add(model)


# -- what a dossier binds --------------------------------------------------------------------------


def test_nothing_recorded_has_no_digest_and_each_thing_recorded_changes_it() -> None:
    version = scenarios.registered_version()
    seen = [sheets.inventory_digest(version)]
    assert seen == [None]
    use = use_case(version.model)
    seen.append(sheets.inventory_digest(version))
    operations.record_values(use, {"description": "One"}, by=by_owner())
    seen.append(sheets.inventory_digest(version))
    operations.record_values(version.model, {"business_line": "Cards"}, by=by_owner())
    seen.append(sheets.inventory_digest(version))
    operations.record_values(version, {"license": "MIT"}, by=by_developer())
    seen.append(sheets.inventory_digest(version))
    party = third_party(version.model)
    seen.append(sheets.inventory_digest(version))
    operations.end_third_party(party, by=by_owner(), reason=WHY)
    assert sheets.inventory_digest(version) == seen[4]
    assert len(set(seen)) == len(seen)


def test_digests_of_many_versions_take_four_queries(django_assert_num_queries: Callable) -> None:
    versions = [scenarios.registered_version() for _ in range(4)]
    operations.record_values(versions[0].model, {"business_line": "Cards"}, by=by_owner())

    with django_assert_num_queries(4):
        found = sheets.inventory_digests(versions)

    assert set(found) == {versions[0].pk}
