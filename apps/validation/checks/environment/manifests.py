"""The files of a version that say what it needs: requirements.txt, conda.yaml, python_env.yaml."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from apps.core import strict_yaml
from apps.core.errors import DomainError
from apps.validation.checks.contract import ExaminedFile, Problem, Severity
from apps.validation.checks.environment.requirements import (
    MOST_LINE,
    Needed,
    has_secret,
    merged,
    read_conda,
    read_line,
    without_secret,
)

MOST_BYTES = 2**20
MOST_LINES = 20_000
MOST_DEPTH = 5
RECORDED = "recorded packages"

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_INCLUDE = re.compile(r"(-r|--requirement)(?:\s+|=|(?<=-r))(\S+)$")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(.+)$")
_INDEX = re.compile(r"(?:-i|--index-url|--extra-index-url|-f|--find-links)(?:\s+|=)?(\S+)$")
_PLAIN_OPTION = re.compile(
    r"(?:-c\b|--(?:constraint|no-index|pre|prefer-binary|require-hashes|no-binary|only-binary|use-feature)\b)"
)
_TRUSTED = re.compile(r"--trusted-host\b")
_PYTHON = re.compile(r"python\s*(?:={1,2}\s*)?([0-9][0-9A-Za-z.*]*)")
_SOME_PYTHON = re.compile(r"python(?:\s*[<>=!~*].*)?")

USE_INDEX = "Install from one index the organization controls, and say so outside the model."
TAKE_OUT = "Remove it, and replace the password or token: whoever sees the version has it."
WRITE_AGAIN = "Write the file again as pip or conda does, and register the version again."


@dataclass
class Manifests:
    """What the files and the record of a version say it needs."""

    needed: list[Needed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pythons: dict[str, str] = field(default_factory=dict)
    """Python versions that are named, with the first place of each."""
    read: list[str] = field(default_factory=list)

    def say(self, code: str, severity: Severity, place: str, text: str, remedy: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, severity, place, text, remedy))

    def python(self, version: object, place: str) -> None:
        """Add a Python version that is named at a place, unless a longer one says the same."""
        text = str(version).strip()[:40]
        if text and not any(f"{known}.".startswith(f"{text}.") for known in self.pythons):
            shorter = [known for known in self.pythons if text.startswith(f"{known}.")]
            for known in shorter:
                del self.pythons[known]
            self.pythons[text] = place


def read(files: Mapping[str, ExaminedFile], packages: Iterable[str]) -> Manifests:
    """Read what the record and every such file of a version say it needs."""
    return _Reading(files).through(packages)


class _Reading:
    """One pass over the files of a version, each read once."""

    def __init__(self, files: Mapping[str, ExaminedFile]) -> None:
        self._files = files
        self._found = Manifests()
        self._done: set[str] = set()
        self._lines = 0
        self._readers: Mapping[str, Callable[[str], None]] = {
            "requirements.txt": self._requirements,
            "conda.yaml": self._conda,
            "conda.yml": self._conda,
            "python_env.yaml": self._python_env,
        }

    def through(self, packages: Iterable[str]) -> Manifests:
        """Read the recorded packages, then the files."""
        for line in packages:
            self._line(line.strip(), RECORDED, "")
        for path in sorted(self._files):
            reader = self._readers.get(posixpath.basename(path))
            if reader is not None and path not in self._done:
                reader(path)
        self._found.needed = merged(self._found.needed)
        return self._found

    def _requirements(self, path: str, depth: int = 0) -> None:
        text = self._text(path)
        for number, line in _logical_lines(text or ""):
            self._line(line, f"{path} line {number}", path, depth)

    def _conda(self, path: str) -> None:
        described = self._yaml(path)
        if described is None:
            return
        listed = described.get("dependencies")
        if not isinstance(listed, list):
            self._refuse(path, "It has no list of dependencies.")
            return
        for number, part in enumerate(listed, 1):
            place = f"{path} dependency {number}"
            if isinstance(part, dict):
                for line in _texts(part.get("pip")):
                    self._line(_COMMENT.sub("", line).strip(), place, path)
            elif self._has_room(place):
                self._conda_line(str(part), place)
        for channel in _texts(described.get("channels")):
            if "://" in channel:
                self._line(f"--extra-index-url {channel}", f"{path} channels", path)

    def _python_env(self, path: str) -> None:
        described = self._yaml(path)
        if described is None:
            return
        self._found.python(described.get("python") or "", path)
        for key in ("build_dependencies", "dependencies"):
            for line in _texts(described.get(key)):
                self._line(_COMMENT.sub("", line).strip(), f"{path} {key}", path)

    def _conda_line(self, part: str, place: str) -> None:
        part = part[: MOST_LINE + 1]
        exact = _PYTHON.match(part)
        if exact is not None:
            self._found.python(exact[1], place)
        elif not _SOME_PYTHON.fullmatch(part.strip()):
            self._take(read_conda(part), place)

    def _line(self, line: str, place: str, path: str, depth: int = 0) -> None:
        """Take one line of pip: a requirement, another file, or where packages come from."""
        if not line or not self._has_room(place):
            return
        line = line[: MOST_LINE + 1]  # one that goes on is refused for its length
        if has_secret(line):
            text = f"An address holds a password or token: {without_secret(line):.200}"
            self._found.say("secret", Severity.CRITICAL, place, text, TAKE_OUT)
        include, editable = _INCLUDE.match(line), _EDITABLE.match(line)
        if include is not None:
            self._include(path, include[2], place, depth)
        elif editable is not None:
            self._take(read_line(editable[1]), place)
        elif line.startswith("-") and len(line) <= MOST_LINE:
            _option(self._found, line, place)
        else:
            self._take(read_line(line), place)

    def _include(self, path: str, named: str, place: str, depth: int) -> None:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), named))
        if target in self._done:
            return
        if target not in self._files or depth >= MOST_DEPTH:
            text = f"It refers to {named!r:.200}, which is no file of the version that can be read."
            remedy = "Register that file as well."
            self._found.say("missing_include", Severity.HIGH, place, text, remedy)
            return
        self._requirements(target, depth + 1)

    def _take(self, needed: Needed, place: str) -> None:
        self._found.needed.append(replace(needed, places=(place,)))

    def _has_room(self, place: str) -> bool:
        """Say whether one more line may be read."""
        self._lines += 1
        if self._lines == MOST_LINES + 1:
            text = f"There are more than {MOST_LINES:,} lines, so the rest was not read."
            self._found.say("not_read", Severity.HIGH, place, text, WRITE_AGAIN)
        return self._lines <= MOST_LINES

    def _yaml(self, path: str) -> dict[str, object] | None:
        text = self._text(path)
        if text is None:
            return None
        try:
            described = strict_yaml.load(text)
        except DomainError as error:
            self._refuse(path, str(error))
            return None
        if isinstance(described, dict):
            return described
        self._refuse(path, "It does not name what it describes.")
        return None

    def _text(self, path: str) -> str | None:
        """Return the text of a file, or nothing and a problem."""
        self._done.add(path)
        self._found.read.append(path)
        file = self._files[path]
        if file.size > MOST_BYTES:
            self._refuse(path, f"It is larger than {MOST_BYTES // 2**20} MiB.")
            return None
        try:
            with file.open() as stream:
                return stream.read(MOST_BYTES).decode("utf-8-sig")
        except FileNotFoundError:
            self._refuse(path, "The store does not hold this file any more.")
        except UnicodeDecodeError:
            self._refuse(path, "It is not text in UTF-8.")
        return None

    def _refuse(self, path: str, why: str) -> None:
        """Say why a file is not read."""
        self._found.say("unreadable_file", Severity.HIGH, path, why, WRITE_AGAIN)


def _option(found: Manifests, line: str, place: str) -> None:
    shown = without_secret(line)[:200]
    index = _INDEX.match(line)
    if _TRUSTED.match(line) or (index and index[1].lower().startswith("http://")):
        text = f"Packages come over a way anybody between can change: {shown}"
        found.say("insecure_index", Severity.HIGH, place, text, USE_INDEX)
    elif index is not None:
        text = f"Packages come from an index the file names itself: {shown}"
        found.say("other_index", Severity.MEDIUM, place, text, USE_INDEX)
    elif not _PLAIN_OPTION.match(line):
        text = f"The option is none pip takes here: {shown}"
        found.say("unreadable_line", Severity.HIGH, place, text, WRITE_AGAIN)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines as pip reads them: continued ones joined, comments gone, with their numbers."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate([*text.splitlines(), ""], 1):
        start = start if parts else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        whole = _COMMENT.sub("", "".join([*parts, line])).strip()
        parts = []
        if whole:
            yield start, whole


def _texts(value: object) -> list[str]:
    parts = value if isinstance(value, list) else []
    return [str(part) for part in parts if isinstance(part, str | int | float)]
