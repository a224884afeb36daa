"""What is judged of the model of the world: one of everything the API names by a number."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.core.clock import database_now
from apps.risk.models import Assessment, Campaign, Finding, Incident, Obligation
from tests.risk import found, reviewed

ADDRESSES = ("/assessments/{", "/findings/{", "/incidents/{", "/obligations/{")
"""How addresses begin that name something judged of a model."""


@dataclass(frozen=True)
class Judgment:
    """A finding, an incident with a report, an obligation and a campaign, all on one model."""

    finding: Finding
    incident: Incident
    obligation: Obligation
    campaign: Campaign

    @classmethod
    def after(cls, assessment: Assessment) -> "Judgment":
        model = assessment.model
        return cls(
            found.planned(model),
            found.incident(model, traits=["personal_data_breach"]),
            owed(assessment),
            reviewed.running(),
        )

    def places(self) -> dict[str, Any]:
        """Return what addresses capture, standing for what is there."""
        return {
            "finding": self.finding.pk,
            "incident": self.incident.pk,
            "obligation": self.obligation.pk,
            "campaign": self.campaign.pk,
        }

    def bodies(self) -> dict[str, Any]:
        """Return a body for every call that takes one, by the name of its route."""
        finding = {"title": "Another", "description": "Wrong after dark.", "severity": "low"}
        return {
            "POST /models/{name}/findings": finding,
            "POST /incidents/{incident}/findings": finding,
            "POST /models/{name}/incidents": {
                "title": "Another",
                "description": "All of a night.",
                "harm": "Nobody",
                "severity": "other",
                "discovered_at": "2026-01-02T03:04:05Z",
            },
            "PATCH /obligations/{obligation}": {"owner": "dev"},
        }


def owed(assessment: Assessment, **other: Any) -> Obligation:
    """Return an obligation of a model, written past every rule: to walk to one takes long."""
    told = {
        "model": assessment.model,
        "assessment": assessment,
        "questionnaire": assessment.kind,
        "key": "read_it",
        "kind": Obligation.Kind.CONDITION,
        "ref": "read_it",
        "title": "Read it",
        "opened_at": database_now(),
    }
    rows: QuerySet[Obligation] = QuerySet(Obligation)
    [row] = rows.bulk_create([Obligation(**told | other)])
    return row
