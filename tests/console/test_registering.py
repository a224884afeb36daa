"""Models and versions registered by page: files dropped, facts typed, refusals in words."""

import json
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts import operations as accounts
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel, Upload, UploadFile
from apps.console.registering.files import MOST_LISTED, MOST_REFUSALS
from apps.validation import checks
from tests import scenarios
from tests.catalog.labels import ODD, TRAVERSALS
from tests.factories import HOST, actor, person, signed_in, team

pytestmark = pytest.mark.django_db

NEW_MODEL = "/models/new/"
FILES: Mapping[str, bytes] = {"model/weights.bin": b"\x01\x02", "MLmodel": b"flavors: {}\n"}
METRICS = [{"key": "auc", "value": 0.9, "dataset": "holdout", "higher_is_better": True}]


@pytest.fixture
def web(client: Client) -> Client:
    """The developer's browser."""
    return signed_in(client, scenarios.developer())


@pytest.fixture
def model() -> RegisteredModel:
    return scenarios.registered_model("tumor-triage")


@pytest.fixture
def address(model: RegisteredModel) -> str:
    return f"/models/{model.name}/versions/new/"


Files = Mapping[str, bytes] | Sequence[tuple[str, bytes]]


def send(web: Client, address: str, files: Files = FILES, **typed: Any) -> HttpResponse:
    """Send the form as the page does: each file, and its path in a field beside it."""
    pairs = list(files.items()) if isinstance(files, Mapping) else list(files)
    sent = [SimpleUploadedFile("file", data) for _, data in pairs]
    body = {"files": sent, "path": [path for path, _ in pairs], **typed}
    return web.post(address, body)  # type: ignore[return-value]


def words_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content
    return unescape(answer.content.decode())


# -- a model ---------------------------------------------------------------------------------------


def model_form(**typed: Any) -> dict[str, Any]:
    owner = scenarios.owner()
    return {"name": "credit-default", "owner": owner.pk, "kind": "in_house", **typed}


def test_a_model_is_registered_and_its_page_comes_next(web: Client) -> None:
    lending = team("Lending")
    typed = model_form(
        title="Credit default",
        intended_use="Ranks applications.",
        team=lending.pk,
        flags=["is_ai", "affects_individuals"],
    )

    answer = web.post(NEW_MODEL, typed)

    model = RegisteredModel.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/models/credit-default/")
    assert (model.name, model.title, model.owner) == (
        "credit-default", "Credit default", scenarios.owner(),
    )  # fmt: skip
    assert (model.team, model.flags) == (lending, ["affects_individuals", "is_ai"])
    assert model.created_by == scenarios.developer()
    assert "Its first version comes next" in words_of(web.get("/models/credit-default/"))


def test_the_form_offers_oneself_as_owner(web: Client) -> None:
    shown = words_of(web.get(NEW_MODEL))

    developer = scenarios.developer()
    assert f'<option value="{developer.pk}" selected>{developer}</option>' in shown


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "a/b"}, "slash"),
        ({"name": "new"}, "the page that registers models has it"),
        ({"name": " credit"}, "begins or ends with a space"),
        ({"name": "\u0441redit"}, "scripts that look alike"),
        ({"name": "a\u200bb"}, "cannot be seen"),
        ({"name": ""}, "Give the model a name."),
        ({"name": "x" * 257}, "256"),
        ({"title": "x" * 201}, "200"),
        ({"kind": "magic"}, "magic is not one of"),
        ({"flags": ["is_superuser"]}, "is_superuser is not one of"),
        ({"owner": "999999"}, "not one of the available choices"),
        ({"owner": "no number"}, "not one of the available choices"),
        ({"team": "999999"}, "not one of the available choices"),
    ],
    ids=str,
)
def test_a_refused_model_form_says_why_and_keeps_what_was_typed(
    web: Client, typed: dict[str, object], words: str
) -> None:
    shown = words_of(web.post(NEW_MODEL, model_form(intended_use="Kept ✓") | typed), 422)

    assert words in shown
    assert "Kept ✓" in shown
    assert not RegisteredModel.objects.exists()


def test_a_taken_name_is_refused_at_its_field(web: Client, model: RegisteredModel) -> None:
    shown = words_of(web.post(NEW_MODEL, model_form(name=model.name.upper())), 422)

    assert 'id="id_name_error"' in shown
    assert "is taken, or looks like one that is" in shown


def test_a_closed_account_and_a_service_account_are_not_offered_as_owner(web: Client) -> None:
    gone, robot = person("gone", name="Gone Girl"), person("robot", name="Ro Bot", service=True)
    accounts.close_account(gone, by=HOST, reason="Left")

    shown = words_of(web.get(NEW_MODEL))
    assert "Gone Girl" not in shown
    assert "Ro Bot" not in shown
    for user in (gone, robot):
        words_of(web.post(NEW_MODEL, model_form(owner=user.pk)), 422)
    assert not RegisteredModel.objects.exists()


def test_who_may_register_no_model_is_told_who_does_and_is_recorded_when_trying(
    client: Client,
) -> None:
    signed_in(client, scenarios.auditor())

    shown = words_of(client.get(NEW_MODEL))
    assert "Model developers and owners register models" in shown
    assert "<textarea" not in shown
    assert "right to register models" in words_of(client.post(NEW_MODEL, model_form()), 422)
    assert AuditEvent.objects.filter(action="model.register", outcome="refused").count() == 1


# -- a version -------------------------------------------------------------------------------------


def test_a_version_is_registered_with_its_files_facts_and_checks(web: Client, address: str) -> None:
    contributor = scenarios.owner()

    answer = send(
        web,
        address,
        description="Trained on May.",
        change_class="initial",
        contributors=[contributor.pk],
        framework="scikit-learn 1.7",
        python_version="3.11.7",
        packages="# pinned\n\nnumpy==2.2.0\r\n  scipy==1.15.0  \n",
        code_repository="https://git.example.org/triage",
        code_commit="0123ABCDEF",
        code_is_dirty="on",
        signature=json.dumps(scenarios.SIGNATURE),
        input_example="[1, 2.5]",
        parameters='{"max_depth": 3, "solver": "lbfgs", "warm": true, "seed": null, "c": 1.50}',
        metrics=json.dumps(METRICS),
    )

    version = ModelVersion.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, version.get_absolute_url())
    assert {file.path for file in version.files.all()} == set(FILES)
    assert (version.description, version.change_class) == ("Trained on May.", "initial")
    assert version.packages == ["numpy==2.2.0", "scipy==1.15.0"]
    assert (version.code_commit, version.code_is_dirty) == ("0123abcdef", True)
    assert (version.signature, version.input_example) == (scenarios.SIGNATURE, [1, 2.5])
    assert contributor.record_id in version.contributors
    assert version.run
    assert {row.key: row.value for row in version.run.parameters.all()} == {
        "max_depth": "3", "solver": "lbfgs", "warm": "true", "seed": "null", "c": "1.5",
    }  # fmt: skip
    assert version.run.metrics.get().value == 0.9
    assert {run.check_name for run in version.check_runs.all()} == set(checks.AT_REGISTRATION)
    assert "is registered. Its checks are under way" in words_of(
        web.get(answer.headers["Location"])
    )


def test_files_are_all_a_version_needs(web: Client, address: str) -> None:
    assert send(web, address).status_code == 302

    version = ModelVersion.objects.get()
    assert (version.run, version.signature, version.packages) == (None, None, [])


def test_without_javascript_files_go_by_their_own_names(web: Client, address: str) -> None:
    sent = [SimpleUploadedFile("weights.bin", b"1"), SimpleUploadedFile("README.md", b"2")]

    assert web.post(address, {"files": sent}).status_code == 302

    paths = ModelVersion.objects.get().files.values_list("path", flat=True)
    assert set(paths) == {"weights.bin", "README.md"}


def test_the_page_says_the_limits_and_offers_everything_typed_before(
    web: Client, address: str
) -> None:
    shown = words_of(web.get(address))

    for words in ("10 000", "107.4 GB", "214.7 GB", "1 024 bytes", "32 deep", "1.0 MB"):
        assert words in shown.replace("\u202f", " ").replace("\xa0", " ")
    assert 'enctype="multipart/form-data"' in shown
    assert "Received already" not in shown


def test_no_file_at_all_is_refused_and_what_was_typed_stays(web: Client, address: str) -> None:
    shown = words_of(web.post(address, {"description": "Kept ✓", "metrics": "[1,"}), 422)

    assert "a version needs at least one" in shown
    assert "Kept ✓" in shown
    assert "[1," in shown
    assert not Upload.objects.exists()


def test_an_empty_form_is_refused_too(web: Client, address: str) -> None:
    assert "a version needs at least one" in words_of(web.post(address), 422)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"metrics": "[{]"}, "in line 1, column 3"),
        ({"metrics": '{"auc": 1}'}, "Metrics are a list of objects"),
        ({"metrics": "[7]"}, "Entry 1 is not an object"),
        ({"metrics": '[{"key": "a", "value": 1}, {"key": "b"}]'}, "Entry 2 has no value."),
        ({"metrics": '[{"value": 1}]'}, "Entry 1 has no key."),
        ({"metrics": '[{"key": "a", "value": "1"}]'}, "Entry 1: value is not a number."),
        ({"metrics": '[{"key": "a", "value": true}]'}, "Entry 1: value is not a number."),
        ({"metrics": '[{"key": 1, "value": 1}]'}, "Entry 1: key is not a text."),
        ({"metrics": '[{"key": "a", "value": 1, "lower": "x"}]'}, "lower is not a number."),
        ({"metrics": '[{"key": "a", "value": 1, "step": 1.5}]'}, "step is not a whole number."),
        ({"metrics": '[{"key": "a", "value": 1, "higher_is_better": 1}]'}, "is not true or false."),
        ({"metrics": '[{"key": "a", "value": 1, "weight": 1}]'}, "unknown key 'weight'"),
        ({"metrics": '[{"key": "a", "value": NaN}]'}, "NaN is not a number JSON knows"),
        ({"metrics": '[{"key": "a", "key": "b", "value": 1}]'}, "stands there twice"),
        ({"metrics": f"[{','.join(['1'] * 1001)}]"}, "at most 1,000"),
        ({"metrics": json.dumps(METRICS * 2)}, "is there twice"),
        ({"parameters": "[]"}, "Parameters are an object"),
        ({"parameters": '{"a": [1]}'}, "The parameter 'a' is a list or an object"),
        ({"parameters": '{"": 1}'}, "has no name"),
        ({"signature": "[]"}, "A signature is an object"),
        ({"signature": "{"}, "This is not JSON"),
        ({"input_example": "[" * 40 + "]" * 40}, "nested deeper than 32"),
        ({"input_example": '"a\\u0000b"'}, "NUL"),
        ({"change_class": "huge"}, "huge is not one of"),
        ({"code_commit": "HEAD"}, "7 to 64 hexadecimal digits"),
        ({"contributors": ["999999"]}, "not one of the available choices"),
        ({"python_version": "3" * 21}, "20"),
        ({"packages": "x" * 501}, "at most 500"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_words_and_both_text_and_files_are_kept(
    web: Client, address: str, typed: dict[str, Any], words: str
) -> None:
    shown = words_of(send(web, address, description="Kept ✓", **typed), 422)

    assert words in shown
    assert "Kept ✓" in shown
    for path in FILES:
        assert path in shown
    for value in typed.values():
        assert isinstance(value, list) or value[:200] in shown
    assert not ModelVersion.objects.exists()


def test_a_second_try_takes_the_files_of_the_first(web: Client, address: str) -> None:
    words_of(send(web, address, metrics="["), 422)
    kept = Upload.objects.get()
    assert f'name="upload" value="{kept.pk}"' in words_of(
        web.post(address, {"upload": kept.pk, "metrics": "["}), 422
    )

    assert web.post(address, {"upload": kept.pk}).status_code == 302

    assert ModelVersion.objects.get().files.count() == len(FILES)
    assert Upload.objects.get().taken_at


def test_a_second_try_adds_replaces_and_leaves_out_files(web: Client, address: str) -> None:
    words_of(send(web, address, {"a": b"1", "b": b"2", "c": b"3"}, metrics="["), 422)
    kept = Upload.objects.get()

    changed = {"b": b"two", "d": b"4"}
    answer = send(web, address, changed, upload=kept.pk, leave_out=["a", "no such file", "\0"])

    assert answer.status_code == 302
    version = ModelVersion.objects.get()
    sizes = {file.path: file.artifact.size for file in version.files.select_related("artifact")}
    assert sizes == {"b": 3, "c": 1, "d": 1}


def test_an_upload_that_cannot_be_used_any_more_is_said_in_words(web: Client, address: str) -> None:
    taken = scenarios.uploaded()
    scenarios.operations.register_version(
        RegisteredModel.objects.get(), by=actor(scenarios.developer()), upload=taken
    )
    expired = scenarios.uploaded()
    Upload.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    foreign = scenarios.uploaded(by=actor(scenarios.owner()))
    told = {
        taken.pk: "took these files already",
        expired.pk: "has expired",
        foreign.pk: "no longer there",
        "nothing": "no longer there",
        "\0": "no longer there",
    }

    for sent, words in told.items():
        assert words in words_of(web.post(address, {"upload": sent}), 422)
    assert ModelVersion.objects.count() == 1
    assert foreign.files.count() == len(scenarios.MODEL_FILES)


@pytest.mark.parametrize("path", TRAVERSALS, ids=ascii)
def test_a_hostile_path_is_refused_and_nothing_is_registered(
    web: Client, address: str, path: str
) -> None:
    shown = words_of(send(web, address, {path: b"1"}), 422)

    assert "is refused: " in shown
    assert not ModelVersion.objects.exists()
    assert not UploadFile.objects.exists()


@pytest.mark.parametrize("path", ODD, ids=ascii)
def test_an_odd_path_that_is_clean_is_taken_as_it_is(web: Client, address: str, path: str) -> None:
    assert send(web, address, {path: b"1"}).status_code == 302

    assert ModelVersion.objects.get().files.get().path == path


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("a", b"1"), ("a", b"2")], "Two files have the path 'a'"),
        ([("a", b"1"), ("A", b"2")], "differ at most in case"),
        ([("a", b"1"), ("a/b", b"2")], "is also a file"),
        ([("a", b"")], "is empty"),
    ],
    ids=["twice", "by case", "file and folder", "empty"],
)
def test_files_that_make_no_version_are_refused(
    web: Client, address: str, files: list[tuple[str, bytes]], words: str
) -> None:
    assert words in words_of(send(web, address, files), 422)
    assert not ModelVersion.objects.exists()


def test_paths_that_do_not_match_the_files_are_refused(web: Client, address: str) -> None:
    sent = [SimpleUploadedFile("a", b"1"), SimpleUploadedFile("b", b"2")]

    shown = words_of(web.post(address, {"files": sent, "path": ["only one"]}), 422)

    assert "without their paths" in shown
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_and_the_others_are_kept(
    web: Client, address: str
) -> None:
    with override_settings(MOST_FILE_BYTES=5):
        shown = words_of(send(web, address, {"large": b"123456", "small": b"1"}), 422)

    assert "A file holds at most" in shown
    assert UploadFile.objects.get().path == "small"


def test_of_very_many_refusals_the_first_are_told(web: Client, address: str) -> None:
    shown = words_of(send(web, address, {f"{number}.": b"1" for number in range(30)}), 422)

    assert shown.count("a part ends with a dot") == MOST_REFUSALS


def test_of_very_many_files_the_first_are_listed(web: Client, address: str) -> None:
    files = {f"file-{number:03}": b"1" for number in range(MOST_LISTED + 5)}

    shown = words_of(send(web, address, files, metrics="["), 422)

    assert shown.count('name="leave_out"') == MOST_LISTED
    assert "The other files are kept too." in shown
    assert f"{MOST_LISTED + 5} files, 105\xa0bytes" in shown


def test_nothing_spooled_is_left_behind(web: Client, address: str) -> None:
    send(web, address)
    send(web, address, {"../a": b"1"})

    assert [path.name for path in settings.INCOMING.iterdir()] == []


def test_a_broken_form_makes_no_version(web: Client, address: str) -> None:
    whole = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n1\r\n--x--'

    for body in (whole[:20], whole[:-4], b"", b"--"):
        answer = web.post(address, body, content_type="multipart/form-data; boundary=x")
        assert answer.status_code in {302, 400, 422}
    assert ModelVersion.objects.count() <= 1


# -- who may ---------------------------------------------------------------------------------------


def test_who_does_not_see_the_model_finds_no_page(client: Client, address: str) -> None:
    signed_in(client, scenarios.stranger())

    hidden, absent = client.get(address), client.get("/models/no-such-model/versions/new/")

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert send(client, address).status_code == 404
    assert not Upload.objects.exists()


def test_who_sees_the_model_but_may_not_extend_it_is_told_who_does(
    client: Client, address: str
) -> None:
    signed_in(client, scenarios.auditor())

    shown = words_of(client.get(address))
    assert "developers and owner register versions" in shown
    assert 'type="file"' not in shown
    assert "right to register versions" in words_of(send(client, address), 422)
    refused = AuditEvent.objects.filter(action="version.register_and_check", outcome="refused")
    assert refused.count() == 1
    assert not Upload.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_the_pages_know_no_other_method(web: Client, address: str, method: str) -> None:
    assert getattr(web, method)(address).status_code == 405
    assert getattr(web, method)(NEW_MODEL).status_code == 405


def test_a_form_of_another_site_is_refused(address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    signed_in(strict, scenarios.developer())

    assert send(strict, address).status_code == 403
    assert strict.post(NEW_MODEL, model_form()).status_code == 403
    assert not ModelVersion.objects.exists()


def test_the_pages_take_as_many_queries_for_many_files_and_versions_as_for_few(
    web: Client, model: RegisteredModel, address: str
) -> None:
    few = queries_of(web, address, files=2)
    for _ in range(3):
        scenarios.registered_version(model)

    assert queries_of(web, address, files=20) == few


def queries_of(web: Client, address: str, *, files: int) -> int:
    upload = scenarios.uploaded({f"file-{number}": b"1" for number in range(files)})
    with CaptureQueriesContext(connection) as captured:
        words_of(web.post(address, {"upload": upload.pk, "metrics": "["}), 422)
    return len(captured)
