"""Asking for a dry run, and following it."""

from functools import partial

from django.db import transaction

from apps.approvals.dry_runs import tasks
from apps.approvals.models import DryRun, PolicyVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken

UNDER_WAY = (DryRun.State.QUEUED, DryRun.State.RUNNING)
MAY_ASK = ("catalog.write_policies", "catalog.sign_policies")


def ask(version: PolicyVersion, *, by: Actor) -> DryRun:
    """Let a worker find out what a version would change; one that is under way already is taken.

    It decides and changes nothing, so it leaves no event.

    Raises:
        NotAllowed: when the actor neither writes nor signs policies.
    """
    if by.user_id is None or not any(by.may(permission) for permission in MAY_ASK):
        raise NotAllowed("Who writes or signs policies asks for a dry run.")
    version.require_state(PolicyVersion.State.DRAFT, PolicyVersion.State.PROPOSED)
    with transaction.atomic():
        # Asked twice at once, the second waits here and finds the first.
        held = PolicyVersion.objects.select_for_update().filter(pk=version.pk).first()
        if held is None or held.digest != version.digest:
            raise RuleBroken("The draft changed since. Open it again, then ask for a dry run.")
        going_on = DryRun.objects.filter(
            policy=version, digest=version.digest, state__in=UNDER_WAY
        ).first()
        if going_on is not None:
            return going_on
        run = DryRun.objects.create(
            policy=version, digest=version.digest, asked_by_id=by.user_id, asked_at=database_now()
        )
        transaction.on_commit(partial(tasks.ring, [run.pk]))
    return run


def newest(version: PolicyVersion) -> DryRun | None:
    """Return the dry run of a version that was asked for last."""
    return version.dry_runs.select_related("asked_by").order_by("-pk").first()
