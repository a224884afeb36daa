"""What a policy would change is found out before it is published, and changes nothing itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals import operations
from apps.approvals.dry_runs import asking, report, runner
from apps.approvals.models import DryRun
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.policy_texts import Document, move, part, text_of, use
from tests.approvals.policy_walk import WHY, drafted, published, rewritten, tried, writer
from tests.factories import actor, person

pytestmark = pytest.mark.django_db
State = DryRun.State


def blocks_renewal(document: Document) -> None:
    """Ask at the renewal, and at the gate to production, what nobody can meet."""
    document["conditions"].append(
        {
            **part(document, "conditions", "metrics_recorded"),
            "id": "many_metrics",
            "title": "Many metrics",
            "expr": "version.metrics_with_dataset >= 99",
        }
    )
    asked = {"condition": "many_metrics", "tiers": dict.fromkeys("1234", "block")}
    move(document)["conditions"].append(asked)
    move(document, "reauthorization")["conditions"].append(dict(asked))


def forgives(document: Document) -> None:
    use(document, "many_metrics")["tiers"] = dict.fromkeys("1234", "warn")


def test_versions_that_would_be_blocked_are_counted_by_condition_and_by_stage() -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version
    staged = scenarios.promoted(Stage.STAGING).version
    scenarios.registered_version()

    told = tried(drafted(blocks_renewal)).report

    assert (told["versions"], told["in_production"], told["models"]) == (2, 1, 2)
    assert (told["blocked"]["count"], told["blocked"]["in_production"]) == (2, 1)
    assert told["by_condition"] == [
        {"condition": "many_metrics", "title": "Many metrics", "count": 2, "in_production": 1}
    ]
    examples = {one["name"]: one for one in told["blocked"]["examples"]}
    assert examples.keys() == {str(serving), str(staged)}
    assert examples[str(serving)]["conditions"] == ["Many metrics"]
    assert examples[str(serving)]["url"] == serving.get_absolute_url()
    assert told["opened"]["count"] == 0


def test_a_gate_that_would_open_is_named() -> None:
    scenarios.promoted(Stage.STAGING)

    def loosened(document: Document) -> None:
        blocks_renewal(document)
        forgives(document)

    published(blocks_renewal)
    told = tried(drafted(loosened, number="1.0.2")).report

    assert (told["opened"]["count"], told["blocked"]["count"]) == (1, 0)
    assert told["opened"]["examples"][0]["conditions"] == ["Many metrics"]


def test_a_move_the_policy_does_not_know_any_more_blocks_what_waits_for_it() -> None:
    scenarios.promoted(Stage.PRODUCTION)

    def without_renewal(document: Document) -> None:
        document["transitions"].remove(move(document, "reauthorization"))

    told = tried(drafted(without_renewal)).report

    assert told["by_condition"][0]["title"] == "The policy has no gate for this move"


def test_sign_offs_that_would_be_void_and_people_who_could_no_longer_sign_are_named() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    scenarios.signed_off(Stage.STAGING)

    def without_validator(document: Document) -> None:
        gate = move(document)
        for tier, slots in gate["sign_offs"].items():
            gate["sign_offs"][tier] = [one for one in slots if one["role"] != "validator"]
        gate["distinct_approvers"] = dict.fromkeys("1234", 1)

    told = tried(drafted(without_validator)).report

    assert told["requests"] == 2
    assert sorted(one["signer"] for one in told["void"]["examples"]) == [
        "Rita Risk",
        "Vera Validator",
    ]
    assert {one["name"] for one in told["void"]["examples"]} == {str(request)}
    assert told["requests_blocked"]["count"] == 0
    assert told["cannot_sign"]["count"] == 0  # they signed: nobody signs twice


def test_whoever_could_sign_an_open_request_and_could_not_any_more_is_named_with_the_slot() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.validator()
    scenarios.risk_officer()

    def nobody_validates_alone(document: Document) -> None:
        part(document, "separation_of_duties", "no_service_account")["expr"] = (
            "approval.role != 'validator'"
        )

    told = tried(drafted(nobody_validates_alone)).report

    [stopped] = told["cannot_sign"]["examples"]
    assert (stopped["person"], stopped["role"], stopped["name"]) == (
        "Vera Validator",
        "Independent validator",
        str(request),
    )
    assert "Nobody who is a service account" in stopped["why"]
    assert told["cannot_sign"]["people"] == 1


def test_what_duties_come_to_is_told_for_the_organization() -> None:
    scenarios.operator()
    scenarios.owner()

    def nobody_signs(document: Document) -> None:
        gate = move(document)
        gate["sign_offs"] = {tier: [] for tier in "1234"}
        gate["distinct_approvers"] = dict.fromkeys("1234", 0)

    person("max", everywhere=("model_owner", "operator"))
    told = tried(drafted(nobody_signs)).report

    mighty = [one for one in told["alone"] if one["transition"] == "Staging to production"]
    assert [one["tier"] for one in mighty] == [1, 2, 3, 4]
    assert mighty[0]["people"] == ["Max"]
    assert {one["role"] for one in told["unfilled"]} == {"Records manager"}


def test_duties_held_on_one_model_count_for_that_model() -> None:
    version = scenarios.promoted(Stage.STAGING).version
    alone = person("max")
    for role in ("model_owner", "operator"):
        catalog.grant_model_duty(
            version.model, alone, role, by=actor(scenarios.owner()), reason=WHY
        )

    def nobody_signs(document: Document) -> None:
        gate = move(document)
        gate["sign_offs"] = {tier: [] for tier in "1234"}
        gate["distinct_approvers"] = dict.fromkeys("1234", 0)

    told = tried(drafted(nobody_signs)).report

    [found] = told["alone_on_models"]["examples"]
    assert (found["name"], found["people"]) == (version.model.name, ["Max"])


# -- how it is carried out


def test_it_leaves_no_event_and_changes_no_gate() -> None:
    scenarios.promoted(Stage.STAGING)
    draft = drafted(blocks_renewal)
    before = AuditEvent.objects.count()

    run = tried(draft)

    assert AuditEvent.objects.count() == before
    assert (run.state, run.done, run.total) == (State.DONE, 1, 1)
    assert run.finished_at is not None


def test_asked_twice_it_is_carried_out_once_and_a_policy_without_rights_is_not_tried() -> None:
    draft = drafted()
    first = asking.ask(draft, by=actor(writer()))

    assert asking.ask(draft, by=actor(scenarios.risk_officer())) == first
    for who in (scenarios.owner(), scenarios.auditor()):
        with pytest.raises(NotAllowed, match="writes or signs policies"):
            asking.ask(draft, by=actor(who))
    with pytest.raises(RuleBroken, match="in force by now"):
        asking.ask(published(number="1.0.2"), by=actor(writer()))


def test_a_run_of_a_text_that_was_changed_meanwhile_says_so() -> None:
    draft = drafted()
    run = asking.ask(draft, by=actor(writer()))
    rewritten(draft, text_of(number="1.0.7"))

    runner.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.error[:21]) == (State.FAILED, "The draft was changed")


def test_a_run_is_claimed_once_and_begun_again_when_its_worker_was_lost() -> None:
    run = asking.ask(drafted(), by=actor(writer()))
    now = database_now()
    DryRun.objects.filter(pk=run.pk).update(state=State.RUNNING, beat_at=now)

    assert runner.waiting(now) == []
    runner.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == State.RUNNING

    later = now + runner.LEASE + timedelta(seconds=1)
    assert runner.waiting(later) == [run.pk]
    runner.carry_out(run.pk, clock=lambda: later)
    run.refresh_from_db()
    assert run.state == State.DONE


def test_a_run_whose_workers_are_lost_for_an_hour_is_given_up() -> None:
    run = asking.ask(drafted(), by=actor(writer()))
    later = database_now() + runner.LONGEST + timedelta(minutes=1)

    runner.carry_out(run.pk, clock=lambda: later)

    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, runner.LOST)


def test_a_worker_that_lost_its_run_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.promoted(Stage.STAGING)
    run = asking.ask(drafted(), by=actor(writer()))
    taken = database_now() + timedelta(minutes=5)

    def taken_over(rows: object, judged: object) -> None:
        DryRun.objects.filter(pk=run.pk).update(beat_at=taken)

    monkeypatch.setattr("apps.approvals.dry_runs.versions.OnVersions.judge", taken_over)
    runner.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.beat_at, run.report) == (State.RUNNING, taken, {})


def test_a_failure_is_kept_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.promoted(Stage.STAGING)
    run = asking.ask(drafted(), by=actor(writer()))

    def fails(rows: object, judged: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr("apps.approvals.dry_runs.versions.OnVersions.judge", fails)
    runner.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, "ValueError: no such thing")


def test_more_versions_and_requests_take_no_more_queries() -> None:
    scenarios.requested(Stage.PRODUCTION)
    draft = drafted(blocks_renewal)

    def queries() -> int:
        run = asking.ask(draft, by=actor(writer()))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            runner.carry_out(run.pk)
        run.refresh_from_db()
        assert run.state == State.DONE, run.error
        return len(captured)

    queries()  # what is worked out once a process
    few = queries()
    for _ in range(3):
        scenarios.requested(Stage.PRODUCTION)
        scenarios.promoted(Stage.PRODUCTION)

    assert queries() <= few + 6  # the batch of those in production reads what is theirs alone


def test_examples_are_bounded_and_counts_are_not() -> None:
    found = report.Found()
    for number in range(report.MOST_EXAMPLES + 50):
        found.add(version=str(number))

    assert found.told()["count"] == report.MOST_EXAMPLES + 50
    assert len(found.told()["examples"]) == report.MOST_EXAMPLES


def test_the_default_policy_can_be_tried_on_what_the_starter_let_through() -> None:
    scenarios.promoted(Stage.PRODUCTION)
    draft = operations.draft_policy(by=actor(writer()), reason=WHY, shipped="default")

    told = tried(draft).report

    titles = {one["title"] for one in told["by_condition"]}
    assert told["blocked"]["in_production"] == 1
    assert {"Owner attestation current", "Rollback or stop tested"} <= titles
