"""A finding that an authorization ran out does not stand in the way of what settles it."""

from datetime import timedelta
from typing import Any

import pytest

from apps.approvals import authorizing, operations, policies
from apps.approvals import in_force as force
from apps.approvals.continuous import settled_by
from apps.approvals.facts.context import Evidence
from apps.approvals.models import RENEWAL, ROLLBACK, TO_PRODUCTION, PromotionRequest
from apps.approvals.operations import clockwork
from apps.approvals.readiness import GatesClosed
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from apps.risk.models import Finding
from apps.risk.operations import finding_answers
from tests import scenarios
from tests.approvals.policy_texts import Document, changed, move, part
from tests.approvals.walk import WHY, entries, overwrite
from tests.factories import actor
from tests.risk.found import accept, raised

pytestmark = pytest.mark.django_db

CAUSE = "rule:authorization_expired"
LIMIT = {
    "id": "findings_within_limits",
    "title": "Findings within limits",
    "category": "validation",
    "waivable": False,
    "expr": "findings.open_critical == 0 && findings.overdue == 0",
    "fail_message": "Open or overdue findings exceed the limit.",
    "remediation": "Remediate.",
    "cites": ["House rule"],
}


def limited(document: Document) -> None:
    """Let renewals and promotions wait for every critical finding, as the default policy does."""
    document["conditions"].append(LIMIT)
    tiers = {str(tier): "block" for tier in (1, 2, 3, 4)}
    for name in (RENEWAL, TO_PRODUCTION):
        asked = move(document, name)["conditions"]
        asked.append({"condition": LIMIT["id"], "tiers": tiers})


@pytest.fixture(autouse=True)
def policy(monkeypatch: pytest.MonkeyPatch) -> policies.Policy:
    """The policy in force, whose renewal asks about findings."""
    found = changed(limited)
    monkeypatch.setattr(force, "policy", lambda: found)
    return found


def end(version: ModelVersion) -> None:
    """Let the authorization of a version run out."""
    standing = authorizing.of(version)
    assert standing is not None
    over = database_now() - timedelta(seconds=1)
    overwrite(standing, granted_at=over - timedelta(days=30), valid_until=over)
    clockwork.end_authorization(standing)
    operations.watch_production(database_now())


def lapsed() -> ModelVersion:
    """Return a version in production whose authorization ran out, which was found."""
    version = scenarios.promoted(Stage.PRODUCTION).version
    version.refresh_from_db()
    end(version)
    return version


def asked(version: ModelVersion) -> PromotionRequest:
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    return request


def renew(request: PromotionRequest) -> None:
    operations.renew(request, by=actor(scenarios.operator()), reason=WHY)


def open_critical(version: ModelVersion, transition: str) -> Any:
    at = database_now()
    told: Any = Evidence.about([version]).of(version, at=at, transition=transition)
    return told["findings"]["open_critical"]


def test_an_authorization_that_ran_out_is_renewed_though_the_finding_of_it_is_open() -> None:
    version = lapsed()
    found = Finding.objects.get(cause=CAUSE)
    assert (found.severity, found.state) == ("critical", "open")

    renew(asked(version))

    standing = authorizing.of(version)
    assert standing is not None
    assert standing.state == standing.State.VALID


def test_once_renewed_the_finding_waits_for_somebody_else_to_close_it() -> None:
    version = lapsed()
    renew(asked(version))

    found = Finding.objects.get(cause=CAUSE)
    assert (found.state, found.remedied_by) == ("ready_to_close", scenarios.operator())
    assert "was renewed" in found.remedy
    [entry] = entries("version.renew")
    assert entry["detail"]["settled"] == [found.record_id]
    [proposed] = entries("finding.propose_closing")
    assert proposed["detail"]["cause"] == CAUSE
    for wrong in (scenarios.operator(), scenarios.owner()):
        with pytest.raises(NotAllowed):
            finding_answers.close_finding(found, by=actor(wrong), reason=WHY)
    finding_answers.close_finding(found, by=actor(scenarios.validator()), reason=WHY)
    assert operations.watch_production(database_now()) == 1
    assert operations.watch_production(database_now()) == 0
    assert Finding.objects.count() == 1


def test_every_other_critical_finding_keeps_a_renewal_shut() -> None:
    version = lapsed()
    request = asked(version)
    other = raised(version.model, severity="critical")

    with pytest.raises(GatesClosed) as refusal:
        renew(request)

    assert [closed.gate for closed in refusal.value.closed] == [LIMIT["id"]]
    accept(other)
    renew(request)


def test_the_finding_counts_at_every_other_gate() -> None:
    version = lapsed()
    following = scenarios.registered_version(version.model)

    assert open_critical(version, RENEWAL) == 0
    assert open_critical(version, ROLLBACK) == 1
    assert open_critical(following, TO_PRODUCTION) == 1


def test_a_risk_that_was_borne_until_the_renewal_is_borne_no_longer() -> None:
    version = lapsed()
    accept(Finding.objects.get(cause=CAUSE))

    renew(asked(version))

    found = Finding.objects.get(cause=CAUSE)
    assert found.state == Finding.State.READY
    assert found.acceptances.get().ended_at is not None


def test_what_another_version_stands_for_is_not_proposed_for_closing() -> None:
    first = scenarios.promoted(Stage.PRODUCTION).version
    overwrite(first.model, runs_several=True)
    second = scenarios.promoted(Stage.PRODUCTION, first.model).version
    for version in (first, second):
        version.refresh_from_db()
        end(version)

    renew(asked(first))
    assert Finding.objects.get(cause=CAUSE).state == Finding.State.OPEN

    operations.watch_production(database_now())
    renew(asked(second))
    assert Finding.objects.get(cause=CAUSE).state == Finding.State.READY


@pytest.mark.parametrize(
    ("when", "is_settled"),
    [
        ("!production.target_authorization_valid", True),
        ("production.target_authorization_valid == false", True),
        ("!production.target_authorization_valid || model.owner_id == ''", False),
        ("!production.target_authorization_valid && findings.open_high > 0", False),
        ("incidents.overdue_reports > 0", False),
    ],
)
def test_only_what_watches_the_authorization_alone_is_settled_by_a_renewal(
    when: str, *, is_settled: bool
) -> None:
    def watches(document: Document) -> None:
        part(document, "continuous_rules", "authorization_expired")["when"] = when

    found = changed(watches)

    assert (CAUSE in settled_by(found, RENEWAL)) is is_settled
    assert not settled_by(found, TO_PRODUCTION)
    assert not settled_by(found, ROLLBACK)


def test_both_shipped_policies_watch_it_alone() -> None:
    for name in policies.SHIPPED:
        assert settled_by(policies.shipped(name), RENEWAL) == {CAUSE}
