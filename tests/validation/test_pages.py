"""Pages of checks: seen by whoever sees the model, true to the rows, closed to everybody else."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.digests import digest_of_bytes
from apps.validation import leases, operations, runner
from apps.validation.checks.contract import Outcome, Problem, Severity
from apps.validation.models import CheckRun
from apps.validation.posted import PostedResult
from tests.factories import actor, person, signed_in
from tests.scenarios import registered_version
from tests.validation.conftest import FACTS, Given, failing, passing
from tests.validation.records import OTHER_DIGEST, detail, events, outcomes, overwrite


@pytest.fixture(autouse=True)
def _two_checks(given_checks: Given) -> None:
    given_checks(integrity=passing, scan=failing)


@pytest.fixture
def web(client: Client, validator: User) -> Client:
    """A browser the validator is signed in with."""
    return signed_in(client, validator)


@pytest.fixture
def runs(version: ModelVersion, vera: Actor) -> list[CheckRun]:
    """Both checks, carried out."""
    queued = operations.start_checks(version, by=vera)
    for run in queued:
        runner.execute(run.pk, worker="celery@eu-1")
        run.refresh_from_db()
    return queued


def url(name: str, version: ModelVersion, *more: int) -> str:
    return reverse(f"validation:{name}", args=[version.model.name, version.number, *more])


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content
    text: str = response.content.decode()
    return text


def test_a_version_that_was_never_checked_offers_to_begin(
    web: Client, version: ModelVersion
) -> None:
    page = text_of(web.get(url("checks", version)))

    assert "No check has run on this version yet" in page
    assert "Run all checks" in page


def test_failed_checks_stand_first_with_problem_place_and_remedy(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    page = text_of(web.get(url("checks", version)))

    assert page.index("Scan") < page.index("Integrity")
    assert "1 of 2 passed" in page
    for words in ("It calls a shell.", "model.pkl", "Use skops.", "High"):
        assert words in page


def test_a_check_that_never_ran_is_listed_as_not_run(
    web: Client, version: ModelVersion, vera: Actor
) -> None:
    [run] = operations.start_checks(version, by=vera, names=["scan"])
    runner.execute(run.pk, worker="w1")

    page = text_of(web.get(url("checks", version)))

    assert "Not run" in page
    assert "Looks at integrity." in page


def test_the_part_asks_for_itself_while_checks_run_and_shows_the_step(
    web: Client, version: ModelVersion, vera: Actor
) -> None:
    [run, _] = operations.start_checks(version, by=vera)
    leases.renew(run.pk, runner.claim(run, worker="w1"), step="weights.safetensors")

    part = text_of(web.get(url("checks_part", version)))

    assert f'hx-get="{url("checks_part", version)}" hx-trigger="every 2s"' in part
    assert "weights.safetensors" in part
    assert "Waits for a worker." in part
    assert "0 of 2 done" in part
    assert "<html" not in part


def test_the_part_stops_asking_in_a_final_state(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    part = text_of(web.get(url("checks_part", version)))

    assert "hx-get" not in part
    assert "Run all again" in part


def test_without_scripts_there_is_a_link_to_reload(
    web: Client, version: ModelVersion, vera: Actor
) -> None:
    operations.start_checks(version, by=vera)

    page = text_of(web.get(url("checks", version)))

    assert f'<noscript><p><a href="{url("checks", version)}">' in page


def test_the_button_starts_all_checks_again(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    response = web.post(url("run_checks", version))

    assert response.status_code == 302
    assert response["Location"] == url("checks", version)
    assert CheckRun.objects.waiting().count() == 2
    assert "2 checks are under way" in text_of(web.get(response["Location"]))


def test_one_check_is_started_from_its_own_page(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    web.post(url("run_checks", version), {"check": "scan"})

    assert [run.check_name for run in CheckRun.objects.waiting()] == ["scan"]


def test_a_refusal_is_shown_on_the_page(web: Client, version: ModelVersion, vera: Actor) -> None:
    operations.start_checks(version, by=vera)

    response = web.post(url("run_checks", version))

    assert response.status_code == 422
    assert "These checks wait or run already." in response.content.decode()


def test_who_may_not_run_checks_sees_why_and_is_refused(
    client: Client, version: ModelVersion
) -> None:
    reader = signed_in(client, person("paul", everywhere=("auditor",)))

    page = text_of(reader.get(url("checks", version)))
    response = reader.post(url("run_checks", version))

    assert "can run checks" in page
    assert "disabled" in page
    assert response.status_code == 422
    assert "right to run checks" in response.content.decode()
    assert outcomes("version.start_checks") == ["refused"]


@pytest.mark.parametrize("name", ["checks", "checks_part", "run_checks", "cancel_checks"])
def test_what_is_not_visible_is_not_there(client: Client, version: ModelVersion, name: str) -> None:
    stranger = signed_in(client, person("stranger"))
    ask = stranger.post if name in {"run_checks", "cancel_checks"} else stranger.get

    assert ask(url(name, version)).status_code == 404
    assert outcomes("version.start_checks") == []


def test_a_run_of_an_invisible_model_is_not_there(
    client: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    stranger = signed_in(client, person("stranger"))

    assert stranger.get(url("run", version, runs[0].pk)).status_code == 404


def test_a_run_is_not_found_under_another_version(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    assert web.get(url("run", registered_version(), runs[0].pk)).status_code == 404


@pytest.mark.parametrize("name", ["checks", "checks_part"])
def test_pages_are_only_read(web: Client, version: ModelVersion, name: str) -> None:
    assert web.post(url(name, version)).status_code == 405
    assert web.get(url("run_checks", version)).status_code == 405


def test_a_run_shows_its_problems_facts_and_circumstances(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    page = text_of(web.get(runs[1].get_absolute_url()))

    for words in (
        "It calls a shell.",
        "model.pkl",
        "Use skops.",
        "1 problem.",
        "celery@eu-1",
        runs[1].record_id,
        "Attempt",
        "Tool version",
        "Took",
    ):
        assert words in page


def test_the_evidence_of_a_run_is_a_table_and_whole_as_json(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    response = web.get(runs[0].get_absolute_url())

    assert response.context["evidence"] == [
        {"term": "Digests", "value": "a, b"},
        {"term": "Exact", "value": "yes"},
        {"term": "Files", "value": "2"},
        {"term": "Formats", "value": "pickle: 1, text: none"},
    ]
    whole = json.loads(response.context["whole"])
    assert whole["facts"] == FACTS
    assert whole["examined"] == version.content_digest
    assert "&quot;digests&quot;" in response.content.decode()


def test_a_run_that_is_under_way_has_no_result_yet(
    web: Client, version: ModelVersion, vera: Actor
) -> None:
    [run, _] = operations.start_checks(version, by=vera)
    runner.claim(run, worker="w1")

    page = text_of(web.get(run.get_absolute_url()))

    assert "A worker has begun." in page
    assert "Reload to see how far it is" in page
    assert "Run again" not in page


def test_a_run_leads_to_the_other_runs_of_its_check(
    web: Client, version: ModelVersion, vera: Actor, runs: list[CheckRun]
) -> None:
    again = operations.rerun(runs[0], by=vera)

    page = text_of(web.get(again.get_absolute_url()))

    assert "Other runs of this check" in page
    assert runs[0].get_absolute_url() in page


def test_what_a_file_says_is_shown_as_text(
    web: Client, version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    script = "<script>alert(1)</script>"

    def hostile(version: object, progress: object = None, parameters: object = None) -> Outcome:
        return Outcome(script, facts={"name": script, script: script})

    given_checks(scan=hostile)
    [run] = operations.start_checks(version, by=vera)
    runner.execute(run.pk, worker="w1")

    for address in (url("checks", version), run.get_absolute_url()):
        assert script not in text_of(web.get(address))


def test_a_result_about_other_content_is_shown_as_out_of_date(
    web: Client, version: ModelVersion, runs: list[CheckRun]
) -> None:
    overwrite(version, content_digest=OTHER_DIGEST)

    for address in (url("checks", version), runs[0].get_absolute_url()):
        page = text_of(web.get(address))
        assert "Out of date" in page
        assert "Out of date, since the content changed." in page


def test_a_version_whose_files_are_not_complete_says_when_checks_can_run(
    web: Client, version: ModelVersion
) -> None:
    overwrite(version, readiness=Readiness.PENDING)

    assert "once the version&#x27;s files are complete" in text_of(web.get(url("checks", version)))


def test_a_check_no_release_has_any_more_keeps_its_runs(
    web: Client, version: ModelVersion, runs: list[CheckRun], given_checks: Given
) -> None:
    given_checks(integrity=passing)

    assert "This release does not have this check any more." in text_of(
        web.get(runs[1].get_absolute_url())
    )


@pytest.mark.parametrize("name", ["checks", "checks_part"])
def test_a_page_takes_as_many_queries_for_many_runs_as_for_few(
    web: Client, runs: list[CheckRun], vera: Actor, given_checks: Given, name: str
) -> None:
    address = url(name, runs[0].version)
    few = queries_of(web, address)
    given_checks(**{f"check_{number}": failing for number in range(18)})
    for run in operations.start_checks(runs[0].version, by=vera):
        runner.execute(run.pk, worker="w1")

    assert queries_of(web, address) == few


# -- by where they stand, canceled, and in full ----------------------------------------------------


def test_checks_stand_in_groups_and_what_passed_is_folded(
    web: Client, version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    def breaking(version: object, progress: object = None, parameters: object = None) -> Outcome:
        raise ArithmeticError

    given_checks(bad=failing, broken=breaking, good=passing, later=passing, never=passing)
    for run in operations.start_checks(version, by=vera, names=["bad", "broken", "good"]):
        runner.execute(run.pk, worker="w1")
    operations.start_checks(version, by=vera, names=["later"])

    answer = web.get(url("checks", version))

    titles = [(group.title, len(group.rows)) for group in answer.context["groups"]]
    assert titles == [
        ("Failed", 1),
        ("Could not finish", 1),
        ("Under way", 1),
        ("Passed", 1),
        ("Not run", 1),
    ]
    assert "1 check passed" in text_of(answer)


def test_only_the_first_problems_stand_in_the_list_and_all_by_severity_on_the_run(
    web: Client, version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    def many(version: object, progress: object = None, parameters: object = None) -> Outcome:
        low = [Problem("x", Severity.LOW, f"f{n}", f"Low {n}.", "") for n in range(4)]
        return Outcome("Many.", (*low, Problem("y", Severity.HIGH, "f", "Grave.", "Mend it.")))

    given_checks(many=many)
    [run] = operations.start_checks(version, by=vera)
    runner.execute(run.pk, worker="w1")

    page = text_of(web.get(url("checks", version)))
    assert "The page of this run shows 2 more." in page
    assert "Low 3." not in page
    groups = web.get(run.get_absolute_url()).context["problems"]
    assert [group.title for group in groups] == ["High · 1", "Low · 4"]


def test_the_main_button_runs_what_is_missing(
    web: Client, version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    [run] = operations.start_checks(version, by=vera, names=["scan"])
    runner.execute(run.pk, worker="w1")
    assert "Run what is missing" in text_of(web.get(url("checks", version)))

    web.post(url("run_checks", version), {"missing": "yes"})

    assert [run.check_name for run in CheckRun.objects.waiting()] == ["integrity"]
    assert "Run what is missing" not in text_of(web.get(url("checks", version)))


def test_one_check_and_then_the_others_are_canceled(
    web: Client, version: ModelVersion, vera: Actor
) -> None:
    operations.start_checks(version, by=vera)
    assert 'form="cancel-checks"' in text_of(web.get(url("checks", version)))

    web.post(url("cancel_checks", version), {"check": "scan"})
    assert [run.check_name for run in CheckRun.objects.waiting()] == ["integrity"]
    answer = web.post(url("cancel_checks", version))

    assert "1 check is canceled." in text_of(web.get(answer["Location"]))
    refused = web.post(url("cancel_checks", version))
    assert refused.status_code == 422
    assert "Nothing was canceled." in refused.content.decode()
    assert "Canceled" in refused.content.decode()


def test_a_running_check_says_how_long_it_has_taken(
    web: Client, version: ModelVersion, vera: Actor
) -> None:
    [run, _] = operations.start_checks(version, by=vera)
    runner.claim(run, worker="w1")

    answer = web.get(url("checks", version))

    [standing] = [one for one in answer.context["groups"][0].rows if one.name == "integrity"]
    assert standing.elapsed is not None
    assert 0 <= standing.elapsed < 60


def test_an_external_check_that_is_awaited_is_asked_for_rarely_and_shows_its_source(
    web: Client, version: ModelVersion, vera: Actor, validator: User
) -> None:
    operations.expect_external_check(
        "load-test",
        by=actor(person("casey", everywhere=("risk_officer",))),
        title="Load test",
        sentence="Holds.",
        hours_until_due=24,
        reason="Agreed",
    )
    operations.start_checks(version, by=vera, names=["load-test"])
    page = text_of(web.get(url("checks", version)))
    assert 'hx-trigger="every 30s"' in page
    assert "A tool outside posts the result, until" in page

    result = PostedResult(
        "passed",
        "Held.",
        version.content_digest,
        "https://ci.example/7",
        "k6",
        "1.2",
        facts={"confined_by": ["no network"]},
    )
    run = operations.post_result(version, "load-test", result, by=vera)

    page = text_of(web.get(run.get_absolute_url()))
    for words in ("Load test", str(validator), 'href="https://ci.example/7"', "k6", "Posted by"):
        assert words in page
    assert "In a process of its own" not in page


def test_the_report_that_the_entry_names_is_downloaded_and_only_by_who_sees_the_run(
    web: Client, version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    def thorough(version: object, progress: object = None, parameters: object = None) -> Outcome:
        return Outcome("Fine.", evidence={"deep": [{"deeper": ["deepest"]}]})

    given_checks(scan=thorough, bare=passing)
    run, bare = operations.start_checks(version, by=vera)
    for each in (run, bare):
        runner.execute(each.pk, worker="w1")
    address = url("run_evidence", version, run.pk)

    assert address in text_of(web.get(run.get_absolute_url()))
    answer: Any = web.get(address)
    report = b"".join(answer.streaming_content)
    assert json.loads(report) == {"deep": [{"deeper": ["deepest"]}]}
    [concluded] = events("check_run.conclude", run)
    assert detail(concluded)["report"] == digest_of_bytes(report)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert web.get(url("run_evidence", version, bare.pk)).status_code == 404
    assert signed_in(Client(), person("stranger")).get(address).status_code == 404


def queries_of(web: Client, address: str) -> int:
    """Return how many queries a page takes, once everything is warm."""
    web.get(address)
    with CaptureQueriesContext(connection) as captured:
        web.get(address)
    return len(captured)
