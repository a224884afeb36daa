"""Running what needs it: checks that never ran, could not finish or are out of date."""

import pytest

from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import operations, runner
from apps.validation.models import CheckRun
from tests.factories import actor, person
from tests.scenarios import developer
from tests.validation.conftest import Given, failing, passing
from tests.validation.records import OTHER_DIGEST, events, outcomes, overwrite

pytestmark = pytest.mark.django_db


def breaking(version: object, progress: object = None, parameters: object = None) -> None:
    """Stop with an error of its own."""
    raise ArithmeticError


@pytest.fixture(autouse=True)
def _three_checks(given_checks: Given) -> None:
    given_checks(integrity=passing, scan=failing, broken=breaking)


def carry_out(runs: list[CheckRun]) -> list[CheckRun]:
    for run in runs:
        runner.execute(run.pk, worker="w1")
    return runs


def names(runs: list[CheckRun]) -> list[str]:
    return [run.check_name for run in runs]


def test_what_never_ran_is_started(version: ModelVersion, vera: Actor) -> None:
    carry_out(operations.start_checks(version, by=vera, names=["integrity"]))

    assert names(operations.start_missing(version, by=vera)) == ["scan", "broken"]


def test_what_could_not_finish_or_was_canceled_is_started_again_but_not_what_failed(
    version: ModelVersion, vera: Actor
) -> None:
    operations.start_checks(version, by=vera, names=["integrity"])
    operations.cancel_checks(version, by=vera)
    carry_out(operations.start_checks(version, by=vera, names=["scan", "broken"]))

    assert names(operations.start_missing(version, by=vera)) == ["integrity", "broken"]


def test_what_is_out_of_date_is_started_again(version: ModelVersion, vera: Actor) -> None:
    carry_out(operations.start_checks(version, by=vera, names=["integrity", "scan"]))
    overwrite(version, content_digest=OTHER_DIGEST)

    assert names(operations.start_missing(version, by=vera)) == ["integrity", "scan", "broken"]


def test_what_waits_is_left_and_nothing_missing_is_a_refusal(
    version: ModelVersion, vera: Actor
) -> None:
    operations.start_checks(version, by=vera)

    with pytest.raises(RuleBroken, match="under way already"):
        operations.start_missing(version, by=vera)

    assert CheckRun.objects.count() == 3


def test_who_may_not_run_checks_may_not_run_the_missing_ones(version: ModelVersion) -> None:
    with pytest.raises(NotAllowed):
        operations.start_missing(version, by=actor(person("paul", everywhere=("auditor",))))

    assert outcomes("version.start_checks") == ["refused"]


# -- a promotion request --------------------------------------------------------------------------


def request_for(version: ModelVersion) -> PromotionRequest:
    return approvals.request_promotion(
        version, by=actor(developer()), target=Stage.STAGING, reason="Planned"
    )


@pytest.fixture
def _gate_checks(given_checks: Given) -> None:
    """Have two checks the gate reads, and one it does not."""
    given_checks(**{"artifact-integrity": passing, "unsafe-code": failing, "scan": passing})


@pytest.mark.usefixtures("_gate_checks")
def test_a_promotion_request_starts_what_its_gate_reads_and_lacks_in_the_same_change(
    version: ModelVersion, vera: Actor
) -> None:
    carry_out(operations.start_checks(version, by=vera, names=["unsafe-code"]))

    request = request_for(version)

    assert names(list(CheckRun.objects.waiting())) == ["artifact-integrity"]
    [asked] = events("version.request_promotion", request)
    started = events("version.start_checks")[-1]
    assert started.parent_uid == asked.uid
    assert started.actor_id == actor(developer()).id


@pytest.mark.usefixtures("_gate_checks")
def test_a_promotion_request_starts_nothing_when_every_result_holds(
    version: ModelVersion, vera: Actor
) -> None:
    carry_out(operations.start_checks(version, by=vera))

    request_for(version)

    assert not CheckRun.objects.waiting().exists()
    assert outcomes("version.start_checks") == ["done"]


def test_a_refused_request_starts_no_check(version: ModelVersion) -> None:
    with pytest.raises(RuleBroken):
        approvals.request_promotion(
            version, by=actor(developer()), target=Stage.PRODUCTION, reason="Too far"
        )

    assert not CheckRun.objects.exists()
