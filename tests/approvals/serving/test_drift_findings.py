"""What is noticed of what runs: one finding per cause, on the model it is about."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from apps.approvals import authorizing, tasks
from apps.approvals.models import Authorization
from apps.approvals.serving import noticing, operations, standing
from apps.audit.changes import change
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import SYSTEM
from apps.core.clock import database_now
from apps.core.sweeping import NotDue
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.rolling import Asked
from apps.risk.models import Finding
from apps.risk.operations import finding_answers
from tests import scenarios
from tests.deployments import places
from tests.deployments.places import SET_UP
from tests.deployments.seen import UNKNOWN, changed, told
from tests.factories import actor
from tests.risk.found import WHY

pytestmark = pytest.mark.django_db


AN_HOUR = timedelta(hours=1)
"""Longer than a rollout that ended may leave something behind."""


def in_production() -> ModelVersion:
    promoted = scenarios.promoted(Stage.PRODUCTION).version
    promoted.refresh_from_db()
    return promoted


def deployed(version: ModelVersion | None = None, **where: Any) -> Deployment:
    """Return where a version, by default a new one, was put and is to run."""
    return settled(places.deployed(version, places.environment(**where)))


def settled(rollout: Rollout) -> Deployment:
    """Let a rollout have ended an hour ago."""
    with change(SET_UP, rollout, by=SYSTEM) as record:
        rollout.finished_at = record.time - AN_HOUR
        rollout.save()
    return rollout.deployment


def running(of: Deployment) -> ModelVersion:
    found: ModelVersion = of.model.versions.order_by("number")[0]
    return found


def another_content(of: Deployment) -> ModelVersion:
    files = {**scenarios.MODEL_FILES, "README.md": b"Another one."}
    return scenarios.registered_version(of.model, files)


def see(of: Deployment, digest: str) -> None:
    told(of.environment, Seen(of.service, digest))


def causes() -> list[str]:
    return [one.cause.split(":")[2] for one in Finding.objects.order_by("pk")]


def close(finding: Finding) -> None:
    finding.refresh_from_db()
    owner = actor(scenarios.owner())
    finding_answers.plan_finding(finding, by=owner, plan="Mend")
    finding_answers.report_ready(finding, by=owner, remedy="Mended")
    finding_answers.close_finding(finding, by=actor(scenarios.validator()), reason=WHY)


# -- each state


def test_another_version_is_one_finding_that_says_what_was_seen() -> None:
    deployment = deployed()
    other = another_content(deployment)
    see(deployment, other.content_digest)

    assert [noticing.notice_drift() for _ in range(2)] == [1, 0]

    finding = Finding.objects.get()
    assert finding.cause == f"drift:{deployment.record_id}:wrong_version:{other.content_digest}"
    assert (finding.source, finding.severity) == ("drift", "medium")
    assert (finding.model, finding.version) == (deployment.model, other)
    assert finding.title == f"{deployment}: another version"
    assert f"{other} is seen at {deployment.service}" in finding.description
    assert "So it was on" in finding.description


def test_the_same_at_several_endpoints_is_one_finding() -> None:
    deployment = deployed()
    told(
        deployment.environment,
        Seen(deployment.service, UNKNOWN),
        Seen(f"{deployment.service}.b", UNKNOWN),
    )

    noticing.notice_drift()

    finding = Finding.objects.get()
    assert finding.description.count("has the digest") == 2


def test_unknown_content_is_critical_and_about_the_model() -> None:
    deployment = deployed()
    see(deployment, UNKNOWN)

    tasks.notice_drift()

    finding = Finding.objects.get()
    assert (finding.severity, finding.version, finding.model) == (
        "critical",
        None,
        deployment.model,
    )


def test_what_was_revoked_is_high_and_what_ran_out_is_medium() -> None:
    version = in_production()
    deployment = deployed(version, admits=["production"])
    see(deployment, version.content_digest)
    assert noticing.notice_drift() == 0

    end(version, "ended")
    assert noticing.notice_drift() == 1
    end(version, "revoked", since="ended")
    assert noticing.notice_drift() == 1

    assert causes() == ["expired", "unapproved"]
    assert [one.severity for one in Finding.objects.order_by("pk")] == ["medium", "high"]


def end(version: ModelVersion, state: str, *, since: str = "valid") -> None:
    """Let the authorization of a version be in another state."""
    with change(SET_UP, version, by=SYSTEM) as record:
        newest = version.authorizations.get(state=since)
        newest.state, newest.changed_at = Authorization.State(state), record.time - AN_HOUR
        newest.save()
    assert authorizing.of(version) is None


def test_what_nobody_sees_is_low() -> None:
    deployment = deployed(seen_within_minutes=5)
    later = database_now() + timedelta(minutes=6)

    [noticed] = noticing.drifting([deployment], later)

    assert (noticed.severity, noticed.version_id) == ("low", running(deployment).pk)
    assert "nobody saw it within 5" in noticed.text


def test_what_is_as_it_should_be_or_may_become_so_is_no_finding() -> None:
    deployment = deployed()
    see(deployment, running(deployment).content_digest)
    settling = deployed()
    see(settling, another_content(settling).content_digest)
    places.rollout(settling, running(settling))
    deployed()

    assert noticing.notice_drift() == 0


def test_where_nothing_is_put_any_more_nothing_is_noticed() -> None:
    deployment = deployed()
    see(deployment, UNKNOWN)
    changed(deployment.environment, closed_at=database_now())

    assert noticing.notice_drift() == 0


# -- once, and again


def test_what_is_over_leaves_its_finding_to_people() -> None:
    deployment = deployed()
    see(deployment, UNKNOWN)
    noticing.notice_drift()

    see(deployment, running(deployment).content_digest)
    assert noticing.notice_drift() == 0

    assert Finding.objects.get().state == Finding.State.OPEN


def test_a_finding_that_was_closed_comes_back_only_for_what_was_seen_since() -> None:
    deployment = deployed()
    see(deployment, UNKNOWN)
    noticing.notice_drift()
    close(Finding.objects.get())

    assert noticing.notice_drift() == 0
    see(deployment, UNKNOWN)
    assert noticing.notice_drift() == 1
    assert noticing.notice_drift() == 0
    assert causes() == ["unknown", "unknown"]


def test_what_is_not_so_any_more_under_the_lock_is_not_raised() -> None:
    deployment = deployed()
    see(deployment, UNKNOWN)
    [noticed] = noticing.drifting([deployment], database_now())
    see(deployment, running(deployment).content_digest)

    with pytest.raises(NotDue):
        noticing.notice(deployment, noticed=noticed, look=noticing.drifting)

    assert not Finding.objects.exists()


# -- let through knowingly


def put(model_version: ModelVersion, where: Environment, *, reason: str = WHY) -> Deployment:
    """Put a version where it may not run, as an operator does who says why."""
    parts: Sequence[Asked] = [Asked(model_version)]
    by = actor(scenarios.operator())
    rollout = operations.deploy(model_version.model, where, parts, by=by, reason=reason)
    return settled(places.finished(rollout))


def test_where_everything_is_allowed_it_is_a_finding_at_once_and_only_one() -> None:
    version = scenarios.registered_version()
    deployment = put(version, places.environment(enforcement="allow", admits=["production"]))

    assert noticing.notice_drift() == 1
    see(deployment, version.content_digest)
    assert noticing.notice_drift() == 0

    finding = Finding.objects.get()
    assert finding.cause == f"drift:{deployment.record_id}:unapproved:{version.content_digest}"
    assert (finding.severity, finding.version) == ("high", version)
    assert "is in the stage Development" in finding.description
    close(finding)
    see(deployment, version.content_digest)
    assert noticing.notice_drift() == 0


def test_another_rollout_of_it_is_another_finding_once_the_first_is_closed() -> None:
    version = scenarios.registered_version()
    where = places.environment(enforcement="allow", admits=["production"])
    put(version, where)
    noticing.notice_drift()
    close(Finding.objects.get())

    put(version, where)

    assert noticing.notice_drift() == 1


def test_the_latest_of_two_rollouts_counts_in_whatever_order_they_are_read() -> None:
    version = scenarios.registered_version()
    where = places.environment(enforcement="allow", admits=["production"])
    earlier = put(version, where).desired
    later = put(version, where).desired
    assert earlier is not None
    assert later is not None
    noticing.notice_drift()
    close(Finding.objects.get())

    now = database_now()
    for rollout, asked_at in ((earlier, now), (later, now - AN_HOUR)):
        with change(SET_UP, rollout, by=SYSTEM):
            rollout.asked_at = asked_at
            rollout.save()

    assert noticing.notice_drift() == 1


def test_what_never_ran_is_no_finding() -> None:
    version = scenarios.registered_version()
    deployment = put(version, places.environment(enforcement="allow", admits=["production"]))
    assert deployment.desired is not None
    places.finished(deployment.desired, Rollout.State.FAILED)

    assert noticing.notice_drift() == 0


def test_where_it_is_only_warned_the_reason_is_enough_until_something_else_speaks_against_it() -> (
    None
):
    version = in_production()
    where = places.environment(enforcement="warn", admits=["staging"])
    deployment = put(version, where)
    see(deployment, version.content_digest)
    assert noticing.notice_drift() == 0

    changed(where, admits=["production"])
    end(version, "revoked")

    assert noticing.notice_drift() == 1
    assert causes() == ["unapproved"]


# -- where no deployment is known


def test_a_stray_that_may_not_run_is_a_finding_of_its_own_model() -> None:
    where = places.environment(admits=["production"])
    version = scenarios.registered_version()
    told(where, Seen("10.0.0.7", version.content_digest), Seen("10.0.0.8", UNKNOWN))

    assert [noticing.notice_drift() for _ in range(2)] == [1, 0]

    finding = Finding.objects.get()
    assert finding.cause == f"drift:{where.record_id}:unapproved:{version.content_digest}"
    assert (finding.model, finding.version) == (version.model, version)
    assert "No deployment says that it is to run there." in finding.description


def test_a_stray_that_may_run_is_none() -> None:
    version = scenarios.registered_version()
    told(places.environment(), Seen("10.0.0.7", version.content_digest))

    assert noticing.notice_drift() == 0


# -- many


def test_what_fails_about_one_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = deployed(), deployed()
    for one in (broken, sound):
        see(one, UNKNOWN)
    whole = standing.of_deployments

    def of_deployments(some: Sequence[Deployment], **terms: Any) -> Any:
        if broken in some:
            raise ZeroDivisionError
        return whole(some, **terms)

    monkeypatch.setattr(standing, "of_deployments", of_deployments)
    with pytest.raises(ZeroDivisionError):
        noticing.notice_drift()

    assert Finding.objects.get().model == sound.model
