"""The webhook for Kubernetes lets start what Signet admits, and nothing it was not told of."""

import http.client
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test.utils import override_settings

from apps.accounts.scopes import Scope
from apps.approvals.serving import signed_answers
from apps.catalog.models import ModelVersion
from tests import scenarios
from tests.api.caller import token_of
from tests.deployments import places
from tests.deployments.admitting import FOLDER, program
from tests.deployments.answering import while_answering

HOOK = program("k8s_webhook")
DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
MODELS = ("registry.example/models/",)
NO = {"admitted": False, "reasons": [{"code": "unknown_digest", "text": "Nobody knows it."}]}
YES: dict[str, Any] = {"admitted": True, "reasons": []}

Json = dict[str, Any]


def config(**changed: Any) -> Any:
    said = {"url": "http://127.0.0.1:9", "token_file": "/nowhere", "environment": "lab"}
    return HOOK.Config(**said | changed)


def pod(*images: str, digest: str = "") -> Json:
    annotations = {"signet/digest": digest} if digest else {}
    containers = [{"name": "c", "image": image} for image in images]
    return {"metadata": {"annotations": annotations}, "spec": {"containers": containers}}


def review(runs: Json | None, **said: Any) -> Json:
    request = {"uid": "7", "operation": "CREATE", "namespace": "fraud", "object": runs, **said}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


class Told:
    """Stands for Signet: says what a test told it, and keeps what it was asked."""

    def __init__(self, answers: dict[str, Json] | None = None) -> None:
        self.answers, self.asked = answers or {}, list[tuple[str, str]]()

    def answer(self, digest: str, environment: str) -> Json:
        self.asked.append((digest, environment))
        if digest not in self.answers:
            raise HOOK.NoAnswer("Signet answered 503.")
        return self.answers[digest]


def response(runs: Json | None, signet: Told, settings: Any = None, **said: Any) -> Json:
    answer: Json = HOOK.reviewed(review(runs, **said), settings or config(), signet)
    assert (answer["kind"], answer["response"]["uid"]) == ("AdmissionReview", "7")
    found: Json = answer["response"]
    return found


def test_what_signet_admits_starts_and_the_rest_does_not() -> None:
    signet = Told({DIGEST: YES, OTHER: NO})

    assert response(pod(digest=DIGEST), signet)["allowed"]
    refused = response(pod(digest=f"{DIGEST}, {OTHER}"), signet)

    assert refused["allowed"] is False
    assert refused["status"] == {"code": 403, "message": "Signet: Nobody knows it."}
    assert signet.asked == [(DIGEST, "lab"), (DIGEST, "lab"), (OTHER, "lab")]


def test_what_goes_through_though_it_is_not_admissible_is_a_warning() -> None:
    through = response(pod(digest=DIGEST), Told({DIGEST: {**NO, "admitted": True}}))

    assert through == {"uid": "7", "allowed": True, "warnings": ["Signet: Nobody knows it."]}


def test_images_of_models_are_asked_about_and_others_left_alone() -> None:
    signet, settings = Told({DIGEST: YES}), config(images=MODELS)
    image = f"{MODELS[0]}fraud@{DIGEST}"

    assert response(pod("redis:7", image, image), signet, settings)["allowed"]
    assert signet.asked == [(DIGEST, "lab")]
    assert response(pod("redis:7"), signet, settings)["allowed"]
    assert response(None, signet, settings)["allowed"]
    untold = response(pod(f"{MODELS[0]}fraud:latest"), signet, settings)
    assert "fraud:latest is not named by a digest" in untold["status"]["message"]
    assert len(signet.asked) == 1


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (pod("redis:7"), "the annotation signet/digest is missing"),
        (pod(digest="latest"), "latest is not named by a digest"),
        (pod(digest=",".join(f"sha256:{n:064}" for n in range(51))), "at most 50"),
    ],
)
def test_an_object_that_does_not_say_what_it_runs_is_refused(runs: Json, words: str) -> None:
    assert words in response(runs, Told(), config(fails_open=True))["status"]["message"]


def test_what_runs_already_goes_on_and_what_an_update_brings_is_asked_about() -> None:
    signet, old = Told({OTHER: NO}), pod(digest=DIGEST)

    for before, after, allowed in (
        (old, old, True),
        (pod("redis:7"), pod("redis:7"), True),
        (old, pod(digest=f"{DIGEST},{OTHER}"), False),
    ):
        found = response(after, signet, operation="UPDATE", oldObject=before)
        assert found["allowed"] is allowed
    assert signet.asked == [(OTHER, "lab")]


def test_no_answer_is_a_no_unless_the_operator_says_otherwise() -> None:
    closed = response(pod(digest=DIGEST), Told())
    opened = response(pod(digest=DIGEST), Told(), config(fails_open=True))

    assert (closed["allowed"], closed["status"]["message"]) == (
        False,
        "Signet: Signet answered 503.",
    )
    assert opened["allowed"]
    assert "let through unasked. Signet answered 503." in opened["warnings"][0]


def test_each_namespace_has_its_environment() -> None:
    signet = Told({DIGEST: YES})
    settings = config(environment="", environments={"fraud": "production-eu"})

    assert response(pod(digest=DIGEST), signet, settings)["allowed"]
    assert signet.asked == [(DIGEST, "production-eu")]
    lost = response(pod(digest=DIGEST), signet, settings, namespace="lab")
    assert "no environment of Signet is named for the namespace lab" in lost["status"]["message"]


# -- what the operator sets

SET = {"SIGNET_URL": "https://signet.example/", "SIGNET_TOKEN_FILE": "/token"}


def test_everything_is_set_by_the_environment() -> None:
    key = signed_answers.signers()[0].public.text
    read = HOOK.Config.read(
        SET
        | {
            "SIGNET_ENVIRONMENTS": "fraud=production-eu, lab=staging",
            "SIGNET_IMAGES": "a/,b/",
            "SIGNET_FAIL": "open",
            "SIGNET_KEYS": key,
        }
    )

    assert (read.url, read.fails_open, read.images) == (
        "https://signet.example",
        True,
        ("a/", "b/"),
    )
    assert (read.environments, read.keys) == ({"fraud": "production-eu", "lab": "staging"}, (key,))
    assert HOOK.Config.read(SET).fails_open is False


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SIGNET_URL": ""}, "SIGNET_URL is not set"),
        ({"SIGNET_URL": "file:///etc"}, "takes an address"),
        ({"SIGNET_TOKEN_FILE": ""}, "SIGNET_TOKEN_FILE is not set"),
        ({"SIGNET_FAIL": "maybe"}, "open or closed"),
        ({"SIGNET_ENVIRONMENTS": "fraud"}, "namespace=environment"),
        ({"SIGNET_KEYS": "no key"}, "SIGNET_KEYS"),
    ],
)
def test_what_is_set_wrongly_stops_it_as_it_starts(changed: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        HOOK.Config.read(SET | changed)


# -- asking Signet itself


@pytest.fixture
def version(db: None) -> ModelVersion:
    """A version in development, beside a place for it and one that wants it in production."""
    version: ModelVersion = scenarios.registered_version()
    places.environment("lab", admits=["development"])
    places.environment("production-eu", admits=["production"])
    return version


@pytest.fixture
def token(version: ModelVersion, tmp_path: Path) -> str:
    """A file with a token, as a secret is mounted."""
    file = tmp_path / "token"
    file.write_text(token_of(scenarios.operator(), Scope.ADMIT) + "\n")
    return str(file)


@contextmanager
def serving(settings: Any) -> Iterator[http.client.HTTPConnection]:
    """Run the webhook in a thread, and give a line to it."""
    with HOOK.server(settings, ("127.0.0.1", 0)) as webhook:
        thread = threading.Thread(target=webhook.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        line = http.client.HTTPConnection("127.0.0.1", webhook.server_port, timeout=30)
        try:
            yield line
        finally:
            line.close()
            webhook.shutdown()
            thread.join()


def send(line: http.client.HTTPConnection, method: str, path: str, body: bytes = b"") -> Any:
    line.request(method, path, body or None)
    answer = line.getresponse()
    return answer.status, json.loads(answer.read())


def test_a_cluster_is_answered_as_signet_says(version: ModelVersion, token: str) -> None:
    settings = {"token_file": token, "environments": {"prod": "production-eu"}}
    settings["keys"] = (signed_answers.signers()[0].public.text,)

    def ask(signet: str) -> list[tuple[int, Json]]:
        runs = pod(digest=version.content_digest)
        with serving(config(url=signet, **settings)) as line:
            return [
                send(line, "POST", "/admit", json.dumps(review(runs, namespace=name)).encode())
                for name in ("fraud", "prod")
            ]

    (_, yes), (_, no) = while_answering(ask)

    assert yes["response"] == {"uid": "7", "allowed": True}
    assert no["response"]["allowed"] is False
    assert "production-eu admits Production" in no["response"]["status"]["message"]


def test_what_is_no_review_is_refused_and_health_is_told() -> None:
    with serving(config()) as line:
        assert send(line, "GET", "/health") == (200, {})
        assert send(line, "GET", "/admit")[0] == 404
        for path, body in (("/admit", b"[]"), ("/admit", b"x"), ("/admit", b""), ("/else", b"{}")):
            assert send(line, "POST", path, body)[0] == 400


def test_an_answer_is_kept_for_as_long_as_it_holds(
    version: ModelVersion, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 59.0, 61.0, 61.0])
    asked: list[str] = []
    monkeypatch.setattr(HOOK, "MOST_KEPT", 1)

    def ask(signet: str) -> list[Json]:
        kept = HOOK.Signet(config(url=signet, token_file=token), lambda: next(moments))
        real = kept._open

        def opened(request: urllib.request.Request, timeout: float) -> Any:
            asked.append(request.full_url)
            return real(request, timeout=timeout)

        kept._open = opened
        digest = version.content_digest
        return [kept.answer(digest, where) for where in ("lab", "lab", "lab", "production-eu")]

    told = while_answering(ask)

    assert [one["admitted"] for one in told] == [True, True, True, False]
    assert len(asked) == 3


def test_what_proves_nothing_is_no_answer(
    version: ModelVersion, token: str, tmp_path: Path
) -> None:
    digest = version.content_digest
    with override_settings(ADMISSION_KEY_FILES=[str(tmp_path / "other")]):
        (tmp_path / "other").write_text("44" * 32)
        strange = signed_answers.signers()[0].public.text

    def ask(signet: str) -> list[str]:
        troubles = []
        for where, changed in (
            ("lab", {"keys": (strange,)}),
            ("lab", {"token_file": "/nowhere"}),
            ("absent", {}),
            ("lab", {"url": f"{signet}/elsewhere"}),
            ("lab", {"url": "http://127.0.0.1:9"}),
        ):
            settings = config(**{"url": signet, "token_file": token, **changed})
            with pytest.raises(HOOK.NoAnswer) as trouble:
                HOOK.Signet(settings).answer(digest, where)
            troubles.append(str(trouble.value))
        return troubles

    troubles = while_answering(ask)

    assert "none of the given keys signed it" in troubles[0]
    assert "No such file" in troubles[1]
    assert troubles[2:4] == ["Signet answered 404."] * 2
    assert "Connection refused" in troubles[4]


@pytest.mark.parametrize(
    "said",
    [
        {"digest": OTHER, "environment": "lab", **YES},
        {"digest": DIGEST, "environment": "lab", **YES, "admitted": "yes"},
        {"digest": DIGEST, "environment": "lab", "admitted": True, "reasons": None},
    ],
)
def test_an_answer_that_is_none_or_about_something_else_does_not_count(said: Json) -> None:
    with pytest.raises(ValueError, match="it is"):
        HOOK.Signet(config())._read(json.dumps({"answer": said}), DIGEST, "lab")


def test_the_token_is_taken_nowhere_else() -> None:
    assert HOOK._NoRedirect().redirect_request("to", "another", "host") is None


# -- the manifests


def test_the_manifests_fit_the_program() -> None:
    text = (FOLDER / "kubernetes" / "manifests.yaml").read_text()
    made = {one["kind"]: one for one in yaml.safe_load_all(text)}
    [container] = made["Deployment"]["spec"]["template"]["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    [hook] = made["ValidatingWebhookConfiguration"]["webhooks"]
    service = hook["clientConfig"]["service"]

    read = HOOK.Config.read(variables)
    assert (read.environment, read.fails_open) == ("production-eu", False)
    assert all(f"    {name} " in str(HOOK.__doc__) for name in variables)
    assert (service["path"], hook["timeoutSeconds"] > HOOK.SECONDS) == ("/admit", True)
    assert service["name"] == made["Service"]["metadata"]["name"]
    assert made["Service"]["spec"]["ports"] == [{"port": 443, "targetPort": 8443}]
    [name] = made["Certificate"]["spec"]["dnsNames"]
    assert name == f"{service['name']}.{service['namespace']}.svc"
    [prefix] = read.images
    assert prefix in made["ValidatingAdmissionPolicy"]["spec"]["variables"][0]["expression"]
