"""What is seen in tests: reported by the real operation, in places that tests change."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.accounts.rights import TokenLimits, UserAuthority
from apps.accounts.scopes import Scope
from apps.audit.changes import change
from apps.core.actors import SYSTEM, Actor, Auth, Door
from apps.core.clock import database_now
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Environment
from apps.deployments.operations import Reported, report
from tests import scenarios
from tests.deployments.places import SET_UP
from tests.factories import actor

UNKNOWN = "sha256:" + "ab" * 32
"""The digest of what nobody registered."""


def told(where: Environment, *seen: Seen, at: datetime | None = None, **terms: Any) -> Reported:
    """Report as an operator's agent does, as of now."""
    by = actor(scenarios.operator())
    return report(where, seen, by=by, at=at or database_now(), **terms)


def changed(where: Environment, **facts: Any) -> Environment:
    """Change facts of an environment, whatever an operation would say to them."""
    with change(SET_UP, where, by=SYSTEM):
        for name, value in facts.items():
            setattr(where, name, value)
        where.save()
    return where


def by_token(user: User, scopes: Collection[Scope], roots: Collection[str] = ()) -> Actor:
    """Return an account as it acts by a token of some scopes, narrowed to some roots if any."""
    limits = TokenLimits(frozenset(scopes), frozenset(roots), database_now() + timedelta(hours=1))
    by = actor(user, Door.API, Auth.TOKEN)
    return replace(by, authority=UserAuthority(user.pk, limits))
