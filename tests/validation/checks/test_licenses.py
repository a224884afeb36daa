"""Licenses of a version and of its parts, by expression."""

import json

from apps.validation.checks.contract import Severity
from apps.validation.checks.environment import EnvironmentRules
from tests.validation.checks.environments import FINE, looked_at, only
from tests.validation.checks.stored import codes

LICENSES: dict[str, str | None] = {
    "MIT": None,
    "mit": None,
    "Apache-2.0 AND MIT": None,
    "AGPL-3.0-only OR MIT": None,
    "GPL-3.0-or-later WITH GCC-exception-3.1": None,
    "AGPL-3.0-only": "denied_license",
    "MIT AND (Apache-2.0 AND AGPL-3.0-or-later)": "denied_license",
    "AGPL-3.0-only WITH Classpath-exception-2.0": "denied_license",
    "GPL-3.0-only": "unlisted_license",
    "GPL-3.0-only WITH No-Such-Exception": "unlisted_license",
    "LicenseRef-Acme": "unlisted_license",
    "Something of our own": "unlisted_license",
    "MIT AND": "unreadable_license",
    "(" * 300 + "MIT" + ")" * 299: "unreadable_license",
    "MIT OR " * 400 + "MIT": "unreadable_license",
}


def test_licenses_are_judged_by_expression() -> None:
    for text, code in LICENSES.items():
        outcome = looked_at(index=FINE, license=text)
        assert codes(outcome) == ({code} if code else set()), text
        assert outcome.passed is (code != "denied_license"), text
        strict = looked_at(
            index=FINE, license=text, parameters=EnvironmentRules(require_license=True)
        )
        assert strict.passed is (code is None), text


def test_a_missing_license_weighs_more_for_models_of_others() -> None:
    for kind, severity in (("in_house", Severity.INFO), ("foundation", Severity.MEDIUM)):
        outcome = looked_at(index=FINE, license="", kind=kind)
        assert only(outcome, "no_license").severity is severity, kind


def test_licenses_a_bill_gives_are_judged_too() -> None:
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [
            {"type": "library", "name": name, "version": "1", "licenses": [given]}
            for name, given in (
                ("good", {"license": {"id": "MIT"}}),
                ("bad", {"expression": "AGPL-3.0-only"}),
                ("odd", {"license": {"name": "As I like"}}),
            )
        ],
    }
    outcome = looked_at(index=FINE, files={"bom.json": json.dumps(bill)})

    assert only(outcome, "denied_license").text.endswith("denies: bad (AGPL-3.0-only).")
    assert only(outcome, "unlisted_license").text.endswith("list: odd (As I like).")
