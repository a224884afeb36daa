"""What an MLflow server answers, as far as it is read. Servers add fields and leave out others."""

from msgspec import UNSET, Struct, UnsetType, field


class Pair(Struct, frozen=True):
    """A tag or a parameter."""

    key: str
    value: str = ""


class NamedAlias(Struct, frozen=True):
    """A movable name of a version."""

    alias: str
    version: int


class Model(Struct, frozen=True):
    """A registered model."""

    name: str
    description: str | None = ""
    tags: tuple[Pair, ...] = ()
    aliases: tuple[NamedAlias, ...] = ()


class Version(Struct, frozen=True):
    """A version of a registered model."""

    version: int
    source: str | None = ""
    run_id: str | None = ""
    run_link: str | None = ""
    model_id: str | None = ""
    description: str | None = ""
    current_stage: str | None = "None"
    tags: tuple[Pair, ...] = ()


class ModelPage(Struct, frozen=True):
    """A page of a search for models."""

    registered_models: tuple[Model, ...] = ()
    next_page_token: str | None = None


class VersionPage(Struct, frozen=True):
    """A page of a search for versions."""

    model_versions: tuple[Version, ...] = ()
    next_page_token: str | None = None


class ModelAnswer(Struct, frozen=True):
    """One registered model."""

    registered_model: Model


class Place(Struct, frozen=True):
    """Where the files of a version are."""

    artifact_uri: str = ""


class RunInfo(Struct, frozen=True):
    """What a run is."""

    run_id: str
    experiment_id: str = "0"
    run_name: str | None = ""
    status: str | None = "FINISHED"
    start_time: int | None = None
    end_time: int | None = None
    artifact_uri: str | None = ""


class Metric(Struct, frozen=True):
    """One measured number. It may be no number, or infinite."""

    key: str
    value: float | None = None
    timestamp: int | None = 0
    step: int | None = 0
    model_id: str | None = ""
    dataset_name: str | None = ""
    dataset_digest: str | None = ""


class RunData(Struct, frozen=True):
    """What a run recorded; of each metric the newest value."""

    metrics: tuple[Metric, ...] = ()
    params: tuple[Pair, ...] = ()
    tags: tuple[Pair, ...] = ()


class Dataset(Struct, frozen=True):
    """A dataset as a run read it."""

    name: str
    digest: str
    source_type: str | None = ""
    source: str | None = ""
    schema: str | None = ""
    profile: str | None = ""


class DatasetInput(Struct, frozen=True):
    """A dataset and what it was read for."""

    dataset: Dataset
    tags: tuple[Pair, ...] = ()


class ModelOutput(Struct, frozen=True):
    """A logged model a run wrote."""

    model_id: str


class RunInputs(Struct, frozen=True):
    """What a run read."""

    dataset_inputs: tuple[DatasetInput, ...] = ()


class RunOutputs(Struct, frozen=True):
    """What a run wrote."""

    model_outputs: tuple[ModelOutput, ...] = ()


class Run(Struct, frozen=True):
    """A run with what it recorded, read and wrote."""

    info: RunInfo
    data: RunData = field(default_factory=RunData)
    inputs: RunInputs = field(default_factory=RunInputs)
    outputs: RunOutputs = field(default_factory=RunOutputs)


class RunAnswer(Struct, frozen=True):
    """One run."""

    run: Run


class MetricPage(Struct, frozen=True):
    """A page of the history of a metric."""

    metrics: tuple[Metric, ...] = ()
    next_page_token: str | None = None


class Experiment(Struct, frozen=True):
    """A named set of runs."""

    name: str = ""


class ExperimentAnswer(Struct, frozen=True):
    """One experiment."""

    experiment: Experiment


class LoggedModelInfo(Struct, frozen=True):
    """A model a run wrote, and where."""

    model_id: str
    name: str | None = ""
    artifact_uri: str | None = ""
    source_run_id: str | None = ""


class LoggedModel(Struct, frozen=True):
    """A logged model."""

    info: LoggedModelInfo


class LoggedModelAnswer(Struct, frozen=True):
    """One logged model."""

    model: LoggedModel


class Entry(Struct, frozen=True):
    """A file or a folder within a folder."""

    path: str
    is_dir: bool = False
    file_size: int | UnsetType | None = UNSET


class Listing(Struct, frozen=True):
    """What lies directly within a folder."""

    files: tuple[Entry, ...] = ()
