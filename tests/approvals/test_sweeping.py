"""What happens by itself goes on past a row that fails, and then fails, so that somebody looks."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from apps.approvals import cases, operations, tasks
from apps.approvals.models import PromotionRequest, Waiver
from apps.approvals.operations import automatic, clockwork, watching
from apps.approvals.operations import waivers as waivers_of
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.core.sweeping import sweeping
from tests import scenarios
from tests.approvals.exceptions import entries, granted, in_days, move_clock
from tests.approvals.test_automatic import by_itself
from tests.approvals.test_watching import leave

pytestmark = pytest.mark.django_db

OPEN, LAPSED = PromotionRequest.State.OPEN, PromotionRequest.State.LAPSED
Act = Callable[..., Any]


class Unforeseen(Exception):
    """A bug, or a disk that is full."""


def failing_first(act: Act, calls: list[object]) -> Act:
    """Return what fails on its first row, before it wrote anything, and then acts as before."""

    def fail_once(row: object, *args: Any, **kwargs: Any) -> Any:
        calls.append(row)
        if len(calls) == 1:
            raise Unforeseen("It broke")
        return act(row, *args, **kwargs)

    return fail_once


def test_a_row_that_fails_holds_up_no_other_and_the_task_fails_at_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    requests = [scenarios.requested() for _ in range(3)]
    late = move_clock(monkeypatch, 61)
    monkeypatch.setattr(tasks, "database_now", lambda: late)
    with monkeypatch.context() as broken:
        broken.setattr(clockwork, "close_as", failing_first(vars(clockwork)["close_as"], []))
        with pytest.raises(Unforeseen, match="It broke") as raised:
            tasks.lapse_requests()

    assert raised.value.__notes__ == ["0 more failed; each is logged, and the rest was done."]
    states = list(PromotionRequest.objects.order_by("pk").values_list("state", flat=True))
    assert states == [OPEN, LAPSED, LAPSED]
    [logged] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert repr(requests[0]) in logged.getMessage()
    assert logged.exc_info is not None

    tasks.lapse_requests()
    assert len(entries("request.lapse")) == 3
    assert len(entries("request.lapse", "failed")) == 1


def test_a_row_that_cannot_be_judged_is_left_out_and_the_others_are_judged_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests = [scenarios.requested() for _ in range(3)]
    late, judge = move_clock(monkeypatch, 61), vars(clockwork)["_lapsed"]

    def judge_but_one(some: list[PromotionRequest], *args: Any) -> list[PromotionRequest]:
        if requests[1] in some:
            raise Unforeseen("It cannot be read")
        found: list[PromotionRequest] = judge(some, *args)
        return found

    monkeypatch.setattr(clockwork, "_lapsed", judge_but_one)
    with pytest.raises(Unforeseen):
        operations.lapse_requests(late)

    states = list(PromotionRequest.objects.order_by("pk").values_list("state", flat=True))
    assert states == [LAPSED, OPEN, LAPSED]


def test_waivers_and_what_is_watched_go_on_past_a_row_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(2):
        granted(ends_on=in_days(3))
    scenarios.promoted(Stage.PRODUCTION)
    scenarios.promoted(Stage.PRODUCTION)
    leave(scenarios.owner())
    sweeps: list[tuple[Callable[[datetime], int], object, str, str, datetime]] = [
        (operations.watch_production, watching, "break_rule", "version.break_rule", database_now()),
        (
            operations.end_waivers,
            waivers_of,
            "end_waiver",
            "waiver.end",
            move_clock(monkeypatch, 4),
        ),
    ]
    for sweep, module, act, action, at in sweeps:
        with monkeypatch.context() as broken:
            broken.setattr(module, act, failing_first(vars(module)[act], []))
            with pytest.raises(Unforeseen):
                sweep(at)
        assert len(entries(action)) == 1, action
        assert sweep(at) == 1
        assert sweep(at) == 0
    assert not Waiver.objects.filter(state=Waiver.State.GRANTED).exists()


def test_what_failed_by_itself_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself(monkeypatch, "development_to_staging")
    first, second = scenarios.signed_off(), scenarios.signed_off()
    complete = cases.complete

    def complete_but_one(some: list[PromotionRequest], **kwargs: Any) -> list[cases.Case]:
        if some == [first]:
            raise Unforeseen("Under the lock")
        return complete(some, **kwargs)

    monkeypatch.setattr(cases, "complete", complete_but_one)
    with pytest.raises(Unforeseen):
        operations.carry_out_what_may(database_now())

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (OPEN, PromotionRequest.State.PROMOTED)
    scenarios.requested()  # so that requests are judged together again
    assert operations.carry_out_what_may(database_now()) == 0
    assert len(entries("request.carry_out", "failed")) == 1

    monkeypatch.undo()
    by_itself(monkeypatch, "development_to_staging")
    later = database_now() + automatic.TRY_AGAIN * 1.1
    assert operations.carry_out_what_may(later) == 1


def test_a_refusal_is_no_failure() -> None:
    def refuse(row: object) -> None:
        raise RuleBroken("Somebody came first.")

    with sweeping() as sweep:
        sweep.each([scenarios.requested()], refuse)
    assert (sweep.done, sweep.failures) == (0, [])
