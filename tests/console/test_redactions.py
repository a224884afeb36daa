"""Pages on which words are asked to be erased, and decided on."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.scopes import Scope
from apps.approvals import operations
from apps.approvals.models import PromotionRequest
from apps.approvals.operations import redaction
from apps.audit.models import AuditEvent, Leaf, Redaction
from apps.audit.verifier.notes import read_key
from apps.audit.verifier.packs import verify_pack
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.integrations.streams.lines import StreamLine
from tests import scenarios
from tests.api.caller import Caller, content_of, token_of
from tests.approvals.exceptions import counsel, hold, records_manager
from tests.approvals.packs import packed
from tests.approvals.packs.packed import sealing
from tests.audit.sealing.sealed import seal_all, vkey
from tests.factories import actor, signed_in

pytestmark = pytest.mark.django_db
__all__ = ["sealing"]

WORDS = "Jane Doe fell ill"


def officer() -> User:
    return scenarios.account("petra", "Petra Privacy", "privacy_officer")


def said() -> AuditEvent:
    placed = operations.place_hold(scenarios.registered_model(), by=actor(counsel()), reason=WORDS)
    operations.lift_hold(placed, by=actor(counsel()), reason="Closed")
    return AuditEvent.objects.get(action="model.place_legal_hold")


def as_text(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_words_are_asked_for_decided_on_and_shown_as_erased() -> None:
    event = said()
    asking, deciding = (signed_in(Client(), who) for who in (records_manager(), officer()))
    assert "Ask to erase words" in as_text(asking, "audit:entry", event.uid)
    assert "Nothing was asked to be erased yet" in as_text(asking, "audit:redactions")
    place = reverse("audit:ask_redaction", args=[event.uid])
    assert WORDS in asking.get(place).content.decode()
    sent = {"place": "reason", "basis": "request", "reason": "She asked for it"}

    answer = asking.post(place, sent | {"basis": ""})
    assert answer.status_code == 422
    assert "She asked for it" in answer.content.decode()
    assert asking.post(place, sent).status_code == 302
    found = Redaction.objects.get()
    page = reverse("audit:redaction", args=[found.pk])
    assert asking.post(page, {"reason": "Yes", "decision": "approve"}).status_code == 404
    assert WORDS in as_text(deciding, "audit:redaction", found.pk)
    assert "Waits for a second person" in as_text(deciding, "audit:redactions")
    assert deciding.post(page, {"reason": "", "decision": "approve"}).status_code == 422
    assert deciding.post(page, {"reason": "She may", "decision": "approve"}).status_code == 302
    seal_all()
    assert redaction.carry_out_redactions() == 1

    shown = as_text(deciding, "audit:entry", event.uid)
    assert WORDS not in shown
    assert "Erased on" in shown
    assert "approved by Petra Privacy" in shown
    assert "GDPR article 17(1)" in shown
    assert WORDS not in as_text(deciding, "audit:redaction", found.pk)
    assert WORDS not in as_text(signed_in(Client(), scenarios.auditor()), "audit:list")


def test_what_has_to_stay_is_said_on_the_form_and_a_decline_is_kept() -> None:
    event = said()
    asked = redaction.ask_redaction(
        event, "reason", basis="order", by=actor(records_manager()), reason="A court said so"
    )
    placed = hold(RegisteredModel.objects.get())
    client, page = signed_in(Client(), officer()), reverse("audit:redaction", args=[asked.pk])
    assert "They have to stay for now" in as_text(client, "audit:redaction", asked.pk)
    answer = client.post(page, {"reason": "She may", "decision": "approve"})
    assert answer.status_code == 422
    assert "legal hold is in force" in answer.content.decode()
    assert "She may" in answer.content.decode()
    operations.lift_hold(placed, by=actor(counsel()), reason="Closed")
    assert client.post(page, {"reason": "No ground", "decision": "decline"}).status_code == 302
    asked.refresh_from_db()
    assert asked.state == Redaction.State.DECLINED


def test_who_asked_is_offered_no_decision_and_refused_one() -> None:
    client, event = signed_in(Client(), officer()), said()
    place = reverse("audit:ask_redaction", args=[event.uid])
    client.post(place, {"place": "reason", "basis": "order", "reason": "A court said so"})
    asked = Redaction.objects.get()
    assert 'value="approve"' not in as_text(client, "audit:redaction", asked.pk)
    page = reverse("audit:redaction", args=[asked.pk])
    answer = client.post(page, {"reason": "She may", "decision": "approve"})
    assert answer.status_code == 422
    assert "Who asked, or wrote the words, does not decide" in answer.content.decode()
    other = signed_in(Client(), counsel())
    assert other.post(page, {"reason": "She may", "decision": "perhaps"}).status_code == 422
    asked.refresh_from_db()
    assert asked.state == Redaction.State.ASKED


def test_the_list_asks_as_much_for_many_as_for_few() -> None:
    event = said()
    client = signed_in(Client(), officer())

    def asked_of_the_database(rows: range) -> int:
        for number in rows:
            Redaction.objects.create(
                event=event,
                place=f"legal_hold:lgh_{number}.reason",
                basis="order",
                asked_in=event.uid,
                asked_by=f"usr_{number}",
                asked_at=event.written_at,
            )
        with CaptureQueriesContext(connection) as asked:
            as_text(client, "audit:redactions")
        return len(asked)

    asked_of_the_database(range(0))
    assert asked_of_the_database(range(2)) == asked_of_the_database(range(2, 20))


def told_of(request: PromotionRequest, at: datetime) -> dict[str, str]:
    """Return what is shown, or given away, of why a promotion was asked for, by where."""
    reader = signed_in(Client(), scenarios.auditor())
    program = Caller(token_of(scenarios.auditor(), Scope.READ))
    about = f"?about={request.record_id}"
    past = f"?{urlencode({'at': at.isoformat()})}"
    pages = {
        "entry": reverse("audit:entry", args=[asking(request).uid]),
        "sheet": f"{reverse('audit:export_csv')}{about}",
        "lines": f"{reverse('audit:export_lines')}{about}",
        "promotion": reverse("approvals:promotion", args=[request.pk]),
        "past": f"{reverse('as_of:promotion', args=[request.pk])}{past}",
    }
    told = {place: reader.get(path).getvalue().decode() for place, path in pages.items()}
    return told | {"program": content_of(program.get(f"/promotions/{request.pk}")).decode()}


def is_found_by_words(request: PromotionRequest) -> bool:
    """Say whether somebody who looks for the words in the record finds the entry."""
    path = f"{reverse('audit:list')}?{urlencode({'reason': WORDS})}"
    page = signed_in(Client(), scenarios.auditor()).get(path).content.decode()
    return reverse("audit:entry", args=[asking(request).uid]) in page


def asked_to_promote() -> PromotionRequest:
    version, by = scenarios.checked(), actor(scenarios.developer())
    return operations.request_promotion(version, by=by, target=Stage.STAGING, reason=WORDS)


def asking(request: PromotionRequest) -> AuditEvent:
    return AuditEvent.objects.get(subject_type="request", subject_id=request.record_id)


def erased(event: AuditEvent) -> Redaction:
    """Let two people and a worker erase the reason of an entry, and the sealer seal it."""
    asked = redaction.ask_redaction(
        event, "reason", basis="request", by=actor(records_manager()), reason="She asked"
    )
    redaction.approve_redaction(asked, by=actor(officer()), reason="She may")
    seal_all()
    assert redaction.carry_out_redactions() == 1
    seal_all()
    asked.refresh_from_db()
    return asked


def test_wherever_words_stood_also_of_the_past_is_said_that_they_were_erased() -> None:
    request, then = asked_to_promote(), database_now()
    assert {place for place, text in told_of(request, then).items() if WORDS not in text} == set()
    assert is_found_by_words(request)

    done = erased(asking(request))

    told = told_of(request, then)
    assert {place for place, text in told.items() if WORDS in text} == set()
    assert {place for place, text in told.items() if str(done.erased_in) not in text} == set()
    assert not is_found_by_words(request)


@pytest.mark.usefixtures("sealing")
def test_a_pack_and_a_stream_made_later_hold_no_word_and_the_pack_is_whole(tmp_path: Path) -> None:
    request = asked_to_promote()
    done = erased(asking(request))

    content = packed.content_of(packed.made(packed.ordered(request)))

    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        files = {name: pack.read(name) for name in pack.namelist()}
    assert {name for name, data in files.items() if WORDS.encode() in data} == set()
    assert str(done.erased_in).encode() in files["index.html"]
    report = verify_pack(packed.kept(content, tmp_path), [read_key(vkey())], {})
    assert (report.findings, report.erased) == ([], 1)
    lines = [StreamLine.of(leaf).text for leaf in Leaf.objects.select_related("event")]
    assert WORDS not in "".join(lines)
