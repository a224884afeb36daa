"""People and teams for tests, made by the real operations."""

from collections.abc import Collection

from django.test import Client

from apps.accounts import operations, sessions
from apps.accounts.actors import actor_for, command_actor
from apps.accounts.models import Team, User
from apps.core.actors import Actor, Auth, Door
from tests.remembered import remembered

PASSWORD = "correct horse battery"
HOST = command_actor("tests")
"""Whoever can run commands on the host: may manage people and duties."""


@remembered
def person(
    username: str,
    *,
    everywhere: Collection[str] = (),
    name: str | None = None,
    password: str | None = PASSWORD,
    org_unit: str = "",
    staff: bool = False,
    administrator: bool = False,
    service: bool = False,
    manager: User | None = None,
) -> User:
    """Create a person, or a service account, with duties held everywhere."""
    user = operations.create_user(
        by=HOST,
        username=username,
        display_name=name or username.replace(".", " ").title(),
        password=None if service else password,
        org_unit=org_unit,
        is_staff=staff or administrator,
        is_superuser=administrator,
        is_service_account=service,
        manager=manager,
    )
    for role in everywhere:
        operations.grant_duty(user, role, by=HOST, reason="Needed by a test")
    return user


@remembered
def team(name: str, *members: User, everywhere: Collection[str] = ()) -> Team:
    """Create a team with people in it and duties it holds everywhere."""
    made = operations.create_team(by=HOST, name=name)
    for member in members:
        operations.join_team(made, by=HOST, user=member)
    for role in everywhere:
        operations.grant_duty(made, role, by=HOST, reason="Needed by a test")
    return made


def actor(user: User, door: Door = Door.WEB, auth: Auth = Auth.SESSION) -> Actor:
    """Return a person as an actor, in a browser session unless said otherwise."""
    return actor_for(user, door=door, auth=auth, session="a session of a test")


def signed_in(client: Client, user: User) -> Client:
    """Sign a person in, as the sign-in page would, and return the client."""
    client.force_login(user)
    session = client.session
    sessions.begin(session)
    session.save()
    return client
