"""What went wrong with the demo's models, and who settles it by when: findings and incidents."""

from datetime import timedelta

from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.demo.judging import Judging
from apps.console.demo.people import (
    DEVELOPER,
    OPERATOR,
    RISK_OFFICER,
    SECOND_OFFICER,
    VALIDATOR,
)
from apps.core.clock import database_now
from apps.validation import operations as validation
from apps.validation.checks.contract import Problem, Severity

_LOOKED_AGAIN = b"""Recall on read samples, weeks 6 to 8, looked at again

Every missed sample bears the new stain. With the old stain recall is 0.98 again.
"""
_RESTORED = b"""Restart of the worklist, tried out

The worklist was restarted ten times on a copy. It reads the order of the model each time.
"""


def stain(judging: Judging, version: ModelVersion) -> None:
    """The finding that monitoring raised is settled, and closed by somebody else."""
    walk = judging.walk
    finding = version.model.findings.get(source="breach")
    report = walk.give(
        version.model,
        "monitoring_report",
        OPERATOR,
        title="Recall after the stain was changed back",
        file=validation.SentFile("recall.txt", [_LOOKED_AGAIN]),
    )
    judging.plan(finding, "Go back to the old stain, and read the weeks concerned again.", report)
    judging.close(
        finding,
        VALIDATOR,
        remedy="The laboratory is back at the old stain; all samples of three weeks were reread.",
        reason="Four weeks above the threshold since, and the reread samples hold no surprise.",
    )


def reversed_worklist(judging: Judging, version: ModelVersion) -> None:
    """A serious incident, contained; one report to the authorities is made, others run."""
    walk, discovered = judging.walk, database_now() - timedelta(hours=40)
    incident = judging.report(
        version.model,
        OPERATOR,
        discovered,
        traits=("high_risk_serious", "significant_nis2"),
        version=str(version.pk),
        title="Worklist in reverse order for a morning",
        description="After a restart the worklist sorted by the score the wrong way round, so "
        "that likely malignant samples came last.",
        harm="Six malignant samples were read a day late. No treatment began later by it.",
        severity="serious",
    )
    judging.follow(
        incident,
        "contain",
        OPERATOR,
        containment="Put back to the paper checklist within the hour, then restarted with the "
        "right order. The pathologists on duty were told.",
    )
    warning = incident.duties.get(clock="nis2_early")
    judging.tell_authority(warning, discovered + timedelta(hours=20), "NIS-2026-4471")
    finding = judging.find_in(
        incident,
        RISK_OFFICER,
        title="Nothing notices that the worklist is in the wrong order",
        description="The order was wrong for four hours, and a pathologist noticed it by chance.",
        kind="issue",
        severity="critical",
    )
    tried = walk.give(
        version.model,
        "incident_report",
        OPERATOR,
        title="Restart of the worklist, tried out",
        file=validation.SentFile("restart.txt", [_RESTORED]),
    )
    judging.plan(
        finding,
        "Each morning the first and the last sample are compared with the model before the list "
        "is shown. Until that runs, a laboratory assistant looks at both by hand.",
        tried,
    )


def other_units(judging: Judging, model: RegisteredModel) -> None:
    """What led to the way back of wine-grade: reported, contained, and closed by another."""
    incident = judging.report(
        model,
        OPERATOR,
        database_now() - timedelta(days=3),
        title="Two laboratory values in other units",
        description="Since Monday the laboratory reports two values in milligrams.",
        harm="Eleven samples went to the wrong panel, and were tasted again.",
        severity="other",
    )
    judging.follow(
        incident, "contain", OPERATOR, containment="Went back to version 1, which is less hurt."
    )
    judging.follow(
        incident,
        "close",
        SECOND_OFFICER,
        reason="The laboratory confirmed the units on Wednesday; a review looks at the interface.",
    )


def elderly(judging: Judging, model: RegisteredModel) -> None:
    """A limitation the developer found, whose risk is borne for some months."""
    finding = judging.find(
        model,
        DEVELOPER,
        title="Estimates of patients above 75 are too low",
        description="Nine of the patients it was built from are older than 75. The estimate is "
        "eight points too low for them on average.",
        kind="limitation",
        severity="medium",
    )
    judging.bear(
        finding,
        RISK_OFFICER,
        "risk_officer",
        150,
        "Nurses plan patients above 75 by hand until the challenger is chosen. Few are concerned.",
    )


def slow_reader(judging: Judging, version: ModelVersion) -> None:
    """A test outside fails on a version in use, so that a finding is raised by itself."""
    judging.walk.expect_check(
        RISK_OFFICER,
        "load-test",
        title="Load test",
        sentence="A day's forms are read within an hour on the machine that serves.",
        hours_until_due=72,
        reason="Forms piled up at the end of the last quarter.",
    )
    judging.walk.post_failure(
        version,
        "load-test",
        OPERATOR,
        Problem(
            "too_slow",
            Severity.MEDIUM,
            "whole run",
            "2,100 forms in the first hour. A day brings 2,600 at the end of a quarter.",
            "Read forms on two machines in the last week of a quarter.",
        ),
        summary="Too slow for the last day of a quarter.",
        tool="k6",
        tool_version="1.2",
    )
    judging.walk.notice()
