"""The model card that travels with a version as its README."""

from collections.abc import Iterable

from apps.console.demo.training.facts import Column, Metric, TrainedModel


def model_card(
    model: TrainedModel,
    *,
    number: int,
    notes: str,
    inputs: Iterable[Column],
    outputs: Iterable[Column],
    metrics: Iterable[Metric],
) -> str:
    """Write the card of one version in Markdown."""
    results = [metric for metric in metrics if metric.lower is not None]
    sections = (
        f"# {model.title}\n\n`{model.name}`, version {number}. {notes}",
        f"## Intended use\n\n{model.purpose}",
        f"## Out of scope\n\n{model.out_of_scope}",
        f"## Limitations\n\n{model.limitations}",
        f"## Method\n\n{model.method}",
        f"## Inputs\n\n{_listed(inputs)}",
        f"## Outputs\n\n{_listed(outputs)}",
        f"## Results\n\n{_results(results)}",
        f"## Data\n\n{_datasets(results)}",
    )
    return "\n\n".join(sections) + "\n"


def _listed(columns: Iterable[Column]) -> str:
    return "\n".join(f"- `{column.name}`: {column.type}" for column in columns)


def _results(metrics: Iterable[Metric]) -> str:
    rows = ["| Metric | Slice | Value | 95 % interval |", "| --- | --- | ---: | --- |"]
    rows += [
        f"| {metric.key} | {metric.slice or 'all rows'} | {metric.value:.4g} "
        f"| {metric.lower:.4g} to {metric.upper:.4g} |"
        for metric in metrics
    ]
    return "\n".join(rows)


def _datasets(metrics: Iterable[Metric]) -> str:
    references = dict.fromkeys(metric.dataset for metric in metrics)
    return "Measured on rows held out of training:\n\n" + "\n".join(
        f"- `{reference}`" for reference in references
    )
