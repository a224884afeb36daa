"""The agent beside Signet: what it sees, what it sends, and when it tries again."""

import importlib.util
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

AGENT = Path(__file__).resolve().parents[2] / "deploy" / "agent" / "signet_agent.py"
DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
SERVING = {"model": "fraud", "version": 3, "digest": DIGEST, "share": 90.0, "requests": 7}
TOLD = {"endpoint": "fraud", "digest": DIGEST, "called": "fraud/3", "share": 90, "requests": 7}
SIGHTINGS = "/api/v1/environments/production-eu/sightings"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("signet_agent", AGENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


agent: Any = loaded()


@dataclass
class There:
    """A server that is Signet and the endpoints at once, and keeps what it was sent."""

    address: str
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """How Signet answers before it takes a report."""
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    """The path, the token and the body of each report."""


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[There]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = place.answers.get(self.path, (404, {}))
            self.end(status, body if isinstance(body, bytes) else json.dumps(body).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            place.sent.append((self.path, self.headers["Authorization"], body))
            status, headers = place.refusals.pop(0) if place.refusals else (200, {})
            self.end(status, b'{"detail": "Not now."}', headers)

        def end(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: Any) -> None:
            """Say nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = There(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield place
    server.shutdown()
    server.server_close()
    thread.join()


def config(there: There, *names: str, **other: Any) -> Any:
    """Return a config that asks endpoints of a server and tells that same server."""
    endpoints = tuple(agent.Endpoint(name, f"{there.address}/{name}") for name in names)
    facts = {
        "signet": there.address,
        "environment": "production-eu",
        "token": "sgt_secret",
        "endpoints": endpoints,
        "complete": True,
        "every_seconds": 60.0,
    }
    return agent.Config(**facts | other)


def written(tmp_path: Path, there: There | None = None, **told: Any) -> str:
    """Write a config as a file, and return its path."""
    token = tmp_path / "token"
    token.write_text("sgt_secret\n")
    address = there.address if there else "https://signet.example"
    facts = {"signet": address, "environment": "production-eu", "token_file": str(token)}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**facts, **told}))
    return str(path)


# -- looking and telling


def test_what_endpoints_say_is_told_with_its_moment_and_a_token(there: There) -> None:
    there.answers["/fraud"] = 200, SERVING
    there.answers["/churn"] = 200, {"serving": [{"called": "churn/1"}, {"digest": OTHER}]}

    assert agent.rounded(config(there, "fraud", "churn")) == agent.ALL_WELL

    [(path, token, body)] = there.sent
    assert (path, token) == (SIGHTINGS, "Bearer sgt_secret")
    assert body["complete"] is True
    assert body["at"].endswith("+00:00")
    first, second, third = body["seen"]
    assert first == TOLD
    assert (second["endpoint"], second["called"], second["share"]) == ("churn", "churn/1", None)
    assert (third["digest"], third["called"]) == (OTHER, "")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, {}, "status 503"),
        (302, {}, "status 302"),
        (200, b"fraud", "was not seen"),
        (200, [], "no"),
        (200, {"serving": ["x"]}, "no JSON object"),
        (200, {"version": 3}, "does not say what it serves"),
    ],
)
def test_what_could_not_be_seen_is_said_and_keeps_the_report_from_being_complete(
    there: There, capsys: pytest.CaptureFixture[str], status: int, body: Any, said: str
) -> None:
    there.answers["/fraud"] = 200, SERVING
    there.answers["/churn"] = status, body

    assert agent.rounded(config(there, "fraud", "churn")) == agent.NOT_ALL_SEEN

    [(_, _, report)] = there.sent
    assert (report["complete"], report["seen"]) == (False, [TOLD])
    assert "churn was not seen" in (printed := capsys.readouterr().err)
    assert said in printed


def test_an_address_that_is_none_is_not_opened(there: There) -> None:
    odd = (agent.Endpoint("host", "file:///etc/hostname"),)

    looked = agent.look(config(there, endpoints=odd))

    assert looked.seen == []
    assert "neither http:// nor https://" in looked.troubles[0]


# -- trying again


def test_signet_is_told_again_when_it_did_not_answer(there: There) -> None:
    there.refusals = [(503, {}), (429, {"Retry-After": "30"}), (500, {})]
    waits: list[float] = []

    assert agent.rounded(config(there), sleep=waits.append) == agent.ALL_WELL

    assert len({json.dumps(body) for _, _, body in there.sent}) == 1  # its moment stays the same
    first, second, third = waits
    assert 0.5 <= first <= 1.0
    assert 15 <= second <= 30
    assert 30 <= third <= 60


def test_a_refusal_is_said_and_not_tried_again(
    there: There, capsys: pytest.CaptureFixture[str]
) -> None:
    there.refusals = [(403, {})]

    assert agent.rounded(config(there), sleep=refuse_to_wait) == agent.NOT_TOLD

    assert "Not now." in capsys.readouterr().err


def test_a_redirect_takes_the_token_nowhere(there: There) -> None:
    there.refusals = [(307, {"Location": f"{there.address}/elsewhere"})]

    assert agent.rounded(config(there), sleep=refuse_to_wait) == agent.NOT_TOLD

    assert [path for path, _, _ in there.sent] == [SIGHTINGS]


def test_it_gives_up_in_the_end(there: There, capsys: pytest.CaptureFixture[str]) -> None:
    away = config(there, signet="http://127.0.0.1:1")
    waits: list[float] = []

    assert agent.rounded(away, sleep=waits.append) == agent.NOT_TOLD

    assert len(waits) == agent.TRIES - 1
    assert "tried 5 times" in capsys.readouterr().err


def test_it_goes_on_until_it_is_interrupted(there: There) -> None:
    there.refusals = [(400, {})]
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt

    assert agent.keep_on(config(there), wait) == agent.ALL_WELL

    assert len(there.sent) == 2
    assert all(54 <= seconds <= 66 for seconds in waits)


def refuse_to_wait(seconds: float) -> None:
    raise AssertionError(f"waited for {seconds} s")


# -- a cluster


def service(name: str, *traffic: dict[str, Any], **notes: str) -> dict[str, Any]:
    keys = {"digest": "signet/digest", "version": "signet/version", "stop": agent.STOP}
    return {
        "kind": "InferenceService",
        "metadata": {
            "name": name,
            "annotations": {keys[key]: value for key, value in notes.items()},
        },
        "spec": {"predictor": {"model": {"storageUri": f"s3://models/{name}"}}},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "components": {"predictor": {"traffic": list(traffic)}},
        },
    }


def revision(name: str, digest: str, version: str) -> dict[str, Any]:
    notes = {"signet/digest": digest, "signet/version": version}
    return {"kind": "Revision", "metadata": {"name": name, "annotations": notes}}


def listed(*items: dict[str, Any]) -> str:
    return json.dumps({"kind": "List", "items": items})


def test_a_cluster_tells_services_by_what_the_deployer_wrote_on_them() -> None:
    newest = {"latestRevision": True, "revisionName": "fraud-2", "percent": 100}
    looked = agent.of_cluster(
        listed(
            service("fraud", newest, digest=DIGEST, version="fraud/3"),
            service("plain", digest=OTHER, version="plain/1"),
            service("stopped", newest, digest=DIGEST, stop="true"),
            service("foreign", newest),
        )
    )

    assert looked.troubles == []
    assert [(one["endpoint"], one["digest"], one["called"]) for one in looked.seen] == [
        ("fraud", DIGEST, "fraud/3"),
        ("plain", OTHER, "plain/1"),
        ("foreign", "", "s3://models/foreign"),
    ]


def test_an_older_revision_is_told_by_what_it_says_itself() -> None:
    both = (
        {"latestRevision": True, "revisionName": "fraud-2", "percent": 10},
        {"revisionName": "fraud-1", "percent": 90},
    )
    split = service("fraud", *both, digest=DIGEST, version="fraud/3")

    looked = agent.of_cluster(listed(split, revision("fraud-1", OTHER, "fraud/2")))

    assert [(one["digest"], one["share"]) for one in looked.seen] == [(DIGEST, 10), (OTHER, 90)]
    alone = agent.of_cluster(listed(split))
    assert alone.seen == []
    assert "give revisions, too" in alone.troubles[0]


def test_what_is_not_ready_serves_nothing() -> None:
    waiting = service("fraud", digest=DIGEST)
    waiting["status"]["conditions"] = []

    assert agent.of_cluster(listed(waiting)) == ([], [])


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"items": 3}'])
def test_what_is_no_list_is_a_trouble(text: str) -> None:
    assert agent.of_cluster(text).troubles == ["What kubectl gave is no list in JSON."]


def test_what_a_cluster_tells_goes_to_signet(
    there: There, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = listed(service("fraud", digest=DIGEST, version="fraud/3"))
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    path = written(tmp_path, there, complete=True)

    assert agent.main([path, "--once", "--kubernetes"]) == agent.ALL_WELL

    [(_, _, body)] = there.sent
    assert [one["digest"] for one in body["seen"]] == [DIGEST]
    assert body["complete"] is True


# -- the config


def test_a_config_is_read_with_its_token_from_a_file(tmp_path: Path) -> None:
    asked = [{"endpoint": "fraud", "address": "http://fraud:8080"}]
    path = written(tmp_path, endpoints=asked, every_seconds=1)

    config = agent.read_config(Path(path))

    assert config == agent.Config(
        signet="https://signet.example",
        environment="production-eu",
        token="sgt_secret",
        endpoints=(agent.Endpoint("fraud", "http://fraud:8080"),),
        complete=False,
        every_seconds=5.0,
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"signet": "http://signet.example"}, "https:// address"),
        ({"signet": "signet.example"}, "https:// address"),
        ({"token": "sgt_secret"}, "no part of the config"),
        ({"token_file": "/nowhere/token"}, "cannot be read"),
        ({"endpoints": [{"endpoint": "fraud"}]}, "does not name 'address'"),
        ({"endpoints": 3}, "cannot be read"),
        ({"every_seconds": "often"}, "cannot be read"),
    ],
)
def test_a_config_that_cannot_be_gone_by_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told: dict[str, Any], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        agent.main([written(tmp_path, **told), "--once"])

    assert ended.value.code == agent.WRONG_USE
    assert said in capsys.readouterr().err


def test_a_config_is_one_object(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("[]")

    with pytest.raises(agent.WrongConfig, match="one JSON object"):
        agent.read_config(path)


def test_a_token_may_come_from_the_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_TOKEN", "sgt_other")
    assert agent.read_token({}) == "sgt_other"

    monkeypatch.setenv("SIGNET_TOKEN", "two words")
    with pytest.raises(agent.WrongConfig, match="There is no token"):
        agent.read_token({})


def test_the_input_is_read_once(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        agent.main([written(tmp_path), "--kubernetes"])


def test_the_example_beside_it_is_a_config(tmp_path: Path) -> None:
    told = json.loads((AGENT.parent / "config.example.json").read_text())
    del told["token_file"]

    assert agent.read_config(Path(written(tmp_path, **told))).complete is True


def test_it_runs_as_a_program_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(AGENT), "--help"], capture_output=True, text=True, check=True
    )

    assert "--once" in done.stdout
