"""Workers killed with ``kill -9``, on the real broker: every check concludes exactly once."""

import os
import pickle
import random
import time
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.db import models

from apps.audit.models import AuditEvent
from apps.validation import operations
from apps.validation.models import CheckLease, CheckRun
from tests.factories import actor, person
from tests.scenarios import registered_version
from tests.validation.workers import becomes, broker, kill, ring, ring_in, worker

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.django_db(transaction=True),
]

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
DOOMED = "tests.validation.doomed_worker"
ATTEMPTS = {
    "before the claim": 1,
    "inside the claim": 1,
    "after the claim": 2,
    "inside the examination": 2,
    "before the conclusion": 2,
    "inside the conclusion": 2,
    "after the conclusion": 1,
}
"""Where a worker dies, and the attempt that concludes then."""
FAILING = {"bill-of-materials", "documentation", "environment", "lineage", "reproducibility"}
"""What a version with so little recorded fails; it passes every other check."""


@pytest.fixture(autouse=True)
def _silent_broker() -> None:
    """Begin with a broker that holds nothing."""
    redis.Redis.from_url(broker()).flushdb()


def queued(versions: int, *names: str) -> list[CheckRun]:
    """Queue checks on new versions, every one unless named; nobody is told."""
    vera = actor(person("vera", everywhere=("validator",)))
    return [
        run
        for _ in range(versions)
        for run in operations.start_checks(registered_version(), by=vera, names=names or None)
    ]


def have_concluded(runs: list[CheckRun]) -> bool:
    found = CheckRun.objects.filter(pk__in=[run.pk for run in runs])
    return not found.waiting().exists()


def require_concluded_once(runs: list[CheckRun], folder: Path) -> None:
    """Wait until all have concluded; each must have done so by one event and one history row."""
    said = (folder / "worker.log").read_text(errors="replace")[-3000:]
    assert becomes(lambda: have_concluded(runs)), said
    for run in runs:
        run.refresh_from_db()
        fails = run.check_name in FAILING
        expected = CheckRun.State.FAILED if fails else CheckRun.State.PASSED
        assert run.state == expected, (run.check_name, run.summary, said)
        assert _events(run).filter(action="check_run.conclude", outcome="done").count() == 1
        assert run.history.exclude(finished_at=None).count() == 1
    assert not CheckLease.objects.exists()
    require_gapless()


def _events(run: CheckRun) -> models.QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(subject_id=run.record_id)


def require_gapless() -> None:
    """Require that no chain lost an entry on the way."""
    chains: dict[object, list[object]] = {}
    chained = AuditEvent.objects.exclude(chain_root=None).order_by("chain_root", "chain_rev")
    for root, rev in chained.values_list("chain_root", "chain_rev"):
        chains.setdefault(root, []).append(rev)
    for revisions in chains.values():
        assert revisions == list(range(1, len(revisions) + 1))


@pytest.mark.parametrize("step", ATTEMPTS)
def test_a_worker_killed_at_a_step_leaves_a_check_that_concludes_once(
    step: str, tmp_path: Path
) -> None:
    died = tmp_path / "died"
    died.mkdir()
    runs = queued(1, "artifact-integrity")
    doom = {"DOOM_STEP": step, "DOOM_FOLDER": str(died), "DOOM_WHOLE": "yes"}

    with worker(tmp_path, DOOMED, **doom) as doomed:
        ring(runs[0].pk)
        assert becomes(lambda: doomed.poll() is not None)
    assert [path.name for path in died.iterdir()] == [str(runs[0].pk)]
    with worker(tmp_path):
        require_concluded_once(runs, tmp_path)

    assert runs[0].attempt == ATTEMPTS[step]


def test_workers_killed_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    runs = queued(100 if LONG else 8)
    rounds = 100 if LONG else 3
    chance = random.Random(7)
    ring(*(run.pk for run in runs))

    for _ in range(rounds):
        with worker(tmp_path) as doomed:
            time.sleep(chance.uniform(1.5, 4.0))
            kill(doomed)
        if have_concluded(runs):
            break
    with worker(tmp_path):
        require_concluded_once(runs, tmp_path)


def test_a_process_killed_once_in_each_of_many_checks_loses_none(tmp_path: Path) -> None:
    died = tmp_path / "died"
    died.mkdir()
    runs = queued(1000 if LONG else 10, "artifact-integrity")
    ring(*(run.pk for run in runs))

    with worker(tmp_path, DOOMED, DOOM_STEP="random", DOOM_FOLDER=str(died)):
        require_concluded_once(runs, tmp_path)

    assert len(list(died.iterdir())) == len(runs)


def test_a_broker_emptied_again_and_again_loses_no_check(tmp_path: Path) -> None:
    runs = queued(170 if LONG else 10)
    ring(*(run.pk for run in runs for _ in range(3)))
    line = redis.Redis.from_url(broker())

    def is_done_after_a_flush() -> bool:
        line.flushdb()
        time.sleep(2.0 if LONG else 0.8)
        return have_concluded(runs)

    with worker(tmp_path):
        assert becomes(is_done_after_a_flush)
        require_concluded_once(runs, tmp_path)


def test_kills_flushes_and_doubled_messages_all_at_once_conclude_each_check_once(
    tmp_path: Path,
) -> None:
    """Processes die as by ``kill -9`` at a random step while the broker loses everything."""
    died = tmp_path / "died"
    died.mkdir()
    kills = 300 if LONG else 5
    runs = queued(kills, "artifact-integrity")
    ring(*(run.pk for run in runs for _ in range(3)))
    line = redis.Redis.from_url(broker())

    def is_done_after_a_flush() -> bool:
        line.flushall() if LONG else line.flushdb()
        time.sleep(2.0 if LONG else 1.0)
        ring(*(run.pk for run in runs))
        return have_concluded(runs)

    with worker(tmp_path, DOOMED, DOOM_STEP="random", DOOM_FOLDER=str(died)):
        assert becomes(is_done_after_a_flush)
        require_concluded_once(runs, tmp_path)

    assert len(list(died.iterdir())) == kills


def test_a_canceled_check_ends_its_confined_process_and_concludes_nothing(tmp_path: Path) -> None:
    [run] = queued(1, "artifact-integrity")
    noted = tmp_path / "processes"
    noted.touch()

    def is_alive() -> bool:
        return any(_is_running(int(pid)) for pid in noted.read_text().split())

    with worker(tmp_path, "tests.validation.slow_worker", SLOW_NOTED=str(noted)) as program:
        ring(run.pk)
        assert becomes(is_alive), (tmp_path / "worker.log").read_text()[-3000:]
        vera = actor(person("victor", everywhere=("validator",)))
        operations.cancel_checks(run.version, by=vera, reason="Takes too long")

        assert becomes(lambda: not is_alive())
        assert program.poll() is None

    run.refresh_from_db()
    assert run.state == CheckRun.State.CANCELED
    assert not _events(run).filter(action="check_run.conclude").exists()
    assert not CheckLease.objects.exists()


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_worker_told_which_queues_to_serve_leaves_the_others(tmp_path: Path) -> None:
    [run] = queued(1, "artifact-integrity")

    with worker(tmp_path, queues="heavy,celery"):
        ring_in("light", run.pk)
        time.sleep(3.0)
        run.refresh_from_db()
        assert run.state == CheckRun.State.QUEUED
    with worker(tmp_path, queues="light,celery"):
        require_concluded_once([run], tmp_path)


class Harm:
    """What a hostile message would do if anybody unpickled it."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.marker),)


def test_messages_that_are_no_work_of_ours_are_refused_and_the_worker_lives(
    tmp_path: Path,
) -> None:
    runs = queued(1, "artifact-integrity")
    marker = tmp_path / "harm"
    with current_app.connection_for_write(broker()) as line, line.Producer() as producer:
        producer.publish(
            pickle.dumps(Harm(marker)),
            content_type="application/x-python-serialize",
            content_encoding="binary",
            routing_key="celery",
            headers={"task": "validation.run_check", "id": "1", "argsrepr": "()"},
        )
        producer.publish(
            [["true"], {}, {}],
            serializer="json",
            routing_key="celery",
            headers={"task": "os.system", "id": "2", "argsrepr": "()"},
        )
        current_app.send_task("subprocess.run", (["true"],), connection=line)
    ring("1 OR 1=1", {"pk": runs[0].pk}, 987_654, runs[0].pk)

    with worker(tmp_path) as alive:
        require_concluded_once(runs, tmp_path)
        assert alive.poll() is None

    said = (tmp_path / "worker.log").read_text()
    assert not marker.exists()
    assert "Refusing to deserialize" in said
    assert "unregistered task" in said
