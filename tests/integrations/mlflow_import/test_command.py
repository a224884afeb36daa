"""The command that brings a registry over says what it took, what it left, and why."""

import io
import json
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel, Run
from apps.integrations.management.commands import import_mlflow
from apps.integrations.mlflow_import import registry
from apps.integrations.mlflow_import.progress import Bar
from tests.integrations.mlflow_import.carrying import fill, standing
from tests.integrations.mlflow_import.lab import Lab
from tests.scenarios import developer, stranger

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    """A terminal a person looks at."""

    def isatty(self) -> bool:
        return True


def run(there: Lab, *given: str, out: io.StringIO | None = None, **options: Any) -> str:
    """Run the command as the developer, and return what it said."""
    said = out or io.StringIO()
    asked = {"acting": developer().username, "reason": "The lab closes", **options}
    call_command("import_mlflow", there.address, *given, stdout=said, **asked)
    return said.getvalue()


def test_it_says_what_it_took_and_what_it_left(there: Lab, tmp_path: Path) -> None:
    fill(there)
    report = tmp_path / "report.json"

    said = run(there, "--report", str(report))

    assert "3 of 3 models.\n" in said
    assert "Taken: 2 models," in said
    assert "Here already: nothing." in said
    assert "  wine v1: alias champion: The alias champion moves by promotion" in said
    written = json.loads(report.read_text())
    assert (written["whole"], written["address"]) == (True, there.address)
    assert written["taken"]["versions"] == ModelVersion.objects.filter(deleted_at=None).count() == 5
    assert {"model": "wine", "version": 1, "what": "alias champion"}.items() <= next(
        left for left in written["not_taken"] if left["what"] == "alias champion"
    ).items()


def test_a_dry_run_says_the_same_and_changes_nothing(there: Lab) -> None:
    fill(there)
    developer()
    before = standing(), AuditEvent.objects.count()

    said = run(there, "--dry-run")

    assert (standing(), AuditEvent.objects.count()) == before
    assert "Would be taken: " in said
    assert "2 models" in said
    assert "5 versions" in said
    assert "1 missing versions" in said
    assert "alias champion" in said


def test_only_the_models_asked_for_come(there: Lab) -> None:
    fill(there)

    run(there, models=["iris", "nothing"])

    assert list(RegisteredModel.objects.values_list("name", flat=True)) == ["iris"]


def test_a_model_that_is_not_there_is_said(there: Lab) -> None:
    assert "nothing: model: The server does not have this." in run(there, models=["nothing"])


def test_what_breaks_off_is_said_with_what_was_done(there: Lab, tmp_path: Path) -> None:
    fill(there)
    report = tmp_path / "report.json"
    there.authorization = "Bearer right"

    with pytest.raises(CommandError, match="refused Signet with status 401") as refusal:
        run(there, "--report", str(report))

    assert import_mlflow.AGAIN in str(refusal.value)
    assert json.loads(report.read_text())["whole"] is False


def test_a_token_comes_from_the_environment(there: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(there)
    there.authorization = "Bearer right"
    monkeypatch.setenv("LAB_TOKEN", "right")

    run(there, token_env="LAB_TOKEN")

    assert RegisteredModel.objects.count() == 3


def test_control_c_ends_it_in_words(there: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(there)
    whole = registry.bring

    def pressed(order: Any, wanted: Any, tell: Any) -> None:
        whole(order, ["iris"], tell)
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "bring", pressed)
    said = io.StringIO()

    with pytest.raises(CommandError, match="Stopped") as stopped:
        run(there, out=said)

    assert stopped.value.returncode == 128 + signal.SIGINT
    assert "Taken: 1 models," in said.getvalue()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"acting": "nobody"}, "There is no account"),
        ({"token_env": "not a name"}, "name of the variable"),
        ({"reason": " "}, "Give a reason"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    there: Lab, options: dict[str, Any], words: str
) -> None:
    fill(there)
    try:
        said = run(there, **options)
    except CommandError as refusal:
        said = str(refusal)

    assert words in said
    assert RegisteredModel.objects.count() == 0


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="is no address of a server"):
        call_command("import_mlflow", "lab", acting=developer().username, reason="x")


def test_whoever_may_not_register_models_is_refused(there: Lab) -> None:
    fill(there)

    with pytest.raises(CommandError, match="do not have the right to register models"):
        run(there, acting=stranger().username)

    assert RegisteredModel.objects.count() == Run.objects.count() == 0


def test_a_terminal_shows_a_bar_and_no_control_characters_of_others(there: Lab) -> None:
    fill(there)
    there.model("evil\x1b[2J")

    said = run(there, out=Terminal())

    assert "\r[" in said
    assert "########" in said
    assert "\x1b" not in said
    assert "evil\\x1b[2J" in said


def test_a_long_list_of_what_was_left_is_cut_on_the_screen(there: Lab, tmp_path: Path) -> None:
    for number in range(import_mlflow.MOST_SHOWN + 3):
        there.model(f"a:{number}")
    report = tmp_path / "report.json"

    said = run(there, "--report", str(report))

    assert "… and 3 more" in said
    assert len(json.loads(report.read_text())["not_taken"]) == import_mlflow.MOST_SHOWN + 3


def test_an_empty_registry_is_brought_whole(there: Lab) -> None:
    assert "0 of 0 models." in run(there)
    assert Bar.__doc__
