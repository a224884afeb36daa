"""A directory keeps people and teams, with the requests that Entra ID and Okta document."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts import operations
from apps.accounts.models import DirectoryPerson, DirectoryTeam, Team, User
from apps.accounts.operations import PersonSaid, TeamSaid
from apps.accounts.scopes import Scope
from apps.api.scim import door
from apps.core.errors import NotAllowed, RuleBroken
from tests.accounts.record import entry_of, events
from tests.factories import HOST, actor, person, signed_in, team

pytestmark = pytest.mark.django_db

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
Body = dict[str, Any]


class Directory:
    """A directory that calls with a token."""

    def __init__(self, owner: User, scope: Scope = Scope.DIRECTORY) -> None:
        _, text = operations.create_token(
            owner,
            by=actor(owner),
            name="Directory",
            scopes=[scope],
            expires_in=timedelta(days=30),
        )
        self.headers = {"Authorization": f"Bearer {text}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        return Client().generic(
            method,
            f"/scim/v2{path}",
            sent,
            content_type="application/scim+json",
            headers=self.headers | {name.replace("_", "-"): text for name, text in headers.items()},
        )

    def patch(self, path: str, *changes: Body) -> Any:
        return self("PATCH", path, {"schemas": [PATCH], "Operations": list(changes)})

    def add(self, user_name: str, **more: Any) -> Body:
        sent = {"schemas": [USER], "userName": user_name, "active": True} | more
        answer = self("POST", "/Users", sent)
        assert answer.status_code == 201, answer.content
        made: Body = answer.json()
        return made


@pytest.fixture
def directory() -> Directory:
    return Directory(person("grace", name="Grace Hopper", administrator=True))


ENTRA_USER = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "Test_User_ab6490ee@example.com",
    "active": True,
    "emails": [{"primary": True, "type": "work", "value": "test.user@example.com"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "givenName familyName", "familyName": "family", "givenName": "given"},
    "roles": [],
    ENTERPRISE: {"department": "Credit risk", "manager": "17"},
}


# -- Entra ID


def test_entra_id_creates_changes_and_disables_a_person(directory: Directory) -> None:
    nobody = directory("GET", '/Users?filter=userName eq "Test_User_ab6490ee@example.com"')
    assert nobody.json()["totalResults"] == 0
    made = directory("POST", "/Users", ENTRA_USER)
    assert made.status_code == 201, made.content
    path = f"/Users/{made.json()['id']}"
    assert made.headers["Location"].endswith(f"/scim/v2{path}")
    user = User.objects.get(username="test_user_ab6490ee")
    assert (user.email, user.org_unit) == ("test.user@example.com", "Credit risk")
    assert not user.has_usable_password()
    operations.grant_duty(user, "auditor", by=HOST, reason="Needed by a test")

    changed = directory.patch(
        path,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"},
        {"op": "Replace", "path": "name.familyName", "value": "changed"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Market risk"},
        {"op": "Replace", "path": "displayName", "value": "Given Changed"},
    )
    assert changed.status_code == 200, changed.content
    assert changed.json()["name"] == {"givenName": "given", "familyName": "changed"}
    user.refresh_from_db()
    assert (user.email, user.org_unit) == ("new@example.com", "Market risk")
    assert user.display_name == "Given Changed"

    off = directory.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    user.refresh_from_db()
    assert (off.status_code, off.json()["active"], user.is_active) == (200, False, False)
    assert len(events("duty.end")) == 1
    found = directory("GET", '/Users?filter=userName eq "test_user_ab6490ee@EXAMPLE.com"')
    assert found.json()["Resources"][0]["active"] is False
    directory.patch(path, {"op": "Replace", "path": "active", "value": "True"})
    user.refresh_from_db()
    assert user.is_active
    done = [event.action for event in directory_events()]
    assert done == ["directory_person.admit", *["directory_person.update"] * 3]
    assert {event.actor_id for event in directory_events()} == {
        User.objects.get(username="grace").record_id
    }


def directory_events() -> list[Any]:
    return [*events("directory_person.admit"), *events("directory_person.update")]


def test_entra_id_keeps_a_group_and_its_members(directory: Directory) -> None:
    ids = [directory.add(f"user{number}@example.com")["id"] for number in range(3)]
    made = directory(
        "POST",
        "/Groups",
        {
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM"],
            "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
            "displayName": "Validators",
            "meta": {"resourceType": "Group"},
        },
    )
    assert made.status_code == 201, made.content
    path = f"/Groups/{made.json()['id']}"
    added = [{"op": "Add", "path": "members", "value": [{"$ref": None, "value": pk}]} for pk in ids]
    assert directory.patch(path, *added).status_code == 200
    assert members("Validators") == {"user0", "user1", "user2"}

    directory.patch(
        path, {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": ids[0]}]}
    )
    directory.patch(path, {"op": "Remove", "path": f'members[value eq "{ids[1]}"]'})
    directory.patch(path, {"op": "Replace", "path": "displayName", "value": "Model validators"})

    assert members("Model validators") == {"user2"}
    whole = directory("GET", path).json()
    assert [member["value"] for member in whole["members"]] == [ids[2]]
    bare = directory("GET", f"{path}?excludedAttributes=members").json()
    assert "members" not in bare
    listed = directory("GET", '/Groups?filter=displayName eq "Model validators"')
    assert listed.json()["totalResults"] == 1
    assert len(events("team.join")) == 3
    assert len(events("team.leave")) == 2


def members(name: str) -> set[str]:
    live = Team.objects.get(name=name).memberships.filter(until=None)
    return set(live.values_list("user__username", flat=True))


# -- Okta


def test_okta_replaces_deactivates_and_pages(directory: Directory) -> None:
    assert directory("GET", "/Users?startIndex=1&count=2").json()["totalResults"] == 0
    sent = {
        "schemas": [USER],
        "userName": "jane.doe@example.com",
        "name": {"givenName": "Jane", "familyName": "Doe"},
        "emails": [{"primary": True, "value": "jane.doe@example.com", "type": "work"}],
        "displayName": "Jane Doe",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq-not-kept",
        "active": True,
    }
    made = directory("POST", "/Users", sent).json()
    path = f"/Users/{made['id']}"
    assert "password" not in made
    assert not User.objects.get(username="jane.doe").has_usable_password()
    directory.add("second@example.com")

    put = directory("PUT", path, sent | {"id": made["id"], "displayName": "Jane Roe"})
    off = directory.patch(path, {"op": "replace", "value": {"active": False}})

    assert (put.status_code, put.json()["displayName"]) == (200, "Jane Roe")
    assert (off.status_code, off.json()["active"]) == (200, False)
    page = directory("GET", "/Users?startIndex=2&count=1").json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (2, 2, 1)
    assert page["Resources"][0]["userName"] == "second@example.com"
    group = directory(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "Risk", "members": []}
    ).json()
    named = {"op": "replace", "value": {"id": group["id"], "displayName": "Risk officers"}}
    assert directory.patch(f"/Groups/{group['id']}", named).json()["displayName"] == "Risk officers"


def test_deleting_closes_and_frees_the_name_for_somebody_else(directory: Directory) -> None:
    made = directory.add("jane@example.com", externalId="x-1")
    path = f"/Users/{made['id']}"
    group = directory(
        "POST",
        "/Groups",
        {"schemas": [GROUP], "displayName": "Risk", "members": [{"value": made["id"]}]},
    ).json()
    assert members("Risk") == {"jane"}

    assert directory("DELETE", f"/Groups/{group['id']}").status_code == 204
    assert directory("DELETE", path).status_code == 204

    assert directory("GET", path).status_code == directory("DELETE", path).status_code == 404
    jane = User.objects.get(username="jane")
    assert not jane.is_active
    assert members("Risk") == set()
    assert len(events("directory_person.drop")) == len(events("directory_team.drop")) == 1
    other = directory.add("jane@example.com", externalId="x-2")
    assert person_of(other).username == "jane-2"
    again = directory.add("jane.again@example.com", externalId="x-1")
    assert person_of(again) == jane
    assert User.objects.get(username="jane").is_active
    team_again = directory("POST", "/Groups", {"schemas": [GROUP], "displayName": "Risk"})
    assert team_again.status_code == 201
    assert Team.objects.count() == 1


def person_of(made: Body) -> User:
    user: User = DirectoryPerson.objects.get(pk=int(made["id"].partition("_")[2])).user
    return user


# -- what stays out of its hands


def test_the_directory_sees_and_changes_only_what_it_brought(directory: Directory) -> None:
    ada = person("ada")
    team("Risk", ada)
    assert directory("GET", "/Users").json()["totalResults"] == 0
    for path in (f"/Users/{ada.pk}", f"/Users/{ada.record_id}", "/Users/dpe_999", "/Users/dpe_x"):
        assert directory("GET", path).status_code == 404
        off = directory.patch(path, {"op": "replace", "path": "active", "value": False})
        assert off.status_code == 404

    taken = directory("POST", "/Groups", {"schemas": [GROUP], "displayName": "Risk"})

    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    assert taken.json()["schemas"] == [ERROR]
    made = directory.add("ada@example.com")
    assert person_of(made) != ada
    again = directory("POST", "/Users", {"schemas": [USER], "userName": "ADA@example.com"})
    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")
    group = {"schemas": [GROUP], "displayName": "New", "members": [{"value": ada.record_id}]}
    assert directory("POST", "/Groups", group).status_code == 400
    assert not DirectoryTeam.objects.exists()


def test_whom_people_put_into_a_team_stays_when_the_directory_changes_it(
    directory: Directory,
) -> None:
    made = directory.add("jane@example.com")
    sent = {"schemas": [GROUP], "displayName": "Risk", "members": [{"value": made["id"]}]}
    group = directory("POST", "/Groups", sent).json()
    operations.join_team(Team.objects.get(), by=HOST, user=person("ada"))

    directory("PUT", f"/Groups/{group['id']}", sent | {"members": []})

    assert members("Risk") == {"ada"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_door_opens_to_an_administrators_token_of_its_scope_alone(method: str) -> None:
    grace, ada = person("grace", administrator=True), person("ada")
    for path in ("/Users", "/Users/dpe_1", "/Groups", "/ServiceProviderConfig", "/Nope"):
        none = Client().generic(method, f"/scim/v2{path}")
        browser = signed_in(Client(), grace).generic(method, f"/scim/v2{path}")
        assert none.status_code == browser.status_code == 401, path
        assert none.headers["WWW-Authenticate"].startswith("Bearer")
        assert Directory(grace, Scope.READ)(method, path).status_code == 403, path
        refused = Directory(ada)(method, path)
        assert (refused.status_code, refused.json()["schemas"]) == (403, [ERROR])
    text = Directory(grace).headers
    assert Client().get("/api/v1/models", headers=text).status_code in {200, 403}


# -- the rest of the protocol


def test_it_describes_itself(directory: Directory) -> None:
    config = directory("GET", "/ServiceProviderConfig").json()
    assert (config["patch"], config["bulk"]["supported"]) == ({"supported": True}, False)
    types = directory("GET", "/ResourceTypes").json()["Resources"]
    assert [found["endpoint"] for found in types] == ["/Users", "/Groups"]
    schemas = {found["id"] for found in directory("GET", "/Schemas").json()["Resources"]}
    assert schemas == {USER, ENTERPRISE, GROUP}
    assert directory("GET", f"/Schemas/{USER}").status_code == 200


def test_what_was_changed_meanwhile_is_not_overwritten(directory: Directory) -> None:
    made = directory.add("jane@example.com")
    path, old = f"/Users/{made['id']}", made["meta"]["version"]
    assert directory("GET", path, If_None_Match=old).status_code == 304
    sent = {"schemas": [USER], "userName": "jane@example.com", "displayName": "Jane"}
    assert directory("PUT", path, sent, If_Match=old).status_code == 200

    directory.patch(path, {"op": "replace", "path": "active", "value": False})
    silent = {"schemas": [USER], "userName": "jane@example.com", "displayName": "Jane"}
    assert directory("PUT", path, silent).json()["active"] is False
    late = directory("PUT", path, sent | {"displayName": "Late"}, If_Match=old)

    assert late.status_code == 412
    assert person_of(made).display_name == "Jane"


HOSTILE: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/Users", b""),
    ("POST", "/Users", b"[" * 100_000),
    ("POST", "/Users", b"\xff"),
    ("POST", "/Users", {"schemas": [USER]}),
    ("POST", "/Users", {"schemas": [USER], "userName": " "}),
    ("POST", "/Users", {"schemas": [USER], "userName": "a\0b"}),
    ("POST", "/Users", {"schemas": [USER], "userName": "a" * 300}),
    ("POST", "/Users", {"schemas": [USER], "userName": {"a": 1}}),
    ("POST", "/Users", {"schemas": [USER], "userName": "a", "emails": [{"value": "no mail"}]}),
    ("POST", "/Users", {"schemas": [USER], "userName": "a", "externalId": "x" * 300}),
    ("POST", "/Groups", {"schemas": [GROUP], "displayName": ""}),
    ("POST", "/Groups", {"schemas": [GROUP], "displayName": "a\x1bb"}),
    ("POST", "/Groups", {"schemas": [GROUP], "displayName": "a", "members": [{"value": "x"}]}),
    ("PATCH", "/Users/dpe_1", {"schemas": [PATCH], "Operations": [{"op": "boom"}]}),
    ("PATCH", "/Users/dpe_1", {"schemas": [PATCH], "Operations": [{"op": "remove"}]}),
    ("GET", "/Users?filter=" + "(" * 600 + 'userName eq "a"' + ")" * 600, None),
    ("GET", '/Users?filter=userName sw "a"', None),
    ("GET", '/Users?filter=password eq "a"', None),
    ("GET", '/Users?filter=not (userName eq "a")', None),
    ("GET", '/Users?filter=userName eq "%00"', None),
    ("GET", "/Users?count=many", None),
    ("GET", "/Users?sortBy=userName", None),
    ("GET", "/Users/" + "9" * 400, None),
    ("GET", "/Me", None),
    ("POST", "/Bulk", {"Operations": []}),
    ("GET", "/../../admin/", None),
    ("TRACE", "/Users", None),
)


def test_hostile_requests_are_refused_in_its_own_form_and_change_nothing(
    directory: Directory,
) -> None:
    directory.add("jane@example.com")
    before = User.history.count()
    for method, path, body in HOSTILE:
        answer = directory(method, path, body)
        assert 400 <= answer.status_code < 500 or answer.status_code == 501, (path, body)
        assert answer.json()["schemas"] == [ERROR], (path, body)
    long = directory("POST", "/Users", b'{"a":"' + b"a" * 2**20 + b'"}')
    assert long.status_code == 413
    assert User.history.count() == before


def test_as_many_queries_for_twenty_as_for_two(
    directory: Directory, django_assert_max_num_queries: Any
) -> None:
    ids = [{"value": directory.add(f"user{number}@example.com")["id"]} for number in range(6)]
    for number in range(6):
        sent = {"schemas": [GROUP], "displayName": f"Team {number}", "members": ids}
        directory("POST", "/Groups", sent)
    with django_assert_max_num_queries(8):
        listed = directory("GET", "/Groups").json()
    assert len(listed["Resources"]) == 6
    assert [len(found["members"]) for found in listed["Resources"]] == [6] * 6


# -- what one request does while another is under way


def test_a_person_closed_meanwhile_is_not_opened_by_a_change_read_before(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/Users/{directory.add('jane@example.com')['id']}"
    after = door.Service.apply_patch
    closes = [{"op": "replace", "path": "active", "value": False}]

    def closed_meanwhile(*given: Any) -> Any:
        while closes:
            assert directory.patch(path, closes.pop()).status_code == 200
        return after(*given)

    monkeypatch.setattr(door.Service, "apply_patch", closed_meanwhile)

    done = directory.patch(path, {"op": "replace", "path": "displayName", "value": "Jane Roe"})

    assert (done.status_code, done.json()["active"]) == (200, False)
    assert done.json()["displayName"] == "Jane Roe"
    assert not User.objects.get(username="jane").is_active


def test_two_who_join_a_team_at_once_are_both_in_it(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [directory.add(f"user{number}@example.com")["id"] for number in range(2)]
    made = directory("POST", "/Groups", {"schemas": [GROUP], "displayName": "Risk"}).json()
    path, after = f"/Groups/{made['id']}", door.Service.apply_patch
    joins = [{"op": "add", "path": "members", "value": [{"value": ids[1]}]}]

    def joined_meanwhile(*given: Any) -> Any:
        while joins:
            assert directory.patch(path, joins.pop()).status_code == 200
        return after(*given)

    monkeypatch.setattr(door.Service, "apply_patch", joined_meanwhile)

    directory.patch(path, {"op": "add", "path": "members", "value": [{"value": ids[0]}]})

    assert members("Risk") == {"user0", "user1"}


def test_what_never_holds_still_is_given_up(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/Users/{directory.add('jane@example.com')['id']}"
    user, after = User.objects.get(username="jane"), door.Service.apply_patch
    said = iter(range(10))

    def changed_meanwhile(*given: Any) -> Any:
        entry, name = DirectoryPerson.objects.get(user=user), f"Jane {next(said)}"
        operations.update_person(entry, PersonSaid("jane@example.com", name), by=HOST)
        return after(*given)

    monkeypatch.setattr(door.Service, "apply_patch", changed_meanwhile)

    late = directory.patch(path, {"op": "replace", "path": "displayName", "value": "Late"})

    assert (late.status_code, "at the same moment" in late.json()["detail"]) == (409, True)
    assert next(said) == door.TRIES


# -- closing


def test_whom_the_directory_closes_is_out_at_once(directory: Directory) -> None:
    made = directory.add("jane@example.com")
    jane = person_of(made)
    browser = signed_in(Client(), jane)
    program = Directory(jane, Scope.READ)
    assert browser.get("/account/").status_code == 200
    assert Client().get("/api/v1/models", headers=program.headers).status_code == 200

    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})

    assert browser.get("/account/").status_code == 302
    assert Client().get("/api/v1/models", headers=program.headers).status_code == 401
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": True})
    assert browser.get("/account/").status_code == 302
    assert Client().get("/api/v1/models", headers=program.headers).status_code == 401


def test_whom_people_closed_people_open(directory: Directory) -> None:
    sent = {"schemas": [USER], "userName": "jane@example.com", "externalId": "x-1", "active": True}
    made = directory("POST", "/Users", sent).json()
    path, jane = f"/Users/{made['id']}", person_of(made)
    operations.close_account(jane, by=HOST, reason="Found at fault")

    for active in (True, False, True):
        put = directory("PUT", path, sent | {"active": active})
        assert (put.status_code, put.json()["active"]) == (200, False)
    directory("DELETE", path)
    again = directory("POST", "/Users", sent)

    assert (again.status_code, again.json()["active"]) == (201, False)
    assert person_of(again.json()) == jane
    operations.reopen_account(jane, by=HOST, reason="Cleared")
    path = f"/Users/{again.json()['id']}"
    assert directory("PUT", path, sent | {"active": False}).json()["active"] is False
    assert directory("PUT", path, sent).json()["active"] is True


def test_the_last_administrator_is_not_closed(directory: Directory) -> None:
    made = directory.add("jane@example.com")
    jane, grace = person_of(made), User.objects.get(username="grace")
    operations.appoint_administrator(jane, by=HOST, reason="Needed by a test")
    jane.refresh_from_db()
    own = Directory(jane)
    operations.dismiss_administrator(grace, by=HOST, reason="Needed by a test")
    off = {"op": "replace", "path": "active", "value": False}

    assert directory.patch(f"/Users/{made['id']}", off).status_code == 403
    for method, answer in (
        ("PATCH", own.patch(f"/Users/{made['id']}", off)),
        ("DELETE", own("DELETE", f"/Users/{made['id']}")),
    ):
        assert (answer.status_code, "last administrator" in answer.json()["detail"]) == (
            400,
            True,
        ), method
    assert User.objects.get(pk=jane.pk).is_active


# -- teams


def test_another_group_of_the_same_name_does_not_get_the_duties_of_a_dropped_team(
    directory: Directory,
) -> None:
    sent = {"schemas": [GROUP], "displayName": "Risk", "externalId": "g-1"}
    made = directory("POST", "/Groups", sent).json()
    operations.grant_duty(Team.objects.get(), "risk_officer", by=HOST, reason="Needed by a test")
    directory("DELETE", f"/Groups/{made['id']}")

    other = directory("POST", "/Groups", sent | {"externalId": "g-2"})
    same = directory("POST", "/Groups", sent)

    assert (other.status_code, other.json()["scimType"]) == (409, "uniqueness")
    assert same.status_code == 201


def test_closed_accounts_are_named_in_a_group_and_in_no_team(directory: Directory) -> None:
    ids = [directory.add(f"user{number}@example.com")["id"] for number in range(2)]
    directory.patch(f"/Users/{ids[0]}", {"op": "replace", "path": "active", "value": False})
    named = [{"value": pk} for pk in ids]
    sent = {"schemas": [GROUP], "displayName": "Risk", "members": named}

    made = directory("POST", "/Groups", sent)

    assert made.status_code == 201
    assert members("Risk") == {"user1"}


MEMBERS: tuple[tuple[str, list[Body], set[int] | None], ...] = (
    ("one as an object", [{"op": "add", "path": "members", "value": {"value": "2"}}], {0, 1, 2}),
    (
        "twice",
        [{"op": "add", "path": "Members", "value": [{"value": "0"}, {"value": "0"}]}],
        {0, 1},
    ),
    ("without a path", [{"op": "add", "value": {"members": [{"value": "2"}]}}], {0, 1, 2}),
    ("all others", [{"op": "replace", "path": "members", "value": [{"value": "2"}]}], {2}),
    ("replaced without a path", [{"op": "replace", "value": {"members": []}}], set()),
    ("everybody out", [{"op": "remove", "path": "members"}], set()),
    (
        "by the whole name",
        [{"op": "remove", "path": f"{GROUP}:members", "value": [{"value": "0"}]}],
        {1},
    ),
    (
        "in and out",
        [
            {"op": "add", "path": "members", "value": [{"value": "2"}]},
            {"op": "remove", "path": 'members[value eq "2"]'},
        ],
        {0, 1},
    ),
    ("who is not in", [{"op": "remove", "path": 'members[value eq "2"]'}], {0, 1}),
    (
        "something of a member",
        [{"op": "replace", "path": 'members[value eq "0"].display', "value": "x"}],
        None,
    ),
    ("a member by a path", [{"op": "add", "path": 'members[value eq "2"]', "value": {}}], None),
    ("no ids", [{"op": "add", "path": "members", "value": [{"value": 7}]}], None),
    ("nobody", [{"op": "add", "path": "members", "value": [{"value": "dpe_999"}]}], None),
)


def test_every_way_to_change_members_does_as_it_says(directory: Directory) -> None:
    ids = [directory.add(f"user{number}@example.com")["id"] for number in range(3)]
    first = [{"value": ids[0]}, {"value": ids[1]}]
    sent = {"schemas": [GROUP], "displayName": "Risk", "members": first}
    path = f"/Groups/{directory('POST', '/Groups', sent).json()['id']}"
    for name, changes, expected in MEMBERS:
        directory("PUT", path, sent)
        text = json.dumps({"schemas": [PATCH], "Operations": changes})
        for number, pk in enumerate(ids):
            text = text.replace(f'"{number}"', f'"{pk}"').replace(f'\\"{number}\\"', f'\\"{pk}\\"')

        answer = directory("PATCH", path, text.encode())

        if expected is None:
            assert (answer.status_code, members("Risk")) == (400, {"user0", "user1"}), name
        else:
            assert answer.status_code == 200, (name, answer.content)
            assert members("Risk") == {f"user{number}" for number in expected}, name


def test_a_request_holds_no_more_than_it_may(directory: Directory) -> None:
    path = f"/Users/{directory.add('jane@example.com')['id']}"
    one = {"op": "replace", "path": "displayName", "value": "Jane"}
    search = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    named = [{"value": f"dpe_{number}"} for number in range(1001)]
    for answer in (
        directory.patch(path, *[one] * 201),
        directory.patch(path, one | {"path": "a" * 501}),
        directory("POST", "/Users/.search", {"schemas": [search], "filter": "(" * 1001}),
        directory("POST", "/Groups", {"schemas": [GROUP], "displayName": "a", "members": named}),
        directory("PATCH", path, b'{"schemas": [], "schemas": []}'),
        directory("PATCH", path, b'{"Operations": [NaN]}'),
        directory("PATCH", path, b"[" * 33 + b"]" * 33),
        directory("PATCH", path, b"[]"),
        directory("GET", '/Users?filter=userName eq "a"&filter=userName eq "b"'),
    ):
        assert (answer.status_code, answer.json()["schemas"]) == (400, [ERROR]), answer.content
    found = directory("POST", "/Users/.search", {"schemas": [search], "filter": 'userName eq "a"'})
    assert found.json()["totalResults"] == 0


# -- the operations themselves


def test_who_does_not_manage_people_keeps_no_directory() -> None:
    ada, said, group = person("ada"), PersonSaid("jane", "Jane"), TeamSaid("Risk")
    entry = operations.admit_person(said, by=HOST)
    kept = operations.admit_team(group, by=HOST)
    for refused in (
        lambda: operations.admit_person(said, by=actor(ada)),
        lambda: operations.update_person(entry, said, by=actor(ada)),
        lambda: operations.drop_person(entry, by=actor(ada)),
        lambda: operations.admit_team(group, by=actor(ada)),
        lambda: operations.update_team(kept, group, by=actor(ada)),
        lambda: operations.drop_team(kept, by=actor(ada)),
    ):
        with pytest.raises(NotAllowed):
            refused()
    for action in ("directory_team.admit", "directory_team.update"):
        assert len(events(action, "refused")) == 1
    operations.drop_person(entry, by=HOST)
    with pytest.raises(RuleBroken, match="dropped this already"):
        operations.update_person(entry, said, by=HOST)
    [event] = events("directory_person.drop")
    assert entry_of(event)["detail"] == {"user": entry.user.record_id}
