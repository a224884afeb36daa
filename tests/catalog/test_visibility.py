"""What an actor may see: by duty, by grant, by token; in one indexed statement."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.actors import actor_for, actor_of_token
from apps.accounts.models import User
from apps.accounts.operations import create_token, revoke_token
from apps.accounts.scopes import Scope
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import champion, operations, queries
from apps.catalog.models import ModelVersion, RegisteredModel, Upload
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER, Actor, Door
from tests import scenarios
from tests.factories import actor, person, team

pytestmark = pytest.mark.django_db

DECIDE = Action("test.choose", permission="catalog.view_registeredmodel")


def granted(model: RegisteredModel, holder: User) -> None:
    operations.grant_model_duty(
        model, holder, "peer_reviewer", by=actor(scenarios.owner()), reason="Reviews"
    )


def token_of(user: User, *, scopes: set[Scope], roots: tuple[str, ...] = ()) -> Actor:
    token, _ = create_token(
        user,
        by=actor(user),
        name="t",
        scopes=scopes,
        expires_in=timedelta(days=1),
        roots=roots,
    )
    return actor_of_token(token)


def seen(by: Actor) -> list[RegisteredModel]:
    """Return the models an actor sees, the same by every way to ask."""
    models = list(queries.models_visible_to(by).order_by("pk"))
    versions = queries.versions_visible_to(by).order_by("model").values_list("model", flat=True)
    assert list(versions.distinct()) == [model.pk for model in models]
    for model in RegisteredModel.objects.all():
        found = queries.model_or_none(by, model.name)
        assert (found == model) == (model in models)
        version = queries.version_or_none(by, model.name, 1)
        assert (version is not None) == (model in models)
        if by.user_id is not None:
            assert by.may(queries.VIEW, model) == (model in models)
    return models


@pytest.fixture
def three() -> list[RegisteredModel]:
    return [scenarios.registered_version().model for _ in range(3)]


@pytest.fixture(params=["few", "many"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test with grants listed by id, and with grants looked up row by row."""
    if request.param == "many":
        monkeypatch.setattr(queries, "FEW", 0)
    return str(request.param)


# -- who sees what


def test_a_duty_held_everywhere_shows_everything(three: list[RegisteredModel]) -> None:
    assert seen(actor(scenarios.auditor())) == three


def test_c5_without_a_grant_nothing_is_seen(three: list[RegisteredModel]) -> None:
    assert seen(actor(scenarios.stranger())) == []


def test_a_grant_shows_one_model(three: list[RegisteredModel]) -> None:
    zoe = person("zoe")
    granted(three[1], zoe)

    assert seen(actor(zoe)) == [three[1]]


def test_grants_of_a_person_and_of_teams_add_up(three: list[RegisteredModel]) -> None:
    zoe = person("zoe")
    granted(three[0], zoe)
    for name in ("Reviewers", "Also reviewers"):
        operations.grant_model_duty(
            three[2], team(name, zoe), "operator", by=actor(scenarios.owner()), reason="Runs it"
        )
    granted(three[0], person("somebody-else"))

    assert seen(actor(zoe)) == [three[0], three[2]]


@pytest.mark.parametrize("wrong", [WORKER, SYSTEM, ANONYMOUS], ids=lambda wrong: wrong.id)
def test_who_is_no_person_sees_nothing(three: list[RegisteredModel], wrong: Actor) -> None:
    assert seen(wrong) == []


def test_an_administrator_sees_no_more_than_anybody(three: list[RegisteredModel]) -> None:
    assert seen(actor(person("root", administrator=True))) == []


def test_a_token_sees_what_its_owner_sees(three: list[RegisteredModel]) -> None:
    assert seen(token_of(scenarios.auditor(), scopes={Scope.READ})) == three
    assert seen(token_of(scenarios.stranger(), scopes=set(Scope))) == []


def test_b1_a_token_without_the_scope_or_beyond_its_time_sees_nothing(
    three: list[RegisteredModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen(token_of(scenarios.developer(), scopes={Scope.REGISTER})) == []

    late = token_of(scenarios.developer(), scopes={Scope.READ})
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=2))
    assert seen(late) == []


NOW = timezone.now()


def test_b1_a_token_for_some_models_sees_those_its_owner_sees(
    three: list[RegisteredModel],
) -> None:
    roots = (three[0].record_ref, three[1].record_ref, "team:tea_1")
    assert seen(token_of(scenarios.auditor(), scopes={Scope.READ}, roots=roots)) == three[:2]

    zoe = person("zoe")
    granted(three[1], zoe)
    granted(three[2], zoe)
    assert seen(token_of(zoe, scopes={Scope.READ}, roots=roots)) == [three[1]]


def test_rights_other_than_seeing_narrow_alike(three: list[RegisteredModel]) -> None:
    zoe = person("zoe")
    granted(three[0], zoe)
    operations.grant_model_duty(
        three[1], zoe, "model_developer", by=actor(scenarios.owner()), reason="Builds"
    )

    assert list(queries.models_where(actor(zoe), "catalog.register_version")) == [three[1]]
    assert queries.models_where(actor_for(zoe, door=Door.COMMAND), queries.VIEW).count() == 2


def test_names_are_found_whole_and_as_written(three: list[RegisteredModel]) -> None:
    by, name = actor(scenarios.auditor()), three[0].name

    assert queries.model_or_none(by, name.upper()) is None
    assert queries.model_or_none(by, name[:-1]) is None
    assert queries.version_or_none(by, name, 2) is None


def test_an_upload_is_seen_by_its_starter() -> None:
    upload = scenarios.uploaded()

    assert queries.upload_or_none(actor(scenarios.developer()), upload.pk) == upload
    assert queries.upload_or_none(actor(scenarios.owner()), upload.pk) is None
    assert queries.upload_or_none(WORKER, upload.pk) is None
    assert queries.upload_or_none(actor(scenarios.developer()), Upload().pk) is None


# -- how


def plan_of(rows: QuerySet) -> str:
    """Return how the database goes about the first page of a query."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The tables of a test are tiny, so the planner must be told to think of large ones.
            cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


@pytest.fixture
def zoe(three: list[RegisteredModel]) -> User:
    zoe = person("zoe")
    granted(three[0], zoe)
    return zoe


def newest_models(by: Actor) -> QuerySet:
    return queries.models_visible_to(by).order_by("-touched_at", "-id")[:50]


def newest_versions(by: Actor) -> QuerySet:
    return queries.versions_visible_to(by).order_by("-id")[:50]


BIG_TABLES = (
    "catalog_registered_model",
    "catalog_model_version",
    "catalog_model_user_permission",
    "catalog_model_group_permission",
)


def reads_all(line: str) -> bool:
    """Say whether a step of a plan goes through a big table from end to end."""
    if connection.vendor == "postgresql":
        return "Seq Scan" in line and any(table in line for table in BIG_TABLES)
    # By its own key SQLite reads versions newest first, and stops when the page is full.
    in_order = line.endswith("SCAN catalog_model_version")
    return "SCAN" in line and "INDEX" not in line and not in_order


@pytest.mark.parametrize("newest", [newest_models, newest_versions])
@pytest.mark.parametrize("who", ["zoe", "auditor"])
def test_a_page_is_one_statement_that_reads_by_index_alone(
    zoe: User, newest: Callable[[Actor], QuerySet], who: str
) -> None:
    rows = newest(actor(zoe if who == "zoe" else scenarios.auditor()))

    plan = plan_of(rows)

    assert [line for line in plan.splitlines() if reads_all(line)] == [], plan
    with CaptureQueriesContext(connection) as asked:
        list(rows)
    assert len(asked) == 1


def test_the_grants_are_found_by_index(zoe: User) -> None:
    plan = plan_of(queries._granted(zoe.pk, queries.VIEW))

    assert [line for line in plan.splitlines() if reads_all(line)] == [], plan
    if connection.vendor == "sqlite":
        assert plan.count("(user_id=? AND permission_id=?)") == 1
        assert plan.count("(group_id=? AND permission_id=?)") == 1


def test_asking_costs_the_same_however_much_is_seen(
    three: list[RegisteredModel], zoe: User
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            queries.summaries(list(queries.models_visible_to(actor(zoe))))
        return len(asked)

    before = cost()
    for model in three[1:]:
        granted(model, zoe)
    for _ in range(5):
        granted(scenarios.registered_version().model, zoe)

    assert cost() == before <= 5


# -- summaries


def test_a_summary_tells_the_newest_version_the_champion_and_how_many_there_are(
    three: list[RegisteredModel],
) -> None:
    bare = scenarios.registered_model()
    second = scenarios.registered_version(three[0])
    first = ModelVersion.objects.get(model=three[0], number=1)
    with change(DECIDE, three[0], by=actor(scenarios.owner())):
        champion.move(first)

    told = queries.summaries([three[0], bare])

    assert (told[0].latest, told[0].champion) == (second, first)
    assert (told[1].latest, told[1].champion) == (None, None)
    assert told[0].latest is not None
    assert told[0].latest.model is told[0].model


def test_a_withdrawn_token_is_no_actor_any_more() -> None:
    user = scenarios.auditor()
    token, _ = create_token(
        user, by=actor(user), name="t", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )
    revoke_token(token, by=actor(user))

    assert not token.is_usable(timezone.now())
