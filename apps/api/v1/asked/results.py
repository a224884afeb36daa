"""Results of external checks as a tool posts them."""

from typing import Any, Literal

from pydantic import Field

from apps.api.strictness import Asked
from apps.validation.checks.contract import Problem, Severity
from apps.validation.posted import PostedResult


class FoundProblem(Asked):
    """One thing a tool reports."""

    severity: Severity = Field(strict=False)
    text: str
    code: str = ""
    place: str = ""
    remedy: str = ""


class NewResult(Asked):
    """What a tool outside found on a version's files."""

    state: Literal["passed", "failed"]
    summary: str = Field(description="One sentence: what was looked at, and what was found")
    examined: str = Field(description="The digest of the content it examined: sha256:…")
    url: str = Field("", description="The tool's own page about this result")
    tool: str = ""
    tool_version: str = ""
    problems: list[FoundProblem] = []
    facts: dict[str, Any] = {}

    def result(self) -> PostedResult:
        """Return the result as validation takes it."""
        return PostedResult(
            state=self.state,
            summary=self.summary,
            examined=self.examined,
            origin=self.url,
            tool=self.tool,
            tool_version=self.tool_version,
            problems=[Problem(**problem.model_dump()) for problem in self.problems],
            facts=self.facts,
        )
