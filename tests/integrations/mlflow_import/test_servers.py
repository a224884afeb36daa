"""How the operator names MLflow servers, and that secrets are only named."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from apps.integrations.mlflow_import.servers import (
    MlflowServer,
    SecretMissing,
    configured,
    read_servers,
)


def test_servers_are_read_in_order(settings: Settings) -> None:
    settings.MLFLOW_SOURCES = [
        "lab=https://mlflow.lab.example/;token=LAB_TOKEN",
        "old=http://mlflow.internal:5000/base;login=OLD_LOGIN",
        "open=https://open.example",
    ]

    assert configured() == (
        MlflowServer("lab", "https://mlflow.lab.example", token_variable="LAB_TOKEN"),
        MlflowServer("old", "http://mlflow.internal:5000/base", login_variable="OLD_LOGIN"),
        MlflowServer("open", "https://open.example"),
    )


@pytest.mark.parametrize(
    "entry",
    [
        "https://mlflow.example",
        "=https://mlflow.example",
        "La b=https://mlflow.example",
        "lab=mlflow.example",
        "lab=ftp://mlflow.example",
        "lab=https://",
        "lab=https://ann:secret@mlflow.example",
        "lab=https://mlflow.example?x=1",
        "lab=https://mlflow.example;token=",
        "lab=https://mlflow.example;token=not a name",
        "lab=https://mlflow.example;password=X",
        "lab=https://mlflow.example;token=A;login=B",
        "lab=https://mlflow.example;token=A;token=A",
    ],
)
def test_an_entry_that_cannot_be_read_keeps_signet_from_starting(
    settings: Settings, entry: str
) -> None:
    settings.MLFLOW_SOURCES = [entry]

    with pytest.raises(ImproperlyConfigured, match="SIGNET_MLFLOW_SOURCES") as refusal:
        apps.get_app_config("integrations").ready()

    assert "secret@" not in str(refusal.value) or "ann" in entry


def test_a_name_stands_there_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        read_servers(("a=https://one.example", "a=https://two.example"))


def test_secrets_come_from_the_environment_when_they_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = MlflowServer("lab", "https://lab.example", token_variable="LAB_TOKEN")
    with pytest.raises(SecretMissing, match="LAB_TOKEN"):
        _ = server.headers

    monkeypatch.setenv("LAB_TOKEN", "secret\n")
    assert server.headers == {"Authorization": "Bearer secret"}
    assert "secret" not in repr(server)
