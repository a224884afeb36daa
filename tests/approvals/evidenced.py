"""Facts as policies read them, and a version with evidence of every kind, by real operations."""

from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.approvals import policies
from apps.approvals.facts.context import Evidence
from apps.approvals.policies import Policy
from apps.audit import verification
from apps.catalog import operations as catalog
from apps.catalog.models import Asset, ModelVersion, Relation
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.models import Document, EvidenceItem
from tests import scenarios
from tests.catalog.inventory.walk import third_party, use_case
from tests.catalog.lineage import world
from tests.factories import actor

DEFAULT = policies.shipped("default")
SCANS = ("bill-of-materials", "lineage", "unsafe-code")
OPINION = {"opinion": "approved", "rationale": "Sound."}


def facts(
    version: ModelVersion, at: datetime | None = None, policy: Policy = DEFAULT
) -> dict[str, Any]:
    """Return every fact about a version under the default policy, as of now or another moment."""
    return Evidence.about([version], policy).of(version, at=at or database_now())


def in_days(days: float) -> datetime:
    return database_now() + timedelta(days=days)


def examined(version: ModelVersion, *names: str) -> None:
    """Run checks on a version, as a worker does."""
    for run in validation.start_checks(version, by=actor(scenarios.developer()), names=names):
        runner.execute(run.pk, worker="tests")


def given(about: Any, type_id: str, by: User | None = None) -> EvidenceItem:
    """Give evidence, as the developer unless somebody else does; nobody verified it yet."""
    giver = actor(by or scenarios.developer())
    return validation.add_evidence(
        about, type_id, by=giver, title="A report", link="https://docs.example/report"
    )


def verified(about: Any, type_id: str) -> EvidenceItem:
    """Give evidence that the validator stands by."""
    return validation.verify_evidence(given(about, type_id), by=actor(scenarios.validator()))


def author() -> User:
    """Return the validator who writes reports; another one signs them."""
    return scenarios.account("victor", "Victor Validator", "validator")


def report(version: ModelVersion, by: Actor | None = None, **opinion: object) -> Document:
    """Begin a validation report with an opinion, as its author unless somebody else does."""
    by = by or actor(author())
    document = validation.start_document(version, "validation-report", by=by)
    validation.save_section(document, "opinion", {**OPINION, **opinion}, by=by)
    return document


def approved(document: Document, by: Actor | None = None) -> Document:
    """Submit a validation report, and sign it in both of its roles."""
    revision = validation.submit_document(document, by=by or actor(author()))
    for role, signer in (
        ("validator", scenarios.validator()),
        ("risk_officer", scenarios.risk_officer()),
    ):
        validation.approve_document(document, by=actor(signer), role=role, digest=revision.digest)
    document.refresh_from_db()
    return document


def evidenced() -> ModelVersion:
    """Return a version with something of every kind that policies read about."""
    version = scenarios.check(scenarios.registered_version())
    model = version.model
    examined(version, *SCANS)
    use_case(model, "Card limits")
    third_party(model, "Scores Inc.")
    for type_id in ("performance_test_report", "rollback_plan", "bill_of_materials"):
        verified(version, type_id)
    for type_id in ("monitoring_plan", "rollback_test_record"):
        verified(model, type_id)
    validation.start_document(version, "model-card", by=actor(scenarios.developer()))
    approved(report(version))
    scenarios.breach(model)
    world.edge(world.asset(f"data of {model.name}"), version, Relation.TRAINED_ON)
    world.edge(version, world.asset(f"board of {model.name}", Asset.Kind.DASHBOARD), Relation.USES)
    catalog.describe_model(model, by=actor(scenarios.owner()), limitations="Adults only.")
    verification.verify(model.record_ref, at=database_now())
    return version
