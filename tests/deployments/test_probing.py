"""What endpoints say of themselves, asked by plain HTTP: what counts, and what is a trouble."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from apps.core import outbound
from apps.core.addresses import AddressRefused
from apps.deployments import probing
from apps.deployments.deployers.contract import Seen

DIGEST = "sha256:" + "ab" * 32
JSON = probing.Probe("https://{service}.models.example/version")
MLFLOW = probing.Probe("https://{service}.models.example/", "mlflow")

Pages = dict[str, Any]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Pages], None]:
    """Let addresses answer with a status and a body, or fail; any other is not reached."""

    def served(pages: Pages) -> None:
        def ask(method: str, url: str, **how: Any) -> outbound.Answer:
            assert (method, how["seconds"]) == ("GET", probing.SECONDS)
            answer = pages.get(url, outbound.NotReached("It did not answer."))
            if isinstance(answer, Exception):
                raise answer
            status, body = answer
            return outbound.Answer(
                status, body if isinstance(body, bytes) else json.dumps(body).encode()
            )

        monkeypatch.setattr(outbound, "ask", ask)

    return served


FRAUD = "https://fraud.models.example/version"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (
            {"digest": DIGEST, "share": 90, "requests": 4},
            [Seen("fraud", DIGEST, "", 90, 4)],
        ),
        ({"model": "fraud", "version": 3}, [Seen("fraud", "", "fraud/3")]),
        ({"name": "fraud", "version": "3", "platform": "x"}, [Seen("fraud", "", "fraud/3")]),
        ({"called": "models:/fraud/3"}, [Seen("fraud", "", "models:/fraud/3")]),
        (
            {"serving": [{"digest": DIGEST}, {"called": "fraud/2"}]},
            [Seen("fraud", DIGEST), Seen("fraud", "", "fraud/2")],
        ),
        ({"serving": []}, []),
    ],
)
def test_what_an_endpoint_serves_is_read(
    serve: Callable[[Pages], None], body: Any, seen: list[Seen]
) -> None:
    serve({FRAUD: (200, body)})

    assert probing.ask(JSON, "fraud") == probing.Answered("fraud", seen)


@pytest.mark.parametrize(
    ("answer", "said", "is_there"),
    [
        (outbound.NotReached("It did not answer."), "did not answer", False),
        (AddressRefused("Signet does not send there."), "does not send", True),
        (outbound.AnswerTooLong("The server sent more."), "sent more", True),
        ((404, {}), "status 404", False),
        ((503, {}), "status 503", False),
        ((500, {}), "status 500", True),
        ((200, b"fraud 3"), "not JSON", True),
        ((200, {"share": "most"}), "cannot be read", True),
        ((200, [1]), "cannot be read", True),
        ((200, {"platform": "x"}), "neither digest nor name", True),
    ],
)
def test_what_cannot_be_read_is_a_trouble_of_that_service(
    serve: Callable[[Pages], None], answer: Any, said: str, is_there: bool
) -> None:
    serve({FRAUD: answer})

    [answered] = probing.ask_all(JSON, ["fraud"])

    assert (answered.seen, answered.is_there) == ((), is_there)
    assert answered.trouble.startswith("fraud: ")
    assert said in answered.trouble


def test_a_scoring_server_of_mlflow_tells_that_it_is_there_and_no_more(
    serve: Callable[[Pages], None],
) -> None:
    serve(
        {
            "https://a.models.example/ping": (200, b"\n"),
            "https://a.models.example/version": (200, b"2.14.1"),
            "https://b.models.example/ping": (200, b""),
            "https://b.models.example/version": (200, {"model": "b", "version": 1}),
            "https://c.models.example/ping": (503, b""),
        }
    )

    a, b, c = probing.ask_all(MLFLOW, ["a", "b", "c"])

    assert (a.seen, a.trouble) == ((), "a: It answers, and does not say what it serves.")
    assert b.seen == [Seen("b", "", "b/1")]
    assert (c.is_there, c.trouble) == (False, "c: It answered with status 503.")


def test_nobody_is_asked_where_there_is_nobody() -> None:
    assert probing.ask_all(JSON, []) == []


# -- the settings of an environment


def test_the_settings_of_the_deployer_are_the_others() -> None:
    target = {"url": "https://deploy.example", "probe": {"address": JSON.address}}

    assert probing.of_deployer(target) == {"url": "https://deploy.example"}
    assert probing.probe_of(target) == JSON
    assert probing.probe_of({}) is None
    assert probing.problems(target) == probing.problems({}) == []


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ({}, "missing required field"),
        ("https://{service}.example", "The probe is refused"),
        ({"address": "https://{service}.example", "kind": "grpc"}, "Invalid enum value"),
        ({"address": "https://{service}.example", "header": "x"}, "unknown field"),
        ({"address": "https://models.example"}, "says {service} where"),
        ({"address": "http://{service}.example"}, "begins with https://"),
        ({"address": "https://{service}.local"}, "does not send to"),
    ],
)
def test_a_probe_that_would_not_work_is_said_to(settings: Settings, probe: Any, said: str) -> None:
    settings.OUTBOUND_HTTP, settings.OUTBOUND_ALLOW = False, []

    [problem] = probing.problems({"probe": probe})

    assert said in problem
