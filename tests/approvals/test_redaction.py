"""Erasing personal words: two people, a worker, every copy, and a record that proves itself."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import TextField

from apps.accounts.models import User
from apps.approvals import operations, signed_words
from apps.approvals.models import LegalHold
from apps.approvals.operations import OnHold, redaction
from apps.approvals.operations.redaction import PartOfSignature, StillKept
from apps.audit import comparing, exporting, redacting
from apps.audit.checking import whole
from apps.audit.models import AuditEvent, AuditText, Redaction
from apps.audit.verifier.exports import verify_export
from apps.audit.verifier.notes import read_key
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals import exceptions
from tests.approvals.exceptions import WHY, counsel, hold, records_manager, retain
from tests.audit.sealing.sealed import seal_all, vkey
from tests.factories import actor
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db

WORDS = "Jane Doe of Elm Street fell ill, so her “file” waits"
REQUEST, NEEDLESS = Redaction.Basis.REQUEST, Redaction.Basis.NEEDLESS


def officer() -> User:
    return scenarios.account("petra", "Petra Privacy", "privacy_officer")


def said() -> AuditEvent:
    """Let words about a person become a reason, which a row repeats in two states."""
    model = scenarios.registered_model()
    placed = operations.place_hold(model, by=actor(counsel()), reason=WORDS)
    operations.lift_hold(placed, by=actor(counsel()), reason="Closed")
    return AuditEvent.objects.get(action="model.place_legal_hold")


def asked(event: AuditEvent, *, basis: str = REQUEST, place: str = "reason") -> Redaction:
    by = actor(records_manager())
    return redaction.ask_redaction(event, place, basis=basis, by=by, reason="She asked for it")


def decided(event: AuditEvent, **asked_for: Any) -> Redaction:
    found = asked(event, **asked_for)
    redaction.approve_redaction(found, by=actor(officer()), reason="She may")
    seal_all()
    found.refresh_from_db()
    return found


def erased(event: AuditEvent, **asked_for: Any) -> Redaction:
    found = decided(event, **asked_for)
    assert redaction.carry_out_redactions() == 1
    seal_all()
    found.refresh_from_db()
    return found


def findings() -> set[str]:
    report = whole.verify([read_key(vkey())], {}, with_rows=True)
    return {finding.name for finding in report.findings}


def test_two_people_have_words_erased_wherever_they_stand_and_the_record_stays_whole(
    tmp_path: Path,
) -> None:
    event = said()
    entry, row = bytes(event.entry), LegalHold.objects.get()

    done = erased(event)

    assert done.state == Redaction.State.ERASED
    assert not AuditText.objects.filter(text__contains="Jane").exists()
    row.refresh_from_db()
    states = row.history.order_by("history_id")
    marks = {row.reason, *states.values_list("reason", flat=True)}
    assert len(marks) == 1
    [mark] = marks
    assert mark.startswith("[Erased on ")
    assert f"approved by {actor(officer()).id}" in mark
    assert "GDPR article 17(1)" in mark
    assert str(done.erased_in) in mark
    event.refresh_from_db()
    assert bytes(event.entry) == entry
    told = json.loads(bytes(AuditEvent.objects.get(action="event.redact").entry))
    assert told["chain"]["root"] == row.root.record_ref
    assert told["subject"] == {"type": "event", "id": str(event.uid)}
    assert len(told["detail"]["states"]) == 2
    assert b"Jane" not in b"".join(map(bytes, AuditEvent.objects.values_list("entry", flat=True)))
    told_of = AuditEvent.objects.filter(chain_root=row.root.record_ref, subject_type="event")
    actions = list(told_of.order_by("pk").values_list("action", flat=True))
    assert actions == ["redaction.ask", "redaction.approve", "event.redact"]
    assert findings() == set()
    assert comparing.compare() == []
    exporting.export(tmp_path / "log", by=actor(scenarios.auditor()))
    assert verify_export(tmp_path / "log", [read_key(vkey())], {}).findings == []
    assert redaction.carry_out_redactions() == 0


def test_nothing_but_what_was_erased_may_differ() -> None:
    event = said()
    erased(event)
    mark = LegalHold.objects.get().reason
    states = LegalHold.history
    with unguarded():
        for words in (WORDS, "x"):
            states.update(reason=words)
            assert findings() == {"history.state"} | {"guard"}
        states.update(reason=mark)
        assert findings() == {"guard"}
        AuditText.objects.create(event=event, kind="reason", salt=b"x" * 16, text=WORDS)
    assert findings() == {"text.altered"}


def test_a_text_that_goes_without_two_people_is_missing() -> None:
    event = said()
    found = asked(event)
    seal_all()
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        AuditText.objects.filter(event=event).delete()
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        AuditText.objects.filter(event=event).update(text="x")
    with unguarded():
        Redaction.objects.filter(pk=found.pk).update(
            state=Redaction.State.APPROVED, decided_in=found.asked_in, decided_by="usr_99"
        )
    assert redaction.carry_out_redactions() == 0
    with unguarded():
        AuditText.objects.filter(event=event).delete()
    assert "text.missing" in findings()


def test_only_another_person_with_the_right_decides() -> None:
    event = said()
    with pytest.raises(NotAllowed, match="ask for an erasure"):
        redaction.ask_redaction(
            event, "reason", basis=REQUEST, by=actor(scenarios.owner()), reason=WHY
        )
    both = actor(officer())
    found = redaction.ask_redaction(event, "reason", basis=REQUEST, by=both, reason=WHY)
    with pytest.raises(RuleBroken, match="asked for already"):
        asked(event)
    with pytest.raises(NotAllowed, match="does not decide"):
        redaction.approve_redaction(found, by=both, reason=WHY)
    with pytest.raises(NotAllowed, match="does not decide"):
        redaction.decline_redaction(found, by=both, reason=WHY)
    author = actor(counsel())
    with pytest.raises(NotAllowed, match="wrote the words"):
        redaction.approve_redaction(found, by=author, reason=WHY)
    with pytest.raises(NotAllowed, match="decide on an erasure"):
        redaction.approve_redaction(found, by=actor(records_manager()), reason=WHY)
    redaction.decline_redaction(found, by=author, reason="No ground")
    with pytest.raises(RuleBroken, match="decided already"):
        redaction.approve_redaction(found, by=author, reason=WHY)
    assert AuditEvent.objects.filter(action="redaction.decline", outcome="done").count() == 1
    assert AuditText.objects.filter(event=event).exists()
    assert asked(event).state == Redaction.State.ASKED
    refused = AuditEvent.objects.filter(action__startswith="redaction.", outcome="refused")
    assert refused.count() == 7


def test_under_a_legal_hold_nothing_goes_not_even_what_was_approved() -> None:
    event = said()
    model = RegisteredModel.objects.get()
    found = decided(event)
    placed = hold(model)
    assert redaction.carry_out_redactions() == 0
    assert not AuditEvent.objects.filter(action="event.redact").exists()
    other = AuditEvent.objects.get(action="legal_hold.lift")
    with pytest.raises(OnHold, match="legal hold"):
        asked(other, basis=NEEDLESS)
    operations.lift_hold(placed, by=actor(counsel()), reason="Closed as well")
    assert redaction.carry_out_redactions() == 1
    found.refresh_from_db()
    assert found.state == Redaction.State.ERASED


def test_within_a_retention_a_wish_is_refused_and_what_was_unlawful_goes() -> None:
    event = said()
    retain(RegisteredModel.objects.get())
    with pytest.raises(StillKept, match=r"17\(3\)"):
        asked(event, basis=REQUEST)
    assert redaction.why_not(event, "reason", REQUEST)
    assert redaction.why_not(event, "reason", NEEDLESS) == ""
    assert erased(event, basis=NEEDLESS).state == Redaction.State.ERASED
    assert findings() == set()


def test_words_that_somebody_signed_stay_and_those_written_later_may_go() -> None:
    request, by = scenarios.requested(), actor(scenarios.developer())
    role, signer = next(iter(scenarios.SIGNERS[Stage.STAGING].items()))
    operations.note_warnings(request, by=by, reason=WORDS)
    event = AuditEvent.objects.filter(action="request.note_warnings").latest("pk")
    assert redaction.why_not(event, "reason", REQUEST) == ""
    request.refresh_from_db()
    signed = scenarios.sign(request, signer(), role)
    with pytest.raises(PartOfSignature, match=signed.record_id):
        asked(event)
    operations.note_warnings(request, by=by, reason=f"{WORDS} again")
    later = AuditEvent.objects.filter(action="request.note_warnings").latest("pk")
    assert redaction.why_not(later, "reason", REQUEST) == ""
    assert "part of what was signed" in redaction.why_not(event, "reason", REQUEST)


def test_the_terms_of_a_waiver_that_somebody_signed_stay() -> None:
    waiver = exceptions.asked(reason=WORDS)
    event = AuditEvent.objects.get(action="version.ask_for_waiver")
    places = dict(redacting.places(event))
    assert {redaction.why_not(event, place, NEEDLESS) for place in places} == {""}
    assert len(places) == 4
    exceptions.sign_waiver(waiver)
    for place in places:
        assert "part of what was signed" in redaction.why_not(event, place, NEEDLESS), place


@pytest.mark.parametrize("bound", signed_words.BOUND, ids=lambda bound: bound.path)
def test_what_signatures_bind_is_a_text_their_way_leads_to(bound: signed_words.Bound) -> None:
    for column in bound.columns:
        assert isinstance(bound.row._meta.get_field(column), TextField)
    assert not bound.by._base_manager.filter(**{bound.path: 1}).exists()


def test_what_was_erased_with_other_words_is_done_and_nothing_is_tried_again() -> None:
    event = said()
    lifted = AuditEvent.objects.get(action="legal_hold.lift")
    [place] = [place for place, text in redacting.places(lifted) if text == WORDS]
    decided(event)
    other = decided(lifted, place=place)

    assert redaction.carry_out_redactions() == 1

    other.refresh_from_db()
    assert other.state == Redaction.State.ERASED
    assert redaction.carry_out_redactions() == 0
    assert not AuditEvent.objects.filter(action="event.redact", outcome="refused").exists()
    seal_all()
    assert findings() == set()


def test_what_looks_like_an_erasure_and_is_none_can_be_erased() -> None:
    request = scenarios.requested()
    words = f"[Erased on 2026-01-01, asked for by {WORDS}. Entry {uuid4()}.]"
    operations.comment(request, by=actor(scenarios.owner()), text=words)
    event = AuditEvent.objects.filter(action__contains="comment").latest("pk")
    assert words in dict(redacting.places(event)).values()


def test_a_text_of_a_row_is_erased_like_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    request = scenarios.requested()
    operations.comment(request, by=actor(scenarios.owner()), text=WORDS)
    event = AuditEvent.objects.filter(action__contains="comment").last()
    assert event is not None
    [(place, text)] = [one for one in redacting.places(event) if one[1] == WORDS]
    assert (place.split(".")[-1], text) == ("text", WORDS)
    decided(event, place=place)
    call_command("redact")
    assert "1 erased." in capsys.readouterr().out
    seal_all()
    assert findings() == set()
    assert WORDS not in dict(redacting.places(event)).values()
    with pytest.raises(RuleBroken, match="no such words"):
        asked(event, place=place)
