"""Fills an empty Signet for the benchmarks and prints a token.

Rows are written in bulk, past the operations and so without a record: an hour of operations would
change nothing about what is measured. People, the team and the token are made properly.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta

import django

django.setup()

from django.contrib.auth.models import Permission  # noqa: E402 - Django must be ready first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts import operations as accounts  # noqa: E402
from apps.accounts.actors import actor_for, command_actor  # noqa: E402
from apps.accounts.roles import permissions_of  # noqa: E402
from apps.accounts.scopes import Scope  # noqa: E402
from apps.catalog import names  # noqa: E402
from apps.catalog.models import (  # noqa: E402
    Alias,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    RegisteredModelGroupPermission,
    VersionTag,
)
from apps.core.actors import Door  # noqa: E402

VERSIONS, BIG, MANY = 10, "big", 10_000
BATCH = 500


def main(models: int) -> str:
    call_command("migrate", interactive=False, verbosity=0)
    host = command_actor("benchmarks")
    user = accounts.create_user(
        by=host, username="bench", display_name="Bench", is_service_account=True
    )
    team = accounts.create_team(by=host, name="Bench")
    accounts.join_team(team, by=host, user=user)
    now = timezone.now()
    registered = _bulk(
        RegisteredModel,
        (
            RegisteredModel(
                name=name,
                folded_name=names.folded_name(name),
                owner=user,
                created_at=now,
                created_by=user,
                touched_at=now + timedelta(seconds=place),
            )
            for place, name in enumerate([*(f"model-{n:05}" for n in range(models)), BIG])
        ),
    )
    _bulk(ModelVersion, _versions(registered, user.pk))
    _bulk(ModelTag, (ModelTag(model=row, key="team", value="risk") for row in registered))
    first = dict(ModelVersion.objects.filter(number=1).values_list("model_id", "pk"))
    _bulk(
        Alias,
        (Alias(model=row, name="challenger", version_id=first[row.pk]) for row in registered),
    )
    _bulk(VersionTag, _tags())
    _grant(registered, team.group_id)
    _analyze()
    _, token = accounts.create_token(
        user,
        by=actor_for(user, door=Door.COMMAND),
        name="bench",
        scopes=set(Scope),
        roots=set(),
        expires_in=timedelta(days=1),
    )
    return token


def _versions(registered: list[RegisteredModel], user_id: int) -> Iterator[ModelVersion]:
    now = timezone.now()
    for model in registered:
        for number in range(1, 1 + (MANY if model.name == BIG else VERSIONS)):
            yield ModelVersion(
                model=model,
                number=number,
                source="s3://elsewhere/model",
                created_at=now,
                touched_at=now,
                created_by_id=user_id,
            )


def _tags() -> Iterator[VersionTag]:
    for pk, number in ModelVersion.objects.order_by("pk").values_list("pk", "number"):
        yield VersionTag(version_id=pk, key="number", value=str(number))
        if pk % 200 == 0:
            yield VersionTag(version_id=pk, key="rare", value="yes")


def _grant(registered: list[RegisteredModel], group_id: int) -> None:
    """Let the team see and build every model, as a duty held on each would."""
    wanted = [name.partition(".")[2] for name in permissions_of(frozenset({"model_developer"}))]
    permissions = Permission.objects.filter(
        content_type__app_label="catalog", content_type__model="registeredmodel"
    )
    granted = list(permissions.filter(codename__in=wanted))
    _bulk(
        RegisteredModelGroupPermission,
        (
            RegisteredModelGroupPermission(content_object=row, permission=each, group_id=group_id)
            for row in registered
            for each in granted
        ),
    )


def _analyze() -> None:
    """Let PostgreSQL count its rows, as it does by itself a minute after such a lot of them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _bulk(rows, made):  # type: ignore[no-untyped-def]
    return rows._base_manager.bulk_create(made, batch_size=BATCH)


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
