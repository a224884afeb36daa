"""What a version needs is pinned, and from one index."""

import json
import time

import pytest

from apps.validation import confined
from apps.validation.checks.contract import Severity, Source, silent
from apps.validation.checks.environment import CHECK, EnvironmentRules, manifests
from apps.validation.checks.environment.examination import examine
from apps.validation.checks.recorded import Record
from tests.validation.checks.advisory_lists import shipped_index
from tests.validation.checks.environments import FINE, PINNED, looked_at, only
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes

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
    "--index-url https://packages.example/simple": ("other_index", Severity.MEDIUM),
    "--extra-index-url=https://packages.example/simple": ("other_index", Severity.MEDIUM),
    "-i https://packages.example/simple": ("other_index", Severity.MEDIUM),
    "-f https://files.example/": ("other_index", Severity.MEDIUM),
    "--index-url http://packages.example/simple": ("insecure_index", Severity.HIGH),
    "--trusted-host packages.example": ("insecure_index", Severity.HIGH),
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
    line = "--extra-index-url https://ann:hunter2-secret@packages.example/simple"
    outcome = looked_at((), {"requirements.txt": f"{line}\nnumpy==2.2.1"}, FINE)

    assert only(outcome, "secret").severity is Severity.CRITICAL
    packed = json.dumps([repr(outcome.problems), outcome.facts, outcome.evidence])
    assert "hunter2" not in packed
    assert "packages.example" in packed


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
