"""What is to be brought from where, by whom and why."""

from dataclasses import dataclass, field

from apps.core.actors import Actor
from apps.integrations.mlflow_import.client import Client
from apps.integrations.mlflow_import.report import Notes, Report


@dataclass(frozen=True)
class Order:
    """One import of a registry, and what becomes of it."""

    client: Client
    by: Actor
    reason: str
    report: Report = field(default_factory=Report)

    @property
    def address(self) -> str:
        return self.client.server.address

    def notes(self, model: str, version: int | None = None) -> Notes:
        """Return where notes about a model or a version go."""
        return Notes(self.report, model, version)
