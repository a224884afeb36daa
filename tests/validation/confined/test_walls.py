"""Nothing a check reads gets out of its process (THREATS H2, H3), and the worker lives on."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from apps.validation import confined
from apps.validation.checks.contract import Check, Outcome, Severity, silent
from apps.validation.checks.recorded import Metric, Record
from apps.validation.confined import CheckCrashed, walls
from tests.validation.checks.stored import StoredFile, StoredVersion, version_of
from tests.validation.confined import hostile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")

SECONDS = 20


def check_of(examine: Callable[..., Outcome], *, seconds: int = SECONDS) -> Check:
    place = f"{examine.__module__}:{examine.__name__}"
    return Check(
        "hostile", "Hostile", "Tries.", place, "1", is_confined=True, seconds=seconds, memory=256
    )


def carried_out(examine: Callable[..., Outcome], *, seconds: int = SECONDS) -> Outcome:
    check, version = check_of(examine, seconds=seconds), version_of({"model.bin": b"12345"})
    return confined.carry_out(check, version, silent, check.parameters())


def why(outcome: Outcome) -> str:
    """Return why a version was not examined, which is a grave problem at the place it was at."""
    [problem] = outcome.problems
    assert problem.code == "not_examined"
    assert problem.severity is Severity.HIGH
    assert not outcome.passed
    return f"{problem.place}: {problem.text}"


def test_no_way_leads_to_a_network() -> None:
    assert carried_out(hostile.reach_network).summary == hostile.HELD


def test_no_way_leads_to_a_file_that_was_not_handed_over() -> None:
    kept = hostile.CANARY.with_suffix(".kept")
    kept.write_text("kept")
    try:
        assert carried_out(hostile.reach_files).summary == hostile.HELD
        assert kept.exists()
        assert not hostile.CANARY.exists()
    finally:
        kept.unlink(missing_ok=True)


def test_no_program_and_no_process_starts() -> None:
    assert carried_out(hostile.start_programs).summary == hostile.HELD
    assert carried_out(hostile.bomb).summary == hostile.HELD


def test_other_processes_of_the_same_account_are_out_of_reach() -> None:
    account = walls.NOBODY if os.geteuid() == 0 else os.geteuid()
    other = subprocess.Popen(["/bin/sleep", "60"], user=account)
    try:
        check = check_of(hostile.reach_other_processes)
        version = version_of({"pid": str(other.pid).encode()})
        outcome = confined.carry_out(check, version, silent, check.parameters())
        assert outcome.summary == hostile.HELD
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_no_more_threads_start_than_the_machine_bears() -> None:
    assert 0 < int(carried_out(hostile.count_on_tasks).summary) <= walls.MOST_TASKS


def test_too_much_memory_ends_the_examination_with_a_problem_at_its_place() -> None:
    said = why(carried_out(hostile.take_memory))
    assert said == "model.bin: The examination was ended: it took more than 256 MiB of memory."


@pytest.mark.parametrize(
    "examine",
    [
        hostile.never_end,
        hostile.spin,
        hostile.stop_in_the_middle_of_a_message,
        hostile.say_one_letter_at_a_time,
    ],
)
def test_too_much_time_ends_the_examination(examine: Callable[..., Outcome]) -> None:
    began = time.monotonic()

    assert "more than 2 seconds" in why(carried_out(examine, seconds=2))
    assert time.monotonic() - began < SECONDS


def test_a_process_that_what_it_read_ends_is_no_pass() -> None:
    assert "ended the process (SIGSEGV)" in why(carried_out(hostile.crash_hard))
    assert "stopped without saying what it found" in why(carried_out(hostile.leave_quietly))


def test_output_without_end_reaches_nobody() -> None:
    why(carried_out(hostile.say_too_much))
    assert carried_out(hostile.print_much).summary == hostile.HELD
    assert "message" in why(carried_out(hostile.talk_nonsense))


def test_only_files_of_the_version_are_handed_over() -> None:
    assert "none of the version's" in why(carried_out(hostile.ask_for_other_bytes))


def test_a_fault_of_the_check_itself_is_told_from_one_of_the_file() -> None:
    with pytest.raises(CheckCrashed) as crash:
        carried_out(hostile.stumble)

    assert crash.value.kind == "ZeroDivisionError"
    assert "a fault of the check" in crash.value.trace
    with pytest.raises(CheckCrashed, match="TypeError"):
        carried_out(hostile.find_what_cannot_be_said)


def test_an_honest_check_reads_what_it_was_handed_and_its_whole_outcome_arrives() -> None:
    steps: list[str] = []
    record = Record(metrics=(Metric("auc", float("nan")),))
    files = [StoredFile("a.bin", b"123"), StoredFile("gone.bin", b"x", is_gone=True)]
    check = check_of(hostile.read_all)

    outcome = confined.carry_out(
        check, StoredVersion(files, record=record), steps.append, check.parameters()
    )

    assert outcome.facts["sizes"] == {"a.bin": 3, "gone.bin": -1}
    assert outcome.facts["metric"] == "nan"
    assert "no network" in outcome.facts["confined_by"]  # type: ignore[operator]
    assert [problem.code for problem in outcome.problems] == ["odd"]
    assert (outcome.evidence, outcome.tools) == ({"whole": True}, {"reader": "1.0"})
    assert {"a.bin", "gone.bin"} <= set(steps)


def test_a_long_job_waits_for_a_process_that_is_slow_to_begin() -> None:
    place = "tests.validation.confined.slow:measure"
    check = Check("slow", "Slow", "Begins late.", place, "1", is_confined=True, seconds=SECONDS)
    version = version_of({"model.bin": b"1"})
    version.input_example = "x" * 2**22

    assert confined.carry_out(check, version, silent, check.parameters()).summary == str(2**22)


def test_a_run_that_is_taken_back_ends_its_process_at_once() -> None:
    def taken_back(step: str) -> None:
        raise LookupError("taken back")

    check = check_of(hostile.spin, seconds=60)
    began = time.monotonic()
    with pytest.raises(LookupError):
        confined.carry_out(check, version_of({"a": b"1"}), taken_back, check.parameters())
    assert time.monotonic() - began < 30
