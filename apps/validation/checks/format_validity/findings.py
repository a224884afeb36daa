"""What an examination of formats collects: problems, and what each file turned out to be."""

from collections import Counter
from dataclasses import dataclass, field

from apps.validation.checks.contract import Json, Problem, Severity
from apps.validation.checks.unsafe_code.scan import shown

MOST_PROBLEMS = 200
WRITE_AGAIN = "Write the file again with the library it belongs to, and register a new version."
SEND_ALL = "Register the version again with every file of the model."


class Broken(Exception):
    """A file is not what its format asks for, or more than is read here; the text says why."""

    def __init__(self, code: str, text: str, remedy: str = WRITE_AGAIN) -> None:
        super().__init__(text)
        self.code, self.text, self.remedy = code, text, remedy


def damaged(text: str) -> Broken:
    """Say that the structure of a file is wrong."""
    return Broken("damaged", text)


def too_large(text: str) -> Broken:
    """Say that a file goes beyond what is read, so that its structure is not known."""
    return Broken("too_large", f"Cannot tell whether it is whole: {text}")


@dataclass
class Findings:
    """Problems in the order they were found, and facts about the whole."""

    problems: list[Problem] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    files: list[dict[str, Json]] = field(default_factory=list)
    """One entry a file for the evidence: path, format and what was read in it."""
    tools: dict[str, str] = field(default_factory=dict)
    explained: set[str] = field(default_factory=set)
    """Files without a format of their own, whose bytes another file accounts for."""

    def report(
        self,
        code: str,
        place: str,
        text: str,
        remedy: str = WRITE_AGAIN,
        severity: Severity = Severity.HIGH,
    ) -> None:
        """Note a problem, unless there are so many that more would not help anybody."""
        if len(self.problems) > MOST_PROBLEMS:
            return
        if len(self.problems) == MOST_PROBLEMS:
            place, code, severity = "version", "more_problems", Severity.HIGH
            text = f"There are more than {MOST_PROBLEMS} problems; the rest is not listed."
        self.problems.append(Problem(code, severity, shown(place, 300), shown(text, 500), remedy))

    def report_broken(self, broken: Broken, place: str) -> None:
        """Note that a file is broken."""
        self.report(broken.code, place, broken.text, broken.remedy)
