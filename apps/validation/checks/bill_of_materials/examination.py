"""Holds the bills of a version against its files, its digest and its recorded packages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from apps.validation.checks.bill_of_materials import BillRules
from apps.validation.checks.bill_of_materials.bills import bills_of
from apps.validation.checks.bill_of_materials.reading import Bill, Component
from apps.validation.checks.contract import (
    ExaminedVersion,
    Json,
    Outcome,
    Problem,
    Progress,
    Severity,
    counted,
    silent,
)
from apps.validation.checks.environment.requirements import read_line

DEFAULTS = BillRules()
MOST_NAMED = 20
MOST_KEPT = 5_000
"""How many components of a bill the evidence repeats."""
PYPI = "pkg:pypi/"
NOT_TIED = "not_tied"
WRITE = (
    "Have the tool that builds the model write one in JSON (CycloneDX or SPDX), and register it "
    "with the version or attach it. Signet exports one of every version, written from its record; "
    "attached by somebody who looked it through, that counts too."
)
OTHER = "Write the bill again for exactly these files, or find out which version it belongs to."
BIND = "Give the model or its files in the bill with their SHA-256, so that it is about them alone."
AGREE = "Write the bill from the environment the version was registered with, or correct that."


@dataclass(frozen=True)
class Content:
    """What a bill can name of a version: its digest, and each file with its own."""

    digest: str
    files: Mapping[str, str]
    known: frozenset[str]

    @classmethod
    def of(cls, version: ExaminedVersion) -> "Content":
        """Read it once, however long the bills are."""
        files = {file.path: file.sha256 for file in version.files}
        whole = version.digest.removeprefix("sha256:")
        return cls(version.digest, files, frozenset([*files.values(), whole]))


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: BillRules = DEFAULTS
) -> Outcome:
    """Read every bill of a version; say what it leaves out and where it contradicts the version."""
    bills = bills_of(version, progress)
    if not bills:
        return _absent(parameters)
    recorded, content = _recorded(version.record.packages), Content.of(version)
    problems: list[Problem] = []
    for bill in bills:
        if bill.is_read:
            _hold(bill, content, recorded, parameters)
        problems += bill.problems
    facts: dict[str, Json] = {
        "bills": [bill.path for bill in bills],
        "forms": ", ".join(dict.fromkeys(bill.form or "unknown form" for bill in bills)),
        "components": sum(len(bill.components) for bill in bills),
        "recorded_packages": len(recorded),
    }
    evidence: Json = [_as_json(bill) for bill in bills]
    return Outcome(_summary(bills, problems, facts), tuple(problems), facts, evidence)


def _summary(bills: Sequence[Bill], problems: Sequence[Problem], facts: dict[str, Json]) -> str:
    grave = sum(problem.severity.fails for problem in problems)
    number = f"{counted(len(bills), 'bill')} of materials"
    if grave:
        return f"{counted(grave, 'grave problem')} with {number}."
    components = counted(sum(len(bill.components) for bill in bills), "component")
    is_tied = all(problem.code != NOT_TIED for problem in problems)
    about = "about this version" if is_tied else "not tied to this version by a digest"
    return f"{number} ({facts['forms']}), {components}, {about}."


def _absent(parameters: BillRules) -> Outcome:
    severity = Severity.HIGH if parameters.required else Severity.MEDIUM
    text = "No bill of materials comes with the version, so what it is made of is not on record."
    problem = Problem("no_bill", severity, "version", text, WRITE)
    summary = (
        "There is no bill of materials. Signet can export one of this version; by itself that "
        "does not count, since it says again what is recorded here."
    )
    return Outcome(summary, (problem,), {"bills": []})


def _hold(bill: Bill, content: Content, recorded: dict[str, str], parameters: BillRules) -> None:
    if not bill.components and bill.subject is None:
        bill.say("empty_bill", Severity.HIGH, "", "It lists nothing.")
        return
    ties = sum(_tie(component, bill, content) for component in _all(bill))
    if not ties:
        severity = Severity.HIGH if parameters.require_digest else Severity.MEDIUM
        text = (
            "It names no digest of this version or of any file of it, so it may be about another."
        )
        bill.say(NOT_TIED, severity, "", text, BIND)
    _compare(bill, recorded, Severity.HIGH if parameters.require_agreement else Severity.MEDIUM)


def _all(bill: Bill) -> Iterable[Component]:
    return bill.components if bill.subject is None else (bill.subject, *bill.components)


def _tie(component: Component, bill: Bill, content: Content) -> bool:
    """Say whether a component is this version or a file of it; say what contradicts that."""
    is_subject = component is bill.subject
    if is_subject and component.content_digest and component.content_digest != content.digest:
        text = (
            f"It is about the content {component.content_digest:.80}; "
            f"this version is {content.digest}."
        )
        bill.say("other_version", Severity.HIGH, component.place, text, OTHER)
        return False
    if component.type == "file" and component.name in content.files and component.sha256:
        return _tie_file(component, bill, content.files[component.name])
    is_tied = not content.known.isdisjoint(component.sha256) or (
        is_subject and component.content_digest == content.digest != ""
    )
    if component.type == "machine-learning-model" and component.sha256 and not is_tied:
        text = (
            f"It gives the model {component.name!r:.100} the SHA-256 {component.sha256[0]}, which "
            "neither this version nor a file of it has."
        )
        severity = Severity.HIGH if is_subject else Severity.LOW
        bill.say("other_model", severity, component.place, text, OTHER)
    return is_tied


def _tie_file(component: Component, bill: Bill, sha256: str) -> bool:
    if sha256 in component.sha256:
        return True
    text = (
        f"It gives {component.name!r:.200} the SHA-256 {component.sha256[0]}; "
        f"the file has {sha256}."
    )
    bill.say("other_file", Severity.HIGH, component.place, text, OTHER)
    return False


def _recorded(lines: Iterable[str]) -> dict[str, str]:
    """Return the recorded packages with the one version each allows, or an empty text."""
    found = (read_line(line) for line in lines)
    return {one.name: str(one.version or one.unordered) for one in found if one.name}


def _compare(bill: Bill, recorded: dict[str, str], severity: Severity) -> None:
    listed = dict(_listed(bill))
    missing = sorted(recorded.keys() - listed.keys())
    if missing:
        text = f"It leaves out {counted(len(missing), 'recorded package')}: {_some(missing)}."
        bill.say("left_out", severity, "", text, AGREE)
    other = [
        f"{name} {listed[name]} (recorded: {version})"
        for name, version in sorted(recorded.items())
        if version and listed.get(name) and not _is_same(listed[name], version)
    ]
    if other:
        text = f"It lists another version of {counted(len(other), 'package')}: {_some(other)}."
        bill.say("other_package_version", severity, "", text, AGREE)
    if not recorded and listed:
        text = "No package is recorded with the version, so the bill was compared with none."
        bill.say("nothing_recorded", Severity.LOW, "", text, "Record the packages it needs.")


def _listed(bill: Bill) -> Iterator[tuple[str, str]]:
    """Yield the Python packages a bill lists, with their versions."""
    for component in bill.components:
        if component.purl.startswith(PYPI):
            name, _, version = component.purl.removeprefix(PYPI).partition("@")
            version = version.partition("?")[0].partition("#")[0]
            plain = version.replace("%2B", "+").replace("%21", "!")
            yield canonicalize_name(name.partition("?")[0]), component.version or plain
        elif component.type == "library" and not component.purl:
            yield canonicalize_name(component.name), component.version


def _is_same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _as_json(bill: Bill) -> Json:
    return {
        "path": bill.path,
        "form": bill.form,
        "serial": bill.serial,
        "listed": len(bill.components),
        "components": [
            {"name": one.name, "version": one.version, "purl": one.purl}
            for one in bill.components[:MOST_KEPT]
        ],
    }
