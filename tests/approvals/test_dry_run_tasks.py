"""Dry runs wait in the database: no broker that is away and no second message loses one."""

from typing import Any

import pytest
from kombu.exceptions import OperationalError

from apps.approvals.dry_runs import asking, tasks
from apps.approvals.models import DryRun
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.policy_texts import text_of
from tests.approvals.policy_walk import drafted, rewritten, writer
from tests.factories import actor

pytestmark = pytest.mark.django_db
State = DryRun.State


def test_with_the_broker_away_a_run_waits_for_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = asking.ask(drafted(), by=actor(writer()))

    def nobody_answers(*_: Any, **__: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.carry_out_dry_run, "apply_async", nobody_answers)
    tasks.send_dry_runs()
    run.refresh_from_db()
    assert run.state == State.QUEUED
    assert "a dry run waits: no broker" in caplog.text

    rung: list[int] = []
    monkeypatch.setattr(tasks.carry_out_dry_run, "apply_async", lambda sent, **_: rung.extend(sent))
    tasks.send_dry_runs()
    assert rung == [run.pk]


def test_a_message_that_comes_twice_carries_a_run_out_once() -> None:
    run = asking.ask(drafted(), by=actor(writer()))

    tasks.carry_out_dry_run(run.pk)
    run.refresh_from_db()
    finished = run.finished_at
    tasks.carry_out_dry_run(run.pk)
    tasks.carry_out_dry_run(run.pk + 1000)

    run.refresh_from_db()
    assert (run.state, run.finished_at) == (State.DONE, finished)


def test_only_who_writes_or_signs_policies_asks_for_one() -> None:
    with pytest.raises(NotAllowed, match="writes or signs policies"):
        asking.ask(drafted(), by=actor(scenarios.validator()))


def test_a_run_is_asked_of_the_text_that_was_opened() -> None:
    opened = drafted()
    as_opened = type(opened).objects.get(pk=opened.pk)
    rewritten(opened, text_of(lambda document: document.update(title="Ours"), number="1.0.9"))

    with pytest.raises(RuleBroken, match="The draft changed since"):
        asking.ask(as_opened, by=actor(writer()))
    assert not DryRun.objects.exists()
