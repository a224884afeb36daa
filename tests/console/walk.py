"""Walks a version on from registered, through the real operations, as the people of the bank."""

from django.utils import timezone

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.approvals import cases
from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.statements import Ticket
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.validation import checks, runner
from apps.validation import operations as validation
from tests import scenarios
from tests.factories import actor
from tests.remembered import remembered


def validator() -> User:
    return scenarios.account("vera", "Vera Validator", "validator")


def operator() -> User:
    return scenarios.account("otto", "Otto Operator", "operator")


@remembered
def checked(version: ModelVersion | None = None) -> ModelVersion:
    """Run the checks of a new version."""
    version = version or scenarios.registered_version()
    asker = actor(scenarios.developer())
    for run in validation.start_checks(version, by=asker, names=checks.AT_REGISTRATION):
        runner.execute(run.pk, worker="a worker of a test")
    version.refresh_from_db()
    return version


@remembered
def requested(
    version: ModelVersion, target: Stage = Stage.STAGING, *, by: User | None = None
) -> PromotionRequest:
    asker = actor(by or scenarios.developer())
    return approvals.request_promotion(version, by=asker, target=target, reason="It is better.")


@remembered
def signed_off(request: PromotionRequest, role: str, *, by: User) -> SignOff:
    signer = actor(by)
    [case] = cases.complete([request], at=timezone.now())
    return approvals.sign_off(
        request,
        by=signer,
        role=role,
        decision=SignOff.Decision.APPROVE,
        reason="The evidence holds.",
        ticket=Ticket.issue(case.dossier, to=signer),
        confirmed=Confirmation(by.pk, "password", timezone.now()),
    )


@remembered
def staged(version: ModelVersion | None = None) -> ModelVersion:
    """Bring a version to staging."""
    request = requested(checked(version))
    signed_off(request, "model_owner", by=scenarios.owner())
    return promoted(request)


@remembered
def ready_to_promote(version: ModelVersion | None = None) -> PromotionRequest:
    """Bring a version as far as an open gate to production."""
    request = requested(staged(version), Stage.PRODUCTION)
    signed_off(request, "validator", by=validator())
    signed_off(request, "risk_officer", by=scenarios.risk_officer())
    return request


@remembered
def promoted(request: PromotionRequest) -> ModelVersion:
    return approvals.promote(request, by=actor(operator()), reason="Agreed.")


@remembered
def in_production(model: RegisteredModel | None = None) -> ModelVersion:
    """Bring a new version of a model to production."""
    return promoted(ready_to_promote(scenarios.registered_version(model)))
