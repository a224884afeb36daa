"""What the demo's models are made from and what relies on them: assets, and edges between them."""

from apps.catalog.lineage import End
from apps.catalog.models import Asset, ModelVersion, Relation
from apps.catalog.operations import AssetFacts
from apps.console.demo.people import OPERATOR, OWNER, VALIDATOR
from apps.console.demo.tracked import dataset_of
from apps.console.demo.training import TrainedVersion
from apps.console.demo.walk import Walk

_KIND = Asset.Kind
_CONFIDENTIAL, _INTERNAL = Asset.Sensitivity.CONFIDENTIAL, Asset.Sensitivity.INTERNAL
_PUBLIC = Asset.Sensitivity.PUBLIC


class Samples:
    """The fine-needle samples, from the laboratory to the rows that models are trained on."""

    def __init__(self, walk: Walk, trained: TrainedVersion) -> None:
        self._walk = walk
        source = self._source()
        self._training = self._part(trained.parameters["training_data"], "70 % of the samples.")
        self._holdout = self._part(
            next(metric.dataset for metric in trained.metrics if metric.lower is not None),
            "30 % of the samples, never trained on.",
        )
        split = walk.declare(
            _KIND.PIPELINE,
            "measure-and-split",
            AssetFacts(
                description="Measures cell nuclei in each image and sets samples aside.",
                location="https://git.clinic.example/pathology/measure-and-split",
                owner=walk.person(OPERATOR),
                sensitivity=_INTERNAL,
            ),
        )
        nuclei = walk.declare(
            _KIND.FEATURE_VIEW,
            "cell-nuclei",
            AssetFacts(
                description="Ten measurements of a nucleus: mean, spread and worst value of each.",
                owner=walk.person(OPERATOR),
                sensitivity=_CONFIDENTIAL,
            ),
        )
        walk.join(source, split, Relation.READS)
        walk.join(split, nuclei, Relation.WRITES)
        for part in (self._training, self._holdout):
            walk.join(nuclei, part, Relation.DERIVED_FROM)
        self._code = walk.declare(
            _KIND.REPOSITORY,
            "clinical-models",
            AssetFacts(
                description="Training code of all clinical models.",
                location="https://git.clinic.example/models/clinical-models",
                owner=walk.person(OPERATOR),
                sensitivity=_INTERNAL,
            ),
        )

    def _source(self) -> Asset:
        return self._walk.declare(
            _KIND.DATASET,
            "breast-mass-samples",
            AssetFacts(
                description="569 digitized fine-needle samples, published in 1995.",
                location="https://doi.org/10.24432/C5DW2B",
                owner=self._walk.person(OWNER),
                sensitivity=_PUBLIC,
                license="CC-BY-4.0",
            ),
            version="1995",
        )

    def _part(self, reference: str, description: str) -> Asset:
        name, digest = dataset_of(reference)
        facts = AssetFacts(
            description=description,
            owner=self._walk.person(OWNER),
            sensitivity=_CONFIDENTIAL,
            license="CC-BY-4.0",
        )
        return self._walk.declare(_KIND.DATASET, name, facts, digest=digest)

    def made(self, *versions: ModelVersion) -> None:
        """Say that versions were built by the code, from the samples."""
        for version in versions:
            self._walk.join(self._training, version, Relation.TRAINED_ON)
            self._walk.join(self._holdout, version, Relation.EVALUATED_ON)
            self.built(version)

    def built(self, *versions: ModelVersion) -> None:
        """Say that versions were built by the code."""
        for version in versions:
            self._walk.join(self._code, version, Relation.BUILT_BY)


def worklist(walk: Walk, serving: ModelVersion, fallback: ModelVersion) -> None:
    """Put a version behind the pathologists' list of work, which a dashboard counts."""
    service = walk.declare(
        _KIND.SERVICE,
        "pathology-worklist",
        AssetFacts(
            description="Orders the samples that wait for a pathologist.",
            location="https://worklist.clinic.example",
            owner=walk.person(OPERATOR),
            sensitivity=_CONFIDENTIAL,
        ),
    )
    runtime = walk.declare(
        _KIND.CONTAINER,
        "clinical-runtime",
        AssetFacts(
            description="Python and scikit-learn, rebuilt each month.",
            owner=walk.person(OPERATOR),
            sensitivity=_INTERNAL,
        ),
        version="2026.11",
    )
    dashboard = walk.declare(
        _KIND.DASHBOARD,
        "Pathology waiting times",
        AssetFacts(
            description="How long samples wait, by week and by urgency.",
            owner=walk.person(OWNER),
            sensitivity=_INTERNAL,
        ),
    )
    rounds = walk.declare(
        _KIND.DASHBOARD,
        "Second reading quality",
        AssetFacts(
            description="How often a pathologist disagrees with the order proposed.",
            owner=walk.person(VALIDATOR),
            sensitivity=_INTERNAL,
        ),
    )
    walk.join(serving, service, Relation.SERVES)
    walk.join(runtime, service, Relation.RUNS_IN)
    walk.join(service, dashboard, Relation.READS)
    walk.join(serving, rounds, Relation.USES)
    walk.join(fallback, rounds, Relation.USES, is_inferred=True)


def language_model(walk: Walk, prompt: ModelVersion, estimate: ModelVersion) -> None:
    """Say which language model a prompt is written for, and whose estimate it words."""
    base: End = walk.declare(
        _KIND.BASE_MODEL,
        "Mistral-7B-Instruct",
        AssetFacts(
            description="Open language model, run in the clinic's own computing center.",
            location="https://huggingface.co/mistralai/Mistral-7B-Instruct-v0.3",
            owner=walk.person(OPERATOR),
            sensitivity=_PUBLIC,
            license="Apache-2.0",
        ),
        version="v0.3",
    )
    walk.join(base, prompt, Relation.USES)
    walk.join(estimate, prompt, Relation.FEEDS)
