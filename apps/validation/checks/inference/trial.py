"""One model from its bytes to a judgment: loaded, run on its example, compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Json,
    Outcome,
    Problem,
    Progress,
    Severity,
    counted,
)
from apps.validation.checks.inference import Inference, answers, feeds, logged
from apps.validation.checks.inference.arrays import Array
from apps.validation.checks.inference.refusals import Refused
from apps.validation.checks.inference.repeats import Repeats, repeat
from apps.validation.checks.schema_declared import Declared, Malformed, read_side
from apps.validation.checks.schema_values import ExampleLimits, too_large

MOST_SHOWN = 1000

GIVE_EXAMPLE = "Log the model with an input example of a few rows."
LOG_ANSWERS = (
    "Log what the model answered to its example in output_example.json, or as predictions in the "
    "example."
)
DECLARE = "Log the model with a signature that declares its outputs."
FIT = "Log an input example the model accepts, and register a new version."
SEED = "Give random operations a fixed seed, or take them out of the exported graph."


@dataclass(frozen=True, slots=True)
class Given:
    """An example in the form a model takes, and how many rows it has."""

    value: Any
    rows: int


class Loaded(Protocol):
    """A model that can be run."""

    @property
    def load_microseconds(self) -> int: ...

    @property
    def takes(self) -> Mapping[str, str]:
        """Its inputs by name, each with type and shape in words."""
        ...

    @property
    def problems(self) -> Iterable[Problem]:
        """What loading it showed."""
        ...

    def given(self, example: object, declared: Declared) -> Given:
        """Return an example as the model takes it; Malformed when it does not hold that."""
        ...

    def run(self, given: Any, outputs: Declared | None) -> Mapping[str, Array]:
        """Return what it answers, by the names of its outputs; Refused when it does not."""
        ...


@dataclass
class Trial:
    """A model on trial, with what was found so far."""

    version: ExaminedVersion
    model: ExaminedFile
    progress: Progress
    parameters: Inference
    load: Callable[[], Loaded]
    tools: Mapping[str, str]
    where: str = "this worker"
    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, Json] = field(default_factory=dict)

    def outcome(self) -> Outcome:
        """Carry the trial out as far as it goes."""
        place = self.model.path
        self.facts["model"] = place
        self.progress(place)
        runs = None
        try:
            loaded = self.load()
            self.problems += loaded.problems
            self.facts["load_microseconds"] = loaded.load_microseconds
            self.facts["inputs"] = dict(loaded.takes)
            runs = self._run(loaded)
        except Refused as refused:
            self.problems.append(refused.problem)
        except Malformed as trouble:
            text = f"The input example cannot be given to the model: {trouble}."
            self._report("unfit_example", "input example", text, FIT)
        evidence = None if runs is None else _evidence(runs)
        return Outcome(self._summary(runs), tuple(self.problems), self.facts, evidence, self.tools)

    def _run(self, loaded: Loaded) -> Repeats | None:
        example = self.version.input_example
        if example is None:
            text = "There is no input example, so the model was loaded and not run."
            self._report("no_example", "input example", text, GIVE_EXAMPLE)
            return None
        size = too_large(example, ExampleLimits())
        if size is not None:
            raise Malformed(size)
        declared = self._declared("inputs") or Declared(is_named=False)
        example, beside = feeds.without_answers(example, declared)
        given = loaded.given(example, declared)
        if not given.rows:
            raise Malformed("it holds no row")
        outputs = self._declared("outputs")
        runs = repeat(
            lambda: loaded.run(given.value, outputs),
            self.parameters.repeats,
            self.progress,
            self.model.path,
        )
        self._note(runs, given.rows)
        self.problems += answers.unusable(runs.first, self.model.path)
        self.problems += self._variance(runs)
        if outputs is not None:
            self.facts["declared_outputs"] = len(outputs.names)
            self.problems += answers.against_declared(
                runs.first, outputs, given.rows, self.model.path
            )
        self._compare_with_logged(runs, beside)
        return runs

    def _note(self, runs: Repeats, rows: int) -> None:
        self.facts |= {
            "rows": rows,
            "outputs": {name: _shape(array) for name, array in runs.first.items()},
            "outputs_sha256": runs.sha256,
            "runs": len(runs.microseconds),
            "runs_that_differed": len(runs.differing),
            "latency_microseconds": runs.latency(),
            "measured_on": f"{self.where}, one processor core",
        }

    def _variance(self, runs: Repeats) -> Iterator[Problem]:
        if runs.is_deterministic:
            return
        names = ", ".join(repr(name)[:80] for name in runs.where[:10])
        text = (
            f"{len(runs.differing)} of {len(runs.microseconds)} runs on the same example answered "
            f"otherwise than the first, in {names}; run {runs.differing[0]} was the first to."
        )
        severity = Severity.HIGH if self.parameters.must_repeat else Severity.MEDIUM
        yield Problem("not_deterministic", severity, self.model.path, text, SEED)

    def _compare_with_logged(self, runs: Repeats, beside: object | None) -> None:
        try:
            found = logged.find(self.version.files, self.model.path, beside)
            if found is None:
                text = "No answer was logged with the example, so there is none to compare with."
                place, low = "input example", Severity.LOW
                self._report("no_logged_answer", place, text, LOG_ANSWERS, low)
                return
            wanted = logged.expected(found.value, runs.first)
        except Malformed as trouble:
            text = f"The logged answers cannot be compared: {trouble}."
            self._report("unreadable_answers", "logged answers", text, logged.LOG_AGAIN)
            return
        limits = self.parameters
        allowed = logged.Tolerance(limits.relative_tolerance, limits.absolute_tolerance)
        self.problems += logged.differences(wanted, runs.first, allowed, self.model.path)
        self.facts["compared_with"] = found.place
        self.facts["compared_values"] = sum(int(array.size) for array in wanted.values())

    def _declared(self, side: str) -> Declared | None:
        """Return one side of the signature, or nothing when it declares none."""
        signature = self.version.signature or {}
        if not signature.get(side):
            if side == "outputs":
                text = "No outputs are declared, so the answers were held against none."
                self._report("no_outputs", "signature", text, DECLARE, Severity.LOW)
            return None
        try:
            return read_side(signature[side])
        except Malformed as trouble:
            text = f"The declared {side} cannot be read: {trouble}."
            self._report("unreadable_signature", f"signature {side}", text, DECLARE)
            return None

    def _report(
        self, code: str, place: str, text: str, remedy: str, severity: Severity = Severity.HIGH
    ) -> None:
        self.problems.append(Problem(code, severity, place, text, remedy))

    def _summary(self, runs: Repeats | None) -> str:
        grave = sum(problem.severity.fails for problem in self.problems)
        if runs is None:
            return "The model was not run, so there is no telling what it answers."
        times = f"Run {len(runs.microseconds)} times on the example"
        if grave:
            return f"{times}: {counted(grave, 'grave problem')}."
        same = "always with the same answer" if runs.is_deterministic else "with varying answers"
        compared = "as logged" if "compared_with" in self.facts else "with none logged to compare"
        return f"{times}, {same}, {compared}."


def _shape(array: Array) -> str:
    kind = "string" if array.dtype.kind in "OU" else array.dtype.name
    return f"{kind} {list(array.shape)}"


def _evidence(runs: Repeats) -> Json:
    return {
        "outputs": {
            name: {
                "type": _shape(array),
                "values": [repr(value) for value in array.reshape(-1)[:MOST_SHOWN].tolist()],
            }
            for name, array in runs.first.items()
        },
        "microseconds": list(runs.microseconds),
        "runs_that_differed": list(runs.differing),
    }
