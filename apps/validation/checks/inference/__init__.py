"""Inference: a model is loaded and run on its own example, and what it answers is judged.

Workers run only ONNX: a graph of known operations, in a process that can reach nothing. Formats
that can run code when they are loaded go to the runner, if the operator has one.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from apps.validation.checks.contract import Check, Parameters, Source, Weight
from apps.validation.checks.measured import require_between

RUNS = (2, 1000)


class Inference(Parameters, frozen=True):
    """How often a model is run, and what counts as the same answer."""

    repeats: Annotated[
        int, Meta(description="How often the example is predicted: 2 to 1000 times.")
    ] = 20
    relative_tolerance: Annotated[
        Decimal,
        Meta(description="How far a prediction may be from the logged one, as a share of it."),
    ] = Decimal("0.0001")
    absolute_tolerance: Annotated[
        Decimal,
        Meta(description="How far a prediction may be from the logged one in any case."),
    ] = Decimal("0.000001")
    must_repeat: Annotated[
        bool,
        Meta(description="Whether a model fails that answers the same example differently."),
    ] = True

    def __post_init__(self) -> None:
        least, most = RUNS
        if not least <= self.repeats <= most:
            raise ValueError(f"repeats is a whole number from {least} to {most}")
        require_between("relative_tolerance", self.relative_tolerance, 0, 1)
        require_between("absolute_tolerance", self.absolute_tolerance, 0, Decimal(10) ** 9)


CHECK = Check(
    name="inference",
    title="Inference",
    sentence="Runs an ONNX model on its input example, again and again, and judges the answers.",
    examine="apps.validation.checks.inference.onnx_run:examine",
    version="1",
    parameters=Inference,
    in_runner="apps.validation.checks.inference.runner_run:examine",
    formats=("ONNX", "pickle, joblib and skops in the runner only"),
    cites=("EU AI Act Art. 15(1)", "NIST AI RMF MEASURE 2.5", "PRA SS1/23 Principle 3.3"),
    sources=frozenset({Source.RECORD}),
    weight=Weight.HEAVY,
    is_confined=True,
    seconds=600,
    memory=4096,
)
