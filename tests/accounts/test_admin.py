"""The admin shows governed rows, changes none by itself, and its buttons call operations."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client

from apps.accounts import operations
from apps.accounts.admin import UserAdmin
from apps.accounts.models import ApiToken, Duty, Team, TeamMembership, User
from apps.accounts.scopes import Scope
from apps.accounts.site import SignetAdminSite, site
from tests.accounts.record import entry_of, events
from tests.factories import HOST, PASSWORD, actor, person, signed_in, team

WHY = {"reason": "Asked for by their manager"}


@pytest.fixture
def admin(client: Client, administrator: User) -> Client:
    return signed_in(client, administrator)


@pytest.fixture
def world(ada: User) -> dict[str, int]:
    """One row of each kind, by the name of its class."""
    operations.grant_duty(ada, "validator", by=HOST, reason="Needed")
    team("Credit", ada)
    operations.create_token(
        ada, by=actor(ada), name="CI", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )
    return {
        "user": ada.pk,
        "team": Team.objects.get().pk,
        "teammembership": TeamMembership.objects.get().pk,
        "duty": Duty.objects.get().pk,
        "apitoken": ApiToken.objects.get().pk,
    }


class Inline(HTMLParser):
    """Finds what a strict policy would refuse: inline scripts, styles and handlers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        is_code = tag == "script" and not names.get("src") and "json" not in str(names.get("type"))
        if tag == "style" or is_code or "style" in names:
            self.found.append(tag)
        self.found += [name for name in names if name.startswith("on")]


KINDS = ("user", "team", "teammembership", "duty", "apitoken")


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_listed_shown_and_followed_under_the_strict_policy(
    admin: Client, world: dict[str, int], kind: str
) -> None:
    base = f"/admin/accounts/{kind}/"

    for page in ("/admin/", base, f"{base}{world[kind]}/change/", f"{base}{world[kind]}/history/"):
        answer = admin.get(page)
        assert answer.status_code == 200, page
        assert Inline(answer.content.decode()).found == [], page
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_history_names_the_event_of_each_state(admin: Client, world: dict[str, int]) -> None:
    page = admin.get(f"/admin/accounts/user/{world['user']}/history/").content.decode()

    created = next(e for e in events("user.create") if e.subject_id == f"usr_{world['user']}")
    assert "user.create" in page
    assert str(created.uid) in page


def test_events_are_shown_without_history(admin: Client, world: dict[str, int]) -> None:
    event = events("duty.grant")[0]
    base = f"/admin/audit/auditevent/{event.pk}"

    assert "duty.grant" in admin.get("/admin/audit/auditevent/").content.decode()
    assert admin.get(f"{base}/change/").status_code == 200
    assert "keep no history" in admin.get(f"{base}/history/").content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_c6_an_administrator_edits_and_deletes_no_row(
    admin: Client, world: dict[str, int], kind: str
) -> None:
    base = f"/admin/accounts/{kind}/"

    assert admin.get(f"{base}add/").status_code == 403
    assert admin.post(f"{base}add/", {"username": "eve"}).status_code == 403
    assert admin.post(f"{base}{world[kind]}/change/", {"name": "x"}).status_code == 403
    assert admin.post(f"{base}{world[kind]}/delete/", {"post": "yes"}).status_code == 403
    admin.post(base, {"action": "delete_selected", "_selected_action": world[kind]})
    assert site.get_model_admin(type(row_of(kind))).model.objects.filter(pk=world[kind]).exists()


def row_of(kind: str) -> User | Team | TeamMembership | Duty | ApiToken:
    rows = {"user": User(), "team": Team(), "teammembership": TeamMembership(), "duty": Duty()}
    return rows.get(kind, ApiToken())  # type: ignore[return-value]


def test_no_hash_is_shown(admin: Client, world: dict[str, int], ada: User) -> None:
    user = admin.get(f"/admin/accounts/user/{ada.pk}/change/").content.decode()
    token = admin.get(f"/admin/accounts/apitoken/{world['apitoken']}/change/").content.decode()

    assert ada.password not in user
    assert ApiToken.objects.get().digest not in token


Press = tuple[str, dict[str, str], str]

PRESSED: list[Press] = [
    ("user/{user}/duty", {"role": "auditor", **WHY}, "duty.grant"),
    ("user/{user}/password", {"new": "another good phrase", **WHY}, "user.set_password"),
    ("user/{user}/appoint", WHY, "user.appoint_administrator"),
    ("user/{user}/close", WHY, "user.close"),
    ("team/{team}/duty", {"role": "auditor", **WHY}, "duty.grant"),
    ("teammembership/{teammembership}/leave", {}, "team.leave"),
    ("duty/{duty}/end", WHY, "duty.end"),
    ("apitoken/{apitoken}/revoke", WHY, "token.withdraw"),
    ("team/create", {"name": "Pricing"}, "team.create"),
    (
        "user/service",
        {"username": "robot", "display_name": "Robot", "manager": "{user}"},
        "user.create",
    ),
    (
        "user/create",
        {"username": "bob", "display_name": "Bob", "password": PASSWORD},
        "user.create",
    ),
]


@pytest.mark.parametrize("press", PRESSED, ids=[press[0] for press in PRESSED])
def test_a_button_asks_and_calls_its_operation(
    admin: Client,
    administrator: User,
    world: dict[str, int],
    press: Press,
) -> None:
    page, typed, action = press
    address = f"/admin/accounts/{page.format(**world)}/"
    shown = admin.get(address)
    assert shown.status_code == 200
    assert Inline(shown.content.decode()).found == []
    before = len(events(action))

    answer = admin.post(address, {name: text.format(**world) for name, text in typed.items()})

    assert answer.status_code == 302
    assert len(events(action)) == before + 1
    event = events(action)[-1]
    assert event.actor_id == administrator.record_id
    assert entry_of(event)["actor"]["door"] == "admin"
    assert ": done for " in admin.get(answer.headers["Location"]).content.decode()


def test_a_service_account_is_entrusted_by_buttons(admin: Client, ada: User) -> None:
    told = {"username": "robot", "display_name": "Robot"}
    assert admin.post("/admin/accounts/user/service/", told).status_code == 422
    admin.post("/admin/accounts/user/service/", {**told, "manager": ada.pk})
    robot, bob = User.objects.get(username="robot"), person("bob")
    assert robot.manager == ada

    page = f"/admin/accounts/user/{robot.pk}/entrust/"
    assert f'<option value="{robot.pk}">' not in admin.get(page).content.decode()
    assert admin.post(page, {"manager": bob.pk, **WHY}).status_code == 302

    robot.refresh_from_db()
    assert robot.manager == bob
    shown = admin.get(f"/admin/accounts/user/{ada.pk}/change/").content.decode()
    assert f"/{ada.pk}/entrust/" not in shown


def test_an_examiners_account_is_opened_by_a_button_and_can_be_given_nothing(
    admin: Client,
) -> None:
    told = {"username": "eve", "display_name": "Eve", "password": "unrelated walnut carousel"}

    admin.post("/admin/accounts/user/examiner/", told)

    eve = User.objects.get(username="eve")
    page = admin.get(f"/admin/accounts/user/{eve.pk}/change/").content.decode()
    assert eve.is_examiner
    assert "Grant duty" not in page
    assert "Appoint administrator" not in page
    asked = {"role": "auditor", "reason": "Quicker"}
    assert admin.post(f"/admin/accounts/user/{eve.pk}/duty/", asked).status_code == 422


def test_a_person_joins_a_team_by_button(admin: Client, world: dict[str, int]) -> None:
    bob = person("bob")

    answer = admin.post(f"/admin/accounts/team/{world['team']}/join/", {"user": bob.pk})

    assert answer.status_code == 302
    assert TeamMembership.objects.filter(user=bob, until=None).exists()


def test_a_dismissed_and_a_closed_account_are_mended(
    admin: Client, ada: User, administrator: User
) -> None:
    bob = person("bob", administrator=True)
    assert admin.post(f"/admin/accounts/user/{bob.pk}/dismiss/", WHY).status_code == 302
    assert admin.post(f"/admin/accounts/user/{ada.pk}/close/", WHY).status_code == 302

    assert admin.post(f"/admin/accounts/user/{ada.pk}/reopen/", WHY).status_code == 302

    ada.refresh_from_db()
    assert ada.is_active


@pytest.mark.parametrize("typed", [{}, {"reason": ""}, {"reason": "   "}])
def test_a_button_without_its_reason_does_nothing(
    admin: Client, ada: User, typed: dict[str, str]
) -> None:
    answer = admin.post(f"/admin/accounts/user/{ada.pk}/close/", typed)

    assert answer.status_code == 422
    ada.refresh_from_db()
    assert ada.is_active


def test_a_refusal_is_said_on_the_page_of_the_button(admin: Client, administrator: User) -> None:
    answer = admin.post(f"/admin/accounts/user/{administrator.pk}/close/", WHY)

    assert answer.status_code == 422
    assert "is the last administrator" in answer.content.decode()


def test_staff_who_administer_nobody_see_and_are_refused(client: Client, ada: User) -> None:
    signed_in(client, person("operator", staff=True))
    assert client.get("/admin/accounts/user/").status_code == 200

    answer = client.post(f"/admin/accounts/user/{ada.pk}/close/", WHY)

    assert answer.status_code == 422
    assert "do not have the right" in answer.content.decode()


def test_buttons_stand_only_where_they_make_sense(admin: Client, ada: User) -> None:
    open_page = admin.get(f"/admin/accounts/user/{ada.pk}/change/").content.decode()
    operations.close_account(ada, by=HOST, reason="Left")
    closed_page = admin.get(f"/admin/accounts/user/{ada.pk}/change/").content.decode()
    robot = person("robot", service=True)
    robots_page = admin.get(f"/admin/accounts/user/{robot.pk}/change/").content.decode()

    assert "Close account" in open_page
    assert "Reopen account" not in open_page
    assert "Close account" not in closed_page
    assert "Reopen account" in closed_page
    assert "Set password" not in robots_page


@pytest.mark.parametrize("what", ["close", "change", "history"])
def test_a_row_that_is_not_there_is_not_found(admin: Client, what: str) -> None:
    answer = admin.get(f"/admin/accounts/user/999/{what}/")

    assert answer.status_code in {302, 404}
    assert answer.headers.get("Location", "/admin/") == "/admin/"


def test_signing_out_of_the_admin_is_recorded(admin: Client) -> None:
    answer = admin.post("/admin/logout/")

    assert answer.headers["Location"] == "/sign-in/"
    assert len(events("session.sign_out")) == 1


def test_the_admin_has_no_sign_in_or_password_page_of_its_own(admin: Client) -> None:
    assert admin.get("/admin/login/").headers["Location"] == "/sign-in/?next=%2Fadmin%2F"
    assert admin.get("/admin/password_change/").headers["Location"] == "/password/"
    assert Client().get("/admin/").headers["Location"] == "/sign-in/?next=%2Fadmin%2F"


def test_a_row_without_a_page_leads_to_the_list(ada: User) -> None:
    bare = UserAdmin(User, SignetAdminSite(name="bare"))

    assert bare._address_of(ada) == "/admin/accounts/user/"


def test_the_start_page_names_kinds_in_english_and_has_our_icon(admin: Client) -> None:
    page = admin.get("/admin/").content.decode()

    misspelled = re.compile(r"([^aeiou]y|ch|sh|x) ?s\b| ofs\b|evidences\b")
    names = {str(rows._meta.verbose_name_plural) for rows in site._registry}
    assert [name for name in names if misspelled.search(name)] == []
    assert "Emergencies" in page
    assert '<link rel="icon" href="/static/img/signet.svg"' in page
