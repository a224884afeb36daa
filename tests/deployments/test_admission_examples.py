"""The examples of ``deploy/admission`` work: script, offline check, pipelines."""

import ast
import base64
import json
import os
import shutil
import subprocess
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.accounts.scopes import Scope
from apps.approvals.serving import admission, signed_answers
from apps.approvals.serving.admission import Candidate
from apps.audit.verifier import ed25519
from apps.catalog.lifecycle import Readiness, Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.deployments.models import Environment
from tests import scenarios
from tests.api.caller import token_of
from tests.deployments import places
from tests.deployments.admitting import FOLDER, SCRIPT, program
from tests.deployments.answering import while_answering

CHECK = program("check_admission")
DIGEST = f"sha256:{'a' * 64}"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the script calls curl")


def signed(**changed: Any) -> tuple[str, str]:
    """Return a signed answer of now, and the key to check it by."""
    said: dict[str, Any] = {
        "pk": 1,
        "model": "fraud ✓",
        "number": 3,
        "stage": Stage.STAGING,
        "readiness": Readiness.READY,
        "content_digest": DIGEST,
        "authorized_at": None,
    }
    where = Environment(name="lab", admits=["staging"], enforcement="prevent")
    answer = admission.judge(
        Candidate(**said | changed),
        where,
        digest=DIGEST,
        at=database_now(),
        holds=timedelta(minutes=1),
    )
    return signed_answers.signed(answer).decode(), signed_answers.signers()[0].public.text


# -- the offline check


def check(folder: Path, text: str, *arguments: str, key: str) -> int:
    """Return how the check of an answer ends."""
    (folder / "answer.json").write_text(text)
    about = ["--digest", DIGEST, "--environment", "lab", "--key", key, *arguments]
    code: int = CHECK.main([str(folder / "answer.json"), *about])
    return code


def test_the_check_ends_as_the_answer_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    yes, key = signed()
    no, _ = signed(stage=Stage.DEVELOPMENT)

    assert check(tmp_path, yes, key=key) == 0
    assert capsys.readouterr().out == "admitted\n"
    assert check(tmp_path, no, key=key) == 1
    assert capsys.readouterr().out == (
        "stage_not_admitted: fraud ✓ v3 is in the stage Development; lab admits Staging.\n"
        "not admitted\n"
    )


def test_an_answer_about_something_else_or_out_of_time_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, key = signed()
    now = database_now().timestamp()
    for arguments, why in (
        (["--digest", f"sha256:{'b' * 64}"], "about the digest"),
        (["--environment", "production"], "about the environment lab"),
        (["--at", str(now + 61)], "it held until"),
        (["--at", str(now - 10)], "given later"),
    ):
        assert check(tmp_path, text, *arguments, key=key) == 3
        assert why in capsys.readouterr().err
    assert CHECK.main(["/nowhere", "--key", key, "--digest", "d", "--environment", "e"]) == 3


def test_what_the_key_did_not_sign_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    no, key = signed(stage=Stage.DEVELOPMENT)
    told = json.loads(no)
    forged = {**told, "answer": {**told["answer"], "admitted": True, "reasons": []}}
    renamed = {**told, "key": "registry.test/admission+00000000"}
    unsigned = {**told, "signature": base64.b64encode(b"0" * 64).decode()}
    others: list[Any] = [forged, renamed, unsigned, {**told, "signature": "%"}, {}, []]
    for other in [*others, {"answer": 1}]:
        assert check(tmp_path, json.dumps(other), key=key) == 3, other
    untimed = {**told, "answer": {**told["answer"], "until": None}}
    assert check(tmp_path, json.dumps(untimed), key=key) == 3
    assert check(tmp_path, "no JSON", key=key) == 3
    assert "none of the given keys signed it" in capsys.readouterr().err


def test_what_is_no_key_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, key = signed()
    name, number, public = key.split("+", 2)
    for wrong in (
        "no key",
        f"{name}+00000000+{public}",
        f"{name}+{number}+{'A' * 44}",
        f"{name}+{number}+{public[:43]}=",
        f"{name}+{number}+{'=' * 44}",
    ):
        with pytest.raises(SystemExit) as ended:
            check(tmp_path, text, key=wrong)
        assert ended.value.code == 2, wrong
    assert "is no key" in capsys.readouterr().err


def test_the_check_runs_on_an_old_python_and_verifies_as_the_record_does() -> None:
    text = (FOLDER / "check_admission.py").read_text()
    own, shared = (
        ast.parse(text, feature_version=(3, 9)),
        ast.parse(Path(ed25519.__file__).read_text()),
    )
    told = {ast.dump(node) for node in own.body}

    left_out = (ast.Import, ast.ImportFrom, ast.Expr)
    assert all(ast.dump(node) in told for node in shared.body if not isinstance(node, left_out))
    ast.parse((FOLDER / "k8s_webhook.py").read_text(), feature_version=(3, 9))


# -- the script, and the pipelines that call it


@pytest.fixture
def version(db: None) -> ModelVersion:
    """A version in development, beside a place for it and one that wants it in production."""
    version: ModelVersion = scenarios.registered_version()
    places.environment("lab", admits=["development"])
    places.environment("production-eu", admits=["production"])
    return version


def run(
    command: list[str], signet: str, folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    own = {"PATH": os.environ["PATH"], "SIGNET_URL": signet, **variables}
    return subprocess.run(
        command, env=own, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


@needs_curl
def test_the_script_ends_as_signet_answers(version: ModelVersion, tmp_path: Path) -> None:
    token = token_of(scenarios.operator(), Scope.ADMIT)
    digest = version.content_digest

    def ask(signet: str) -> list[subprocess.CompletedProcess[str]]:
        script = ["sh", str(SCRIPT), digest]
        return [
            run([*script, "lab"], signet, tmp_path, SIGNET_TOKEN=token),
            run([*script, "production-eu"], signet, tmp_path, SIGNET_TOKEN=token),
            run([*script, "absent"], signet, tmp_path, SIGNET_TOKEN=token),
            run([*script, "lab"], signet, tmp_path, SIGNET_TOKEN="sgn_wrong"),
            run(script, signet, tmp_path, SIGNET_TOKEN=token),
        ]

    yes, no, absent, stranger, short = while_answering(ask)

    assert [one.returncode for one in (yes, no, absent, stranger, short)] == [0, 1, 3, 3, 2]
    key = signed_answers.signers()[0].public.text
    told = CHECK.opened(yes.stdout, [CHECK.public_key(key)])
    CHECK.require_about(told, digest, "lab")
    assert json.loads(no.stdout)["answer"]["admitted"] is False
    assert "no environment named absent" in absent.stderr
    assert token not in yes.stderr + no.stderr + absent.stderr


@needs_curl
def test_the_action_and_the_job_fail_unless_it_is_admitted(
    version: ModelVersion, tmp_path: Path
) -> None:
    token = token_of(scenarios.operator(), Scope.ADMIT)
    [step] = yaml.safe_load((FOLDER / "github" / "action.yml").read_text())["runs"]["steps"]
    job = yaml.safe_load((FOLDER / "gitlab" / "signet-admission.yml").read_text())
    [line] = job[".signet-admission"]["script"]

    def action(signet: str, environment: str) -> subprocess.CompletedProcess[str]:
        given = {
            "inputs.url": signet,
            "inputs.token": token,
            "inputs.digest": version.content_digest,
            "inputs.environment": environment,
            "inputs.answer": "kept.json",
        }
        own = {name: given[text[3:-2].strip()] for name, text in step["env"].items()}
        own["GITHUB_ACTION_PATH"] = str(FOLDER / "github")
        return run([step["shell"], "-e", "-c", step["run"]], own.pop("SIGNET_URL"), tmp_path, **own)

    def pipeline(signet: str, environment: str) -> subprocess.CompletedProcess[str]:
        own = {"SIGNET_SCRIPT": str(SCRIPT), "SIGNET_TOKEN": token}
        own |= {"DIGEST": version.content_digest, "SIGNET_ENVIRONMENT": environment}
        return run(["sh", "-e", "-c", line], signet, tmp_path, **own)

    for ask in (action, pipeline):
        yes, no = (
            while_answering(partial(ask, environment=where)) for where in ("lab", "production-eu")
        )
        assert (yes.returncode, yes.stdout) == (0, ""), yes.stderr
        assert no.returncode == 1
        assert "stage_not_admitted" in no.stdout
    kept = [
        json.loads((tmp_path / name).read_text())
        for name in ("kept.json", *job[".signet-admission"]["artifacts"]["paths"])
    ]
    assert [one["answer"]["environment"] for one in kept] == ["production-eu"] * 2
