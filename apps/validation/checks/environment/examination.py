"""Judges what a version needs: pins, sources, known vulnerabilities and licenses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as release_of

from apps.validation.checks.bill_of_materials.bills import bills_of
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
from apps.validation.checks.environment import EnvironmentRules, manifests
from apps.validation.checks.environment.licensing import license_problems
from apps.validation.checks.environment.requirements import BUILD_TOOLS, Needed, Origin
from apps.validation.checks.environment.vulnerabilities import Watch, looked_up

DEFAULTS = EnvironmentRules()
TOOLS = {name: release_of(name) for name in ("license-expression", "packaging")}
MOST_SHOWN = 300

PIN = "Write the exact version that was used (name==1.2.3), or a hash, and register it again."
PUBLISH = "Publish it to the organization's own index and require it there by name and version."
SAY_PYTHON = "Record the Python version, or register the python_env.yaml MLflow writes."
SAY_PACKAGES = "Register the requirements.txt or conda.yaml of the model, or record its packages."
ONE = "Keep one of them, the version that was used, and register it again."
CORRECT = "Write the requirement as pip or conda does, and register the version again."


@dataclass
class Found:
    """What is known so far."""

    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, Json] = field(default_factory=dict)
    evidence: dict[str, Json] = field(default_factory=dict)


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: EnvironmentRules = DEFAULTS,
    today: datetime | None = None,
) -> Outcome:
    """Read what a version needs from its record and files, and judge it."""
    if version.is_prompt:
        return Outcome.does_not_apply("A prompt needs no packages.")
    record = version.record
    files = {file.path: file for file in version.files}
    read = manifests.read(files, list(record.packages))
    if record.python_version:
        read.python(record.python_version, "record")
    found = Found(problems=list(read.problems))
    found.problems += _about_pins(read.needed, parameters)
    found.problems += _about_the_whole(read)
    progress("advisories")
    watch = looked_up(version, read.needed, parameters, today or datetime.now(UTC))
    found.problems += watch.problems
    progress("licenses")
    judged = license_problems(version, bills_of(version, progress), parameters)
    found.problems += judged
    _state(found, read, watch)
    return Outcome(
        _summary(found, read, watch), tuple(found.problems), found.facts, found.evidence, TOOLS
    )


def _about_pins(needed: list[Needed], parameters: EnvironmentRules) -> Iterator[Problem]:
    for one in needed:
        place = _place(one)
        if one.problem:
            text = f"The requirement {one.text!r:.200} cannot be read: {one.problem}."
            yield Problem("unreadable_requirement", Severity.HIGH, place, text, CORRECT)
            continue
        if not one.is_pinned:
            text = f"{one.text!r:.200} names no exact version, so what is installed can change."
            yield Problem("unpinned", _weight(one, parameters), place, text, PIN)
        if one.origin is Origin.HERE:
            text = f"{one.text!r:.200} is a file of one machine, and nobody else can install it."
            yield Problem("local_file", Severity.MEDIUM, place, text, PUBLISH)
        elif one.origin is not Origin.INDEX:
            text = f"{one.text!r:.200} comes from an address of its own and not from an index."
            yield Problem("direct_reference", Severity.LOW, place, text, PUBLISH)
    yield from _contradictions(needed)


def _weight(one: Needed, parameters: EnvironmentRules) -> Severity:
    if one.name in BUILD_TOOLS:
        return Severity.INFO
    return Severity.HIGH if parameters.require_pins else Severity.MEDIUM


def _contradictions(needed: list[Needed]) -> Iterator[Problem]:
    """Yield packages that are pinned to two versions in two places."""
    pins: dict[str, dict[str, Needed]] = {}
    for one in needed:
        if one.name and one.version is not None and one.name not in BUILD_TOOLS:
            pins.setdefault(one.name, {}).setdefault(str(one.version), one)
    for name, versions in pins.items():
        if len(versions) > 1:
            said = ", ".join(f"{version} ({_place(one)})" for version, one in versions.items())
            text = f"{name} is pinned to {len(versions)} versions: {said:.600}."
            yield Problem("two_versions", Severity.MEDIUM, name, text, ONE)


def _about_the_whole(read: manifests.Manifests) -> Iterator[Problem]:
    if not read.needed and not read.problems:
        text = "No package is recorded or named in a file, so what the version needs is not known."
        yield Problem("no_packages", Severity.HIGH, "version", text, SAY_PACKAGES)
    if not read.pythons:
        text = "No Python version is recorded or named in a file."
        yield Problem("no_python_version", Severity.MEDIUM, "version", text, SAY_PYTHON)
    elif len(read.pythons) > 1:
        said = ", ".join(f"{version} ({place})" for version, place in read.pythons.items())
        text = f"{len(read.pythons)} Python versions are named: {said:.600}."
        yield Problem("two_pythons", Severity.MEDIUM, "Python", text, ONE)


def _place(one: Needed) -> str:
    where = ", ".join(one.places[:3])
    return f"{one.name or 'requirement'} ({where})" if where else one.name


def _state(found: Found, read: manifests.Manifests, watch: Watch) -> None:
    pinned = sum(one.is_pinned for one in read.needed)
    found.facts |= {
        "packages": len(read.needed),
        "pinned": pinned,
        "python": ", ".join(read.pythons) or None,
        "files": list(read.read),
        "advisories": watch.advisories,
        "advisories_until": watch.newest.isoformat() if watch.newest else None,
        "advisories_digest": watch.digest or None,
        "vulnerable": watch.vulnerable,
    }
    found.evidence |= {
        "packages": [
            {
                "requirement": one.text[:MOST_SHOWN],
                "name": one.name,
                "version": str(one.version or one.unordered) or None,
                "pinned": one.is_pinned,
                "places": list(one.places),
            }
            for one in read.needed
        ],
        "vulnerabilities": watch.evidence,
    }


def _summary(found: Found, read: manifests.Manifests, watch: Watch) -> str:
    grave = sum(problem.severity.fails for problem in found.problems)
    count = counted(len(read.needed), "requirement")
    if watch.is_loaded:
        known = f"known vulnerabilities: {watch.vulnerable}"
    else:
        known = "known vulnerabilities were not looked up"
    if grave:
        return f"{counted(grave, 'grave problem')} in {count}; {known}."
    return f"{count} read, {found.facts['pinned']} pinned; {known}."
