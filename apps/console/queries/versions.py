"""What a version's pages show: rows of a model's versions, its signature, and its readiness."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from apps.approvals import gates
from apps.approvals.models import TARGETS, PromotionRequest
from apps.approvals.pages import transitions
from apps.approvals.readiness import Readiness, SlotState, VerdictState
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.queries import standing
from apps.console.queries.standing import Standing
from apps.core import formats
from apps.core.actors import Actor
from apps.core.errors import NotFound
from apps.core.paging import Order
from apps.validation import queries as validation
from apps.validation import signatures
from apps.validation.checks.schema_declared import Declared, Malformed, read_side
from apps.validation.checks.schema_tables import ABSENT, read_table, unwrapped

NEWEST_FIRST = Order(("number",))
MOST_ROWS, MOST_COLUMNS = 5, 64
"""How much of an input example a page shows as a table."""
FEW_INPUTS = 12
"""How many inputs of an example are in sight at once."""
SIDE_TITLES = {"inputs": "Inputs", "outputs": "Outputs", "params": "Parameters"}
STAGE_TONES = {Stage.STAGING: "info", Stage.PRODUCTION: "good"}


def statuses(version: ModelVersion) -> list[dict[str, str]]:
    """Return the stage and aliases of a version as the marks beside its name."""
    stage = Stage(version.stage)
    aliases = sorted(alias.name for alias in version.aliases.all())
    return [
        {"label": stage.label, "tone": STAGE_TONES.get(stage, "idle")},
        *({"label": f"@{alias}", "tone": ""} for alias in aliases),
    ]


def size_in_words(version: ModelVersion) -> str:
    """Return how much a version holds: ``48.2 MB, 7 files``."""
    files = "1 file" if version.file_count == 1 else f"{formats.grouped(version.file_count)} files"
    return f"{formats.size(version.byte_count)}, {files}" if version.file_count else ""


@dataclass(frozen=True)
class Row:
    """A version as a model's page lists it."""

    version: ModelVersion
    statuses: Sequence[Mapping[str, str]]
    checks: Standing


def of_model(model: RegisteredModel) -> QuerySet[ModelVersion]:
    """Return the versions of a model, to be ordered and cut."""
    there = model.versions.filter(deleted_at=None)
    return there.select_related("created_by").prefetch_related("aliases")


def rows(model: RegisteredModel, versions: Sequence[ModelVersion]) -> list[Row]:
    """Return versions of one model as rows, with the checks of all of them read at once."""
    counts = validation.counts_by_version(versions)
    for version in versions:
        version.model = model
    return [
        Row(version, statuses(version), standing.of_checks(counts.get(version.pk)))
        for version in versions
    ]


@dataclass(frozen=True)
class Side:
    """The inputs or the outputs of a signature: named fields, or why they cannot be shown."""

    title: str
    fields: Sequence[tuple[str, str, str]]
    trouble: str = ""


def signature(version: ModelVersion) -> list[Side]:
    """Return the sides of a declared signature, each field with its type and a note."""
    return [
        _side(SIDE_TITLES[side], read) for side, read in signatures.declared_by(version).items()
    ]


def _side(title: str, read: Declared | Malformed) -> Side:
    if isinstance(read, Malformed):
        return Side(title, (), f"This part cannot be read: {read}.")
    return Side(title, read.fields)


@dataclass(frozen=True)
class Example:
    """The first rows of an input example that is a table, told input by input.

    Each input has its name, whether it is a number, and its values; ``numbers`` names the rows.
    """

    inputs: Sequence[tuple[str, bool, Sequence[object]]]
    count: int

    @property
    def inputs_in_words(self) -> str:
        return f"Values of {len(self.inputs)} inputs"

    @property
    def is_long(self) -> bool:
        return len(self.inputs) > FEW_INPUTS

    @property
    def numbers(self) -> Sequence[int]:
        return range(1, min(self.count, MOST_ROWS) + 1)

    @property
    def summary(self) -> str:
        if len(self.numbers) < self.count:
            return f"the first {len(self.numbers)} of {formats.grouped(self.count)} rows"
        return "1 row" if self.count == 1 else f"{self.count} rows"


def example(version: ModelVersion) -> Example | None:
    """Return the input example as a table of a few rows, or None when it is none."""
    declared = version.signature if isinstance(version.signature, dict) else {}
    try:
        inputs = read_side(declared["inputs"]) if declared.get("inputs") else Declared()
        sent = unwrapped(version.input_example, inputs)
        table = read_table(sent, inputs)
    except Malformed:
        return None
    names = list(table.columns) if _keeps_order(sent) else _by_name(table.columns, inputs.names)
    columns = [table.columns[name] for name in names]
    if not 0 < len(columns) <= MOST_COLUMNS or any(map(_is_deep, columns)):
        return None
    numeric = [_is_numeric(column) for column in columns]
    cells = [[_cell(value) for value in column[:MOST_ROWS]] for column in columns]
    return Example(list(zip(names, numeric, cells, strict=True)), table.rows)


def _keeps_order(sent: object) -> bool:
    """Say whether the columns are a list, whose order every database keeps, and not keys."""
    if isinstance(sent, dict):
        return "columns" in sent and "data" in sent
    return not (isinstance(sent, list) and all(isinstance(row, dict) for row in sent))


def _by_name(columns: Iterable[str], declared: Sequence[str]) -> list[str]:
    """Return names in the order of the signature, the others after them by name."""
    place = {name: position for position, name in enumerate(declared)}
    return sorted(columns, key=lambda name: (place.get(name, len(place)), name))


def _is_deep(column: Sequence[object]) -> bool:
    return any(isinstance(value, list | dict) for value in column[:MOST_ROWS])


def _is_numeric(column: Sequence[object]) -> bool:
    return all(type(value) in {int, float} for value in column[:MOST_ROWS])


def _cell(value: object) -> object:
    return "" if value is ABSENT or value is None else value


@dataclass(frozen=True)
class Ahead:
    """The next transition of a version: what its gate says today, and the request that is open."""

    transition: str
    readiness: Readiness
    request: PromotionRequest | None

    @property
    def words(self) -> transitions.Words:
        return transitions.WORDS[self.transition]

    @property
    def question(self) -> str:
        return self.words.question

    @property
    def status(self) -> str:
        return "Ready" if self.readiness.is_open else f"{len(self.readiness.closed)} left"

    @property
    def tone(self) -> str:
        return "good" if self.readiness.is_open else "warn"

    @property
    def ticks(self) -> list[dict[str, str]]:
        """What is met and what is left, one line each."""
        met = len(self.readiness.with_state(VerdictState.PASSED))
        lines = [
            {"text": "1 condition met" if met == 1 else f"{met} conditions met", "tone": "good"}
        ]
        blocked = self.readiness.with_state(VerdictState.BLOCKED)
        lines += [{"text": verdict.title, "tone": "warn"} for verdict in blocked]
        warned = self.readiness.with_state(VerdictState.WARNED)
        lines += [{"text": verdict.title, "tone": "idle"} for verdict in warned]
        return [*lines, *map(_seat, self.readiness.slots)]


def _seat(slot: SlotState) -> dict[str, str]:
    role = slot.rule.title
    if not slot.missing:
        return {"text": f"Signed off by {role}", "tone": "good"}
    return {"text": f"Sign-off by {role} missing", "tone": "info"}


def ahead(version: ModelVersion, actor: Actor, *, at: datetime) -> Ahead | None:
    """Judge the gate before a version's next transition as it stands, asked for or not."""
    transition = transitions.NEXT.get(Stage(version.stage))
    if transition is None or not version.is_ready:
        return None
    request = version.requests.filter(state=PromotionRequest.State.OPEN).first()
    if request is not None:
        return Ahead(request.transition, gates.evaluate(request, at=at), request)
    try:
        foreseen = gates.foresee(version, TARGETS[transition], asked_by=actor.id, at=at)
    except NotFound:
        return None
    return Ahead(transition, foreseen, None)
