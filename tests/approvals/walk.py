"""Steps on the way of a request that only the tests of this folder take, by the real operations."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError
from django.db.models import Model, QuerySet

from apps.accounts import operations as accounts
from apps.accounts.confirmation import Confirmation
from apps.accounts.models import Duty, User
from apps.approvals import cases, in_force, operations, policies
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.statements import Ticket
from apps.audit import writing
from apps.audit.models import AuditEvent
from apps.audit.unrecorded import Unrecorded
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.catalog.store.contract import key_of
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.models import CheckRun
from tests import scenarios
from tests.approvals.gates import TEXT
from tests.factories import HOST, actor

APPROVE, DECLINE = SignOff.Decision.APPROVE, SignOff.Decision.DECLINE
FORGETFUL = b"bytes that the disk of these tests forgets"
WHY = "A reason"


# -- what the record says


def entries(action: str, outcome: str = "done") -> list[dict[str, Any]]:
    """Return the entries of an action, the oldest first."""
    events = AuditEvent.objects.filter(action=action, outcome=outcome).order_by("pk")
    return [json.loads(bytes(event.entry)) for event in events]


def refusals(action: str) -> list[str]:
    """Return the code of each refused try of an action."""
    return [entry["detail"]["error"] for entry in entries(action, "refused")]


def break_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no event be stored from now on."""

    def broken(*args: object, **kwargs: object) -> None:
        raise IntegrityError("audit_event is read-only")

    monkeypatch.setattr(writing, "insert", broken)
    monkeypatch.setattr(Unrecorded, "count", Unrecorded.count)  # which health would go on telling


def overwrite(row: Model, **values: object) -> None:
    """Change the columns of a row past every rule, as SQL would."""
    rows: QuerySet[Model] = QuerySet(type(row))
    rows.filter(pk=row.pk).update(**values)
    row.refresh_from_db()


# -- where a request stands


def case_of(request: PromotionRequest, at: datetime | None = None) -> Case:
    """Return a request with all that its gate says, as of now or of another moment."""
    [case] = cases.complete([request], at=at or database_now())
    return case


def is_open(request: PromotionRequest) -> bool:
    return case_of(request).readiness.is_open


def why_void(request: PromotionRequest, at: datetime | None = None) -> list[str]:
    """Return why the sign-offs that do not count are void, the oldest first."""
    return list(case_of(request, at).why_void.values())


# -- steps


def sign(
    request: PromotionRequest,
    by: User | Actor,
    role: str,
    *,
    ticket: Ticket | None = None,
    decision: SignOff.Decision = APPROVE,
    confirmed: Confirmation | None = None,
    reason: str = WHY,
) -> SignOff:
    """Sign as somebody, with a page opened now and a password given now unless told otherwise."""
    signer = actor(by) if isinstance(by, User) else by
    return operations.sign_off(
        request,
        by=signer,
        role=role,
        decision=decision,
        reason=reason,
        ticket=ticket or scenarios.ticket(request, signer),
        confirmed=confirmed or Confirmation(signer.user_id or 0, "password", database_now()),
    )


def promote(request: PromotionRequest) -> ModelVersion:
    return operations.promote(request, by=actor(scenarios.operator()), reason=WHY)


def end_duty(user: User, role: str) -> None:
    """Take a role that a person holds everywhere."""
    duty = Duty.objects.get(user=user, role=role, until=None)
    accounts.end_duty(duty, by=HOST, reason=WHY)


def ask_again(version: ModelVersion, check: str) -> CheckRun:
    """Ask for a new run of a check that nobody carries out yet."""
    [run] = validation.start_checks(version, by=actor(scenarios.developer()), names=[check])
    return run


def run_again(version: ModelVersion, check: str) -> CheckRun:
    """Run a check once more."""
    run = ask_again(version, check)
    runner.execute(run.pk, worker="tests")
    run.refresh_from_db()
    return run


def forgettable(to: Stage = Stage.STAGING) -> ModelVersion:
    """Return a checked version with a file of its own, which the store can lose."""
    files = {**scenarios.MODEL_FILES, "notes.txt": FORGETFUL}
    version = scenarios.check(scenarios.registered_version(files=files))
    if to == Stage.PRODUCTION:
        request = scenarios.requested(version=version)
        sign(request, scenarios.owner(), "model_owner")
        version = promote(request)
    return version


def damage(version: ModelVersion) -> CheckRun:
    """Let the store hold other bytes than were registered, and the check find out."""
    file = version.files.select_related("artifact").get(path="notes.txt")
    place = key_of(file.artifact.sha256)
    storages["artifacts"].delete(place)
    storages["artifacts"].save(place, ContentFile(FORGETFUL[::-1]))
    try:
        return run_again(version, "artifact-integrity")
    finally:
        storages["artifacts"].delete(place)


def change_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a policy be in force that asks something else of every gate."""
    other = policies.parse(TEXT.replace("scan_max_age_days: 30", "scan_max_age_days: 29"))
    monkeypatch.setattr(in_force, "policy", lambda: other)
