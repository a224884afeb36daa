"""Second factors are added and removed by their owner, each with its event, and leave no secret."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from apps.accounts import ceremonies, held_factors, one_time_codes, operations, sealing
from apps.accounts.models import OneTimeCodeDevice, Passkey, RecoveryCode, User
from apps.accounts.operations.factors import MOST_PASSKEYS
from apps.accounts.operations.recovery import HOW_MANY
from apps.accounts.passkeys import Added, KnownKey
from apps.audit import writing
from apps.audit.unrecorded import Unrecorded
from apps.core.actors import Actor
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from tests.accounts.authenticator import SoftAuthenticator
from tests.accounts.holders import code_now, confirmed, request_of, with_app, with_passkey
from tests.accounts.record import entry_of, events
from tests.accounts.test_passwords import everything_kept
from tests.accounts.test_wrong_actors import WRONG_ACTORS
from tests.factories import HOST, PASSWORD, actor, person, signed_in

WHY = "Lost the phone"


def codes_of(user: User) -> list[str]:
    return operations.renew_recovery_codes(user, by=actor(user), confirmed=confirmed(user))


def new_key() -> Added:
    """Return a credential nobody added."""
    owner = User.objects.filter(username="keys").first() or person("keys")
    request = request_of(signed_in(Client(), owner), owner)
    made = SoftAuthenticator().created(ceremonies.begin_adding(request))
    return ceremonies.finish_adding(request, made)


# -- each operation with its event


def test_an_app_is_added_by_a_code_it_shows(ada: User) -> None:
    device, secret = with_app(ada)

    assert one_time_codes.opened(bytes(device.secret)) == secret
    (event,) = events("code_device.add")
    assert (event.subject_id, event.chain_root) == (device.record_id, ada.record_ref)
    assert entry_of(event)["detail"] == {"confirmed": "password+code"}
    assert held_factors.factors_asked_of(ada.pk) == 2
    assert str(device.use) == f"{device.pk} at {device.use.last_used_at}"


def test_a_passkey_is_added_and_its_event_keeps_the_public_key(ada: User) -> None:
    passkey, _ = with_passkey(ada, name="  blue   key ")

    assert str(passkey) == "the passkey “blue key”"
    (event,) = events("passkey.add")
    assert event.chain_root == ada.record_ref
    assert entry_of(event)["detail"] == {
        "confirmed": "password+code",
        "credential": passkey.credential_id,
        "public_key": passkey.public_key,
    }
    assert str(passkey.use) == f"{passkey.pk} at None"


def test_an_app_is_removed_and_its_secret_with_it(ada: User) -> None:
    device, _ = with_app(ada)

    operations.remove_code_device(device, by=actor(ada), confirmed=confirmed(ada))

    device.refresh_from_db()
    assert device.removed_at is not None
    assert bytes(device.secret) == b""
    assert len(events("code_device.remove")) == 1
    assert held_factors.factors_asked_of(ada.pk) == 1
    assert with_app(ada)[0] != device


def test_a_passkey_is_removed_and_stays_readable(ada: User) -> None:
    passkey, _ = with_passkey(ada)

    operations.remove_passkey(passkey, by=actor(ada), confirmed=confirmed(ada))

    passkey.refresh_from_db()
    assert passkey.removed_at is not None
    assert passkey.public_key
    assert len(events("passkey.remove")) == 1


def test_recovery_codes_are_made_anew_and_earlier_ones_end(ada: User) -> None:
    with_app(ada)
    first = codes_of(ada)
    second = codes_of(ada)

    assert len(set(first + second)) == 2 * HOW_MANY
    assert held_factors.held_by(ada.pk).recovery_codes == HOW_MANY
    assert [entry_of(event)["detail"]["codes"] for event in events("recovery_code.renew")] == [
        HOW_MANY,
        HOW_MANY,
    ]
    with pytest.raises(operations.WrongCode, match="none of your recovery codes"):
        operations.use_recovery_code(ada, by=actor(ada), code=first[0])


def test_a_recovery_code_counts_once_however_it_is_typed(ada: User) -> None:
    with_app(ada)
    text = codes_of(ada)[3]

    used = operations.use_recovery_code(ada, by=actor(ada), code=text.upper().replace("-", " "))

    assert used.used_at is not None
    assert str(used) == f"recovery code {used.pk}"
    assert len(events("recovery_code.use")) == 1
    with pytest.raises(operations.WrongCode, match="used before"):
        operations.use_recovery_code(ada, by=actor(ada), code=text)
    assert len(events("recovery_code.use", "refused")) == 1


def test_recovery_codes_end_with_the_last_second_factor(ada: User) -> None:
    device, _ = with_app(ada)
    passkey, _ = with_passkey(ada)
    codes_of(ada)

    operations.remove_code_device(device, by=actor(ada), confirmed=confirmed(ada))
    assert held_factors.held_by(ada.pk).recovery_codes == HOW_MANY

    operations.remove_passkey(passkey, by=actor(ada), confirmed=confirmed(ada))
    assert held_factors.held_by(ada.pk).recovery_codes == 0


def test_an_administrator_removes_lost_factors_with_a_reason(
    ada: User, by_administrator: Actor
) -> None:
    device, _ = with_app(ada)
    passkey, _ = with_passkey(ada)
    codes_of(ada)

    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.withdraw_factors(ada, by=by_administrator, reason="")
    operations.withdraw_factors(ada, by=by_administrator, reason=WHY)

    (event,) = events("user.withdraw_factors")
    assert entry_of(event)["detail"] == {"factors": [passkey.record_id, device.record_id]}
    assert entry_of(event)["reason"] is not None
    assert held_factors.factors_asked_of(ada.pk) == 1
    assert not RecoveryCode.objects.filter(user=ada, removed_at=None).exists()


def test_a_closed_account_comes_back_without_its_factors(ada: User) -> None:
    with_app(ada)
    with_passkey(ada)

    operations.close_account(ada, by=HOST, reason="Left")
    operations.reopen_account(ada, by=HOST, reason="Back")

    assert not held_factors.held_by(ada.pk).any
    assert len(events("user.withdraw_factors")) == 1


def test_an_administrator_who_leaves_closes_their_own_account_with_its_factors(
    administrator: User, by_administrator: Actor
) -> None:
    person("spare", administrator=True)
    with_app(administrator)

    operations.close_account(administrator, by=by_administrator, reason="Leaving")

    assert not held_factors.held_by(administrator.pk).any


# -- refusals


def test_what_does_not_hold_is_refused_with_what_to_do(ada: User, by_administrator: Actor) -> None:
    secret = one_time_codes.new_secret()
    by, sure = actor(ada), confirmed(ada)
    robot = person("robot", service=True)

    def add_app(user: User, code: str) -> object:
        return operations.add_code_device(
            user, by=actor(user), secret=secret, code=code, confirmed=confirmed(user)
        )

    refused: list[tuple[str, Callable[[], object]]] = [
        ("Check the clock", lambda: add_app(ada, "no code")),
        ("Check the clock", lambda: add_app(ada, "\uff11" * 6)),
        ("Check the clock", lambda: add_app(ada, code_now(secret, 4))),
        ("Check the clock", lambda: add_app(ada, "")),
        ("service account", lambda: add_app(robot, code_now(secret))),
        ("Add one first", lambda: codes_of(ada)),
        (
            "has no second factor",
            lambda: operations.withdraw_factors(ada, by=by_administrator, reason=WHY),
        ),
        (
            "blank",
            lambda: operations.add_passkey(ada, by=by, name=" ", added=new_key(), confirmed=sure),
        ),
    ]
    for says, act in refused:
        with pytest.raises(DomainError, match=says):
            act()
    assert not OneTimeCodeDevice.objects.exists()
    assert not Passkey.objects.exists()


def test_one_app_at_a_time_and_no_factor_twice(ada: User) -> None:
    device, _ = with_app(ada)
    passkey, _ = with_passkey(ada)
    by, sure = actor(ada), confirmed(ada)
    same = Added(KnownKey(passkey.credential_id, passkey.public_key), 0)

    with pytest.raises(RuleBroken, match="app already"):
        with_app(ada)
    with pytest.raises(RuleBroken, match="added before"):
        operations.add_passkey(ada, by=by, name="again", added=same, confirmed=sure)
    operations.remove_passkey(passkey, by=by, confirmed=sure)
    operations.remove_code_device(device, by=by, confirmed=sure)
    with pytest.raises(RuleBroken, match="removed already"):
        operations.remove_passkey(passkey, by=by, confirmed=sure)
    with pytest.raises(RuleBroken, match="removed already"):
        operations.remove_code_device(device, by=by, confirmed=sure)
    bob = person("bob")
    with pytest.raises(RuleBroken, match="added before"):
        operations.add_passkey(bob, by=actor(bob), name="x", added=same, confirmed=confirmed(bob))


def test_a_person_holds_a_limited_number_of_passkeys(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_PASSKEYS == 20
    monkeypatch.setattr("apps.accounts.operations.factors.MOST_PASSKEYS", 1)
    with_passkey(ada)

    with pytest.raises(RuleBroken, match="Remove one you no longer use"):
        with_passkey(ada)


def test_an_administrator_removes_their_own_factors_only_as_everybody_does(
    administrator: User, by_administrator: Actor
) -> None:
    with_app(administrator)

    with pytest.raises(RuleBroken, match="on the page of your account"):
        operations.withdraw_factors(administrator, by=by_administrator, reason=WHY)


def owned_operations() -> dict[str, Callable[..., object]]:
    """Return the operations on one's own factors, each as a person with all of them does it."""
    return {
        "code_device.remove": lambda ada, by, sure: operations.remove_code_device(
            OneTimeCodeDevice.objects.get(user=ada), by=by, confirmed=sure
        ),
        "passkey.add": lambda ada, by, sure: operations.add_passkey(
            ada, by=by, name="one more", added=new_key(), confirmed=sure
        ),
        "passkey.remove": lambda ada, by, sure: operations.remove_passkey(
            Passkey.objects.get(user=ada), by=by, confirmed=sure
        ),
        "recovery_code.renew": lambda ada, by, sure: operations.renew_recovery_codes(
            ada, by=by, confirmed=sure
        ),
    }


@pytest.mark.parametrize("action", owned_operations())
def test_who_did_not_just_prove_who_they_are_by_two_factors_is_refused(
    ada: User, action: str
) -> None:
    with_app(ada)
    with_passkey(ada)
    act, sure = owned_operations()[action], confirmed(ada)
    weak = {
        "one factor": confirmed(ada, factors=1),
        "too long ago": replace(sure, at=sure.at - timedelta(minutes=5, seconds=2)),
        "somebody else": replace(sure, user_id=ada.pk + 1),
        "a passkey that signed something": replace(sure, challenge=b"\x01" * 32),
    }

    for why, unsure in weak.items():
        with pytest.raises(NotAllowed):
            act(ada, actor(ada), unsure)
        assert events(action, "refused"), why

    before = len(events(action))
    act(ada, actor(ada), sure)
    assert len(events(action)) == before + 1


def test_the_first_app_needs_a_password_of_now(ada: User) -> None:
    secret = one_time_codes.new_secret()
    early = confirmed(ada, factors=1)
    late = replace(early, at=early.at - timedelta(minutes=6))

    with pytest.raises(NotAllowed, match="Enter your password again"):
        operations.add_code_device(
            ada, by=actor(ada), secret=secret, code=code_now(secret), confirmed=late
        )
    operations.add_code_device(
        ada, by=actor(ada), secret=secret, code=code_now(secret), confirmed=early
    )


# -- wrong actors


def everything(ada: User, by: Actor) -> dict[str, Callable[[], object]]:
    sure = replace(confirmed(ada), user_id=by.user_id or 0)
    owned = owned_operations()
    secret = one_time_codes.new_secret()
    return {
        **{action: partial(act, ada, by, sure) for action, act in owned.items()},
        "code_device.add": lambda: operations.add_code_device(
            ada, by=by, secret=secret, code=code_now(secret), confirmed=sure
        ),
        "recovery_code.use": lambda: operations.use_recovery_code(ada, by=by, code="anything"),
        "user.withdraw_factors": lambda: operations.withdraw_factors(ada, by=by, reason=WHY),
    }


@pytest.mark.parametrize("who", WRONG_ACTORS)
def test_who_may_not_is_refused_and_only_the_refusal_stays(ada: User, who: str) -> None:
    with_app(ada)
    with_passkey(ada)
    wrong = WRONG_ACTORS[who]()
    acts = everything(ada, wrong)
    for action, act in acts.items():
        with pytest.raises(NotAllowed, match="do not have the right"):
            act()
        (refused,) = events(action, "refused")
        assert refused.actor_id == wrong.id, action
    assert held_factors.held_by(ada.pk).device
    assert len(held_factors.held_by(ada.pk).passkeys) == 1


def test_an_administrator_does_not_act_on_what_is_a_persons_own(
    ada: User, by_administrator: Actor
) -> None:
    with_app(ada)
    with_passkey(ada)
    acts = everything(ada, by_administrator)
    del acts["user.withdraw_factors"]

    for act in acts.values():
        with pytest.raises(NotAllowed):
            act()


# -- what stays


def test_an_operation_that_cannot_be_recorded_leaves_nothing(
    ada: User, by_administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, _ = with_app(ada)
    with_passkey(ada)
    texts = codes_of(ada)
    secret, key = one_time_codes.new_secret(), new_key()
    owned = owned_operations()
    before = held_factors.held_by(ada.pk)

    def broken(*args: object, **kwargs: object) -> None:
        raise IntegrityError("audit_event is read-only")

    monkeypatch.setattr(writing, "insert", broken)
    monkeypatch.setattr(Unrecorded, "count", 0)
    acts: dict[str, Callable[[], object]] = {
        action: partial(act, ada, actor(ada), confirmed(ada))
        for action, act in owned.items()
        if action != "passkey.add"
    }
    acts["passkey.add"] = lambda: operations.add_passkey(
        ada, by=actor(ada), name="x", added=key, confirmed=confirmed(ada)
    )
    acts["recovery_code.use"] = lambda: operations.use_recovery_code(
        ada, by=actor(ada), code=texts[0]
    )
    acts["user.withdraw_factors"] = lambda: operations.withdraw_factors(
        ada, by=by_administrator, reason=WHY
    )
    bob = User.objects.get(username="keys")
    acts["code_device.add"] = lambda: operations.add_code_device(
        bob, by=actor(bob), secret=secret, code=code_now(secret), confirmed=confirmed(bob)
    )
    for act in acts.values():
        with pytest.raises(IntegrityError):
            act()
    device.refresh_from_db()
    assert held_factors.held_by(ada.pk) == before
    assert held_factors.held_by(ada.pk).recovery_codes == HOW_MANY
    assert not held_factors.held_by(bob.pk).any


def test_b4_no_secret_is_anywhere_but_sealed(ada: User) -> None:
    device, secret = with_app(ada)
    texts = codes_of(ada)
    operations.use_recovery_code(ada, by=actor(ada), code=texts[0])

    for table, text in everything_kept().items():
        for told in (secret, PASSWORD, texts[0], texts[1], texts[1].replace("-", "")):
            assert told not in text, table
        if table != OneTimeCodeDevice._meta.db_table:
            assert bytes(device.secret).decode() not in text, table
    assert not hasattr(device.history.model, "secret")


def test_a_secret_opens_with_the_key_it_was_sealed_with_or_a_fallback(
    settings: pytest.FixtureRequest, ada: User
) -> None:
    kept = one_time_codes.sealed("SECRET")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10  # type: ignore[attr-defined]
    with pytest.raises(sealing.SealBroken):
        one_time_codes.opened(kept)

    settings.SECRET_KEY_FALLBACKS = [old]  # type: ignore[attr-defined]

    assert one_time_codes.opened(kept) == "SECRET"
    with pytest.raises(sealing.SealBroken):
        sealing.opened(kept, purpose="something else")


def test_the_database_refuses_two_apps_at_a_time(ada: User) -> None:
    device, _ = with_app(ada)
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute(
            "INSERT INTO accounts_code_device (user_id, added_at, secret)"
            " SELECT user_id, added_at, secret FROM accounts_code_device WHERE id = %s",
            [device.pk],
        )
