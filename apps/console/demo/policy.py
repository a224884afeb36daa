"""The policy the demo's organization put in force: the starter policy, with times for each tier."""

from django.urls import reverse

from apps.approvals import policies
from apps.approvals.dry_runs import runner
from apps.approvals.models import DryRun, PolicyVersion
from apps.console.demo.people import COMMITTEE, RISK_OFFICER, SECOND_OFFICER
from apps.console.demo.walk import Walk

_SHIPPED = "starter"
_OWED = """# What assessments oblige to is shown at gates, and evidence keeps none of them shut yet.
obligation_enforcement:
  before_applies_from: warn
  from_applies_from: warn
  restriction: block
  approval: add_slot

"""
_OWN = (
    ("id: starter\n", "id: northfield\n"),
    ("title: Starter policy\n", "title: Policy of the Clinic of Northfield\n"),
    ("A short policy that asks the same at every tier:", "The same at every tier, but for times:"),
    (
        "# Every tier asks the same here; a policy that tells tiers apart comes beside this one.",
        "# Gates ask the same at every tier; the times of a tier are its own.",
    ),
    ("# Evaluated once for each signer;", f"{_OWED}# Evaluated once for each signer;"),
)
"""What the organization says otherwise, in place of what the shipped text says."""
_TIMES = (
    (6, 6, 12, 12, "{critical: 15, high: 60, medium: 120, low: 365}"),
    (12, 12, 24, 12, "{critical: 30, high: 90, medium: 180, low: 365}"),
    (12, 12, 36, 24, "{critical: 30, high: 120, medium: 270, low: 365}"),
    (24, 24, 48, 24, "{critical: 30, high: 180, medium: 365, low: 365}"),
)
"""By tier: months between attestations, reviews, validations, tierings; days to settle findings."""


def text() -> str:
    """Return the policy as its author wrote it."""
    written = policies.shipped(_SHIPPED).text
    for theirs, own in _OWN:
        written = written.replace(theirs, own, 1)
    before, *tiers = written.split("    settings: {")
    return before + "".join(
        f"    settings: {{owner_attestation_months: {attest}, periodic_review_months: {review}, "
        f"revalidation_months: {validate}, retiering_months: {tier}, finding_due_days: {days}, "
        f"risk_acceptance_max_days: 180, {rest}"
        for (attest, review, validate, tier, days), rest in zip(_TIMES, tiers, strict=True)
    )


def put_in_force(walk: Walk) -> None:
    """Have the policy written, signed by two people who did not write it, and published."""
    author = walk.hands(RISK_OFFICER)
    author.fill_in(
        reverse("approvals:draft_policy"),
        start=f"shipped:{_SHIPPED}",
        reason="The board asks for review times that follow from the tier of a model.",
    )
    draft = PolicyVersion.objects.get()
    edit = reverse("approvals:edit_policy", args=[draft.pk])
    author.fill_in(edit, edited=author.hidden_on(edit, "edited"), text=text())
    author.fill_in(
        reverse("approvals:propose_policy", args=[draft.pk]),
        reason="Discussed with the owners on 4 November; nobody asked for other times.",
    )
    for part, role in ((SECOND_OFFICER, "risk_officer"), (COMMITTEE, "governance_committee")):
        walk.hands(part).sign_shown(
            draft.get_absolute_url(),
            reverse("approvals:sign_policy", args=[draft.pk]),
            role=role,
            reason="Same gates as before. The times are those the board decided.",
        )
    author.fill_in(reverse("approvals:dry_run", args=[draft.pk]))
    runner.carry_out(DryRun.objects.get().pk)
    author.fill_in(
        reverse("approvals:publish_policy", args=[draft.pk]),
        reason="Signed by both, and the dry run shuts no gate that was open.",
    )
