"""Where the code of a run lies, as MLflow's tags on the run say."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from apps.catalog.models import Run
from apps.core.inputs import InputRefused, require_text

COMMIT = "mlflow.source.git.commit"
REPOSITORY = "mlflow.source.git.repoURL"
MOST_REPOSITORY = 500
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True)
class Code:
    """A repository and a commit in it; each empty when it is not known."""

    repository: str = ""
    commit: str = ""


def code_of(run: Run) -> Code:
    """Return where the code of a run lies; what cannot be read is left out."""
    tags = dict(run.tags.filter(key__in=(COMMIT, REPOSITORY)).values_list("key", "value"))
    commit = tags.get(COMMIT, "").lower()
    return Code(
        repository=_without_user(tags.get(REPOSITORY, "")),
        commit=commit if _COMMIT.fullmatch(commit) else "",
    )


def _without_user(address: str) -> str:
    """Return an address without the name or the secret some write before its host."""
    try:
        require_text(address, "The repository", MOST_REPOSITORY)
        parts = urlsplit(address)
    except (InputRefused, ValueError):
        return ""
    if not parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
