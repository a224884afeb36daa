"""Where MLflow clients find files: below a run, below a logged model, or by a version's content.

``<experiment>/<run>/artifacts/…``, ``<experiment>/models/<logged model>/artifacts/…`` and
``content/<64 hexadecimal digits>/…``, each a path below ``mlflow-artifacts:/``. Only these three
forms lead anywhere, and what they lead to is looked up in rows, never on a disk.
"""

import re
from dataclasses import dataclass

from apps.catalog import queries
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import LoggedModel, ModelVersion, Run
from apps.catalog.operations.downloads import DOWNLOAD
from apps.catalog.tracking import rights
from apps.core.actors import Actor

SCHEME = "mlflow-artifacts:/"

_FORM = re.compile(
    r"(?:"
    r"(?P<experiment>0|[1-9][0-9]{0,17})/"
    r"(?:(?P<run>[0-9a-f]{32})|models/(?P<logged>m-[0-9a-f]{32}))/artifacts"
    r"|content/(?P<content>[0-9a-f]{64})"
    r")(?:/(?P<path>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class HomeAddress:
    """A path below a run or a logged model of an experiment; ``""`` is all of it."""

    experiment: int
    uid: str
    path: str

    @property
    def is_run(self) -> bool:
        return not self.uid.startswith("m-")

    def home(self, actor: Actor) -> Run | LoggedModel | None:
        """Return the run or logged model, if it is of that experiment and the actor may see it."""
        found = (
            rights.run_or_none(actor, self.uid)
            if self.is_run
            else rights.logged_model_or_none(actor, self.uid)
        )
        return found if found and found.experiment_id == self.experiment else None


@dataclass(frozen=True)
class ContentAddress:
    """A path within the content of a version, given by its digest; ``""`` is all of it."""

    digest: str
    path: str

    def version(self, actor: Actor) -> ModelVersion | None:
        """Return the newest version with this content that the actor may see.

        One whose files the actor may also download comes first.
        """
        seen = queries.versions_visible_to(actor).filter(
            content_digest=self.digest, readiness=Readiness.READY
        )
        newest = seen.select_related("model").order_by("-pk")
        within = queries.models_where(actor, DOWNLOAD.permission)
        return newest.filter(model__in=within).first() or newest.first()


def parsed(place: str) -> HomeAddress | ContentAddress | None:
    """Return what a path below ``mlflow-artifacts:/`` leads to, or nothing for any other form."""
    found = _FORM.fullmatch(place)
    if found is None:
        return None
    path = found["path"] or ""
    if found["content"]:
        return ContentAddress(f"sha256:{found['content']}", path)
    return HomeAddress(int(found["experiment"]), found["run"] or found["logged"], path)


def root_of(home: Run | LoggedModel) -> str:
    """Return the address below which the files of a run or a logged model are."""
    within = home.uid if isinstance(home, Run) else f"models/{home.uid}"
    return f"{SCHEME}{home.experiment_id}/{within}/artifacts"


def content_root(version: ModelVersion) -> str:
    """Return the address of the content of a version that has one."""
    return content_address(version.content_digest)


def content_address(digest: str) -> str:
    """Return the address of content by its digest."""
    return f"{SCHEME}content/{digest.removeprefix('sha256:')}"
