"""Who signs proves it by every factor they hold: each code and each answer counts once."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from apps.accounts import ceremonies, code_checking, operations, passkeys, stepping_up
from apps.accounts.access import ActorRequest
from apps.accounts.confirmation import challenge_of
from apps.accounts.forms import ConfirmingForm
from apps.accounts.models import OneTimeCodeUse, PasskeyUse, SignInFailure, User
from apps.accounts.operations import WrongCode, WrongPassword
from apps.accounts.passkeys import KnownKey, PasskeyRefused, Site
from apps.accounts.signing_in import confirm_password
from apps.accounts.throttling import TooManyTries
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed
from tests.accounts.authenticator import HOST, ORIGIN, SoftAuthenticator
from tests.accounts.holders import code_now, confirmed, request_of, with_app, with_passkey
from tests.accounts.record import entry_of, events
from tests.factories import PASSWORD, actor, person, signed_in

STATEMENT = '{"kind":"sign_off"}'
CHALLENGE = challenge_of(STATEMENT)


@pytest.fixture
def asks(client: Client, ada: User) -> ActorRequest:
    """A request in a browser session of Ada's."""
    return request_of(signed_in(client, ada), ada)


def typed(password: str = PASSWORD, code: str = "", assertion: str = "") -> dict[str, str]:
    return {"password": password, "code": code, "assertion": assertion}


def test_the_proof_comes_last_so_that_the_focus_meets_what_is_wrong_in_order() -> None:
    class Reasoned(ConfirmingForm):
        reason = forms.CharField()

    assert list(Reasoned().fields) == ["reason", "password", "code", "assertion"]


# -- passwords and codes


def test_without_a_second_factor_a_password_confirms_by_one(asks: ActorRequest) -> None:
    sure = stepping_up.confirm(asks, typed(code="ignored"))

    assert (sure.method, sure.factors, sure.proof) == ("password", 1, None)
    sure.require_fresh(asks.actor, now=sure.at)
    with pytest.raises(NotAllowed, match="one-time code, or with a passkey"):
        sure.require_fresh(asks.actor, now=sure.at, factors=2)


def test_a_password_and_a_code_confirm_by_two(asks: ActorRequest, ada: User) -> None:
    _, secret = with_app(ada)
    before = asks.session.session_key
    code = code_now(secret, 1)

    sure = stepping_up.confirm(asks, typed(code=f"{code[:3]} {code[3:]}"))

    assert (sure.method, sure.factors) == ("password+code", 2)
    assert asks.session.session_key != before
    sure.require_fresh(asks.actor, now=sure.at, factors=2)


def test_a_code_never_counts_twice_nor_does_an_earlier_one(
    asks: ActorRequest, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = with_app(ada)
    noon = database_now() + timedelta(minutes=10)
    monkeypatch.setattr(code_checking, "database_now", lambda: noon)
    codes = {ahead: code_now(secret, ahead, at=noon) for ahead in range(-2, 3)}

    for ahead in (-2, 2):
        with pytest.raises(WrongCode, match="not the code the app shows now"):
            stepping_up.confirm(asks, typed(code=codes[ahead]))
    stepping_up.confirm(asks, typed(code=codes[-1]))
    stepping_up.confirm(asks, typed(code=codes[1]))
    for ahead in (-1, 0, 1):
        with pytest.raises(WrongCode, match="used already"):
            stepping_up.confirm(asks, typed(code=codes[ahead]))


def test_the_code_that_added_the_app_signs_nothing(asks: ActorRequest, ada: User) -> None:
    _, secret = with_app(ada)
    step = OneTimeCodeUse.objects.get().step

    with pytest.raises(WrongCode, match="used already"):
        stepping_up.confirm(asks, typed(code=code_now(secret, step - now_step())))


def now_step() -> int:
    return int(database_now().timestamp()) // 30


def test_a_recovery_code_stands_in_once(asks: ActorRequest, ada: User) -> None:
    with_app(ada)
    [text, *_] = operations.renew_recovery_codes(ada, by=actor(ada), confirmed=confirmed(ada))

    sure = stepping_up.confirm(asks, typed(code=text))

    assert (sure.method, sure.factors) == ("password+recovery", 2)
    with pytest.raises(WrongCode, match="used before"):
        stepping_up.confirm(asks, typed(code=text))


def test_where_a_second_factor_is_held_a_password_alone_confirms_nothing(
    asks: ActorRequest, ada: User
) -> None:
    with_passkey(ada)

    with pytest.raises(NotAllowed, match="Enter a one-time code or a recovery code too"):
        stepping_up.confirm(asks, typed())
    with pytest.raises(WrongCode, match="none of your recovery codes"):
        stepping_up.confirm(asks, typed(code="123456"))


def test_a_wrong_password_spends_no_code(asks: ActorRequest, ada: User) -> None:
    _, secret = with_app(ada)
    code = code_now(secret, 1)

    with pytest.raises(WrongPassword, match="not your password"):
        stepping_up.confirm(asks, typed(password="a guess", code=code))

    assert stepping_up.confirm(asks, typed(code=code)).factors == 2


def test_wrong_codes_slow_down_like_wrong_passwords(asks: ActorRequest, ada: User) -> None:
    _, secret = with_app(ada)
    for code in ("000001", "000002", "nothing", "000003", "000004"):
        with pytest.raises(WrongCode):
            stepping_up.confirm(asks, typed(code=code))
    assert SignInFailure.objects.count() == 5

    with pytest.raises(TooManyTries, match="wrong passwords, codes"):
        stepping_up.confirm(asks, typed(code=code_now(secret, 1)))


def test_a_refused_confirmation_is_recorded_on_the_person(
    asks: ActorRequest, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    with_app(ada)
    with_passkey(ada)
    wrong: list[tuple[dict[str, str], str]] = [
        (typed("a wrong password"), "wrong_password"),
        (typed(code="000000"), "wrong_code"),
        (typed(code="no-such-recovery-code"), "wrong_code"),
        (typed(assertion="{}"), "passkey_refused"),
        (
            typed(assertion=SoftAuthenticator().signed(ceremonies.begin(asks, CHALLENGE))),
            "passkey_refused",
        ),
    ]
    for sent, _ in wrong:
        with pytest.raises(NotAllowed):
            stepping_up.confirm(asks, sent)

    refused = events("confirmation.refuse")
    assert [entry_of(event)["detail"] for event in refused] == [
        {"refused": code} for _, code in wrong
    ]
    assert {event.subject_id for event in refused} == {ada.record_id}
    assert {event.actor_id for event in refused} == {ada.record_id}
    assert {entry_of(event)["actor"]["session"] for event in refused} == {asks.actor.session}
    assert caplog.text.count("A confirmation from 127.0.0.1 was refused") == len(wrong)
    assert not any(word in caplog.text for word in ("ada", "a wrong password", "000000"))
    assert not any(b"a wrong password" in bytes(event.entry) for event in refused)

    with pytest.raises(TooManyTries):
        stepping_up.confirm(asks, typed("a wrong password"))
    assert len(events("confirmation.refuse")) == len(wrong)


def test_what_is_missing_or_right_is_no_refused_confirmation(asks: ActorRequest, ada: User) -> None:
    _, key = with_passkey(ada)
    with pytest.raises(NotAllowed, match="Enter a one-time code"):
        stepping_up.confirm(asks, typed())
    stepping_up.confirm(asks, typed(assertion=key.signed(ceremonies.begin(asks, CHALLENGE))))

    assert events("confirmation.refuse") == []


def test_wrong_passkeys_slow_down_like_wrong_passwords(asks: ActorRequest, ada: User) -> None:
    _, key = with_passkey(ada)
    for _ in range(5):
        with pytest.raises(PasskeyRefused):
            stepping_up.confirm(asks, typed(assertion="{}"))

    answer = key.signed(ceremonies.begin(asks, CHALLENGE))
    with pytest.raises(TooManyTries):
        stepping_up.confirm(asks, typed(assertion=answer))


def test_a_code_given_rightly_forgets_the_wrong_ones(asks: ActorRequest, ada: User) -> None:
    _, secret = with_app(ada)
    with pytest.raises(WrongCode):
        stepping_up.confirm(asks, typed(code="000000"))

    confirm_password(asks, PASSWORD, code_now(secret, 1))

    assert not SignInFailure.objects.exists()


def at_once(act: Callable[[], object], times: int = 4) -> list[str]:
    """Do the same in several threads at the same moment; return what each was refused with."""
    said: list[str] = []
    gate = threading.Barrier(times)

    def do() -> None:
        gate.wait()
        try:
            act()
        except DomainError as refusal:
            said.append(str(refusal))
        else:
            said.append("counted")
        finally:
            connection.close()

    threads = [threading.Thread(target=do) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@pytest.mark.django_db(transaction=True)
def test_of_one_code_given_several_times_at_once_one_counts() -> None:
    ada = person("ada")
    _, secret = with_app(ada)
    code = code_now(secret, 1)

    said = at_once(lambda: code_checking.method_with(ada, code, by=actor(ada)))

    assert said.count("counted") == 1
    assert sum("used already" in words for words in said) == 3


@pytest.mark.django_db(transaction=True)
def test_of_one_recovery_code_given_several_times_at_once_one_counts() -> None:
    ada = person("ada")
    with_app(ada)
    [text, *_] = operations.renew_recovery_codes(ada, by=actor(ada), confirmed=confirmed(ada))

    said = at_once(
        lambda: operations.use_recovery_code(User.objects.get(), by=actor(ada), code=text)
    )

    assert said.count("counted") == 1


# -- passkeys


def test_a_passkey_confirms_by_two_and_leaves_a_proof_that_stands_alone(
    asks: ActorRequest, ada: User
) -> None:
    passkey, key = with_passkey(ada)
    options = ceremonies.begin(asks, CHALLENGE)
    assert options["publicKey"]["userVerification"] == "required"
    assert [known["id"] for known in options["publicKey"]["allowCredentials"]] == [
        passkey.credential_id
    ]

    sure = stepping_up.confirm(asks, typed("", assertion=key.signed(options)), CHALLENGE)

    assert (sure.method, sure.factors, sure.challenge) == ("passkey", 2, CHALLENGE)
    sure.require_fresh(asks.actor, now=sure.at, factors=2, over=STATEMENT)
    assert sure.proof is not None
    assert set(sure.proof) == {"credential", "client_data", "authenticator_data", "signature"}
    assert sure.proof["credential"] == passkey.credential_id
    [added] = events("passkey.add")
    assert_verifies(sure.proof, entry_of(added)["detail"]["public_key"])
    passkey.use.refresh_from_db()
    assert passkey.use.last_used_at is not None
    assert passkey.use.sign_count == key.count


def assert_verifies(proof: Any, public_key: str) -> None:
    """Verify a proof by what the record holds, and nothing else of ours."""
    known = KnownKey(proof["credential"], public_key).parsed
    client_data = websafe_decode(proof["client_data"])
    said = json.loads(client_data)
    assert websafe_decode(said["challenge"]) == CHALLENGE
    data = websafe_decode(proof["authenticator_data"])
    known.public_key.verify(
        data + challenge_of(client_data.decode()), websafe_decode(proof["signature"])
    )


def test_a_passkey_over_one_statement_signs_no_other(asks: ActorRequest, ada: User) -> None:
    _, key = with_passkey(ada)
    options = ceremonies.begin(asks, CHALLENGE)
    sure = stepping_up.confirm(asks, typed(assertion=key.signed(options)))

    for other in ('{"kind":"waiver"}', ""):
        with pytest.raises(NotAllowed, match="signed something else"):
            sure.require_fresh(asks.actor, now=sure.at, over=other)
    with pytest.raises(NotAllowed, match="again"):
        sure.require_fresh(actor(person("bob")), now=sure.at, over=STATEMENT)


WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": "http://localhost:8001"},
    "https in place of http": {"origin": "https://localhost"},
    "a domain below": {"origin": "http://a.localhost"},
    "another host": {"host": "evil.example"},
    "another challenge": {"challenge": b"\x02" * 32},
    "nobody verified": {"verified": False},
    "nobody present": {"present": False},
    "inside another site": {"cross_origin": True},
    "another ceremony": {"kind": "webauthn.create"},
}


@pytest.mark.parametrize("why", WRONG)
def test_an_answer_that_is_not_for_this_is_refused(asks: ActorRequest, ada: User, why: str) -> None:
    _, key = with_passkey(ada)
    options = ceremonies.begin(asks, CHALLENGE)

    with pytest.raises(PasskeyRefused, match="did not prove"):
        ceremonies.finish(asks, CHALLENGE, key.signed(options, **WRONG[why]))

    assert PasskeyUse.objects.get().last_used_at is None


@pytest.mark.parametrize("why", WRONG)
def test_a_passkey_made_for_something_else_is_not_added(asks: ActorRequest, why: str) -> None:
    wrong = dict(WRONG[why])
    if "kind" in wrong:
        wrong = {"kind": "webauthn.get"}
    options = ceremonies.begin_adding(asks)
    assert options["publicKey"]["attestation"] == "none"

    with pytest.raises(PasskeyRefused, match="was not added"):
        ceremonies.finish_adding(asks, SoftAuthenticator().created(options, **wrong))


def test_a_strange_removed_or_anothers_passkey_is_refused(asks: ActorRequest, ada: User) -> None:
    with_passkey(ada)
    removed, old = with_passkey(ada)
    operations.remove_passkey(removed, by=actor(ada), confirmed=confirmed(ada))
    _, bobs = with_passkey(person("bob"))
    forged = SoftAuthenticator()
    forged.credential_id = websafe_decode(ada.passkey_set.earliest("pk").credential_id)

    for key in (SoftAuthenticator(), old, bobs, forged):
        options = ceremonies.begin(asks, CHALLENGE)
        with pytest.raises(PasskeyRefused, match="did not prove"):
            ceremonies.finish(asks, CHALLENGE, key.signed(options))


@pytest.mark.parametrize("counts", [True, False])
def test_an_answer_counts_once(asks: ActorRequest, ada: User, counts: bool) -> None:
    _, key = with_passkey(ada, SoftAuthenticator(counts=counts))
    answer = key.signed(ceremonies.begin(asks, CHALLENGE))
    ceremonies.finish(asks, CHALLENGE, answer)

    with pytest.raises(PasskeyRefused, match="not asked of your passkey"):
        ceremonies.finish(asks, CHALLENGE, answer)
    ceremonies.begin(asks, CHALLENGE)
    with pytest.raises(PasskeyRefused, match="went back" if counts else "used already"):
        ceremonies.finish(asks, CHALLENGE, answer)


@pytest.mark.django_db(transaction=True)
def test_of_one_answer_sent_several_times_at_once_one_counts() -> None:
    ada = person("ada")
    _, key = with_passkey(ada, SoftAuthenticator(counts=False))
    sessions = [request_of(signed_in(Client(), ada), ada) for _ in range(4)]
    options = [ceremonies.begin(asks, CHALLENGE) for asks in sessions]
    answer = key.signed(options[0])
    waiting = iter(sessions)
    lock = threading.Lock()

    def send() -> None:
        with lock:
            asks = next(waiting)
        ceremonies.finish(asks, CHALLENGE, answer)

    assert at_once(send).count("counted") == 1


def test_a_counter_that_goes_back_is_recorded_and_refused(asks: ActorRequest, ada: User) -> None:
    passkey, key = with_passkey(ada)
    for count in (5, 5, 4, 0):
        options = ceremonies.begin(asks, ceremonies.new_challenge())
        answer = key.signed(options, count=count)
        if count == 5 and not PasskeyUse.objects.filter(sign_count=5).exists():
            stepping_up.confirm(asks, typed(assertion=answer))
            continue
        with pytest.raises(PasskeyRefused, match="a key was copied"):
            stepping_up.confirm(asks, typed(assertion=answer))

    suspected = events("passkey.suspect")
    assert [entry_of(event)["detail"] for event in suspected] == [
        {"counted": 5, "said": 5},
        {"counted": 5, "said": 4},
        {"counted": 5, "said": 0},
    ]
    assert {event.subject_id for event in suspected} == {passkey.record_id}


def test_what_was_not_asked_or_too_long_ago_is_refused(
    asks: ActorRequest, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PasskeyRefused, match="You have no passkey"):
        ceremonies.begin(asks, CHALLENGE)
    _, key = with_passkey(ada)
    answer = key.signed(ceremonies.begin(asks, CHALLENGE))

    with pytest.raises(PasskeyRefused, match="not asked"):
        ceremonies.finish(asks, challenge_of("another"), answer)
    with pytest.raises(PasskeyRefused, match="not asked"):
        stepping_up.confirm(asks, typed(assertion=answer))
    answer = key.signed(ceremonies.begin(asks, CHALLENGE))
    monkeypatch.setattr(ceremonies, "WAITS_SECONDS", -1)
    with pytest.raises(PasskeyRefused, match="longer than five minutes"):
        ceremonies.finish(asks, CHALLENGE, answer)


BAD = st.one_of(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=8,
    ).map(json.dumps),
)


@effort(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(bad=BAD)
def test_no_answer_is_worse_than_refused(bad: str) -> None:
    site = Site(HOST, ORIGIN)
    for read in (
        lambda: passkeys.added(site, CHALLENGE, bad),
        lambda: passkeys.asserted(site, CHALLENGE, bad, []),
    ):
        with pytest.raises(PasskeyRefused):
            read()


PARTS = st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "attestationObject"])


@effort(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(part=PARTS, cut=st.integers(0, 400), put=st.binary(max_size=6))
def test_a_damaged_answer_is_refused(part: str, cut: int, put: bytes) -> None:
    site, key = Site(HOST, ORIGIN), SoftAuthenticator()
    asked = passkeys.creation_options(
        site, CHALLENGE, person="usr_1", username="ada", name="Ada", known=[]
    )
    made = key.created(asked)
    known = passkeys.added(site, CHALLENGE, made).key
    signed = key.signed(passkeys.request_options(site, CHALLENGE, [known]))
    answers = {True: made, False: signed}
    for is_new, whole in answers.items():
        answer = json.loads(whole)
        if part not in answer["response"]:
            continue
        bytes_of = websafe_decode(answer["response"][part])
        damaged = bytes_of[:cut] + put + bytes_of[cut + len(put) + 1 :]
        answer["response"][part] = websafe_encode(damaged)
        try:
            if is_new:
                passkeys.added(site, CHALLENGE, json.dumps(answer))
            else:
                passkeys.asserted(site, CHALLENGE, json.dumps(answer), [known])
        except PasskeyRefused:
            continue
        assert damaged == bytes_of or is_new  # of a new key, what it did not sign may differ


def test_an_endless_answer_is_refused_unread() -> None:
    with pytest.raises(PasskeyRefused, match="too long"):
        passkeys.added(Site(HOST, ORIGIN), CHALLENGE, "[" * (passkeys.MOST_ANSWER + 1))


def test_browsers_offer_passkeys_to_named_hosts_over_https() -> None:
    offered = {
        Site("signet.example", "https://signet.example"): True,
        Site("signet.example", "http://signet.example"): False,
        Site("localhost", "http://localhost:8000"): True,
        Site("a.localhost", "http://a.localhost:8000"): True,
        Site("127.0.0.1", "http://127.0.0.1:8000"): False,
        Site("10.0.0.1", "https://10.0.0.1"): False,
        Site("::1", "https://[::1]:8000"): False,
    }
    assert {site: site.has_passkeys for site in offered} == offered


def test_a_key_that_is_none_is_not_read() -> None:
    with pytest.raises(TypeError, match="no COSE key"):
        assert KnownKey("AAAA", "AQ").parsed


def test_a_confirmation_by_passkey_holds_five_minutes_too(asks: ActorRequest, ada: User) -> None:
    _, key = with_passkey(ada)
    answer = key.signed(ceremonies.begin(asks, CHALLENGE))
    sure = stepping_up.confirm(asks, typed(assertion=answer))

    late = replace(sure, at=sure.at - timedelta(minutes=6))
    with pytest.raises(NotAllowed, match="again"):
        late.require_fresh(asks.actor, now=sure.at, over=STATEMENT)
