"""The programs of a running Signet and the configuration its supervisor reads."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from supervisor.options import ServerOptions

from apps.console import supervision
from apps.console.supervision import Broker, ModelServer, Plan, Program

PLAN = Plan(
    python="/opt/signet/bin/python",
    host="127.0.0.1",
    port=8123,
    web_processes=2,
    light_processes=3,
    heavy_processes=1,
    broker=Broker("/usr/bin/valkey-server", Path("/data/run/broker.sock"), Path("/data/broker")),
    models=ModelServer(Path("/data/serving"), 8124),
)
AWKWARD = [
    "/a folder/python",
    "/100%/python",
    "/%(here)s/python",
    "/a ;b/python",
    "/a #b/python",
    "/o'clock ;/python",
    '/"quoted"/python',
    "/back\\slash/python",
    "/größe/python",
]


def test_the_broker_starts_first_and_the_web_last() -> None:
    programs = supervision.programs(PLAN)

    assert [program.name for program in programs] == [
        "broker",
        "worker",
        "heavy-worker",
        "sealer",
        "beat",
        "models",
        "web",
    ]
    assert [program.priority for program in programs] == sorted({p.priority for p in programs})


def test_a_broker_from_the_environment_needs_no_program() -> None:
    programs = supervision.programs(replace(PLAN, broker=None))

    assert [program.name for program in programs] == [
        "worker",
        "heavy-worker",
        "sealer",
        "beat",
        "models",
        "web",
    ]


def test_the_broker_is_reached_by_its_socket_alone() -> None:
    broker = command_of("broker")

    assert option(broker, "--port") == "0"
    assert option(broker, "--unixsocket") == "/data/run/broker.sock"
    assert option(broker, "--unixsocketperm") == "700"


def test_the_web_listens_where_the_plan_says() -> None:
    web = command_of("web")

    assert (option(web, "--host"), option(web, "--port")) == ("127.0.0.1", "8123")
    assert option(web, "--workers") == "2"


def test_models_are_served_from_their_folder_beside_the_web() -> None:
    assert tuple(command_of("models")[-2:]) == ("/data/serving", "8124")


def test_light_and_heavy_checks_have_as_many_processes_as_the_plan_says() -> None:
    assert option(command_of("worker"), "--concurrency") == "3"
    assert option(command_of("heavy-worker"), "--concurrency") == "1"


def test_the_two_workers_serve_every_queue_once() -> None:
    served = [
        queue
        for name in ("worker", "heavy-worker")
        for queue in option(command_of(name), "--queues").split(",")
    ]

    assert sorted(served) == sorted(settings.CELERY_TASK_QUEUES)
    assert settings.CELERY_TASK_DEFAULT_QUEUE in option(command_of("worker"), "--queues")


def test_every_program_ends_with_its_supervisor_and_comes_back_when_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in read_back(supervision.programs(PLAN), tmp_path, monkeypatch).values():
        words = shlex.split(program.command)
        assert words[:4] == [PLAN.python, "-m", "apps.console.parent", "KILL"]
        assert program.autorestart
        assert program.killasgroup


def test_the_supervisor_reads_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = supervision.programs(PLAN)

    read = read_back(programs, tmp_path, monkeypatch)

    assert list(read) == [program.name for program in programs]
    for program in programs:
        assert shlex.split(read[program.name].command)[4:] == list(program.command)
        assert read[program.name].stopwaitsecs == program.stops_within


@pytest.mark.parametrize("word", AWKWARD)
def test_any_path_reaches_the_program_unharmed(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program("web", (word, "--data", word), priority=1, stops_within=1)

    read = read_back((program,), tmp_path, monkeypatch)

    assert shlex.split(read["web"].command)[4:] == [word, "--data", word]


def test_a_path_that_breaks_the_line_is_refused() -> None:
    with pytest.raises(ValueError, match="breaks the line"):
        supervision.as_value(["/a\nb/python"])


def command_of(name: str) -> tuple[str, ...]:
    return next(p.command for p in supervision.programs(PLAN) if p.name == name)


def option(command: tuple[str, ...], name: str) -> str:
    return command[command.index(name) + 1]


def read_back(
    programs: tuple[Program, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return each program as supervisor itself understands the configuration."""
    monkeypatch.setenv("SIGNET_RUN", str(folder))
    file = folder / "supervisord.conf"
    file.write_text(supervision.configuration(programs, user="root", python=PLAN.python))
    options = ServerOptions()
    options.realize(args=["-c", str(file)])
    return {
        config.name: config
        for group in options.process_group_configs
        for config in group.process_configs
    }
