"""What a version needs is pinned, from one index, free of known vulnerabilities, and licensed."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.validation import confined
from apps.validation.checks.contract import Outcome, Problem, Severity, Source, silent
from apps.validation.checks.environment import CHECK, EnvironmentRules, manifests
from apps.validation.checks.environment.examination import DEFAULTS, examine
from apps.validation.checks.recorded import Record
from tests.validation.checks.advisory_lists import advisory, as_array, index_of, shipped_index
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes

TODAY = datetime(2026, 1, 10, tzinfo=UTC)
PINNED = ("numpy==2.2.1", "scikit-learn==1.6.0")
MLFLOW_CONDA = """channels:
- conda-forge
dependencies:
- python=3.11.9
- pip<=24.0
- pip:
  - mlflow==2.16.0
  - scikit-learn==1.6.0
name: mlflow-env
"""
MLFLOW_PYTHON_ENV = """python: 3.11.9
build_dependencies:
- pip==24.0
- setuptools
- wheel==0.43.0
dependencies:
- -r requirements.txt
"""
MLFLOW_REQUIREMENTS = "mlflow==2.16.0\nscikit-learn==1.6.0"


def looked_at(
    packages: Sequence[str] = PINNED,
    files: Mapping[str, str] = {},
    index: StoredFile | None = None,
    parameters: EnvironmentRules = DEFAULTS,
    today: datetime = TODAY,
    **record: Any,
) -> Outcome:
    facts = {"python_version": "3.11.9", "license": "MIT", **record}
    version = StoredVersion(
        [StoredFile(path, text.encode()) for path, text in files.items()],
        record=Record(packages=packages, **facts),
        lists={Source.ADVISORIES: index} if index else {},
    )
    return examine(version, silent, parameters, today)


def only(outcome: Outcome, code: str) -> Problem:
    [found] = [problem for problem in outcome.problems if problem.code == code]
    return found


def of_numpy(*events: dict[str, str], **more: Any) -> StoredFile:
    return index_of(as_array([advisory("numpy", "PYSEC-2099-1", *events, **more)]))


FINE = of_numpy({"introduced": "0"}, {"fixed": "1.0"})


def test_pinned_packages_without_known_vulnerability_pass() -> None:
    outcome = looked_at(index=FINE)

    assert outcome.passed
    assert outcome.problems == ()
    assert outcome.facts["packages"] == outcome.facts["pinned"] == 2
    assert outcome.facts["advisories"] == 1
    assert outcome.facts["advisories_until"] == "2026-01-01T00:00:00+00:00"
    assert set(outcome.tools) == {"license-expression", "packaging"}


def test_what_mlflow_writes_by_default_passes() -> None:
    files = {
        "model/conda.yaml": MLFLOW_CONDA,
        "model/python_env.yaml": MLFLOW_PYTHON_ENV,
        "model/requirements.txt": MLFLOW_REQUIREMENTS,
    }
    outcome = looked_at(MLFLOW_REQUIREMENTS.splitlines(), files, FINE)

    assert outcome.passed, outcome.problems
    assert outcome.facts["python"] == "3.11.9"
    assert codes(outcome) == {"unpinned"}
    assert {problem.severity for problem in outcome.problems} == {Severity.INFO}


PINS = {
    "numpy==2.2.1": True,
    "numpy===2.2.1": True,
    "numpy == 2.2.1 ; python_version >= '3.9'": True,
    "numpy[extra]==2.2.1": True,
    "numpy>=2,==2.2.1": True,
    "numpy --hash=sha256:" + "a" * 64: True,
    "numpy @ https://files.example/numpy-2.2.1.tar.gz#sha256=" + "b" * 64: True,
    "https://files.example/numpy-2.2.1-py3-none-any.whl#sha256=" + "b" * 64: True,
    "numpy @ git+https://git.example/numpy@" + "c" * 40: True,
    "-e git+https://git.example/numpy@" + "c" * 40 + "#egg=numpy": True,
    "numpy": False,
    "numpy==2.*": False,
    "numpy~=2.2.1": False,
    "numpy>=2.2.1": False,
    "numpy<3": False,
    "numpy @ https://files.example/numpy-2.2.1.tar.gz": False,
    "git+https://git.example/numpy@main": False,
    "git+https://git.example/numpy": False,
    "numpy @ git+https://git.example/numpy@v2.2.1": False,
    "./numpy-2.2.1-py3-none-any.whl": False,
    "file:///home/ann/numpy": False,
}


def test_only_one_exact_version_hash_or_commit_counts_as_pinned() -> None:
    for line, is_pinned in PINS.items():
        outcome = looked_at((), {"requirements.txt": line}, FINE)
        assert ("unpinned" not in codes(outcome)) is is_pinned, line
        assert "unreadable_requirement" not in codes(outcome), line
        assert outcome.passed is is_pinned, line


def test_an_organization_may_let_loose_requirements_pass() -> None:
    outcome = looked_at(["numpy>=2"], index=FINE, parameters=EnvironmentRules(require_pins=False))

    assert outcome.passed
    found = only(outcome, "unpinned")
    assert found.severity is Severity.MEDIUM
    assert "numpy>=2" in found.text
    assert "recorded packages" in found.place


LINES = {
    "--index-url https://pypi.example/simple": ("other_index", Severity.MEDIUM),
    "--extra-index-url=https://pypi.example/simple": ("other_index", Severity.MEDIUM),
    "-i https://pypi.example/simple": ("other_index", Severity.MEDIUM),
    "-f https://files.example/": ("other_index", Severity.MEDIUM),
    "--index-url http://pypi.example/simple": ("insecure_index", Severity.HIGH),
    "--trusted-host pypi.example": ("insecure_index", Severity.HIGH),
    "--install-option=--prefix=/": ("unreadable_line", Severity.HIGH),
    "-r elsewhere.txt": ("missing_include", Severity.HIGH),
    "-r ../../../etc/passwd": ("missing_include", Severity.HIGH),
    "numpy === ": ("unreadable_requirement", Severity.HIGH),
    "not a requirement": ("unreadable_requirement", Severity.HIGH),
    "x" * 2001: ("unreadable_requirement", Severity.HIGH),
    "name @ https://[bad/": ("unreadable_requirement", Severity.HIGH),
    "numpy===2.2.1-odd": ("unordered_version", Severity.HIGH),
    "./wheels/own-1.0-py3-none-any.whl": ("local_file", Severity.MEDIUM),
    "own @ https://files.example/own-1.0.tar.gz#sha256=" + "a" * 64: (
        "direct_reference",
        Severity.LOW,
    ),
}


def test_where_packages_come_from_is_said_line_by_line() -> None:
    for line, (code, severity) in LINES.items():
        outcome = looked_at((), {"m/requirements.txt": f"# a comment\n\n{line}\n"}, FINE)
        found = only(outcome, code)
        assert found.severity is severity, line
        if code != "unordered_version":
            assert "m/requirements.txt line 3" in found.place, line


def test_a_password_in_an_address_is_grave_and_never_repeated() -> None:
    line = "--extra-index-url https://ann:hunter2-secret@pypi.example/simple"
    outcome = looked_at((), {"requirements.txt": f"{line}\nnumpy==2.2.1"}, FINE)

    assert only(outcome, "secret").severity is Severity.CRITICAL
    packed = json.dumps([repr(outcome.problems), outcome.facts, outcome.evidence])
    assert "hunter2" not in packed
    assert "pypi.example" in packed


def test_lines_go_on_and_files_include_each_other_once() -> None:
    hashes = f"numpy==2.2.1 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n"
    files = {
        "m/requirements.txt": f"-r more/base.txt\n{hashes}# pip<1 \\\npandas==2.2.3 # as tested\n",
        "m/more/base.txt": "-r ../requirements.txt\nscipy==1.14.0\n--require-hashes\n-c limits.txt",
    }
    outcome = looked_at((), files, FINE)

    assert outcome.passed, outcome.problems
    assert isinstance(outcome.evidence, dict)
    places = {entry["name"]: entry["places"] for entry in outcome.evidence["packages"]}
    assert places == {
        "numpy": ["m/requirements.txt line 2"],
        "pandas": ["m/requirements.txt line 6"],
        "scipy": ["m/more/base.txt line 2"],
    }


def test_conda_writes_versions_its_own_way() -> None:
    text = (
        "channels: [defaults, 'http://conda.example/pkgs']\n"
        "dependencies: [python=3.11.9, numpy=2.2.1=py311_0, conda-forge::scipy==1.14.0,"
        " pandas>=2, python-dateutil=2.9.0]\n"
    )
    outcome = looked_at((), {"conda.yaml": text}, FINE)

    assert "pandas>=2" in only(outcome, "unpinned").text
    assert only(outcome, "insecure_index").place == "conda.yaml channels"
    assert outcome.facts["packages"] == 4


BROKEN: dict[str, dict[str, bytes]] = {
    "no YAML": {"conda.yaml": b"dependencies: ["},
    "an anchor": {"conda.yaml": b"dependencies: &a [*a]"},
    "no list": {"conda.yaml": b"dependencies: numpy"},
    "no mapping": {"python_env.yaml": b"- python"},
    "no text": {"requirements.txt": b"\xff\xfe\x00numpy"},
    "too large": {"requirements.txt": b"#" * (2**20 + 1)},
}


def test_a_file_that_cannot_be_read_is_never_a_pass() -> None:
    for what, files in BROKEN.items():
        stored = [StoredFile(path, data) for path, data in files.items()]
        version = StoredVersion(stored, record=Record(packages=PINNED, license="MIT"))
        assert "unreadable_file" in grave_codes(examine(version)), what
    gone = [StoredFile("conda.yaml", b"", is_gone=True)]
    assert "unreadable_file" in grave_codes(examine(StoredVersion(gone)))


HOSTILE = {
    "spaces": " " * 2**19 + "x" + " " * 2**19,
    "comment signs": "#" * 2**20,
    "parentheses": "numpy; " + "(" * 1900,
    "addresses": "://a" * 2**17,
    "one long option": "-r" + " " * 2**19 + "x y",
    "continued": "a\\\n" * 2**17,
}


def test_hostile_text_is_read_in_time() -> None:
    begun = time.monotonic()
    for what, text in HOSTILE.items():
        for path in ("requirements.txt", "conda.yaml"):
            looked_at((), {path: text}, FINE)
        conda = f"dependencies: ['{'python' + ' ' * 2**16}x', '{'a::' * 2**14}', {'numpy=1' * 99}]"
        looked_at((), {"conda.yaml": conda}, FINE)
        assert time.monotonic() - begun < 20, what


def test_more_lines_than_are_read_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MOST_LINES", 20)
    text = "\n".join(["p==1"] * 21)
    assert "not_read" in grave_codes(looked_at((), {"requirements.txt": text}, FINE))


def test_nothing_recorded_at_all_fails() -> None:
    outcome = looked_at((), index=FINE, python_version="")

    assert grave_codes(outcome) == {"no_packages"}
    assert only(outcome, "no_python_version").severity is Severity.MEDIUM


def test_contradictions_are_said() -> None:
    files = {"requirements.txt": "NumPy==2.0.0", "python_env.yaml": "python: 3.9.1"}
    outcome = looked_at(index=FINE, files=files)

    same = looked_at(index=FINE, files={"python_env.yaml": "python: 3.11"})
    assert (same.facts["python"], codes(same)) == ("3.11.9", set())
    assert "2.0.0 (numpy (requirements.txt line 1))" in only(outcome, "two_versions").text
    assert "3.9.1" in only(outcome, "two_pythons").text


def test_a_prompt_needs_no_packages() -> None:
    outcome = examine(StoredVersion(is_prompt=True))
    assert (outcome.passed, outcome.facts) == (True, {"applies": False})


# -- known vulnerabilities -------------------------------------------------------------------------


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


# -- licenses --------------------------------------------------------------------------------------

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


# -- as a check ------------------------------------------------------------------------------------


def test_it_is_carried_out_behind_walls() -> None:
    version = StoredVersion(
        [StoredFile("conda.yaml", MLFLOW_CONDA.encode())],
        record=Record(packages=["Pillow==9.5.0"], license="MIT OR AGPL-3.0-only"),
        lists={Source.ADVISORIES: shipped_index()},
    )
    outcome = confined.carry_out(CHECK, version, silent, EnvironmentRules())

    assert "known_vulnerability" in grave_codes(outcome)
    assert outcome.facts["python"] == "3.11.9"
    assert "unlisted_license" not in codes(outcome)


def test_parameters_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="allowed and denied"):
        EnvironmentRules(allowed_licenses=("mit",), denied_licenses=("MIT",))
    with pytest.raises(ValueError, match="most_list_days"):
        EnvironmentRules(most_list_days=0)
