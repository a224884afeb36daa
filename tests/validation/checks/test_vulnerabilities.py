"""Known vulnerabilities of what a version needs, by the advisories that are loaded."""

from datetime import UTC, datetime

import pytest

from apps.validation.checks.contract import Severity
from apps.validation.checks.environment import EnvironmentRules
from tests.validation.checks.advisory_lists import advisory, as_array, index_of, shipped_index
from tests.validation.checks.environments import FINE, looked_at, of_numpy, only
from tests.validation.checks.stored import StoredFile, codes, grave_codes


def test_without_a_list_nothing_can_be_said() -> None:
    outcome = looked_at()
    assert outcome.passed
    assert only(outcome, "no_advisories").severity is Severity.MEDIUM
    assert "not looked up" in outcome.summary

    strict = looked_at(parameters=EnvironmentRules(require_advisories=True))
    assert grave_codes(strict) == {"no_advisories"}


def test_a_well_known_vulnerability_is_found_with_its_names_and_what_mends_it() -> None:
    packages = ["Pillow==9.5.0", "PyYAML==6.0.2", "requests==2.30.0", "mlflow==2.2.1"]
    outcome = looked_at(packages, index=shipped_index())

    found = [problem for problem in outcome.problems if problem.code == "known_vulnerability"]
    said = {problem.text.split(":")[0]: problem for problem in found}
    assert set(said) == {
        "CVE-2023-4863 (also GHSA-j7hp-h8jx-5ppr)",
        "CVE-2023-50447 (also GHSA-3f63-hfp8-52jq)",
        "CVE-2023-32681 (also GHSA-j8r2-6x86-q33q, PYSEC-2023-74)",
    }
    webp = said["CVE-2023-4863 (also GHSA-j7hp-h8jx-5ppr)"]
    assert webp.severity is Severity.HIGH
    assert webp.place == "pillow 9.5.0 (recorded packages)"
    assert "10.0.1 or later" in webp.remedy
    proxy = said["CVE-2023-32681 (also GHSA-j8r2-6x86-q33q, PYSEC-2023-74)"]
    assert proxy.severity is Severity.MEDIUM
    assert outcome.facts["vulnerable"] == 3
    assert not outcome.passed


EVENTS = [
    # (events, versions that are affected, versions that are not)
    ([{"introduced": "0"}], ["0.0.1.dev1", "1.0", "99"], []),
    (
        [{"introduced": "0"}, {"fixed": "2.0"}],
        ["1.9.9", "2.0rc1", "2.0.dev3"],
        ["2.0", "2.0.post1"],
    ),
    (
        [{"introduced": "1.5"}, {"last_affected": "1.7"}],
        ["1.5", "1.7"],
        ["1.4", "1.7.post1", "1.8"],
    ),
    ([{"fixed": "1.1"}, {"introduced": "1.0"}], ["1.0", "1.0.9"], ["0.9", "1.1"]),
    (
        [{"introduced": "1"}, {"fixed": "1.2"}, {"introduced": "2"}, {"fixed": "2.3"}],
        ["1.1", "2.2.9"],
        ["1.2", "1.9", "2.3", "0.9"],
    ),
    ([{"introduced": "1!0"}], ["1!1.0"], ["2.0"]),
]


def test_ranges_are_held_against_versions_as_pep_440_orders_them() -> None:
    for events, affected, free in EVENTS:
        index = of_numpy(*events)
        for version in (*affected, *free):
            outcome = looked_at([f"numpy=={version}"], index=index)
            is_found = "known_vulnerability" in codes(outcome)
            assert is_found is (version in affected), (events, version)


def test_versions_that_are_only_listed_count_too() -> None:
    part = {"package": {"ecosystem": "PyPI", "name": "Num.Py"}, "versions": ["1.0.0", "odd-one"]}
    index = of_numpy(affected=[part])

    assert "known_vulnerability" in codes(looked_at(["num-py==1.0"], index=index))
    assert "known_vulnerability" not in codes(looked_at(["num_py==1.1"], index=index))


def test_a_build_of_somebodys_own_is_what_was_released() -> None:
    part = {"package": {"ecosystem": "PyPI", "name": "numpy"}, "versions": ["2.0.1"]}
    listed = of_numpy(affected=[part])
    last = of_numpy({"introduced": "0"}, {"last_affected": "2.0.1"})

    for index in (listed, last):
        assert "known_vulnerability" in codes(looked_at(["numpy==2.0.1+cu118"], index=index))
        assert "known_vulnerability" not in codes(looked_at(["numpy==2.0.2+cu118"], index=index))


def test_a_package_without_a_version_is_not_silently_left_out() -> None:
    lines = [
        "numpy --hash=sha256:" + "a" * 64,
        "pip",
        "torch @ git+https://g.example/t@" + "c" * 40,
    ]

    found = only(looked_at(lines, index=FINE), "not_looked_up")

    assert found.severity is Severity.MEDIUM
    assert "2 packages could not be held against advisories" in found.text
    assert found.text.endswith("numpy, torch.")
    strict = looked_at(lines, index=FINE, parameters=EnvironmentRules(require_advisories=True))
    assert "not_looked_up" in grave_codes(strict)


def test_a_range_that_cannot_be_ordered_is_taken_to_speak_of_the_version() -> None:
    outcome = looked_at(index=of_numpy({"introduced": "2004d"}))
    assert "cannot be ordered" in only(outcome, "known_vulnerability").text


def test_withdrawn_advisories_and_other_ecosystems_count_for_nothing() -> None:
    elsewhere = advisory("numpy", "GHSA-xxxx")
    elsewhere["affected"][0]["package"]["ecosystem"] = "npm"
    commits = advisory("numpy", "GHSA-yyyy")
    commits["affected"][0]["ranges"][0]["type"] = "GIT"
    entries = [
        advisory("numpy", "PYSEC-2099-2", withdrawn="2026-01-02T00:00:00Z"),
        elsewhere,
        commits,
        advisory("other", "PYSEC-2099-3"),
    ]
    outcome = looked_at(index=index_of(as_array(entries)))
    assert (outcome.passed, outcome.facts["advisories"]) == (True, 1)


def test_an_accepted_advisory_is_shown_and_fails_nothing() -> None:
    index = of_numpy(aliases=["CVE-2099-1"])
    outcome = looked_at(index=index, parameters=EnvironmentRules(accepted=("CVE-2099-1",)))

    assert outcome.passed
    assert "accepts it" in only(outcome, "known_vulnerability").text


def test_an_advisory_that_does_not_say_how_grave_it_is_fails_and_malice_is_critical() -> None:
    untold = only(looked_at(index=of_numpy(database_specific={})), "known_vulnerability")
    assert untold.severity is Severity.HIGH
    assert "does not say how grave" in untold.text

    malice = index_of(as_array([advisory("numpy", "MAL-2099-1", database_specific=None)]))
    assert only(looked_at(index=malice), "known_vulnerability").severity is Severity.CRITICAL


def test_an_old_list_is_said_to_be_old() -> None:
    late = datetime(2026, 2, 15, tzinfo=UTC)
    outcome = looked_at(index=FINE, today=late)
    assert "45 days old" in only(outcome, "old_advisories").text

    patient = EnvironmentRules(most_list_days=45)
    assert "old_advisories" not in codes(looked_at(index=FINE, today=late, parameters=patient))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        FINE.data.replace(b"signet-", b"x"),
        FINE.data.replace(b"2026-01-01T00:00:00Z", b"yesterday"),
        FINE.data.replace(b'"high"', b'"bad"'),
        FINE.data + b"numpy\t{\n",
        FINE.data + b'numpy\t{"id":"\xff"}\n',
    ],
)
def test_a_list_that_is_none_is_never_a_pass(data: bytes) -> None:
    outcome = looked_at(index=StoredFile("advisories", data))
    assert grave_codes(outcome) == {"unreadable_advisories"}
