"""Documents at the API: begun and written by a program, read whole, and never signed there."""

import json
from typing import Any

import pytest
from django.http import HttpResponse

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.validation.models import Document
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of

pytestmark = pytest.mark.django_db

DOCUMENTS = "/models/tumor-triage/versions/1/documents"
CARD = f"{DOCUMENTS}/model-card"


def patch(program: Caller, path: str, values: dict[str, Any], tag: str = "") -> HttpResponse:
    """Write values of a section, only as it was last seen when a tag is given."""
    headers = {"If-Match": tag} if tag else {}
    return program.send("PATCH", path, json.dumps({"values": values}).encode(), headers=headers)


def test_a_card_is_begun_written_and_read_whole(caller: Caller, version: ModelVersion) -> None:
    listed = said(caller.get(DOCUMENTS))["documents"]
    assert [(one["template"], one["status"]) for one in listed] == [
        ("model-card", "missing"),
        ("validation-report", "missing"),
        ("eu-annex-iv", "missing"),
        ("decommissioning-record", "missing"),
    ]
    refusal(caller.get(CARD), 404)

    begun = said(caller.post(DOCUMENTS, {"template": "model-card"}), 201)
    section = f"{CARD}/sections/limitations"
    rows = [["Thin files", "Ranks too low", "By hand"]]
    written = said(patch(caller, section, {"limitations": rows, "tradeoffs": ["x"]}))

    assert (begun["status"], begun["revision"], begun["tier"]) == ("draft", 1, 1)
    assert written["completeness"] > begun["completeness"]
    [kept] = [one for one in written["sections"] if one["id"] == "limitations"]
    fields = {one["key"]: one for one in kept["fields"]}
    assert fields["limitations"]["value"] == rows
    assert fields["limitations"]["written_by"] == scenarios.developer().record_id
    assert fields["adjustments"]["source"] == "model.adjustments"
    assert said(caller.get(CARD)) == written
    [line] = [one for one in said(caller.get(DOCUMENTS))["documents"] if one["url"]]
    assert line["url"].endswith(CARD)
    assert said(patch(caller, section, {"tradeoffs": None}))["sections"]
    assert "tradeoffs" not in Document.objects.get().values


def test_a_token_for_evidence_alone_writes_documents(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.EVIDENCE))

    begun = said(program.post(DOCUMENTS, {"template": "model-card"}), 201)
    written = said(patch(program, f"{CARD}/sections/identification", {"summary": "Ranks."}))

    assert (begun["status"], written["revision"]) == ("draft", 1)
    for answer in (begun, written):
        assert (answer["sections"], answer["signatures"]) == ([], [])
    refusal(program.get(CARD), 404)


def test_what_cannot_be_written_is_refused_in_words(caller: Caller, version: ModelVersion) -> None:
    said(caller.post(DOCUMENTS, {"template": "model-card"}), 201)
    section = f"{CARD}/sections/limitations"
    for values, words in (
        ({"limitations": [[0.5]]}, "text"),
        ({"adjustments": [["x"]]}, "filled in from the registry"),
        ({"poem": "x"}, "no field"),
        ({"limitations": "x"}, "list of rows"),
    ):
        assert words in json.dumps(refusal(patch(caller, section, values), 400))
    assert "already" in json.dumps(refusal(caller.post(DOCUMENTS, {"template": "model-card"}), 409))
    refusal(caller.post(DOCUMENTS, {"template": "validation-report"}), 403)
    refusal(caller.post(DOCUMENTS, {"template": "poem"}), 404)
    refusal(patch(caller, f"{CARD}/sections/poem", {}), 404)
    assert Document.objects.get().values == {}


def test_the_export_is_recorded(caller: Caller, version: ModelVersion) -> None:
    said(caller.post(DOCUMENTS, {"template": "model-card"}), 201)

    told = json.loads(content_of(caller.get(f"{CARD}/export")))

    assert (told["template"], told["status"], told["version"]) == ("model-card", "draft", 1)
    assert told["signatures"][0]["name"] == "not signed"
    assert AuditEvent.objects.filter(action="document.export", outcome="done").count() == 1


def test_a_draft_is_written_only_as_it_was_last_seen(caller: Caller, version: ModelVersion) -> None:
    said(caller.post(DOCUMENTS, {"template": "model-card"}), 201)
    tag = caller.get(CARD).headers["ETag"]
    section, values = f"{CARD}/sections/identification", {"summary": "Ranks."}

    assert patch(caller, section, values, tag).status_code == 200
    assert patch(caller, section, values, tag).status_code == 412
