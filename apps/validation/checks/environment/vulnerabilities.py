"""What the loaded advisories say of the packages a version needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from packaging.version import Version

from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Json,
    Problem,
    Severity,
    Source,
    counted,
)
from apps.validation.checks.environment import EnvironmentRules
from apps.validation.checks.environment.advisories import (
    Advisory,
    Match,
    UnreadableIndex,
    about,
    head_of,
    matches,
)
from apps.validation.checks.environment.requirements import BUILD_TOOLS, Needed

_GRAVEST_FIRST = tuple(Severity)
LOAD = "Ask a risk or security officer to load the advisories of PyPI: manage.py load_list."
LOAD_NEWER = "Load a newer list, and run the check again."
PLAN = "No version free of it is named: replace the package, or reduce what can reach it."
WRITE_VERSION = (
    "Write the exact version as PEP 440 does (name==1.2.3), so that it can be held against "
    "advisories."
)
MOST_NAMED = 10


@dataclass
class Watch:
    """The list that is in force, and what it says."""

    is_loaded: bool = False
    advisories: int = 0
    newest: datetime | None = None
    digest: str = ""
    vulnerable: int = 0
    problems: list[Problem] = field(default_factory=list)
    evidence: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """One vulnerability of one package, under every name it goes by."""

    ids: tuple[str, ...]
    severity: Severity | None
    summary: str
    fixes: tuple[str, ...]
    is_certain: bool


def looked_up(
    version: ExaminedVersion,
    needed: list[Needed],
    parameters: EnvironmentRules,
    today: datetime,
) -> Watch:
    """Look every package with one version up in the list that is loaded."""
    watch = Watch()
    index = version.lists.get(Source.ADVISORIES)
    if index is None:
        watch.problems.append(_not_loaded(parameters))
        return watch
    try:
        found = _read(index, needed, watch)
    except (UnreadableIndex, FileNotFoundError) as error:
        text = f"The loaded list cannot be read ({error!s:.200}), so nothing can be said."
        problem = Problem("unreadable_advisories", Severity.HIGH, "advisories", text, LOAD_NEWER)
        watch.problems.append(problem)
        return watch
    watch.problems += _about_age(watch, parameters, today)
    watch.problems += _not_compared(needed, parameters)
    for name, release, places in _releases(needed):
        for known in _joined(matches(release, found.get(name, ()))):
            _report(watch, known, f"{name} {release}", places, parameters)
    return watch


def _not_loaded(parameters: EnvironmentRules) -> Problem:
    severity = Severity.HIGH if parameters.require_advisories else Severity.MEDIUM
    text = "No advisories were loaded, so nothing can be said about known vulnerabilities."
    return Problem("no_advisories", severity, "advisories", text, LOAD)


def _read(index: ExaminedFile, needed: list[Needed], watch: Watch) -> dict[str, list[Advisory]]:
    names = {one.name for one in needed if one.name}
    with index.open() as stream:
        head = head_of(stream)
        watch.is_loaded, watch.digest = True, f"sha256:{index.sha256}"
        watch.advisories, watch.newest = head.advisories, head.newest
        return about(stream, names)


def _about_age(watch: Watch, parameters: EnvironmentRules, today: datetime) -> Iterator[Problem]:
    if watch.newest is None:
        return
    days = (today - watch.newest).days
    if days > parameters.most_list_days:
        text = (
            f"The newest advisory of the loaded list is {days} days old, of "
            f"{watch.newest:%d %B %Y}; what became known since is not in it."
        )
        yield Problem("old_advisories", Severity.MEDIUM, "advisories", text, LOAD_NEWER)


def _not_compared(needed: list[Needed], parameters: EnvironmentRules) -> Iterator[Problem]:
    for one in needed:
        if one.unordered:
            text = f"{one.text!r:.200} has a version no advisory can be held against."
            place = ", ".join(one.places[:3])
            yield Problem("unordered_version", Severity.HIGH, place, text, WRITE_VERSION)
    without = [one for one in needed if _is_without_version(one)]
    if without:
        names = ", ".join(one.name or one.text[:80] for one in without[:MOST_NAMED])
        more = f" and {len(without) - MOST_NAMED} more" if len(without) > MOST_NAMED else ""
        text = (
            f"{counted(len(without), 'package')} could not be held against advisories, since no "
            f"exact version is written: {names}{more}."
        )
        severity = Severity.HIGH if parameters.require_advisories else Severity.MEDIUM
        yield Problem("not_looked_up", severity, "advisories", text, WRITE_VERSION)


def _is_without_version(one: Needed) -> bool:
    is_known = one.version is not None or one.unordered or one.problem
    return not is_known and one.name not in BUILD_TOOLS


def _releases(needed: list[Needed]) -> list[tuple[str, Version, tuple[str, ...]]]:
    """Return each package and version once, with the places that ask for it."""
    places: dict[tuple[str, Version], dict[str, None]] = {}
    for one in needed:
        if one.name and one.version is not None:
            places.setdefault((one.name, one.version), {}).update(dict.fromkeys(one.places))
    return [(name, release, tuple(found)) for (name, release), found in sorted(places.items())]


def _joined(found: Iterable[Match]) -> list[Known]:
    """Return each vulnerability once, though several databases speak of it by several names."""
    groups: list[tuple[set[str], list[Match]]] = []
    for match in found:
        names = {match.advisory.id, *match.advisory.aliases}
        together = [match]
        for group in [group for group in groups if group[0] & names]:
            groups.remove(group)
            names |= group[0]
            together = [*group[1], *together]
        groups.append((names, together))
    return [_known(names, together) for names, together in groups]


def _known(names: set[str], together: list[Match]) -> Known:
    given = [one.advisory.severity for one in together if one.advisory.severity is not None]
    return Known(
        ids=tuple(sorted(names, key=lambda name: (not name.startswith("CVE-"), name))),
        severity=min(given, key=_GRAVEST_FIRST.index) if given else None,
        summary=next((one.advisory.summary for one in together if one.advisory.summary), ""),
        fixes=tuple(
            map(str, sorted({Version(fix) for one in together for fix in one.fixes}, reverse=True))
        ),
        is_certain=any(one.is_certain for one in together),
    )


def _report(
    watch: Watch,
    known: Known,
    release: str,
    places: tuple[str, ...],
    parameters: EnvironmentRules,
) -> None:
    watch.vulnerable += 1
    is_accepted = bool(set(known.ids) & set(parameters.accepted))
    severity = Severity.INFO if is_accepted else (known.severity or Severity.HIGH)
    place = f"{release} ({', '.join(places[:3])})"
    watch.problems.append(
        Problem("known_vulnerability", severity, place, _text(known, is_accepted), _remedy(known))
    )
    watch.evidence.append(
        {
            "release": release,
            "ids": list(known.ids),
            "severity": known.severity.value if known.severity else None,
            "summary": known.summary,
            "fixed_in": list(known.fixes),
            "accepted": is_accepted,
        }
    )


def _text(known: Known, is_accepted: bool) -> str:
    first, *others = known.ids
    also = f" (also {', '.join(others[:8])})" if others else ""
    text = f"{first}{also}: {known.summary or 'the advisory has no summary'}"
    text = text if text.endswith((".", "…")) else f"{text}."
    if known.severity is None:
        text += " The advisory does not say how grave it is."
    if not known.is_certain:
        text += " It names a version that cannot be ordered, so it is taken to speak of this one."
    return f"{text} The organization accepts it." if is_accepted else text


def _remedy(known: Known) -> str:
    if not known.fixes:
        return PLAN
    return (
        f"Use version {known.fixes[0]} or later, train and test again, and register a new version."
    )
