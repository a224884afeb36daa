"""Retention, legal holds, and disposal by two people: the files go, the record stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.approvals import keeping, operations
from apps.approvals.facts.context import Evidence
from apps.approvals.models import LegalHold, Retention, Retirement
from apps.approvals.operations import OnHold
from apps.catalog import disposal, places, store
from apps.catalog import operations as catalog
from apps.catalog.disposal import Disposed
from apps.catalog.models import Artifact, DisposedVersion, ModelVersion, RegisteredModel
from apps.catalog.store import Expected
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.validation import operations as validation
from apps.validation import runner, scrub
from apps.validation.models import CheckRun
from tests import scenarios
from tests.approvals.exceptions import (
    WHY,
    archived,
    counsel,
    enforce,
    entries,
    hold,
    move_clock,
    other_records_manager,
    records_manager,
    refusals,
    retain,
    retired,
)
from tests.factories import actor

pytestmark = pytest.mark.django_db

OWN = b"bytes no other version holds"
A_YEAR = 366


def facts(model: RegisteredModel) -> Any:
    version = model.versions.last() or scenarios.registered_version(model)
    return Evidence.about([version]).of(version, at=database_now())["retention"]


def dispose(retirement: Retirement) -> None:
    """Let one person ask and another carry it out."""
    operations.ask_disposal(retirement, by=actor(records_manager()), reason=WHY)
    operations.dispose(retirement, by=actor(other_records_manager()), reason=WHY)


def artifact(version: ModelVersion, path: str) -> Artifact:
    found: Artifact = version.files.get(path=path).artifact
    return found


def is_there(kept: Artifact) -> bool:
    return store.exists(kept.sha256)


@pytest.fixture
def over(db: None) -> Retirement:
    """A decommissioned version with a file of its own, whose years are over."""
    return long_ago(retired(archived(own=OWN), years=5))


def long_ago(retirement: Retirement) -> Retirement:
    """Let a version have been decommissioned six years ago."""
    then = database_now() - timedelta(days=6 * A_YEAR)
    until = keeping.in_years(then, 5)
    rows: QuerySet[Retirement] = QuerySet(Retirement)
    rows.filter(pk=retirement.pk).update(decommissioned_at=then, retain_until=until)
    retirement.refresh_from_db()
    return retirement


# -- retention


def test_a_records_manager_says_how_long_records_stay() -> None:
    model = scenarios.registered_model()
    assert facts(model)["class_assigned"] is False

    retain(model, 7)
    kept = retain(model, 10)

    assert (kept.name, kept.years, kept.basis) == ("Credit models", 10, "SEC 17a-4")
    assert Retention.objects.count() == 1
    assert facts(model) == {
        "class_assigned": True,
        "years": 10,
        "legal_hold": False,
        "sealed": False,
        "export_verified": False,
    }
    assert [entry["detail"]["years"] for entry in entries("model.set_retention")] == [7, 10]


def test_a_retention_is_refused_in_words() -> None:
    model = scenarios.registered_model()
    by = actor(records_manager())
    tries: list[tuple[dict[str, Any], str]] = [
        ({"name": " "}, "Say under which retention class"),
        ({"basis": ""}, "Say under which retention class"),
        ({"years": 0}, "1 to 100 years"),
        ({"years": 101}, "1 to 100 years"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"basis": "a\0"}, "cannot be shown"),
        ({"by": actor(scenarios.owner())}, "Only a records manager"),
    ]
    for other, words in tries:
        given: dict[str, Any] = {"by": by, "name": "Credit", "years": 7, "basis": "A rule"}
        with pytest.raises(DomainError, match=words):
            operations.set_retention(model, **given | other)
    assert not Retention.objects.exists()


def test_what_is_decommissioned_is_kept_as_long_as_was_said_or_longer_never_shorter() -> None:
    retirement = retired(years=7)
    model, said = retirement.root, retirement.retain_until
    assert said == keeping.in_years(retirement.decommissioned_at, 7)

    retain(model, 5)
    assert keeping.kept_until(retirement) == said
    retain(model, 10)
    assert keeping.kept_until(retirement) == keeping.in_years(retirement.decommissioned_at, 10)


# -- legal hold


def test_a_legal_hold_keeps_a_model_from_being_decommissioned_deleted_and_disposed_of(
    over: Retirement,
) -> None:
    model = over.root
    fresh, aside = scenarios.registered_version(model), archived(model)
    placed = hold(model)

    assert facts(model)["legal_hold"] is True
    with pytest.raises(OnHold, match="A legal hold is in force"):
        operations.delete_version(fresh, by=actor(scenarios.developer()), reason=WHY)
    with pytest.raises(OnHold, match="A legal hold is in force"):
        operations.delete_model(model, by=actor(scenarios.owner()), reason=WHY)
    with pytest.raises(OnHold, match="A legal hold is in force"):
        operations.ask_disposal(over, by=actor(records_manager()), reason=WHY)
    with pytest.raises(RuleBroken, match="Conditions of the gate are still closed"):
        retired(aside, years=5)

    operations.lift_hold(placed, by=actor(counsel()), reason="The case is closed")
    operations.delete_version(fresh, by=actor(scenarios.developer()), reason=WHY)
    dispose(over)
    assert refusals("version.delete") == ["on_hold"]
    assert [entry["subject"]["type"] for entry in entries("model.place_legal_hold")] == [
        "legal_hold"
    ]


def test_a_policy_that_forgot_holds_does_not_decommission_what_is_on_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aside = archived()
    asks = "      - {condition: no_legal_hold, tiers: {1: block, 2: block, 3: block, 4: block}}\n"
    enforce(monkeypatch, (asks, ""))
    hold(aside.model)

    with pytest.raises(OnHold, match="nothing of it goes"):
        retired(aside, years=5)


def test_a_hold_is_lifted_once_and_others_stay() -> None:
    model = scenarios.registered_model()
    first, _ = hold(model), hold(model)
    by = actor(counsel())

    operations.lift_hold(first, by=by, reason="Closed")

    first.refresh_from_db()
    assert (first.lifted_by, first.why_lifted) == (counsel(), "Closed")
    assert facts(model)["legal_hold"] is True
    assert len(entries("legal_hold.lift")) == 1
    with pytest.raises(RuleBroken, match="lifted already"):
        operations.lift_hold(first, by=by, reason=WHY)


@pytest.mark.parametrize("who", [scenarios.owner, scenarios.risk_officer, scenarios.auditor])
def test_only_counsel_and_records_managers_place_and_lift_holds(who: Callable[[], User]) -> None:
    model = scenarios.registered_model()
    placed = hold(model)

    with pytest.raises(NotAllowed, match="Only legal counsel and records managers"):
        operations.place_hold(model, by=actor(who()), reason=WHY)
    with pytest.raises(NotAllowed, match="Only legal counsel and records managers"):
        operations.lift_hold(placed, by=actor(who()), reason=WHY)

    assert LegalHold.objects.filter(lifted_at=None).count() == 1


# -- disposal: who, when


def test_nothing_is_disposed_of_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    retirement = retired(years=5)
    until = keeping.kept_until(retirement)

    with pytest.raises(RuleBroken, match=f"are kept until {until:%Y-%m-%d}"):
        operations.ask_disposal(retirement, by=actor(records_manager()), reason=WHY)
    move_clock(monkeypatch, 5 * A_YEAR)
    operations.ask_disposal(retirement, by=actor(records_manager()), reason=WHY)
    retain(retirement.root, 10)
    with pytest.raises(RuleBroken, match="Nothing of it goes before"):
        operations.dispose(retirement, by=actor(other_records_manager()), reason=WHY)

    assert refusals("retirement.dispose") == ["rule_broken"]


def test_one_person_asks_and_another_carries_it_out(over: Retirement) -> None:
    remy, rosa = actor(records_manager()), actor(other_records_manager())
    with pytest.raises(RuleBroken, match="Nobody asked for its disposal"):
        operations.dispose(over, by=rosa, reason=WHY)
    operations.ask_disposal(over, by=remy, reason="Its time is over")
    with pytest.raises(RuleBroken, match="was asked for already"):
        operations.ask_disposal(over, by=rosa, reason=WHY)
    with pytest.raises(NotAllowed, match="You asked for this disposal"):
        operations.dispose(over, by=remy, reason=WHY)
    for who in (scenarios.owner(), scenarios.operator(), counsel()):
        with pytest.raises(NotAllowed, match="Only records managers"):
            operations.dispose(over, by=actor(who), reason=WHY)

    operations.dispose(over, by=rosa, reason=WHY)

    over.refresh_from_db()
    assert (over.disposal_asked_by, over.disposed_by) == (
        records_manager(),
        other_records_manager(),
    )
    assert over.disposed_files == 1 + len(scenarios.MODEL_FILES)
    with pytest.raises(RuleBroken, match="It was disposed of on"):
        operations.dispose(over, by=rosa, reason=WHY)
    assert len(entries("retirement.ask_disposal")) == 1


def test_a_disposal_is_called_off(over: Retirement) -> None:
    by = actor(records_manager())
    with pytest.raises(RuleBroken, match="Nobody asked for its disposal"):
        operations.call_off_disposal(over, by=by, reason=WHY)
    operations.ask_disposal(over, by=by, reason=WHY)

    operations.call_off_disposal(over, by=by, reason="Still needed")

    over.refresh_from_db()
    assert over.disposal_asked_at is None
    with pytest.raises(RuleBroken, match="Nobody asked for its disposal"):
        operations.dispose(over, by=actor(other_records_manager()), reason=WHY)
    assert len(entries("retirement.call_off_disposal")) == 1


# -- disposal: what goes and what stays


def test_files_nothing_else_names_go_and_the_manifest_stays(over: Retirement) -> None:
    version = over.version
    other = scenarios.registered_version(version.model)
    own, shared = artifact(version, "own.txt"), artifact(version, "MLmodel")

    dispose(over)
    assert disposal.erase(database_now()) == 0
    assert is_there(own)
    disposal.erase(a_day_later())

    own.refresh_from_db()
    assert own.erased_at is not None
    assert not is_there(own)
    assert is_there(shared)
    assert other.files.count() == len(scenarios.MODEL_FILES)
    over.refresh_from_db()
    assert (over.disposed_files, over.disposed_bytes) == (1, len(OWN))
    assert version.files.count() == 1 + len(scenarios.MODEL_FILES)
    version.refresh_from_db()
    assert version.content_digest.startswith("sha256:")
    [entry] = entries("retirement.dispose")
    assert entry["detail"]["files"] == 1
    assert entry["detail"]["content"] == version.content_digest


def a_day_later() -> datetime:
    """Return the moment from which the bytes of what was disposed of last may go."""
    last: DisposedVersion = DisposedVersion.objects.latest("disposed_at")
    return last.disposed_at + disposal.HOLD


def test_bytes_that_evidence_names_stay(over: Retirement) -> None:
    version = over.version
    other = scenarios.registered_version()
    file = validation.SentFile("own.txt", [OWN])
    validation.add_evidence(
        other, "red_team_report", by=actor(scenarios.developer()), title="Report", file=file
    )

    dispose(over)
    disposal.erase(a_day_later())

    assert is_there(artifact(version, "own.txt"))


def test_the_last_of_two_versions_that_name_a_file_takes_it_along() -> None:
    model = scenarios.registered_model()
    both = [long_ago(retired(archived(model, own=OWN), years=5)) for _ in range(2)]
    own = artifact(both[0].version, "own.txt")

    dispose(both[0])
    disposal.erase(a_day_later())
    assert is_there(own)
    dispose(both[1])
    disposal.erase(a_day_later())

    assert not is_there(own)
    assert [one.disposed_files for one in Retirement.objects.order_by("pk")] == [0, 4]


def test_a_file_that_was_disposed_of_is_refused_in_words_at_once(over: Retirement) -> None:
    version = over.version
    by = actor(scenarios.owner())
    dispose(over)

    with pytest.raises(Disposed, match="This file was disposed of on"):
        catalog.download(version, "own.txt", by=by)
    with pytest.raises(Disposed, match="were disposed of on"):
        validation.start_checks(version, by=by)
    disposal.erase(a_day_later())
    with pytest.raises(Disposed, match="This file was disposed of on"):
        catalog.download(version, "own.txt", by=by)


def test_what_was_disposed_of_is_no_rot(over: Retirement, monkeypatch: pytest.MonkeyPatch) -> None:
    version = over.version
    [waiting] = validation.start_checks(
        version, by=actor(scenarios.developer()), names=["artifact-integrity"]
    )
    dispose(over)
    disposal.erase(a_day_later())

    runner.execute(waiting.pk, worker="tests")
    waiting.refresh_from_db()
    assert waiting.state == CheckRun.State.ERRORED
    assert "were disposed of on" in waiting.summary

    at = a_day_later()
    monkeypatch.setattr(scrub, "database_now", lambda: at)
    scrub.run(scrub.Pace(10**12))
    assert not Artifact.objects.filter(quarantined_at__isnull=False).exists()
    assert entries("version.quarantine") == []


def test_a_death_in_between_leaves_nothing_half_done(
    over: Retirement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Retirement, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            operations.ask_disposal(over, by=actor(records_manager()), reason=WHY)
    operations.ask_disposal(over, by=actor(records_manager()), reason=WHY)
    with monkeypatch.context() as dying:
        dying.setattr(Retirement, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            operations.dispose(over, by=actor(other_records_manager()), reason=WHY)
    assert not DisposedVersion.objects.exists()
    assert not Artifact.objects.filter(disposed_at__isnull=False).exists()

    operations.dispose(over, by=actor(other_records_manager()), reason=WHY)
    removed: list[str] = []
    kept = store.artifacts()

    class Dying:
        def remove(self, sha256: str) -> None:
            kept.remove(sha256)
            removed.append(sha256)
            if len(removed) == 2:
                raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(store, "artifacts", Dying)
        with pytest.raises(KeyboardInterrupt):
            disposal.erase(a_day_later())
    assert not Artifact.objects.filter(erased_at__isnull=False).exists()

    gone = 1 + len(scenarios.MODEL_FILES)
    assert disposal.erase(a_day_later()) == gone
    assert disposal.erase(a_day_later()) == 0
    assert not any(is_there(file.artifact) for file in over.version.files.all())
    assert Artifact.objects.filter(erased_at__isnull=False).count() == gone


def test_the_same_bytes_that_come_again_are_kept(over: Retirement) -> None:
    own = artifact(over.version, "own.txt")
    dispose(over)
    over.refresh_from_db()

    upload = scenarios.uploaded({"again.txt": OWN})
    own.refresh_from_db()
    assert own.disposed_at is None
    disposal.erase(a_day_later())
    assert is_there(own)
    upload.files.all().delete()

    Artifact.objects.filter(pk=own.pk).update(disposed_at=over.disposed_at)
    disposal.erase(a_day_later())
    assert not is_there(own)
    stored = store.artifacts().receive([OWN], Expected())
    assert places.artifact_of(stored, at=database_now()).erased_at is None
    own.refresh_from_db()
    assert (own.disposed_at, own.erased_at) == (None, None)


def test_what_something_new_names_meanwhile_is_not_erased(over: Retirement) -> None:
    own = artifact(over.version, "own.txt")
    upload = scenarios.uploaded({"own.txt": OWN, "MLmodel": b"flavors: {}\n"})
    upload.files.all().delete()
    dispose(over)
    other = scenarios.registered_version()
    other.files.create(path="late.txt", folded_path="late.txt", artifact=own)

    disposal.erase(a_day_later())

    own.refresh_from_db()
    assert (own.disposed_at, is_there(own)) == (None, True)


def test_bytes_that_are_gone_are_not_named_by_a_new_version(over: Retirement) -> None:
    dispose(over)
    disposal.erase(a_day_later())
    gone = artifact(over.version, "own.txt")

    with pytest.raises(Disposed, match="was disposed of"):
        disposal.require_there([gone])
    with pytest.raises(Disposed, match="was disposed of"), transaction.atomic():
        disposal.keep_after_all([gone])


def test_the_database_wants_two_people_for_a_disposal(over: Retirement) -> None:
    remy, at = records_manager(), database_now()
    rows: QuerySet[Retirement] = QuerySet(Retirement)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(disposal_asked_by=remy, disposed_by=remy, disposed_at=at)
