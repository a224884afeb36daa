"""Settings come from the environment, typed, and production refuses to start half-configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry_site import environment
from registry_site.environment import Misconfigured

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = {
    "SIGNET_SECRET_KEY": "k3Y-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2,
    "SIGNET_ALLOWED_HOSTS": "signet.example",
    "SIGNET_AUDIT_KEY": "1:" + "ab" * 32,
    "SIGNET_DATABASE_URL": "postgresql://signet:secret@db.example:5432/signet",
    "SIGNET_REDIS_URL": "rediss://:secret@redis.example:6379/0",
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Read the production settings in a process of their own."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SIGNET_")}
    ours = {key: value for key, value in (WHOLE | changes).items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import registry_site.settings.production"],
        env=inherited | ours,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_when_everything_is_set() -> None:
    started = start()
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize("name", WHOLE)
def test_production_refuses_to_start_without(name: str) -> None:
    started = start(**{name: None})
    assert started.returncode != 0
    assert name in started.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGNET_SECRET_KEY", "short"),
        ("SIGNET_SECRET_KEY", "a" * 60),
        ("SIGNET_ALLOWED_HOSTS", "*"),
        ("SIGNET_ALLOWED_HOSTS", "signet.example,*.example"),
        ("SIGNET_DEBUG", "yes"),
        ("SIGNET_AUDIT_KEY", "1:abcd"),
        ("SIGNET_AUDIT_KEY", "not hex"),
        ("SIGNET_REDIS_URL", "redis://redis.example:6379/0"),
        ("SIGNET_DATABASE_URL", "mysql://db.example/signet"),
        ("SIGNET_DATABASE_URL", "postgresql://db.example/"),
    ],
)
def test_a6_and_n4_production_refuses_a_setting_that_protects_nothing(
    name: str, value: str
) -> None:
    started = start(**{name: value})
    assert started.returncode != 0
    assert name in started.stderr


def test_a_flag_that_is_neither_yes_nor_no_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_DEBUG", "perhaps")
    with pytest.raises(Misconfigured, match="SIGNET_DEBUG"):
        environment.flag("DEBUG", default=False)


def test_a_number_below_its_least_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_MOST_FILE_BYTES", "0")
    with pytest.raises(Misconfigured, match="SIGNET_MOST_FILE_BYTES"):
        environment.number("MOST_FILE_BYTES", 5, least=1)


def test_words_are_cut_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_ALLOWED_HOSTS", " a.example, b.example ,")
    assert environment.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_a_database_address_is_read_whole() -> None:
    read = environment.database("postgresql://us%40er:p%2Fw@db.example:6543/signet?sslmode=require")
    assert (read["USER"], read["PASSWORD"]) == ("us@er", "p/w")
    assert (read["HOST"], read["PORT"], read["NAME"]) == ("db.example", "6543", "signet")
    options = read["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "require"


def test_a_database_on_a_socket_names_its_folder() -> None:
    read = environment.database("postgresql://signet@/signet?host=/run/postgresql")
    assert read["HOST"] == "/run/postgresql"


def test_statements_are_kept_unless_the_address_says_that_they_cannot_be() -> None:
    address = "postgresql://signet@db.example/signet"

    def threshold(words: str) -> object:
        return dict(environment.database(f"{address}{words}")["OPTIONS"])["prepare_threshold"]

    assert threshold("") == threshold("?keep_statements=yes") == 0
    assert threshold("?keep_statements=no") is None
    with pytest.raises(Misconfigured, match="keep_statements is neither yes nor no"):
        threshold("?keep_statements=perhaps")


def test_sqlite_writes_through_to_disk_one_writer_at_a_time(tmp_path: Path) -> None:
    options = environment.database(f"sqlite:///{tmp_path}/signet.sqlite3")["OPTIONS"]
    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in str(options["init_command"])


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    made = environment.kept_secret(path)
    assert environment.kept_secret(path) == made
    assert len(made) == 64
    assert path.stat().st_mode & 0o077 == 0


def test_checkpoints_are_kept_beside_the_data_and_where_the_operator_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIGNET_ANCHORS", "vault=folder:/mnt/vault, far=s3://far/kept?lock_days=9")
    assert environment.anchors("ANCHORS", Path("/data/checkpoints")) == {
        "local": "folder:/data/checkpoints",
        "vault": "folder:/mnt/vault",
        "far": "s3://far/kept?lock_days=9",
    }


@pytest.mark.parametrize(
    "value",
    [
        "vault",
        "vault=/mnt",
        "vault=folder:mnt",
        "Vault!=folder:/x",
        "local=folder:/x",
        "w1=http://x",
    ],
)
def test_a_place_for_checkpoints_is_named_whole(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SIGNET_ANCHORS", value)
    with pytest.raises(Misconfigured, match="name=folder:/path"):
        environment.anchors("ANCHORS", Path("/data"))


def test_only_a_place_that_is_named_can_be_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_ANCHORS_REQUIRED", "vault")
    assert environment.some_of("ANCHORS_REQUIRED", {"vault", "far"}) == {"vault"}
    with pytest.raises(Misconfigured, match="not there: vault"):
        environment.some_of("ANCHORS_REQUIRED", {"far"})


def test_the_log_is_named_by_the_host_people_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://signet.example.com:8443"
    assert environment.log_name("LOG_NAME", address) == "signet.example.com"
    assert environment.log_name("LOG_NAME", "") == ""
    monkeypatch.setenv("SIGNET_LOG_NAME", "registry.example")
    assert environment.log_name("LOG_NAME", address) == "registry.example"


@pytest.mark.parametrize("value", ["a b", "a/b", "../up", "a+b", "-a", "x" * 65])
def test_a_name_no_log_can_have_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SIGNET_LOG_NAME", value)
    with pytest.raises(Misconfigured, match="host name"):
        environment.log_name("LOG_NAME", "")
