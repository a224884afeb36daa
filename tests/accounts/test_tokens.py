"""API tokens: made once, narrow, late sometime, and nowhere in clear (THREATS B1, B2, B4)."""

import base64
import logging
import string
from collections.abc import Callable
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import operations, rights, token_texts
from apps.accounts.models import ApiToken, TokenUse, User
from apps.accounts.operations.tokens import MOST_TOKENS
from apps.accounts.scopes import SCOPE_OF, Scope
from apps.accounts.tokens import actor_of_bearer
from apps.core.actors import ON_OWN, Actor, Auth, Door, Kind
from apps.core.digests import utc_text
from apps.core.errors import RuleBroken
from tests.accounts.record import entry_of, events
from tests.accounts.test_passwords import everything_kept
from tests.factories import HOST, actor, person, signed_in

DAY = timedelta(days=1)
EVERY_PERMISSION = sorted(
    {*SCOPE_OF, *rights.PLATFORM_PERMISSIONS, ON_OWN}
    | {"catalog.sign_off", "catalog.roll_back_version", "catalog.manage_access"}
    | {"catalog.manage_oversight", "audit.view_record"}
)


def token_of(
    user: User, *scopes: Scope, roots: tuple[str, ...] = (), expires_in: timedelta = DAY
) -> tuple[ApiToken, str]:
    return operations.create_token(
        user,
        by=actor(user),
        name="Nightly training",
        scopes=scopes or (Scope.READ,),
        roots=roots,
        expires_in=expires_in,
    )


def asking_with(text: str, scheme: str = "Bearer") -> HttpRequest:
    request = RequestFactory().get("/", headers={"Authorization": f"{scheme} {text}"})
    request.request_id = uuid4()  # type: ignore[attr-defined]
    return request


def test_a_token_is_created_with_its_event_and_shown_once(ada: User) -> None:
    token, text = token_of(ada, Scope.READ, Scope.REGISTER, roots=("model:mdl_3",))

    (event,) = events("token.create")
    assert text.startswith("sgn_")
    assert token.digest == token_texts.digest_of(text)
    assert text.startswith(token.hint)
    assert len(token.hint) < 12
    assert event.subject_id == token.record_id
    assert event.chain_root == ada.record_ref
    assert entry_of(event)["detail"] == {
        "scopes": ["read", "register"],
        "models": ["model:mdl_3"],
        "expires_at": utc_text(token.created_at + DAY),
    }


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scopes": ()}, "at least one"),
        ({"expires_in": timedelta(0)}, "1 to 365 days"),
        ({"expires_in": timedelta(days=365, seconds=1)}, "1 to 365 days"),
        ({"expires_in": -DAY}, "1 to 365 days"),
        ({"roots": ("model:mdl_3; drop",)}, "limited to"),
        ({"roots": tuple(f"model:mdl_{number}" for number in range(101))}, "limited to"),
        ({"name": "  "}, "blank"),
        ({"name": "x" * 121}, "120"),
    ],
)
def test_a_token_without_bounds_is_refused(
    ada: User, changed: dict[str, object], says: str
) -> None:
    asked = {"name": "t", "scopes": {Scope.READ}, "expires_in": DAY} | changed

    with pytest.raises(RuleBroken, match=says):
        operations.create_token(ada, by=actor(ada), **asked)  # type: ignore[arg-type]

    assert not ApiToken.objects.exists()


def test_a_person_holds_a_limited_number_of_tokens(ada: User) -> None:
    token, *_ = [token_of(ada)[0] for _ in range(MOST_TOKENS)]
    with pytest.raises(RuleBroken, match="Revoke one"):
        token_of(ada)

    operations.revoke_token(token, by=actor(ada))

    assert token_of(ada)


def test_a_token_is_revoked_by_its_owner_or_withdrawn_with_a_reason(
    ada: User, by_administrator: Actor
) -> None:
    (own, _), (other, _) = token_of(ada), token_of(ada)

    operations.revoke_token(own, by=actor(ada))
    operations.withdraw_token(other, by=by_administrator, reason="Found in a public repository")

    assert own.revoked_at is not None
    assert other.revoked_at is not None
    with pytest.raises(RuleBroken, match="revoked already"):
        operations.revoke_token(own, by=actor(ada))
    with pytest.raises(RuleBroken, match="revoked already"):
        operations.withdraw_token(other, by=by_administrator, reason="Again")


def test_a_bearer_is_the_owner_at_the_api(ada: User) -> None:
    token, text = token_of(ada)
    request = asking_with(text)

    found = actor_of_bearer(request)

    assert found is not None
    assert (found.id, found.kind, found.door, found.auth) == (
        ada.record_id,
        Kind.USER,
        Door.API,
        Auth.TOKEN,
    )
    assert found.request_id == request.request_id  # type: ignore[attr-defined]
    assert found.session not in {None, text, token.digest}
    assert not found.is_person


def test_a_service_account_acts_as_a_service(db: None) -> None:
    robot = person("robot", service=True)
    _, text = operations.create_token(
        robot,
        by=actor(robot, door=Door.COMMAND, auth=Auth.NONE),
        name="CI",
        scopes={Scope.CHECK},
        expires_in=DAY,
    )

    found = actor_of_bearer(asking_with(text))

    assert found is not None
    assert found.kind is Kind.SERVICE


def test_a_client_that_only_knows_passwords_gives_the_token_as_one(ada: User) -> None:
    _, text = token_of(ada)
    pair = base64.b64encode(f"anybody:{text}".encode()).decode()

    found = actor_of_bearer(asking_with(pair, scheme="Basic"))

    assert found is not None
    assert found.id == ada.record_id


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer sgn_",
        "Bearer sgn_" + "0" * 49,
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"ada:correct horse battery").decode(),
        "Basic " + base64.b64encode("ada:pässwörd".encode()).decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Digest username=ada",
        "Bearer ٣٣٣",
    ],
)
def test_b2_what_is_no_token_opens_nothing(
    db: None, header: str, django_assert_num_queries: Callable
) -> None:
    request = RequestFactory().get("/", headers={"Authorization": header})

    with django_assert_num_queries(0):
        assert actor_of_bearer(request) is None


def test_b2_a_token_that_was_never_issued_opens_nothing(db: None) -> None:
    assert actor_of_bearer(asking_with(token_texts.mint())) is None


def expired(token: ApiToken, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: token.expires_at)


def revoked(token: ApiToken, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    operations.revoke_token(token, by=actor(ada))


def owner_closed(token: ApiToken, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    operations.close_account(ada, by=HOST, reason="Left")


@pytest.mark.parametrize("end", [expired, revoked, owner_closed])
def test_b2_a_token_ends_at_once(
    ada: User, monkeypatch: pytest.MonkeyPatch, end: Callable[..., None]
) -> None:
    operations.grant_duty(ada, "auditor", by=HOST, reason="Needed")
    token, text = token_of(ada)
    before = actor_of_bearer(asking_with(text))
    assert before is not None
    assert before.may("catalog.view_registeredmodel")

    end(token, ada, monkeypatch)

    assert actor_of_bearer(asking_with(text)) is None


def test_b2_a_request_under_way_loses_the_rights_its_token_lost(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations.grant_duty(ada, "auditor", by=HOST, reason="Needed")
    token, text = token_of(ada)
    found = actor_of_bearer(asking_with(text))
    assert found is not None

    expired(token, ada, monkeypatch)

    assert not found.may("catalog.view_registeredmodel")


def test_b2_the_owners_lost_role_is_lost_to_the_token(ada: User) -> None:
    duty = operations.grant_duty(ada, "model_developer", by=HOST, reason="Needed")
    _, text = token_of(ada, Scope.REGISTER)
    found = actor_of_bearer(asking_with(text))
    assert found is not None
    assert found.may("catalog.register_version")

    operations.end_duty(duty, by=HOST, reason="Moved on")

    assert not found.may("catalog.register_version")


@pytest.mark.parametrize("scope", Scope)
def test_b1_a_token_does_what_its_scope_says_and_its_owner_may(db: None, scope: Scope) -> None:
    everything = ("model_owner", "operator", "risk_officer", "auditor")
    ada = person("ada", everywhere=everything, administrator=True)
    _, text = token_of(ada, scope)
    found = actor_of_bearer(asking_with(text))
    assert found is not None

    allowed = {name for name in EVERY_PERMISSION if found.may(name, ada)}

    assert allowed == {name for name, wanted in SCOPE_OF.items() if wanted is scope}
    assert allowed <= {name for name in EVERY_PERMISSION if actor(ada).may(name, ada)}


def test_b1_a_token_gives_nothing_its_owner_has_not(ada: User) -> None:
    _, text = token_of(ada, *Scope)
    found = actor_of_bearer(asking_with(text))
    assert found is not None

    assert not any(found.may(name, ada) for name in EVERY_PERMISSION)


def test_b1_a_token_of_one_model_opens_no_other(ada: User) -> None:
    operations.grant_duty(ada, "auditor", by=HOST, reason="Needed")
    _, text = token_of(ada, roots=("user:usr_0",))
    found = actor_of_bearer(asking_with(text))
    assert found is not None

    assert not found.may("catalog.view_registeredmodel", ada)
    assert not found.may("catalog.view_registeredmodel")


def test_the_last_use_is_noted_at_most_once_a_minute(
    ada: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable
) -> None:
    token, text = token_of(ada)
    actor_of_bearer(asking_with(text))
    first = TokenUse.objects.get(token=token).last_used_at
    with django_assert_num_queries(1):
        actor_of_bearer(asking_with(text))

    later = first.astimezone(UTC) + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    actor_of_bearer(asking_with(text))

    assert TokenUse.objects.get(token=token).last_used_at == later
    assert str(TokenUse.objects.get()) == f"{token.pk} at {later}"


@given(place=st.integers(0, 48), step=st.integers(1, 61))
def test_one_wrong_letter_is_seen_by_the_checksum(place: int, step: int) -> None:
    """Nothing drawn goes by the token, which is another each time a case is tried again."""
    letters = string.digits + string.ascii_uppercase + string.ascii_lowercase
    text = token_texts.mint()
    place += len("sgn_")
    wrong = letters[(letters.index(text[place]) + step) % len(letters)]

    assert token_texts.is_well_formed(text)
    assert not token_texts.is_well_formed(text[:place] + wrong + text[place + 1 :])


def test_two_tokens_never_look_alike() -> None:
    minted = [token_texts.mint() for _ in range(200)]

    assert len({token_texts.hint_of(text) for text in minted}) > 190
    assert {len(text) for text in minted} == {53}


def test_b4_no_token_is_kept_logged_or_shown_twice(
    ada: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signed_in(client, ada)
    asked = {"name": "Nightly", "scopes": ["read"], "expires_in": "30"}
    shown = client.post("/account/tokens/", asked)
    text = next(word for word in shown.content.decode().split("<code>") if word.startswith("sgn_"))
    text = text.split("</code>")[0]
    assert token_texts.is_well_formed(text)

    actor_of_bearer(asking_with(text))
    after = client.get("/account/")
    missing = client.get("/no-page/", headers={"Authorization": f"Bearer {text}"})

    assert after.status_code == 200
    assert text not in after.content.decode()
    assert text not in missing.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    kept = everything_kept() | {"logs": caplog.text}
    assert [place for place, inside in kept.items() if text in inside] == []
