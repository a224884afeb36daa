"""The deployers there are, those other packages add, and the secrets their settings name."""

from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from apps.core.addresses import AddressRefused
from apps.deployments import deployers
from apps.deployments.deployers import UnknownDeployer, by_hand, credentials, entry_points
from apps.deployments.deployers.contract import CannotLook, Ending, Order
from apps.deployments.deployers.credentials import SecretMissing
from registry_site import environment
from registry_site.environment import Misconfigured
from tests.deployments import places
from tests.deployments.places import FakeDeployer

HERE = __name__
FINE = FakeDeployer("spinnaker", "Spinnaker")
TAKEN = FakeDeployer("webhook")
NOT_AN_OBJECT = FakeDeployer
SEVEN = 7
NAMED_BADLY = FakeDeployer("Spinnaker 2")
NAMED_LONG = FakeDeployer("s" * 61)
UNTITLED = FakeDeployer("spinnaker", "")
UNDECIDED = FakeDeployer("spinnaker", can_look=None)  # type: ignore[arg-type]


def point(place: str) -> EntryPoint:
    return EntryPoint("added", place, entry_points.GROUP)


# -- which there are -------------------------------------------------------------------------------


def test_those_that_come_with_signet_are_known_by_their_names() -> None:
    names = [one.name for one in deployers.all_deployers()]

    assert names[:3] == ["by_hand", "webhook", "kserve"]
    assert [deployers.named(name).name for name in names] == names
    assert all(one.title for one in deployers.all_deployers())


def test_an_unknown_one_is_refused_in_words() -> None:
    with pytest.raises(UnknownDeployer, match=r"no deployer named 'puppet'. There are: by_hand, "):
        deployers.named("puppet")
    assert deployers.named_or_none("puppet") is None


def test_whether_one_can_look_may_depend_on_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    places.put_in_place(monkeypatch, FakeDeployer())

    assert deployers.can_look("fake", {})
    assert deployers.can_look("webhook", {"look": "https://x.example/look"})
    assert not deployers.can_look("webhook", {})
    assert not deployers.can_look("by_hand", {})
    assert not deployers.can_look("puppet", {})


def test_by_hand_takes_every_order_and_cannot_tell_what_runs() -> None:
    order = Order("rol_1", 1, "production", "fraud", ())

    outcome = by_hand.DEPLOYER.carry_out(order, {})

    assert outcome.ending is Ending.ACCEPTED
    assert outcome.told == "Carry it out in production, then record how it ended."
    assert by_hand.DEPLOYER.problems({}) == []
    assert by_hand.DEPLOYER.problems({"url": "x"}) == [
        "Whoever deploys by hand needs no settings here."
    ]
    with pytest.raises(CannotLook):
        by_hand.DEPLOYER.look("production", {})


# -- which other packages add ----------------------------------------------------------------------


def test_another_package_adds_a_deployer_by_an_entry_point() -> None:
    [added], refused = entry_points.load(["webhook"], [point(f"{HERE}:FINE")])

    found: object = added.deployer
    assert found is FINE
    assert (added.package, refused) == ("unknown", ())


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (f"{HERE}:TAKEN", "There is a deployer named webhook already."),
        (f"{HERE}:NOT_AN_OBJECT", "where an object that deploys is wanted"),
        (f"{HERE}:SEVEN", "It leads to a int"),
        (f"{HERE}:NAMED_BADLY", "A name is of small letters"),
        (f"{HERE}:NAMED_LONG", "at most 60 characters"),
        (f"{HERE}:UNTITLED", "A title is a text"),
        (f"{HERE}:UNDECIDED", "either yes or no"),
        (f"{HERE}:NOBODY", "ended with AttributeError"),
        ("no_such_module:DEPLOYER", "ended with ModuleNotFoundError"),
    ],
)
def test_one_that_cannot_be_had_stops_nothing_and_says_why(place: str, why: str) -> None:
    added, [refused] = entry_points.load(["webhook"], [point(place)])

    assert added == ()
    assert why in refused.why


def test_the_first_of_two_of_one_name_is_taken_and_a_package_is_named() -> None:
    found: list[Any] = [
        SimpleNamespace(
            name=package,
            value="x:Y",
            dist=SimpleNamespace(name=package, version="1"),
            load=lambda: FINE,
        )
        for package in ("second", "first")
    ]

    [added], [refused] = entry_points.load([], found)

    assert (added.package, refused.package) == ("first 1", "second 1")


# -- secrets ---------------------------------------------------------------------------------------


@pytest.fixture
def secrets(settings: Settings, tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("a token from a file\n")
    settings.DEPLOYER_SECRETS = {
        "hook": ("deploy.example.com", "a secret of the webhook"),
        "cluster": ("k8s.example.com:6443", f"file:{file}"),
    }
    return file


@pytest.mark.usefixtures("secrets")
def test_a_secret_is_known_by_its_name_at_its_own_host() -> None:
    assert credentials.secret_for("hook", "https://deploy.example.com/x") == (
        "a secret of the webhook"
    )
    assert credentials.problem_with("hook", "https://deploy.example.com/y?z=1") == ""


def test_a_secret_in_a_file_is_read_afresh_each_time(secrets: Path, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["k8s.example.com:6443"]
    api = "https://k8s.example.com:6443"
    assert credentials.secret_for("cluster", api) == "a token from a file"

    secrets.write_text("another token")

    assert credentials.secret_for("cluster", api) == "another token"


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe"])
def test_a_file_that_holds_no_secret_is_refused_when_it_is_used(
    secrets: Path, settings: Settings, content: bytes
) -> None:
    settings.OUTBOUND_ALLOW = ["k8s.example.com:6443"]
    secrets.write_bytes(content)

    with pytest.raises(SecretMissing, match="file of the secret cluster"):
        credentials.secret_for("cluster", "https://k8s.example.com:6443")
    secrets.unlink()
    with pytest.raises(SecretMissing):
        credentials.secret_for("cluster", "https://k8s.example.com:6443")
    assert credentials.problem_with("cluster", "https://k8s.example.com:6443") == ""


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("other", "https://deploy.example.com/"),
        ("hook", "https://evil.example.com/"),
        ("hook", "https://deploy.example.com.evil.example/"),
        ("cluster", "https://k8s.example.com/"),
        ("", "https://deploy.example.com/"),
    ],
)
def test_a_secret_goes_to_no_other_host(name: str, url: str) -> None:
    with pytest.raises(SecretMissing, match="SIGNET_DEPLOYER_SECRETS"):
        credentials.secret_for(name, url)
    assert "There is no secret named" in credentials.problem_with(name, url)


@pytest.mark.usefixtures("secrets")
def test_an_address_that_is_none_has_no_secret() -> None:
    with pytest.raises(AddressRefused):
        credentials.secret_for("hook", "https://user@deploy.example.com/")


def test_secrets_are_read_from_the_environment_each_for_one_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = "hook@deploy.example.com=c2VjcmV0IGluIGJhc2U2NA==, k8s@[fd00::1]:6443=file:/t"
    monkeypatch.setenv("SIGNET_DEPLOYER_SECRETS", told)

    assert environment.host_secrets("DEPLOYER_SECRETS") == {
        "hook": ("deploy.example.com", "c2VjcmV0IGluIGJhc2U2NA=="),
        "k8s": ("[fd00::1]:6443", "file:/t"),
    }
    monkeypatch.delenv("SIGNET_DEPLOYER_SECRETS")
    assert environment.host_secrets("DEPLOYER_SECRETS") == {}


@pytest.mark.parametrize(
    "told",
    [
        "hook=0123456789abcdef",
        "hook@=0123456789abcdef",
        "@deploy.example.com=0123456789abcdef",
        "hook@deploy.example.com=short",
        "hook@deploy.example.com/x=0123456789abcdef",
        "hook@deploy.example.com=0123456789abcdef\x07",
        "a@b.example=0123456789abcdef,a@c.example=0123456789abcdef",
    ],
)
def test_a_secret_that_is_none_stops_signet_without_being_told(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("SIGNET_DEPLOYER_SECRETS", told)

    with pytest.raises(Misconfigured, match="takes name@host=secret") as refusal:
        environment.host_secrets("DEPLOYER_SECRETS")
    assert "0123456789abcdef" not in str(refusal.value)
