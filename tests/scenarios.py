"""Walks the real operations to a named point, so that no test invents an impossible world."""

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.approvals import cases
from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.statements import Ticket
from apps.catalog import ingest, operations
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel, Upload
from apps.catalog.training import MetricFacts, RunFacts
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import checks, runner
from apps.validation import operations as validation
from apps.validation.models import Breach
from apps.validation.monitoring.bands import Bands
from apps.validation.operations.measurements import Measured
from apps.validation.operations.monitoring import Watched
from tests.factories import actor, person
from tests.remembered import remembered

MODEL_FILES: Mapping[str, bytes] = {
    "MLmodel": b"flavors: {}\n",
    "model/weights.safetensors": b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    "README.md": "# A model ✓\n".encode(),
}
SIGNATURE = {
    "inputs": [{"name": "x", "type": "double"}, {"name": "n", "type": "long"}],
    "outputs": [{"name": "y", "type": "double"}],
}
INPUT_EXAMPLE = {"columns": ["x", "n"], "data": [[0.5, 1], [1.5, 2]]}
RUN = RunFacts(
    name="nightly",
    parameters={"depth": "3", "seed": "7"},
    metrics=(
        MetricFacts("auc", 0.91, "holdout", lower=0.89, upper=0.93, higher_is_better=True),
        MetricFacts("auc", 0.88, "holdout", slice="age<30", higher_is_better=True),
    ),
)


_NUMBERS = itertools.count(1)


# -- people of a small bank, each made when first asked for


def account(username: str, name: str, *everywhere: str) -> User:
    """Return a person of that sign-in name, with duties held everywhere."""
    known: User | None = User.objects.filter(username=username).first()
    return known or person(username, name=name, everywhere=everywhere)


def owner() -> User:
    return account("olivia", "Olivia Owner", "model_owner")


def developer() -> User:
    return account("dev", "Dev Developer", "model_developer")


def stranger() -> User:
    """Return somebody who holds no duty."""
    return account("sam", "Sam Stranger")


def auditor() -> User:
    return account("audrey", "Audrey Auditor", "auditor")


def risk_officer() -> User:
    return account("rita", "Rita Risk", "risk_officer")


def validator() -> User:
    return account("vera", "Vera Validator", "validator")


def operator() -> User:
    return account("otis", "Otis Operator", "operator")


# -- things


@remembered
def registered_model(name: str = "", *, by: Actor | None = None, **facts: Any) -> RegisteredModel:
    """Register a model; the owner answers for it and the developer registers it."""
    facts = {"owner": owner(), "intended_use": "Decides nothing.", **facts}
    return operations.register_model(
        by=by or actor(developer()), name=name or f"model-{next(_NUMBERS)}", **facts
    )


@remembered
def uploaded(files: Mapping[str, bytes] = MODEL_FILES, *, by: Actor | None = None) -> Upload:
    """Upload files, as the developer unless somebody else does."""
    by = by or actor(developer())
    upload = ingest.start_upload(by=by)
    for path, content in files.items():
        ingest.add_file(upload, path, [content], by=by)
    return upload


@remembered
def registered_version(
    model: RegisteredModel | None = None,
    files: Mapping[str, bytes] = MODEL_FILES,
    *,
    by: Actor | None = None,
    **facts: Any,
) -> ModelVersion:
    """Register a version with its run, signature and example; no check was run on it."""
    by = by or actor(developer())
    declared = {"signature": SIGNATURE, "input_example": INPUT_EXAMPLE, "run": RUN, **facts}
    return operations.register_version(
        model or registered_model(), by=by, upload=uploaded(files, by=by), **declared
    )


@remembered
def breach(model: RegisteredModel, *, days: int = 3) -> Breach:
    """Watch a metric of a model, and post values: on the second day in amber, then in red."""
    by = actor(operator())
    series = validation.start_series(
        model,
        Watched("auc", "higher", environment="EU"),
        Bands(amber_least="0.85", red_least="0.8"),
        by=by,
        owner=owner(),
        interval_days=7,
    )
    first = datetime(2026, 3, 1, tzinfo=UTC)
    points = [Measured(first + timedelta(days=day), 0.9 - day / 10) for day in range(days)]
    validation.post_points(series, points, by=by)
    found: Breach = series.breaches.get()
    return found


# -- decisions: each step does what is missing before it


SIGNERS: Mapping[Stage, Mapping[str, Callable[[], User]]] = {
    Stage.STAGING: {"model_owner": owner},
    Stage.PRODUCTION: {"validator": validator, "risk_officer": risk_officer},
}
"""Who signs a promotion to a stage, by role, as the built-in policy asks."""


@remembered
def check(version: ModelVersion) -> ModelVersion:
    """Run the checks of a new version, as a worker does."""
    for run in validation.start_checks(
        version, by=actor(developer()), names=checks.AT_REGISTRATION
    ):
        runner.execute(run.pk, worker="tests")
    return version


@remembered
def checked(to: Stage = Stage.STAGING, model: RegisteredModel | None = None) -> ModelVersion:
    """Return a version whose checks passed, in the stage from which it can be promoted."""
    if to == Stage.PRODUCTION:
        version = promoted(to=Stage.STAGING, model=model).version
        version.refresh_from_db()
        return version
    return check(registered_version(model))


@remembered
def requested(
    to: Stage = Stage.STAGING,
    model: RegisteredModel | None = None,
    *,
    version: ModelVersion | None = None,
) -> PromotionRequest:
    """Return an open request of the developer, without sign-offs."""
    return approvals.request_promotion(
        version or checked(to, model), by=actor(developer()), target=to, reason="Planned release"
    )


@remembered
def signed_off(to: Stage = Stage.STAGING, model: RegisteredModel | None = None) -> PromotionRequest:
    """Return an open request whose gate is open: everybody who has to signed it."""
    request = requested(to, model)
    for role, signer in SIGNERS[to].items():
        sign(request, signer(), role)
    return request


@remembered
def promoted(to: Stage = Stage.STAGING, model: RegisteredModel | None = None) -> PromotionRequest:
    """Return a request that an operator carried out."""
    request = signed_off(to, model)
    approvals.promote(request, by=actor(operator()), reason="In the change window")
    return request


def ticket(request: PromotionRequest, by: Actor) -> Ticket:
    """Open the page of a request, as it stands now, to sign what it shows."""
    [case] = cases.complete([request], at=database_now())
    return Ticket.issue(case.dossier, to=by)


def confirmation(by: Actor) -> Confirmation:
    """Give the password again, now."""
    assert by.user_id is not None
    return Confirmation(by.user_id, "password", database_now())


@remembered
def sign(
    request: PromotionRequest,
    signer: User,
    role: str,
    decision: SignOff.Decision = SignOff.Decision.APPROVE,
    *,
    reason: str = "Looked at it closely",
) -> SignOff:
    """Open the page as one person, and sign, or decline, what it shows."""
    by = actor(signer)
    return approvals.sign_off(
        request,
        by=by,
        role=role,
        decision=decision,
        reason=reason,
        ticket=ticket(request, by),
        confirmed=confirmation(by),
    )
