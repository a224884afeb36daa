"""Attestations: attached once by who may, never changed, withdrawn with a reason, and verified."""

import html
import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import QuerySet
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.governed import UngovernedWrite
from apps.catalog.manifest import LabelRefused
from apps.catalog.models import Artifact, ModelVersion
from apps.catalog.store.contract import BytesRefused
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation import operations, queries, runner
from apps.validation.basis import Basis
from apps.validation.models import Attestation, CheckRun
from apps.validation.operations import attestations as rules
from tests import scenarios
from tests.factories import actor, signed_in
from tests.validation.checks.signing import bundle, model_statement, pem
from tests.validation.records import detail, events, outcomes, overwrite

pytestmark = pytest.mark.django_db
CHECK = "model-signature"
KEY = ec.generate_private_key(ec.SECP256R1())
SIGNATURE = json.dumps(bundle(model_statement(scenarios.MODEL_FILES), KEY)).encode()
HOSTILE = "<script>alert(1)<script>{{7*7}}.sig"


@pytest.fixture
def dev() -> Actor:
    return actor(scenarios.developer())


@pytest.fixture
def web(client: Client) -> Client:
    """A browser the developer is signed in with."""
    return signed_in(client, scenarios.developer())


def attached(version: ModelVersion, by: Actor, data: bytes = SIGNATURE, **said: str) -> Attestation:
    facts = {"kind": "oms_signature", "name": "model.sig", **said}
    return operations.attach_attestation(version, source=[data], by=by, **facts)


def trust(*keys: Any) -> None:
    """Load a list of signers as an officer does."""
    listed = [{"name": f"Key {n}", "kind": "key", "pem": pem(key)} for n, key in enumerate(keys)]
    officer = actor(scenarios.risk_officer())
    source = [json.dumps({"signers": listed}).encode()]
    operations.load_reference("signers", source, by=officer, reason="Agreed")


def verified(version: ModelVersion, by: Actor) -> CheckRun:
    [run] = operations.start_checks(version, by=by, names=[CHECK])
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()
    return run


def moved(version: ModelVersion, run: CheckRun) -> list[str]:
    return Basis.of([version], [CHECK]).moved(run, version)


# -- operations


def test_attaching_is_recorded_with_file_and_content(version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)

    [event] = events("attestation.attach", attestation)
    assert detail(event) == {
        "kind": "oms_signature",
        "file": attestation.file_digest,
        "content": version.content_digest,
    }
    assert attestation.artifact.size == len(SIGNATURE)
    assert attestation.history.count() == 1


def test_withdrawing_needs_a_reason_and_leaves_the_file(version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.withdraw_attestation(attestation, by=dev, reason=" ")

    operations.withdraw_attestation(attestation, by=dev, reason="Wrong key")

    attestation.refresh_from_db()
    assert (attestation.is_withdrawn, attestation.remark) == (True, "Wrong key")
    assert outcomes("attestation.withdraw", attestation)[-1] == "done"
    taken = operations.take_attestation(attestation, by=dev)
    assert taken.bytes.read() == SIGNATURE
    taken.bytes.close()
    with pytest.raises(RuleBroken, match="already"):
        operations.withdraw_attestation(attestation, by=dev, reason="Again")


def test_only_who_may_attaches_and_withdraws(version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)
    kept = Artifact.objects.count()
    for by in (actor(scenarios.auditor()), actor(scenarios.validator())):
        with pytest.raises(NotAllowed):
            attached(version, by, b"{}")
        with pytest.raises(NotAllowed):
            operations.withdraw_attestation(attestation, by=by, reason="Mine")
    with pytest.raises(NotAllowed):
        operations.take_attestation(attestation, by=actor(scenarios.stranger()))
    assert Artifact.objects.count() == kept
    assert outcomes("attestation.attach")[1:] == ["refused", "refused"]


def test_what_is_no_attestation_is_refused_and_nothing_is_kept(
    version: ModelVersion, dev: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputRefused, match="kind is one of"):
        attached(version, dev, kind="blessing")
    with pytest.raises(InputRefused, match="no slash"):
        attached(version, dev, name="a/b.sig")
    with pytest.raises(LabelRefused):
        attached(version, dev, name="..")
    with pytest.raises(LabelRefused):
        attached(version, dev, name="")
    with pytest.raises(InputRefused, match="empty"):
        attached(version, dev, b"")
    monkeypatch.setattr(rules, "MOST_BYTES", 10)
    with pytest.raises(BytesRefused):
        attached(version, dev)

    assert not Attestation.objects.exists()


def test_the_same_file_counts_once_and_can_come_back(
    version: ModelVersion, dev: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = attached(version, dev)
    with pytest.raises(RuleBroken, match="attached to the version already"):
        attached(version, dev, name="again.sig")
    operations.withdraw_attestation(first, by=dev, reason="Wrong name")
    attached(version, dev, name="again.sig")

    monkeypatch.setattr(rules, "MOST_ATTACHED", 1)
    with pytest.raises(RuleBroken, match="at most 1 attestations"):
        attached(version, dev, b"{}")


def test_a_version_keeps_a_number_of_attestations_that_is_bounded(
    version: ModelVersion, dev: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_KEPT", 2)
    for content in (b"1", b"2"):
        operations.withdraw_attestation(attached(version, dev, content), by=dev, reason="Wrong")

    with pytest.raises(RuleBroken, match="keeps at most 2"):
        attached(version, dev, b"3")


def test_nothing_is_attached_to_a_version_whose_files_are_not_complete(
    version: ModelVersion, dev: Actor
) -> None:
    overwrite(version, readiness="pending")

    with pytest.raises(RuleBroken):
        attached(version, dev)


def test_no_attestation_is_written_past_an_operation(version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)
    attestation.remark = "Changed"
    with pytest.raises(UngovernedWrite):
        attestation.save()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE validation_attestation SET remark = 'Changed'")


# -- the check


def test_a_version_is_verified_from_attaching_to_the_facts_policies_read(
    version: ModelVersion, dev: Actor
) -> None:
    assert queries.signature_status(version) == "missing"
    trust(KEY)
    attached(version, dev)
    run = verified(version, dev)

    assert (run.state, run.facts["status"]) == ("passed", "valid"), run.problems
    assert run.evidence is not None
    assert queries.signature_status(version) == "valid"


def test_results_are_out_of_date_once_attestations_or_signers_change(
    version: ModelVersion, dev: Actor
) -> None:
    trust(KEY)
    run = verified(version, dev)
    assert moved(version, run) == []
    attestation = attached(version, dev)
    assert moved(version, run) == ["attestations"]

    run = verified(version, dev)
    operations.withdraw_attestation(attestation, by=dev, reason="Wrong")
    assert moved(version, run) == ["attestations"]
    assert queries.signature_status(version) == "missing"

    run = verified(version, dev)
    trust(ec.generate_private_key(ec.SECP256R1()))
    assert moved(version, run) == ["signers"]


def test_an_untrusted_or_wrong_signature_is_not_valid(version: ModelVersion, dev: Actor) -> None:
    attached(version, dev)
    assert verified(version, dev).facts["status"] == "untrusted"
    assert queries.signature_status(version) == "invalid"

    other = json.dumps(bundle(model_statement({"MLmodel": b"other"}), KEY)).encode()
    attached(version, dev, other)
    run = verified(version, dev)
    assert (run.state, queries.signature_status(version)) == ("failed", "invalid")


# -- pages


def url(version: ModelVersion, name: str = "attestations", *more: int) -> str:
    return reverse(f"validation:{name}", args=[version.model.name, version.number, *more])


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


def sent(name: str = "model.sig", data: bytes = SIGNATURE, kind: str = "oms_signature") -> Any:
    return {"kind": kind, "file": SimpleUploadedFile(name, data)}


def test_a_version_with_nothing_attached_says_what_belongs_there(
    web: Client, version: ModelVersion
) -> None:
    page = words(web.get(url(version)))

    assert "Nothing is attached yet" in page
    assert "Attach a file" in page
    assert "Not run" in page


def test_a_file_is_attached_by_page_and_taken_away_as_bytes(
    web: Client, version: ModelVersion
) -> None:
    page = words(web.post(url(version), sent(), follow=True))

    attestation = Attestation.objects.get()
    assert "model.sig is attached" in page
    assert "Attached by Dev Developer" in page
    answer = web.get(url(version, "attestation_file", attestation.pk))
    assert b"".join(answer) == SIGNATURE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="model.sig"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert outcomes("attestation.download", attestation) == ["done"]


def test_a_refused_file_is_told_on_the_page(web: Client, version: ModelVersion) -> None:
    page = words(web.post(url(version), {}), 422)
    assert "Choose what the file is." in page
    assert "Choose a file." in page
    assert "The file is empty." in words(web.post(url(version), sent(data=b"")), 422)
    web.post(url(version), sent())
    assert "attached to the version already" in words(web.post(url(version), sent()), 422)


def test_an_attestation_is_withdrawn_by_page(
    web: Client, version: ModelVersion, dev: Actor
) -> None:
    attestation = attached(version, dev)
    address = url(version, "withdraw_attestation", attestation.pk)
    assert "model.sig" in words(web.get(address))
    assert "Give a reason." in words(web.post(address, {}), 422)

    page = words(web.post(address, {"reason": "Wrong key"}, follow=True))

    assert "model.sig is withdrawn" in page
    assert "Withdrawn by Dev Developer" in page
    assert "Wrong key" in page
    assert "already" in words(web.post(address, {"reason": "Again"}), 422)


def test_who_may_not_attach_sees_who_may(version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)
    auditor = signed_in(Client(), scenarios.auditor())
    page = words(auditor.get(url(version)))

    assert "attach these" in page
    assert "Attach a file" not in page
    assert "do not have the right" in words(auditor.post(url(version), sent(data=b"{}")), 422)
    refused = auditor.post(url(version, "withdraw_attestation", attestation.pk), {"reason": "No"})
    assert "do not have the right" in words(refused, 422)


def test_who_may_not_see_the_model_sees_nothing(version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)
    stranger = signed_in(Client(), scenarios.stranger())
    for name, more in (
        ("attestations", []),
        ("attestation_file", [attestation.pk]),
        ("withdraw_attestation", [attestation.pk]),
    ):
        assert stranger.get(url(version, name, *more)).status_code == 404, name
    other = scenarios.registered_version()
    by_other = url(other, "attestation_file", attestation.pk)
    assert signed_in(Client(), scenarios.developer()).get(by_other).status_code == 404


def test_a_file_that_is_gone_is_not_found(web: Client, version: ModelVersion, dev: Actor) -> None:
    attestation = attached(version, dev)
    overwritten: QuerySet[Artifact] = QuerySet(Artifact)
    overwritten.filter(pk=attestation.artifact_id).update(sha256="0" * 64)

    assert web.get(url(version, "attestation_file", attestation.pk)).status_code == 404


def test_a_name_is_shown_as_text(web: Client, version: ModelVersion, dev: Actor) -> None:
    attached(version, dev, name=HOSTILE)

    page = web.get(url(version)).content.decode()

    assert "<script>alert" not in page
    assert "{{7*7}}" in html.unescape(page)


def test_the_page_asks_the_database_as_often_for_many_as_for_few(
    web: Client, version: ModelVersion, dev: Actor
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            words(web.get(url(version)))
        return len(queries_made)

    attached(version, dev)
    operations.withdraw_attestation(attached(version, dev, b"0"), by=dev, reason="Old")
    few = asked()
    for number in range(1, 10):
        attached(version, dev, str(number).encode())
    for number in range(10, 19):
        again = attached(version, dev, str(number).encode())
        operations.withdraw_attestation(again, by=dev, reason="Old")

    assert asked() == few


def test_the_checks_page_leads_to_them(web: Client, version: ModelVersion) -> None:
    assert url(version) in web.get(url(version, "checks")).content.decode()
