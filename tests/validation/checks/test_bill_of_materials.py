"""A version comes with a bill of materials that holds together and is about this version."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from apps.catalog.exports.bill import bill_of_materials
from apps.catalog.models import ModelVersion
from apps.validation import confined
from apps.validation.checks.bill_of_materials import CHECK, BillRules
from apps.validation.checks.bill_of_materials.examination import DEFAULTS, examine
from apps.validation.checks.contract import Outcome, Severity, silent
from apps.validation.checks.recorded import Record
from tests.scenarios import registered_version
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes

Json = dict[str, Any]
PACKAGES = ("numpy==2.2.1", "scikit_learn==1.6.0", "pip")
WEIGHTS = StoredFile("model/weights.bin", b"weights")
OTHER = "0" * 64
SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"


def cyclonedx(**changed: Any) -> Json:
    """A bill about the version: its file by digest, and its packages."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": SERIAL,
        "version": 1,
        "metadata": {"component": {"type": "machine-learning-model", "name": "credit"}},
        "components": [
            file_part(),
            library("numpy", "2.2.1"),
            library("scikit-learn", "1.6.0"),
            library("pip", "24.0"),
        ],
        **changed,
    }


def file_part(digest: str = WEIGHTS.sha256, name: str = WEIGHTS.path) -> Json:
    return {"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def library(name: str, version: str) -> Json:
    purl = f"pkg:pypi/{name}@{version}" if version else f"pkg:pypi/{name}"
    return {"type": "library", "name": name, "version": version, "purl": purl}


def spdx(**changed: Any) -> Json:
    """The same bill in the other form."""

    def package(name: str, version: str, number: int) -> Json:
        locator = f"pkg:pypi/{name}@{version}"
        return {
            "name": name,
            "SPDXID": f"SPDXRef-{number}",
            "versionInfo": version,
            "downloadLocation": "NOASSERTION",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": locator,
                }
            ],
        }

    return {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "dataLicense": "CC0-1.0",
        "name": "credit",
        "documentNamespace": "https://bank.example/credit-1",
        "documentDescribes": ["SPDXRef-0"],
        "packages": [
            {"name": "credit", "SPDXID": "SPDXRef-0"},
            package("numpy", "2.2.1", 1),
            package("scikit-learn", "1.6.0", 2),
            package("pip", "24.0", 3),
        ],
        "files": [
            {
                "fileName": f"./{WEIGHTS.path}",
                "SPDXID": "SPDXRef-File",
                "checksums": [{"algorithm": "SHA256", "checksumValue": WEIGHTS.sha256}],
            }
        ],
        **changed,
    }


def with_files(files: Mapping[str, bytes], **facts: Any) -> StoredVersion:
    stored = [WEIGHTS, *(StoredFile(path, data) for path, data in files.items())]
    return StoredVersion(stored, record=Record(packages=PACKAGES), **facts)


def held(bill: object, rules: BillRules = DEFAULTS, path: str = "bom.json") -> Outcome:
    return examine(with_files({path: json.dumps(bill).encode()}), silent, rules)


def test_a_bill_about_the_version_passes_in_either_form() -> None:
    for bill, form in ((cyclonedx(), "CycloneDX 1.6"), (spdx(), "SPDX 2.3")):
        outcome = held(bill)
        assert (outcome.passed, outcome.problems) == (True, ()), form
        assert outcome.facts["forms"] == form
        assert outcome.facts["components"] == 4
        assert form in outcome.summary


def test_every_version_of_cyclonedx_from_1_4_to_1_7_is_read() -> None:
    for version in ("1.4", "1.5", "1.6", "1.7"):
        assert held(cyclonedx(specVersion=version)).problems == (), version
    for other in ("1.3", "2.0", 1.6, None):
        assert grave_codes(held(cyclonedx(specVersion=other))) == {"unreadable_bill"}, other
    assert held(spdx(spdxVersion="SPDX-2.2")).problems == ()
    assert grave_codes(held(spdx(spdxVersion="SPDX-2.1"))) == {"unreadable_bill"}


def test_a_version_without_a_bill_fails_unless_that_is_only_to_be_said() -> None:
    files = {"config.json": b'{"a": 1}', "big.json": b"[]" * 10}
    outcome = examine(with_files(files))
    assert grave_codes(outcome) == {"no_bill"}
    assert "Signet can export one" in outcome.summary
    assert "does not count" in outcome.summary

    lenient = examine(with_files(files), silent, BillRules(required=False))
    assert lenient.passed
    assert codes(lenient) == {"no_bill"}


def test_a_bill_is_found_by_what_it_says_not_by_its_name() -> None:
    assert held(cyclonedx(), path="docs/what-is-in-it.json").facts["bills"] == [
        "docs/what-is-in-it.json"
    ]


def test_what_is_attached_as_a_bill_is_one_whatever_its_name() -> None:
    data = json.dumps(spdx()).encode()
    for kind, bills in (("bill_of_materials", ["anything (attached)"]), ("dsse", [])):
        attached = [StoredFile("anything", data, kind=kind)]
        assert examine(with_files({}, attached=attached)).facts["bills"] == bills, kind


def test_digests_that_contradict_the_version_are_grave() -> None:
    model = {"type": "machine-learning-model", "name": "credit"}
    hashed = {**model, "hashes": [{"alg": "SHA-256", "content": OTHER}]}
    claimed = {
        **model,
        "properties": [{"name": "signet:content_digest", "value": f"sha256:{OTHER}"}],
    }
    checksum = [{"algorithm": "SHA256", "checksumValue": OTHER}]
    part = {"fileName": WEIGHTS.path, "SPDXID": "SPDXRef-F", "checksums": checksum}
    cases = {
        "other_file": cyclonedx(components=[file_part(OTHER)]),
        "other_model": cyclonedx(metadata={"component": hashed}),
        "other_version": cyclonedx(metadata={"component": claimed}),
    }
    for code, bill in cases.items():
        assert code in grave_codes(held(bill)), code
    assert "other_file" in grave_codes(held(spdx(files=[part])))


def test_the_digest_of_the_version_or_of_a_file_ties_a_bill_to_it() -> None:
    version = with_files({})
    digests = (version.digest.removeprefix("sha256:"), WEIGHTS.sha256, WEIGHTS.sha256.upper())
    for digest in digests:
        subject = {
            "type": "machine-learning-model",
            "name": "credit",
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        bill = cyclonedx(metadata={"component": subject}, components=cyclonedx()["components"][1:])
        data = json.dumps(bill).encode()
        attached = [StoredFile("bom.json", data, kind="bill_of_materials")]
        outcome = examine(with_files({}, attached=attached))
        assert outcome.problems == (), digest


def test_a_bill_that_nothing_ties_to_the_version_is_said_and_may_fail() -> None:
    loose = cyclonedx(components=cyclonedx()["components"][1:])
    outcome = held(loose)
    assert (outcome.passed, codes(outcome)) == (True, {"not_tied"})
    assert outcome.summary.endswith("not tied to this version by a digest.")
    assert grave_codes(held(loose, BillRules(require_digest=True))) == {"not_tied"}


def test_packages_are_held_against_those_recorded() -> None:
    parts = [file_part(), library("numpy", "1.0"), library("scikit-learn", "1.6.0")]
    outcome = held(cyclonedx(components=parts))
    assert codes(outcome) == {"left_out", "other_package_version"}
    texts = " ".join(problem.text for problem in outcome.problems)
    assert "1 recorded package: pip" in texts
    assert "numpy 1.0 (recorded: 2.2.1)" in texts
    strict = BillRules(require_agreement=True)
    assert grave_codes(held(cyclonedx(components=parts), strict)) == {
        "left_out",
        "other_package_version",
    }


MALFORMED: dict[str, Json] = {
    "no name": cyclonedx(components=[file_part(), {"type": "library"}]),
    "unknown type": cyclonedx(components=[file_part(), {"type": "thing", "name": "x"}]),
    "no object": cyclonedx(components=[file_part(), "numpy"]),
    "bad digest": cyclonedx(components=[file_part("abc")]),
    "digest of another kind": cyclonedx(
        components=[{"type": "file", "name": "x", "hashes": [{"alg": "SHA-1", "content": OTHER}]}]
    ),
    "no package URL": cyclonedx(
        components=[file_part(), {"type": "library", "name": "n", "version": "1", "purl": "numpy"}]
    ),
    "no urn": cyclonedx(serialNumber="1"),
    "SPDX without namespace": spdx(documentNamespace=""),
    "SPDX with another id": spdx(SPDXID="SPDXRef-1"),
    "SPDX package without id": spdx(packages=[{"name": "x"}]),
    "SPDX bad digest": spdx(
        files=[
            {
                "fileName": "x",
                "SPDXID": "SPDXRef-F",
                "checksums": [{"algorithm": "SHA256", "checksumValue": "1"}],
            }
        ]
    ),
}


def test_a_bill_that_does_not_hold_together_fails() -> None:
    for what, bill in MALFORMED.items():
        outcome = held(bill)
        assert "malformed" in grave_codes(outcome), what
        assert all(problem.place.startswith("bom.json") for problem in outcome.problems), what


def test_components_inside_others_are_read_to_a_depth() -> None:
    inner: Json = library("numpy", "9.9")
    for _ in range(3):
        inner = {"type": "application", "name": "outer", "version": "1", "components": [inner]}
    assert "other_package_version" in codes(held(cyclonedx(components=[inner])))
    for _ in range(20):
        inner = {"type": "application", "name": "outer", "version": "1", "components": [inner]}
    assert "malformed" in grave_codes(held(cyclonedx(components=[inner])))


UNREADABLE: dict[str, tuple[str, bytes]] = {
    "XML": ("bom.xml", b"<bom/>"),
    "tag and value": ("x.spdx", b"SPDXVersion: SPDX-2.3"),
    "SPDX 3": ("x.json", b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}'),
    "cut off": ("bom.json", b'{"bomFormat": "CycloneDX"'),
    "no object": ("bom.json", b"[]"),
    "no text": ("bom.json", b"\xff\xfe"),
    "nothing": ("sbom.json", b""),
    "deep": ("bom.json", b'{"bomFormat":' + b"[" * 100_000),
    "neither": ("bom.json", b'{"components": []}'),
    "components no list": ("a.cdx.json", json.dumps(cyclonedx(components={})).encode()),
    "too large": ("bom.json", b" " * (16 * 2**20 + 1)),
}


def test_a_bill_that_cannot_be_read_is_never_a_pass() -> None:
    for what, (path, data) in UNREADABLE.items():
        assert grave_codes(examine(with_files({path: data}))) == {"unreadable_bill"}, what
    gone = StoredVersion([StoredFile("bom.json", b"", is_gone=True)])
    assert grave_codes(examine(gone)) == {"unreadable_bill"}


def test_what_is_only_untidy_is_said() -> None:
    assert codes(held(cyclonedx(serialNumber=""))) == {"no_serial_number"}
    parts = [*cyclonedx()["components"], library("attrs", "")]
    assert codes(held(cyclonedx(components=parts))) == {"no_component_version"}
    empty = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": SERIAL}
    assert grave_codes(held(empty)) == {"empty_bill"}


def test_a_thousand_problems_of_one_kind_are_said_a_few_times() -> None:
    parts = [file_part(), *({"type": "library"} for _ in range(1000))]
    assert sum(one.code == "malformed" for one in held(cyclonedx(components=parts)).problems) == 20


@pytest.mark.django_db
def test_what_signet_exports_reads_as_a_bill_of_that_version() -> None:
    version: ModelVersion = registered_version(packages=["numpy==2.2.1"])
    bill = json.dumps(bill_of_materials(version)).encode()
    files = [
        StoredFile(file.path, b"", file.artifact.sha256, file.artifact.size)
        for file in version.files.select_related("artifact")
    ]
    seen = StoredVersion(
        files,
        digest=version.content_digest,
        record=Record(packages=["numpy==2.2.1"]),
        attached=[StoredFile("export.cdx.json", bill, kind="bill_of_materials")],
    )
    outcome = examine(seen)

    assert (outcome.passed, outcome.problems) == (True, ())
    seen.digest = f"sha256:{OTHER}"
    assert grave_codes(examine(seen)) == {"other_version"}


def test_it_is_carried_out_behind_walls() -> None:
    version = with_files({"bom.json": json.dumps(cyclonedx(components=[])).encode()})
    outcome = confined.carry_out(CHECK, version, silent, BillRules(require_agreement=True))

    assert grave_codes(outcome) == {"left_out"}
    assert [problem.severity for problem in outcome.problems if problem.code == "not_tied"] == [
        Severity.MEDIUM
    ]
