"""Checks other packages add: found by entry points, confined, and never in the way of Signet."""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points as found_by_metadata
from pathlib import Path

import pytest

from apps.validation import checks, confined
from apps.validation.checks import entry_points
from apps.validation.checks.contract import silent
from tests.validation.checks.stored import StoredFile, StoredVersion

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "no-placeholders"
TUTORIAL = ROOT / "docs" / "writing-a-check.md"

Install = Callable[[str, str, dict[str, str]], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return what installs a module as a package with entry points, as pip would leave it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(name: str, source: str, points: dict[str, str]) -> Path:
        (tmp_path / f"{name}.py").write_text(source)
        described = tmp_path / f"{name}-1.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = "".join(f"{point} = {value}\n" for point, value in points.items())
        (described / "entry_points.txt").write_text(f"[{entry_points.GROUP}]\n{lines}")
        return tmp_path

    yield installed
    for name in [name for name in sys.modules if name.startswith(("no_placeholders", "others_"))]:
        del sys.modules[name]


@pytest.fixture
def example(install: Install) -> Path:
    """The example of the tutorial, installed."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    source = (EXAMPLE / "no_placeholders.py").read_text()
    return install("no_placeholders", source, project["entry-points"][entry_points.GROUP])


def version_of(**texts: str) -> StoredVersion:
    return StoredVersion(
        files=tuple(StoredFile(f"{name}.md", text.encode()) for name, text in texts.items())
    )


def test_the_tutorial_shows_the_example_as_it_is() -> None:
    page = TUTORIAL.read_text()

    for file in ("no_placeholders.py", "pyproject.toml"):
        assert f"\n{(EXAMPLE / file).read_text()}```\n" in page, file


def test_the_example_is_found_confined_and_judges(example: Path) -> None:
    [added], refused = entry_points.load(checks.NAMES)

    assert (added.check.name, added.package, refused) == (
        "no-placeholders",
        "no_placeholders 1.0",
        (),
    )
    assert added.check.is_confined
    bad = version_of(README="About.\nLorem ipsum dolor.", CARD="Fine.")
    outcome = confined.carry_out(added.check, bad, silent, added.check.parameters())
    assert not outcome.passed
    [problem] = outcome.problems
    assert (problem.place, problem.remedy) == ("README.md, line 2", "Write what is meant.")
    assert "confined_by" in outcome.facts
    assert confined.carry_out(
        added.check, version_of(CARD="Fine."), silent, added.check.parameters()
    ).passed


def test_every_process_of_signet_knows_an_installed_check(example: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from apps.validation import checks; print(checks.NAMES[-1])"],
        env={"PYTHONPATH": f"{ROOT}:{example}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == "no-placeholders"


CHECK = """
from apps.validation.checks.contract import Check, Outcome, Parameters
def examine(version, progress=None, parameters=None):
    return Outcome("Fine.")
"""
BROKEN = {
    "another type": ("CHECK = 7", "leads to a int"),
    "an import that fails": ("import no_such_module", "ModuleNotFoundError"),
    "a way out": ("raise SystemExit(3)", "SystemExit"),
    "no such attribute": ("OTHER = 1", "AttributeError"),
    "a bad name": ("CHECK = Check('Bad Name', 'T', 'S', examine, '1')", "small letters"),
    "a long name": ("CHECK = Check('x' * 61, 'T', 'S', examine, '1')", "at most 60"),
    "a name taken": ("CHECK = Check('unsafe-code', 'T', 'S', examine, '1')", "already"),
    "no title": ("CHECK = Check('other', '', 'S', examine, '1')", "none is empty"),
    "a function nobody finds": (
        "CHECK = Check('other', 'T', 'S', lambda version: Outcome('Fine.'), '1')",
        "cannot find the function",
    ),
    "parameters of another kind": (
        "CHECK = Check('other', 'T', 'S', examine, '1', parameters=dict)",
        "no subclass",
    ),
    "parameters without defaults": (
        """class P(Parameters, frozen=True):
    least: int
CHECK = Check('other', 'T', 'S', examine, '1', parameters=P)""",
        "TypeError",
    ),
    "too much time": ("CHECK = Check('other', 'T', 'S', examine, '1', seconds=10**6)", "3,600"),
    "another weight": ("CHECK = Check('other', 'T', 'S', examine, '1', weight='fast')", "Weight"),
}


def test_what_cannot_be_had_is_listed_with_the_reason_and_stops_nothing(install: Install) -> None:
    for number, (case, (line, words)) in enumerate(BROKEN.items()):
        name = f"others_{number}"
        folder = install(name, f"{CHECK}\n{line}\n", {"check": f"{name}:CHECK"})

        added, refused = entry_points.load(checks.NAMES)

        assert added == (), case
        assert words in refused[-1].why, (case, refused[-1].why)
        assert refused[-1].package == f"{name} 1.0", case
        (folder / f"{name}-1.0.dist-info" / "entry_points.txt").unlink()


def test_of_two_with_one_name_the_first_counts_whatever_the_order_of_discovery(
    install: Install,
) -> None:
    for name in ("others_b", "others_a"):
        line = "CHECK = Check('twice', 'T', 'S', examine, '1')"
        install(name, f"{CHECK}\n{line}\n", {"check": f"{name}:CHECK"})
    points = list(found_by_metadata(group=entry_points.GROUP))

    for order in (points, points[::-1]):
        [added], [refused] = entry_points.load([], order)
        assert (added.package, refused.package) == ("others_a 1.0", "others_b 1.0")
        assert "twice already" in refused.why


def test_no_check_of_others_is_here_unless_it_is_installed() -> None:
    assert (checks.ADDED, checks.REFUSED) == ((), ())
