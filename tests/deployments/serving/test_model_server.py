"""The model server answers for what was ordered, says what it serves, and goes on when it can."""

import time

import pytest
import skops.io
from sklearn.linear_model import LinearRegression

from apps.catalog.manifest import manifest_digest
from apps.deployments.serving import services
from apps.deployments.serving.folder import Ordered
from apps.deployments.serving.hashing import files_of
from tests.deployments.serving.conftest import Running, mlmodel, onnx_bytes, part, until

pytestmark = pytest.mark.slow

ONE_ROW = {"dataframe_split": {"columns": ["b", "a"], "data": [[20, 1]]}}
PATH = "/test/times/invocations"


def times(running: Running, factor: float, name: str) -> str:
    """Put a version into the folder that multiplies by a factor."""
    return running.put(name, MLmodel=mlmodel("a", "b"), model__onnx=onnx_bytes(factor))


def test_a_version_answers_predictions_and_says_which_it_is(running):
    content = times(running, 2, "one")
    running.order(1, part(content))

    status, answer, headers = running.answer(PATH, ONE_ROW)

    digest = manifest_digest(files_of(running.folder.content(content)))
    assert (status, answer) == (200, {"predictions": [[2.0, 40.0]]})
    assert (headers["X-Signet-Version"], headers["X-Signet-Digest"]) == ("times/1", digest)
    assert running.ask("/test/times/ping") == (200, {"status": "OK"})
    told = {"version": "times/1", "digest": digest, "role": "champion", "share": 100, "requests": 1}
    assert running.ask("/test/times/version") == (200, {"versions": [told]})


def test_another_order_takes_its_place_and_the_state_says_so(running):
    running.order(1, part(times(running, 2, "one")))
    running.order(2, part(times(running, 3, "two"), called="times/2"))

    assert running.ask(PATH, ONE_ROW)[1] == {"predictions": [[3.0, 60.0]]}
    state = running.folder.state("test", "times")
    assert (state.number, state.trouble) == (2, "")
    assert [one.called for one in state.parts] == ["times/2"]

    running.order(3)
    assert running.ask(PATH, ONE_ROW)[0] == 503
    assert running.ask("/test/times/ping")[0] == 404


def test_a_shadow_is_asked_and_never_answers(running):
    shadow = part(times(running, 3, "two"), called="times/2", role="shadow", share=0)
    running.order(1, part(times(running, 2, "one")), shadow)

    assert {running.answer(PATH, ONE_ROW)[2]["X-Signet-Version"] for _ in range(3)} == {"times/1"}

    by_name = {one.part.called: one for one in running.server.services.at("test", "times").scorers}
    assert by_name["times/1"].requests == 3
    until(lambda: by_name["times/2"].requests == 3)  # it is asked once the answer is on its way


def test_shares_decide_who_answers(running):
    canary = part(times(running, 3, "two"), called="times/2", role="canary", share=50)
    running.order(1, part(times(running, 2, "one"), share=50), canary)

    answered = {running.answer(PATH, ONE_ROW)[2]["X-Signet-Version"] for _ in range(60)}

    assert answered == {"times/1", "times/2"}


def test_what_cannot_be_loaded_is_said_and_what_answered_goes_on(running):
    running.order(1, part(times(running, 2, "one")))
    running.order(2, part(running.put("broken", model__onnx=b"no graph")))

    state = running.folder.state("test", "times")
    assert (state.number, state.parts[0].called) == (2, "times/1")
    assert "It cannot be loaded" in state.trouble
    assert running.ask(PATH, ONE_ROW)[1] == {"predictions": [[2.0, 40.0]]}

    running.order(3, part("nowhere"))
    assert running.folder.state("test", "times").trouble == "Its files are not here."
    running.order(4, part(running.put("pickled", model__pkl=b"cos\nsystem\n.")))
    assert "and no other format" in running.folder.state("test", "times").trouble


def test_bytes_changed_behind_its_back_are_seen_by_their_digest(running):
    content = times(running, 2, "one")
    running.order(1, part(content))
    approved = running.folder.state("test", "times").parts[0].digest

    other = times(running, 9, "nine")
    running.order(1, part(other))

    assert running.folder.state("test", "times").parts[0].digest != approved


def test_a_version_comes_back_when_its_process_dies_or_hangs(running, monkeypatch):
    running.order(1, part(times(running, 2, "one")))
    [scorer] = running.server.services.at("test", "times").scorers
    scorer.process.kill()
    scorer.process.wait()
    assert running.ask(PATH, ONE_ROW) == (503, {"message": "The model's process ended."})

    running.server.services.follow()
    assert running.ask(PATH, ONE_ROW)[0] == 200

    [scorer] = running.server.services.at("test", "times").scorers
    scorer.asked_at = time.monotonic() - services.ANSWERS_WITHIN - 1
    running.server.services.follow()
    scorer.process.wait()
    running.server.services.follow()
    assert running.ask(PATH, ONE_ROW)[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (PATH, b"{", 400),
        (PATH, b'{"instances": [[1]]}', 400),
        ("/test/other/invocations", b'{"instances": [[1, 2]]}', 503),
        ("/test/times/elsewhere", b"{}", 404),
        ("/../secrets", b"{}", 404),
        ("/test/times/invocations", None, 404),
        ("/test/other/version", None, 404),
        ("/", None, 404),
    ],
)
def test_bad_requests_get_a_sentence(running, path, body, status):
    running.order(1, part(times(running, 2, "one")))

    answered, said = running.ask(path, raw=body)

    assert answered == status
    assert said["message"]


def test_a_body_without_end_is_not_read(running, monkeypatch):
    monkeypatch.setattr("apps.deployments.serving.program.MOST_BODY", 10)
    assert running.ask(PATH, ONE_ROW)[0] == 413


def test_several_outputs_are_told_by_their_names(running):
    content = running.put("two-outputs", model__onnx=onnx_bytes(2, outputs=2))
    running.order(1, part(content))

    answer = running.ask(PATH, {"instances": [[1, 2]]})[1]

    assert answer == {"predictions": [{"y0": [2.0, 4.0], "y1": [2.0, 4.0]}]}


def test_skops_files_are_served_too(running, tmp_path):
    file = tmp_path / "model.skops"
    skops.io.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), file)
    running.order(1, part(running.put("linear", model__skops=file.read_bytes())))

    [answer] = running.ask(PATH, {"inputs": [[3]]})[1]["predictions"]

    assert answer == pytest.approx(6)


def test_an_order_that_was_there_before_the_server_is_followed(running):
    running.folder.put_order("test", "times", Ordered(7, (part(times(running, 2, "one")),)))

    running.server.services.follow()

    assert running.folder.state("test", "times").number == 7
