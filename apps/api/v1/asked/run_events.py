"""Run events of OpenLineage as its clients send them; facets Signet has no place for are let be."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from apps.api.v1.asked.common import Moment

Facets = dict[str, Any] | None


class Told(BaseModel):
    """A part of an event. The format is open: what is not known here is not looked at."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class ToldRun(Told):
    """One run of a job."""

    run_id: UUID = Field(alias="runId", strict=False)
    facets: Facets = None


class ToldJob(Told):
    """What runs."""

    namespace: str
    name: str
    facets: Facets = None


class ToldDataset(Told):
    """What a run reads or makes: a dataset, or a version of a model by its name."""

    namespace: str
    name: str
    facets: Facets = None


class RunEvent(Told):
    """An event of OpenLineage, from 1-x to 2-0-2."""

    event_type: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] | None = Field(
        None, alias="eventType"
    )
    event_time: Moment = Field(alias="eventTime")
    producer: str
    schema_url: str | None = Field(None, alias="schemaURL")
    run: ToldRun | None = None
    job: ToldJob | None = None
    inputs: list[ToldDataset] | None = None
    outputs: list[ToldDataset] | None = None
