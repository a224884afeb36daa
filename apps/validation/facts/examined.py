"""What policies read about a version from checks that looked at it: only what is fresh counts."""

from collections.abc import Mapping
from datetime import datetime

from apps.validation import queries
from apps.validation.checks import bill_of_materials, lineage_complete, signature, unsafe_code
from apps.validation.models import CheckRun

_READ = (signature.CHECK, unsafe_code.CHECK, bill_of_materials.CHECK, lineage_complete.CHECK)
_SCANS = {CheckRun.State.PASSED: "clean", CheckRun.State.FAILED: "flagged"}


def version_facts(
    runs: Mapping[str, CheckRun], checks: Mapping[str, queries.Facts], at: datetime
) -> dict[str, object]:
    """Return the facts of a version that checks find out, given what policies read of each check.

    A result that is out of date says nothing, since it is about something else than there is now.
    """
    fresh = {
        check.name: runs[check.name]
        for check in _READ
        if checks.get(check.name, {}).get("fresh") is True
    }
    scan, bill = fresh.get(unsafe_code.CHECK.name), fresh.get(bill_of_materials.CHECK.name)
    return {
        "signature_status": queries.signature_found(fresh.get(signature.CHECK.name)),
        "scan_status": _SCANS[CheckRun.State(scan.state)] if scan else "not_run",
        "scan_age_days": (at - scan.finished_at).days if scan and scan.finished_at else -1,
        "bom_present": bool(bill and _has_passed(bill) and bill.facts.get("bills")),
        "lineage_complete": _has_passed(fresh.get(lineage_complete.CHECK.name)),
    }


def _has_passed(run: CheckRun | None) -> bool:
    return run is not None and run.state == CheckRun.State.PASSED
