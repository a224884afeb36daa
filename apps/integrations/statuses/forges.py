"""Hosts of code: where each takes the status of a commit, and how it wants it said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apps.integrations.models import Webhook
from apps.integrations.statuses.repositories import Repository
from apps.integrations.statuses.standing import State


@dataclass(frozen=True)
class Forge:
    """What one host of code asks for."""

    depth: range
    """How many parts the path of a repository has."""
    at: Callable[[Repository], str]
    """Returns the path of a repository below the address of the API."""
    signed_in: Callable[[str], Mapping[str, str]]
    """Returns the headers that carry a token."""
    words: Mapping[State, str]
    refuses_pending_twice: bool
    declined_by: frozenset[int]
    """Answers that say it will not take this status, such as of a commit it does not have."""


def _github(token: str) -> Mapping[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }


def _gitlab(token: str) -> Mapping[str, str]:
    return {"PRIVATE-TOKEN": token, "Accept": "application/json"}


FORGES: Mapping[str, Forge] = {
    Webhook.Format.GITHUB: Forge(
        depth=range(2, 3),
        at=lambda repository: f"repos/{repository.path}",
        signed_in=_github,
        words={state: state.value for state in State},
        refuses_pending_twice=False,
        declined_by=frozenset({422}),
    ),
    Webhook.Format.GITLAB: Forge(
        depth=range(2, 21),
        at=lambda repository: f"projects/{repository.path_in_one}",
        signed_in=_gitlab,
        words={State.PENDING: "pending", State.SUCCESS: "success", State.FAILURE: "failed"},
        refuses_pending_twice=True,
        declined_by=frozenset({400, 404}),
    ),
}
