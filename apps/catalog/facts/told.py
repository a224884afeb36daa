"""What policies read about one version and its model, from records read before: pure answers."""

import re
from collections.abc import Mapping

from apps.catalog.facts.lineage import is_base_pinned
from apps.catalog.facts.records import Records, as_people
from apps.catalog.inventory import approvals
from apps.catalog.inventory.sheets import recorded
from apps.catalog.models import ModelVersion, UseCase

Facts = dict[str, object]

TRAITS = (
    "is_ai",
    "is_generative",
    "is_agentic",
    "is_adaptive",
    "is_third_party",
    "uses_gpai",
    "processes_personal_data",
    "affects_individuals",
    "consequential_decisions",
    "regulatory_use",
    "eu_in_scope",
    "gxp",
)
"""What policies read about the nature of a model; one nobody recorded counts as absent."""
_EXACT_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def model_facts(version: ModelVersion, records: Records) -> Facts:
    """Return the facts of a version's model, but for what is assessed of it."""
    model, answers = version.model, records.answers(version)
    limits = (answers.get("limitations"), answers.get("out_of_scope_uses"))
    return {
        "id": model.record_id,
        "name": model.name,
        "stage": version.stage,
        "owner_id": model.owner.record_id,
        "owner_active": model.owner.is_active,
        "owner_org_unit": model.owner.org_unit,
        "past_owner_ids": records.with_who_answers(as_people(records.owners.get(model.pk, ()))),
        "intended_use": model.intended_use,
        "limitations_recorded": any(limits),
        **{name: answers.get(name) is True for name in TRAITS},
    }


def version_facts(version: ModelVersion, records: Records) -> Facts:
    """Return the facts of a version, but for what checks say of it."""
    sheet = recorded(version)
    return {
        "id": version.record_id,
        "number": str(version.number),
        "digest": version.content_digest,
        "license_status": _text(sheet, "license_status", "unknown"),
        "code_ref_pinned": _is_code_pinned(version),
        "reproducibility": _text(sheet, "reproducibility", "not_attempted"),
        "base_model_pinned": is_base_pinned(version, records.edges.get(version.pk, ())),
        "tests_status": _text(sheet, "tests_status", "not_run"),
        "peer_reviewed": bool(sheet.get("peer_review")),
        "change_class": version.change_class or _text(sheet, "change_class", ""),
        "contributors": records.with_who_answers(version.contributors),
        "metrics_with_dataset": records.measured.with_dataset.get(version.run_id or 0, 0),
    }


def uses_facts(version: ModelVersion, records: Records) -> Facts:
    """Return what policies read about the uses of a version's model.

    Each counts as unapproved until somebody approves it, and again once its record is changed.
    """
    uses = records.uses(version)
    return {
        "active": len(uses),
        "unapproved": sum(not approvals.is_approved(use) for use in uses),
        "human_oversight_assigned": bool(uses) and all(map(_has_overseers, uses)),
    }


def is_withdrawn_for_cause(version: ModelVersion) -> bool:
    """Say whether a risk officer recorded that a version was withdrawn for a defect or harm."""
    return recorded(version).get("withdrawn_for_cause") is True


def _has_overseers(use: UseCase) -> bool:
    return bool(use.values.get("overseers"))


def _is_code_pinned(version: ModelVersion) -> bool:
    commit = version.code_commit.lower()
    named = bool(version.code_repository) and _EXACT_COMMIT.fullmatch(commit) is not None
    return named and not version.code_is_dirty


def _text(values: Mapping[str, object], key: str, otherwise: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) and value else otherwise
