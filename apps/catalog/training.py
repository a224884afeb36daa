"""What came with a version's bytes: its run with parameters and metrics, and the digest over it."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.catalog.models import ModelVersion, Run, RunMetric, RunParameter
from apps.core.actors import Actor
from apps.core.digests import digest_of, digest_of_bytes
from apps.core.inputs import MOST_BYTES, InputRefused, require_json, require_text

MOST_KEY = 250
MOST_PARAMETER = 6000
MOST_METRICS = 10_000
MOST_PARAMETERS = 1000
MOST_STEP = 2**63 - 1
LARGEST_EXACT = 1e16


@dataclass(frozen=True)
class MetricFacts:
    """A measured number: at a step, on a dataset, on one slice of it, with its interval."""

    key: str
    value: float
    dataset: str = ""
    slice: str = ""
    lower: float | None = None
    upper: float | None = None
    higher_is_better: bool | None = None
    step: int = 0

    @property
    def place(self) -> tuple[str, str, str, int]:
        """What a run measures once."""
        return self.key, self.dataset, self.slice, self.step


@dataclass(frozen=True)
class RunFacts:
    """A run as its trainer describes it."""

    name: str = ""
    source: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Sequence[MetricFacts] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.source or self.parameters or self.metrics)


def require_run(facts: RunFacts) -> None:
    """Refuse a run whose names, numbers or amounts are not what may be."""
    require_text(facts.name, "The name of the run", MOST_KEY)
    require_text(facts.source, "The source of the run", 500)
    if len(facts.parameters) > MOST_PARAMETERS or len(facts.metrics) > MOST_METRICS:
        raise InputRefused(
            f"A run has at most {MOST_PARAMETERS:,} parameters and {MOST_METRICS:,} metrics."
        )
    for key, value in facts.parameters.items():
        _require_key(key, "parameter")
        require_text(value, f"The parameter {key}", MOST_PARAMETER, lines=True)
    seen = set()
    for metric in facts.metrics:
        _require_metric(metric)
        if metric.place in seen:
            raise InputRefused(
                f"The metric {metric.key} is there twice for the same dataset, slice and step."
            )
        seen.add(metric.place)


def record_run(facts: RunFacts, *, by: Actor, at: datetime) -> Run:
    """Write a run with all it used and measured."""
    run = Run.objects.create(
        uid=uuid.uuid4().hex,
        name=facts.name,
        source=facts.source,
        created_at=at,
        started_at=at,
        ended_at=at,
        starter_id=by.id,
        started_by_id=by.user_id,
    )
    last = {metric.place[:3]: metric.step for metric in sorted(facts.metrics, key=_step)}
    RunParameter.objects.bulk_create(
        (RunParameter(run=run, key=key, value=value) for key, value in facts.parameters.items()),
        batch_size=500,
    )
    RunMetric.objects.bulk_create(
        (
            RunMetric(
                run=run,
                key=metric.key,
                value=metric.value,
                step=metric.step,
                dataset=metric.dataset,
                slice=metric.slice,
                lower=metric.lower,
                upper=metric.upper,
                higher_is_better=metric.higher_is_better,
                is_last=metric.step == last[metric.place[:3]],
            )
            for metric in facts.metrics
        ),
        batch_size=500,
    )
    return run


def _step(metric: MetricFacts) -> int:
    return metric.step


def facts_now(version: ModelVersion) -> str:
    """Return the facts digest, or another one once the version's run moved on since.

    A run may go on measuring after a version was registered from it. What was signed before that
    is void then, without anybody reading the whole run again.
    """
    run = version.run
    if run is None or run.revision == version.run_revision:
        return version.facts_digest
    return digest_of({"facts": version.facts_digest, "run_revision": str(run.revision)})


def keep_still(version: ModelVersion) -> None:
    """Let nobody add to a version's run until the transaction ends, which locked the model."""
    if version.run_id is not None:
        Run.objects.select_for_update().get(pk=version.run_id)


def settle_facts(version: ModelVersion) -> None:
    """Let the facts digest cover all a version's run recorded so far, inside a change."""
    run = version.run
    if run is not None and run.revision != version.run_revision:
        version.run_revision = run.revision
        version.facts_digest = facts_digest(version)
        version.touch()
        version.save()


def facts_digest(version: ModelVersion) -> str:
    """Return the digest over everything a version declares beside its bytes, read from its rows.

    Of a run that trains against this server, with series of any length, it covers the last point
    of each series and the datasets; of one described when the version was registered, every point.
    """
    run = version.run
    return digest_of(
        {
            "v": 2 if _is_tracked(run) else 1,
            "signature": json_digest(version.signature),
            "input_example": json_digest(version.input_example),
            "framework": version.framework,
            "flavors": list(version.flavors),
            "python_version": version.python_version,
            "packages": list(version.packages),
            "code": {
                "repository": version.code_repository,
                "commit": version.code_commit,
                "is_dirty": version.code_is_dirty,
            },
            "container": version.container_digest,
            "source": version.source,
            "run": run.uid if run else None,
            "parameters": _parameters(run.parameters.all()) if run else [],
            "metrics": _metrics(_points(run)) if run else [],
            **({"datasets": _datasets(run)} if run and _is_tracked(run) else {}),
        }
    )


def _is_tracked(run: Run | None) -> bool:
    return run is not None and run.experiment_id is not None


def _points(run: Run) -> Iterable[RunMetric]:
    return run.metrics.filter(is_last=True) if _is_tracked(run) else run.metrics.all()


def _datasets(run: Run) -> list[list[str]]:
    return sorted(map(list, run.datasets.values_list("name", "digest", "context")))


def json_digest(value: object) -> str | None:
    """Return the digest of any JSON value: keys sorted, numbers as every database keeps them."""
    if value is None:
        return None
    text = json.dumps(_exact(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return digest_of_bytes(text.encode())


def require_declared(value: object, label: str) -> None:
    """Refuse a signature or an example that is no JSON, or too much of it."""
    try:
        require_json(value)
    except InputRefused as refusal:
        raise InputRefused(f"{label} is refused: {refusal}") from None
    if len(json.dumps(value)) > MOST_BYTES:
        raise InputRefused(f"{label} is longer than {MOST_BYTES:,} bytes.")


def _require_key(key: str, kind: str) -> None:
    if not key.strip():
        raise InputRefused(f"A {kind} has no name.")
    require_text(key, f"The name of a {kind}", MOST_KEY)


def _require_metric(metric: MetricFacts) -> None:
    _require_key(metric.key, "metric")
    require_text(metric.dataset, "The name of a dataset", MOST_KEY)
    require_text(metric.slice, "The name of a slice", MOST_KEY)
    require_json([metric.value, metric.lower, metric.upper, metric.step])
    if metric.lower is not None and metric.upper is not None and metric.lower > metric.upper:
        raise InputRefused(f"The interval of the metric {metric.key} ends before it begins.")


def _parameters(parameters: Iterable[RunParameter]) -> list[list[str]]:
    return sorted([parameter.key, parameter.value] for parameter in parameters)


def _metrics(metrics: Iterable[RunMetric]) -> list[dict[str, object]]:
    ordered = sorted(metrics, key=lambda row: (row.key, row.dataset, row.slice, row.step))
    return [
        {
            "key": metric.key,
            "dataset": metric.dataset,
            "slice": metric.slice,
            "step": str(metric.step),
            "value": repr(float(metric.number)),
            "lower": _number(metric.lower),
            "upper": _number(metric.upper),
            "higher_is_better": metric.higher_is_better,
        }
        for metric in ordered
    ]


def _number(value: float | None) -> str | None:
    return None if value is None else repr(float(value))


def _exact(value: object) -> object:
    """Return a value with large floats as the whole numbers PostgreSQL makes of them."""
    if isinstance(value, float) and abs(value) >= LARGEST_EXACT:
        return int(Decimal(repr(value)))
    if isinstance(value, Mapping):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner) for inner in value]
    return value
