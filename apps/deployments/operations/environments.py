"""Environments are described, changed and closed; nothing that was there is forgotten."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError

from apps.accounts import rules
from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog.lifecycle import Stage
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_json, require_text
from apps.deployments import deployers, probing, queries
from apps.deployments.models import Environment

_MANAGE = "catalog.manage_environments"
_REFUSAL = "Only an operator of the whole organization describes environments."

CREATE = Action("environment.create", permission=_MANAGE, refusal=_REFUSAL)
CHANGE = Action("environment.change", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL)
CLOSE = Action("environment.close", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL)

NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
RESERVED = frozenset({"new"})
MOST_NAME = 63
NO_NAME = "new"
"""What stands in addresses in place of a name while there is none yet."""
MOST_TITLE, MOST_REGION, MOST_USE = 200, 120, 200
MOST_DESCRIPTION = 5000
MOST_USES = 50
MOST_TARGET = 10_000
"""How many characters the settings of a deployer hold."""
MOST_MINUTES = 60 * 24 * 31
MAY_RUN = (Stage.DEVELOPMENT, Stage.STAGING, Stage.PRODUCTION)
"""The stages an environment can admit; what is archived runs nowhere."""


@dataclass(frozen=True)
class EnvironmentFacts:
    """What is said of an environment; production is to prevent unless somebody says otherwise."""

    owner: User
    admits: Sequence[str] = (Stage.PRODUCTION.value,)
    enforcement: str = Environment.Enforcement.PREVENT.value
    title: str = ""
    description: str = ""
    region: str = ""
    uses: Sequence[str] = ()
    deployer: str = "by_hand"
    target: Mapping[str, object] = field(default_factory=dict)
    seen_within_minutes: int | None = None


def create_environment(name: str, facts: EnvironmentFacts, *, by: Actor) -> Environment:
    """Describe a place where versions are to run.

    Raises:
        InputRefused: when the name or something said of it is not what it may be.
        RuleBroken: when an environment has the name already.
    """
    try:
        with change(CREATE, REGISTRY, by=by) as record:
            _require_name(name)
            if name in RESERVED:
                raise InputRefused(f"No environment is called {name}: a page has that address.")
            if Environment.objects.filter(name=name).exists():
                raise _taken(name)
            if by.user_id is None:
                raise NotAllowed(_REFUSAL)
            made = Environment(name=name, created_at=record.time, created_by_id=by.user_id)
            _describe(made, facts)
            made.save()
            record.about(made)
            record.note(admits=made.admits, enforcement=made.enforcement, deployer=made.deployer)
    except IntegrityError:  # somebody else was quicker; the whole change is undone
        raise _taken(name) from None
    return made


def change_environment(
    environment: Environment, facts: EnvironmentFacts, *, by: Actor, reason: str
) -> Environment:
    """Say anew what an environment is; rollouts under way go on as they were asked for."""
    with change(CHANGE, environment, by=by, reason=reason) as record:
        environment.require_open()
        before = environment.as_digested()
        _describe(environment, facts)
        after = environment.as_digested()
        environment.save()
        record.note(
            changed=sorted(name for name in after if after[name] != before.get(name)),
            admits=environment.admits,
            enforcement=environment.enforcement,
        )
    return environment


def close_environment(environment: Environment, *, by: Actor, reason: str) -> Environment:
    """Put nothing into an environment any more; what is to run there has to be withdrawn first."""
    with change(CLOSE, environment, by=by, reason=reason) as record:
        environment.require_open()
        live = queries.live_placements().filter(rollout__deployment__environment=environment)
        if (count := live.count()) != 0:
            runs = "one version is" if count == 1 else f"{count:,} versions are"
            raise RuleBroken(f"In {environment} {runs} still to run. Withdraw them first.")
        environment.closed_at = record.time
        environment.save()
    return environment


def _require_name(name: str) -> None:
    if len(name) > MOST_NAME or not NAME.fullmatch(name):
        raise InputRefused(
            f"The name of an environment holds a to z, digits and hyphens, at most "
            f"{MOST_NAME}: {name!a:.80} does not."
        )
    if name == NO_NAME:
        raise InputRefused(f"No environment is called {NO_NAME}: its page would have no address.")


def _describe(environment: Environment, facts: EnvironmentFacts) -> None:
    require_text(facts.title, "The title", MOST_TITLE)
    require_text(facts.region, "The region", MOST_REGION)
    require_text(facts.description, "The description", MOST_DESCRIPTION, lines=True)
    _require_uses(facts.uses)
    _require_target(facts)
    rules.require_open(facts.owner)
    rules.require_colleague(facts.owner)
    if facts.enforcement not in Environment.Enforcement.values:
        raise InputRefused("An environment prevents, warns or allows what is not admissible.")
    minutes = facts.seen_within_minutes
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise InputRefused(f"Say within how many minutes it is seen: 1 to {MOST_MINUTES:,}.")
    environment.title, environment.region = facts.title.strip(), facts.region.strip()
    environment.description = facts.description.strip()
    environment.admits = _admitted(facts.admits)
    environment.enforcement, environment.owner = facts.enforcement, facts.owner
    environment.uses = [use.strip() for use in facts.uses]
    environment.deployer, environment.target = facts.deployer, dict(facts.target)
    environment.seen_within_minutes = minutes


def _admitted(stages: Sequence[str]) -> list[str]:
    """Return the stages in the order of the lifecycle, each once."""
    if not stages or not set(stages) <= set(MAY_RUN):
        may = ", ".join(stage.label.lower() for stage in MAY_RUN)
        raise InputRefused(f"An environment admits one or more of these stages: {may}.")
    return [stage.value for stage in MAY_RUN if stage.value in stages]


def _require_uses(uses: Sequence[str]) -> None:
    if len(uses) > MOST_USES:
        raise InputRefused(f"Name at most {MOST_USES} uses.")
    for use in uses:
        require_text(use, "The name of a use", MOST_USE)
        if not use.strip():
            raise InputRefused("The name of a use is empty.")


def _require_target(facts: EnvironmentFacts) -> None:
    """Refuse a deployer nobody knows, or settings it cannot work with."""
    require_json(facts.target)
    if len(json.dumps(facts.target)) > MOST_TARGET:
        raise InputRefused(f"The settings of a deployer hold at most {MOST_TARGET:,} characters.")
    deployer = deployers.named(facts.deployer)
    wrong = [*probing.problems(facts.target), *deployer.problems(probing.of_deployer(facts.target))]
    if wrong:
        raise InputRefused(" ".join(wrong))


def _taken(name: str) -> RuleBroken:
    return RuleBroken(f"An environment is called {name} already.")
