"""Names of what is judged and written: assessments, findings, reviews, documents, policies."""

from collections.abc import Mapping
from typing import Any

from apps.approvals.models import EvidencePack, PolicyVersion
from apps.console.queries.named import Found, Named, Reader
from apps.risk.models import (
    Assessment,
    Campaign,
    CampaignEntry,
    Finding,
    Incident,
    Obligation,
    QuestionnaireVersion,
    Review,
    TierOverride,
)
from apps.validation.models import Document


def _called(kind: type[Any], *related: str) -> Reader:
    """Return what reads rows that say themselves how they are called and where they are shown."""

    def read(pks: set[int]) -> Found:
        rows = kind.objects.filter(pk__in=pks).select_related(*related)
        return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}

    return read


def _obligations(pks: set[int]) -> Found:
    rows = Obligation.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(f"{row} ({row.model})", row.get_absolute_url()) for row in rows}


def _tier_overrides(pks: set[int]) -> Found:
    rows = TierOverride.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(f"{row} of {row.model}", row.get_absolute_url()) for row in rows}


def _campaign_entries(pks: set[int]) -> Found:
    rows = CampaignEntry.objects.filter(pk__in=pks).select_related("model", "campaign")
    return {row.pk: Named(str(row), row.campaign.get_absolute_url()) for row in rows}


def _packs(pks: set[int]) -> Found:
    """Name packs by their ids: what one is of may be hidden from who reads an entry about it."""
    rows = EvidencePack.objects.filter(pk__in=pks)
    return {
        row.pk: Named(f"the evidence pack {row.record_id}", row.get_absolute_url()) for row in rows
    }


READERS: Mapping[str, Reader] = {
    "questionnaire": _called(QuestionnaireVersion),
    "assessment": _called(Assessment, "questionnaire", "model", "version__model", "use_case"),
    "obligation": _obligations,
    "tier_override": _tier_overrides,
    "finding": _called(Finding),
    "incident": _called(Incident),
    "review": _called(Review, "model"),
    "campaign": _called(Campaign),
    "campaign_entry": _campaign_entries,
    "document": _called(Document, "model", "version__model", "use_case"),
    "policy": _called(PolicyVersion),
    "pack": _packs,
}
