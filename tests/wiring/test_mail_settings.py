"""Mail is set up whole or not at all, and no password leaves unencrypted."""

import pytest

from registry_site import environment
from registry_site.environment import Misconfigured
from tests.wiring.test_settings import start

WHOLE = {
    "SIGNET_MAIL_HOST": "mail.bank.example",
    "SIGNET_MAIL_USER": "signet",
    "SIGNET_MAIL_PASSWORD": "secret",
    "SIGNET_MAIL_FROM": "Signet <signet@bank.example>",
    "SIGNET_BASE_URL": "https://signet.bank.example/",
}


def test_mail_that_is_set_up_whole_starts() -> None:
    started = start(**WHOLE)
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SIGNET_MAIL_FROM": None}, "SIGNET_MAIL_FROM"),
        ({"SIGNET_BASE_URL": None}, "SIGNET_BASE_URL"),
        ({"SIGNET_MAIL_TLS": "none"}, "SIGNET_MAIL_TLS"),
        ({"SIGNET_MAIL_TLS": " None "}, "SIGNET_MAIL_TLS"),
    ],
)
def test_mail_that_is_set_up_by_half_is_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], named: str
) -> None:
    for name, value in (WHOLE | changes).items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=named):
        environment.require_whole_mail()


@pytest.mark.parametrize(
    "address",
    [
        "signet.bank.example",
        "ftp://signet.bank.example",
        "https://",
        "https://user@signet.bank.example",
        "https://signet.bank.example/?a=b",
        "https://signet.bank.example\r\nBcc: x",
    ],
)
def test_an_address_nobody_reaches_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SIGNET_BASE_URL", address)
    with pytest.raises(Misconfigured, match="SIGNET_BASE_URL"):
        environment.base_url("BASE_URL")


def test_the_slash_at_the_end_of_an_address_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_BASE_URL", "https://bank.example/signet/")
    assert environment.base_url("BASE_URL") == "https://bank.example/signet"


@pytest.mark.parametrize("sender", ["Signet", "a@b\r\nBcc: c@d", "@"])
def test_a_sender_that_is_no_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    monkeypatch.setenv("SIGNET_MAIL_FROM", sender)
    with pytest.raises(Misconfigured, match="SIGNET_MAIL_FROM"):
        environment.mail_address("MAIL_FROM")


def test_a_word_that_is_none_of_the_choices_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_MAIL_TLS", "ssl")
    with pytest.raises(Misconfigured, match="SIGNET_MAIL_TLS takes one of starttls, tls, none"):
        environment.one_of("MAIL_TLS", "starttls", "tls", "none")
