"""What single sign-on takes from the environment."""

import pytest

from registry_site import environment
from registry_site.environment import Misconfigured

WHOLE = {
    "OIDC_ISSUER": "https://id.example.com",
    "OIDC_CLIENT_ID": "signet",
    "BASE_URL": "https://signet.example.com",
}


def set_up(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"SIGNET_{name}", value)


def test_a_whole_provider_or_none_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    environment.require_whole_sign_on()
    set_up(monkeypatch, **WHOLE)
    environment.require_whole_sign_on()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_CLIENT_ID", ""),
        ("BASE_URL", ""),
        ("OIDC_ISSUER", "http://id.example.com"),
        ("OIDC_ISSUER", "id.example.com"),
        ("OIDC_ISSUER", "https://id.example.com?tenant=1"),
        ("OIDC_SCOPES", "profile,email"),
        ("OIDC_DIRECTORY_CLAIM", "email"),
        ("OIDC_DIRECTORY_CLAIM", "preferred_username"),
    ],
)
def test_half_a_provider_keeps_signet_from_starting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    set_up(monkeypatch, **WHOLE | {name: value})

    with pytest.raises(Misconfigured, match=name):
        environment.require_whole_sign_on()


def test_groups_and_roles_are_read_in_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="left=right"):
        set_up(monkeypatch, PAIRS="risk=,validator")
        environment.pairs("PAIRS")
    set_up(monkeypatch, PAIRS="cn=risk=risk_officer, /validators = validator")

    assert environment.pairs("PAIRS") == (("cn=risk", "risk_officer"), ("/validators", "validator"))
