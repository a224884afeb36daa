"""Attestations at the API: attached as bytes, listed, sent and withdrawn."""

from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse

from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion
from apps.validation.models import Attestation
from tests import scenarios
from tests.api.caller import PLAIN, Caller, content_of, refusal, said, token_of

pytestmark = pytest.mark.django_db

ATTESTATIONS = "/models/tumor-triage/versions/1/attestations"
NAMED = f"{ATTESTATIONS}?kind=dsse&file=provenance.json"


def attach(program: Caller, path: str = NAMED, data: bytes = b"{}", **headers: str) -> HttpResponse:
    return program.send("POST", path, data, media_type=PLAIN, headers=headers)


def test_a_file_is_attached_by_a_token_that_can_do_only_that(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.EVIDENCE))

    given = said(attach(program), 201)

    attestation = Attestation.objects.get()
    assert given["number"] == attestation.pk
    assert (given["kind"], given["file"], given["size"]) == ("dsse", "provenance.json", 2)
    assert given["digest"] == attestation.file_digest
    assert given["content_digest"] == version.content_digest
    refusal(program.get(ATTESTATIONS), 404)


def test_what_is_attached_is_listed_and_taken_away(caller: Caller, version: ModelVersion) -> None:
    given = said(attach(caller), 201)

    listed = said(caller.get(ATTESTATIONS))

    assert listed["signature"] == "missing"
    assert [line["file"] for line in listed["attestations"]] == ["provenance.json"]
    answer = caller.get(f"{ATTESTATIONS}/{given['number']}/file")
    assert content_of(answer) == b"{}"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="provenance.json"'
    assert given["url"].endswith(f"{ATTESTATIONS}/{given['number']}/file")
    refusal(caller.get(f"{ATTESTATIONS}/{2**70}/file"), 404)


def test_an_attestation_is_withdrawn_with_a_reason(caller: Caller, version: ModelVersion) -> None:
    number = said(attach(caller), 201)["number"]
    one = f"{ATTESTATIONS}/{number}"
    refusal(caller.send("DELETE", one, b'{"reason": ""}'), 409)

    assert caller.send("DELETE", one, b'{"reason": "Wrong"}').status_code == 204

    [line] = said(caller.get(ATTESTATIONS))["attestations"]
    assert (line["remark"], bool(line["withdrawn_at"])) == ("Wrong", True)
    refusal(caller.send("DELETE", one, b'{"reason": "Again"}'), 409)


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "another kind": ({"path": f"{ATTESTATIONS}?kind=blessing&file=a"}, 400),
    "no kind": ({"path": f"{ATTESTATIONS}?file=a"}, 400),
    "no name": ({"path": f"{ATTESTATIONS}?kind=dsse"}, 400),
    "a path as name": ({"path": f"{ATTESTATIONS}?kind=dsse&file=a%2Fb"}, 400),
    "dots as name": ({"path": f"{ATTESTATIONS}?kind=dsse&file=.."}, 400),
    "the kind twice": ({"path": f"{NAMED}&kind=other"}, 400),
    "no bytes": ({"data": b""}, 400),
    "a version that is not there": ({"path": NAMED.replace("/1/", "/9/")}, 404),
}


def test_what_is_no_attestation_is_refused(caller: Caller, version: ModelVersion) -> None:
    for name, (request, status) in REFUSED.items():
        answer = attach(caller, **request)
        assert answer.status_code == status, f"{name}: {content_of(answer)!r}"
    assert not Attestation.objects.exists()


def test_bytes_that_end_early_or_come_unannounced_are_refused(
    caller: Caller, version: ModelVersion
) -> None:
    environ = {"wsgi.input": BytesIO(b"{}"), "CONTENT_LENGTH": "20"}
    cut = caller.send("POST", NAMED, media_type=PLAIN, environ=environ)
    assert cut.status_code == 400, content_of(cut)
    unannounced = {"wsgi.input": BytesIO(b"{}"), "CONTENT_LENGTH": ""}
    refusal(caller.send("POST", NAMED, media_type=PLAIN, environ=unannounced), 400)
    assert not Attestation.objects.exists()
