"""Environments, deployments and rollouts as operations leave them, made in one step each."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import BY_WORKER, SYSTEM
from apps.deployments import deployers
from apps.deployments.deployers.contract import Ending, Order, Outcome, Seen, Target
from apps.deployments.models import Deployment, Environment, Rollout, Sighting
from apps.deployments.rolling import Asked, Terms, begin, opened
from tests import scenarios

SET_UP = Action("deployments.set_up", permission=BY_WORKER)
"""What these functions write under; no operation bears this name."""

DONE = Outcome(Ending.DONE, "It runs.")
_NUMBERS = itertools.count(1)

Answer = Callable[[Order, Target], Outcome]


@dataclass
class FakeDeployer:
    """A deployer that answers as a test says, and keeps what it was given."""

    name: str = "fake"
    title: str = "Fake"
    can_look: bool = True
    answer: Answer = lambda order, target: DONE

    def __post_init__(self) -> None:
        self.orders: list[Order] = []
        self.serves: Sequence[Seen] = ()

    def problems(self, target: Target) -> Sequence[str]:
        return ()

    def carry_out(self, order: Order, target: Target) -> Outcome:
        self.orders.append(order)
        return self.answer(order, target)

    def look(self, environment: str, target: Target) -> Sequence[Seen]:
        return self.serves


def put_in_place(monkeypatch: pytest.MonkeyPatch, *others: Any) -> None:
    """Let Signet know some deployers beside those it comes with."""
    monkeypatch.setattr(deployers, "ALL", (*deployers.SHIPPED, *others))


def another_version(model: RegisteredModel | None = None) -> ModelVersion:
    """Return a new version whose content is like no other's."""
    content = f"number {next(_NUMBERS)} of these".encode()
    files = {**scenarios.MODEL_FILES, "README.md": content}
    return scenarios.registered_version(model or scenarios.registered_model(), files)


def environment(name: str = "", **facts: Any) -> Environment:
    """Return a new environment that admits everything and prevents what is not admissible."""
    said = {
        "name": name or f"place-{next(_NUMBERS)}",
        "admits": ["development", "staging", "production"],
        "enforcement": "prevent",
        "owner": scenarios.owner(),
        "created_by": scenarios.owner(),
        "deployer": "fake",
        **facts,
    }
    with change(SET_UP, REGISTRY, by=SYSTEM) as record:
        made = Environment(created_at=record.time, **said)
        made.save()
        record.about(made)
    return made


def deployment(
    model: RegisteredModel | None = None, where: Environment | None = None, *, service: str = ""
) -> Deployment:
    """Return a deployment of a model, by default of a new one in a new environment."""
    model = model or scenarios.registered_model()
    with change(SET_UP, model, by=SYSTEM) as record:
        return opened(model, where or environment(), service=service, at=record.time)


def rollout(
    of: Deployment, *parts: Asked | ModelVersion, kind: str = "deploy", **terms: Any
) -> Rollout:
    """Ask for versions, each alone at 100 percent unless said otherwise; none withdraws."""
    asked = [part if isinstance(part, Asked) else Asked(part) for part in parts]
    kind = kind if asked else Rollout.Kind.WITHDRAW
    with change(SET_UP, of, by=SYSTEM) as record:
        return begin(of, asked, Terms(Rollout.Kind(kind), at=record.time, **terms))


def deployed(version: ModelVersion | None = None, where: Environment | None = None) -> Rollout:
    """Return a rollout that was carried out: one version, by default a new one, at 100 percent."""
    version = version or scenarios.registered_version()
    return finished(rollout(deployment(version.model, where), version))


def finished(
    one: Rollout, state: Rollout.State = Rollout.State.DONE, told: str = "It runs."
) -> Rollout:
    """End a rollout as a worker would, whatever state it is in."""
    with change(SET_UP, one, by=SYSTEM) as record:
        one.finish(state, at=record.time, told=told)
        if state == Rollout.State.DONE:
            one.deployment.take_effect(one)
    return one


def sighting(
    of: Deployment, *, at: datetime, version: ModelVersion | None = None, **said: Any
) -> Sighting:
    """Return a sighting that goes on, of a version unless only a digest or a name was seen."""
    told: Mapping[str, Any] = {
        "endpoint": of.service,
        "digest": version.content_digest if version else "",
        "source": Sighting.Source.AGENT,
        "first_seen_at": at,
        "last_seen_at": at,
        **said,
    }
    with change(SET_UP, of.environment, by=SYSTEM):
        seen = Sighting(environment=of.environment, deployment=of, version=version, **told)
        seen.save()
    return seen
