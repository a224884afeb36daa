"""Evidence at the API: given as a link or from an upload, listed, taken away and withdrawn."""

from typing import Any

import pytest

from apps.accounts.scopes import Scope
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.validation import operations
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of
from tests.factories import actor

pytestmark = pytest.mark.django_db

EVIDENCE = "/models/tumor-triage/versions/1/evidence"


def link(**said: Any) -> dict[str, Any]:
    return {
        "type": "performance_test_report",
        "title": "Holdout report",
        "link": "https://docs.example/report",
        **said,
    }


def test_a_link_is_given_by_a_token_that_can_do_only_that(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.EVIDENCE))

    given = said(program.post(EVIDENCE, link(note="Page 4", valid_until="2099-12-31")), 201)

    item = EvidenceItem.objects.get()
    assert (given["id"], given["state"], given["counts"]) == (item.pk, "submitted", False)
    assert given["content_digest"] == version.content_digest
    assert (given["version"], given["valid_until"]) == (1, "2099-12-31")
    refusal(program.get(EVIDENCE), 404)
    refusal(program.get(f"/models/tumor-triage/evidence/{item.pk}"), 404)


def test_a_file_of_an_upload_is_given_and_taken_away(caller: Caller, version: ModelVersion) -> None:
    upload = scenarios.uploaded({"deep/report.pdf": b"Report"})
    body = link(link="", upload=str(upload.pk), path="deep/report.pdf")

    given = said(caller.post(EVIDENCE, body), 201)

    assert (given["file"]["name"], given["file"]["size"]) == ("report.pdf", 6)
    answer = caller.get(f"/models/tumor-triage/evidence/{given['id']}/file")
    assert content_of(answer) == b"Report"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    refusal(caller.get(f"/models/tumor-triage/evidence/{2**70}/file"), 404)


def test_evidence_about_the_model_and_its_uses_goes_there(
    caller: Caller, version: ModelVersion
) -> None:
    catalog.add_use_case(version.model, by=actor(scenarios.owner()), title="Triage")

    plan = said(caller.post(EVIDENCE, link(type="monitoring_plan")), 201)
    notice = said(caller.post(EVIDENCE, link(type="transparency_notice", use="triage")), 201)

    assert (plan["about"], plan["version"], plan["use"]) == ("model", None, None)
    assert (notice["about"], notice["use"]) == ("use_case", "triage")


def test_what_cannot_be_given_is_refused_in_words(caller: Caller, version: ModelVersion) -> None:
    other = scenarios.uploaded(by=actor(scenarios.owner()))
    for body, words in (
        (link(type="fairy_tale"), "no type of evidence"),
        (link(type="transparency_notice"), "Name the use"),
        (link(use="triage"), "Name the use"),
        (link(type="transparency_notice", use="absent"), "has no use"),
        (link(link="http://docs.example/x"), "begins with https://"),
        (link(link=""), "one of the two"),
        (link(upload=str(other.pk), link="", path="MLmodel"), "no such upload"),
        (link(title=""), "title"),
        (link(valid_until="2001-01-01"), "past already"),
        (link(valid_until="soon"), "valid_until"),
        (link(verified_by="dev"), "verified_by"),
        (link(content_digest="sha256:0"), "content_digest"),
    ):
        answer = refusal(caller.post(EVIDENCE, body), 400)
        assert words in f"{answer['detail']} {answer.get('faults')}", (body, answer)
    assert not EvidenceItem.objects.exists()


def test_it_is_listed_page_by_page_and_verified_items_count(
    caller: Caller, version: ModelVersion
) -> None:
    for number in range(3):
        said(caller.post(EVIDENCE, link(title=f"Report {number}")), 201)
    newest = EvidenceItem.objects.latest("pk")
    operations.verify_evidence(newest, by=actor(scenarios.validator()))

    first = said(caller.get(f"{EVIDENCE}?limit=2"))
    rest = said(caller.get(f"{EVIDENCE}?limit=2&page={first['next']}"))

    assert [one["title"] for one in first["evidence"]] == ["Report 2", "Report 1"]
    assert [one["title"] for one in rest["evidence"]] == ["Report 0"]
    assert [one["counts"] for one in first["evidence"]] == [True, False]
    assert first["evidence"][0]["verified_by"] == "vera"
    assert rest["next"] is None


def test_it_is_withdrawn_with_a_reason_by_who_gave_it(
    caller: Caller, version: ModelVersion
) -> None:
    given = said(caller.post(EVIDENCE, link()), 201)
    address = f"/models/tumor-triage/evidence/{given['id']}/withdraw"

    refusal(caller.post(address, {"reason": ""}), 409)
    refusal(Caller(token_of(scenarios.owner())).post(address, {"reason": "No"}), 403)
    withdrawn = said(caller.post(address, {"reason": "Wrong file"}))

    assert (withdrawn["state"], withdrawn["remark"]) == ("withdrawn", "Wrong file")
    refusal(caller.post(address, {"reason": "Again"}), 409)
