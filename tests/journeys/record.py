"""What must hold of the record and of production, whatever people did and in whatever order."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from apps.approvals.models import PromotionRequest, SignOff, SignOffWithdrawal
from apps.audit.entries import NO_PREVIOUS, leaf_hash
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.validation import checks

GOVERNED = [model for model in apps.get_models() if issubclass(model, GovernedRow)]


@dataclass(frozen=True)
class Kept:
    """An event with its entry, as read from the bytes that are the record."""

    pk: int
    outcome: str
    encoded: bytes
    entry: Mapping[str, Any]

    @property
    def detail(self) -> Mapping[str, Any]:
        detail: Mapping[str, Any] = self.entry["detail"]
        return detail


def kept(**found_by: Any) -> list[Kept]:
    """Return events in the order in which they were written."""
    events = AuditEvent.objects.filter(**found_by).order_by("pk")
    return [
        Kept(event.pk, event.outcome, bytes(event.entry), json.loads(bytes(event.entry)))
        for event in events
    ]


def require_whole_record() -> None:
    """Fail unless chains are linked, rows follow from them, and history agrees."""
    events = kept()
    require_linked_chains(events)
    afters = require_rows_in_sequence(events)
    require_present_rows(afters)
    require_history_by_event(events)


def require_linked_chains(events: list[Kept]) -> None:
    """Fail unless each chain counts from one without a gap and each entry names the one before."""
    chains: dict[str, list[Kept]] = defaultdict(list)
    for event in events:
        link = event.entry["chain"]
        assert (link is not None) or not event.entry["rows"], "rows written outside every chain"
        if link is not None:
            chains[link["root"]].append(event)
    for root, chain in chains.items():
        revisions = [event.entry["chain"]["rev"] for event in chain]
        assert revisions == list(range(1, len(chain) + 1)), f"the chain of {root} has a gap"
        named = [event.entry["chain"]["prev"] for event in chain]
        hashes = [leaf_hash(event.encoded).hex() for event in chain]
        assert named == [NO_PREVIOUS, *hashes[:-1]], f"the chain of {root} is not linked"


def require_rows_in_sequence(events: list[Kept]) -> Mapping[str, str | None]:
    """Fail unless each event finds a row as the last one left it; return how they were left."""
    afters: dict[str, str | None] = {}
    for event in events:
        for row in event.entry["rows"]:
            assert event.outcome == AuditEvent.Outcome.DONE
            assert row["before"] == afters.get(row["row"]), f"{row['row']} changed between events"
            afters[row["row"]] = row["after"]
    return afters


def require_present_rows(afters: Mapping[str, str | None]) -> None:
    """Fail unless the rows there are, and no others, are as their last event left them."""
    present = {
        row.record_ref: row.state_digest() for model in GOVERNED for row in model.objects.all()
    }
    assert present == {ref: after for ref, after in afters.items() if after is not None}


def require_history_by_event(events: list[Kept]) -> None:
    """Fail unless each row an event names has history of it, in the state the event says."""
    named = {
        (event.entry["id"], row["row"]): row["after"]
        for event in events
        for row in event.entry["rows"]
    }
    assert dict(_histories()) == named


def _histories() -> Iterator[tuple[tuple[str, str], str | None]]:
    """Give the last state each event left of each row, by event and row."""
    for model in GOVERNED:
        record = model.RECORD
        rows = model.history.order_by("history_id")  # type: ignore[attr-defined]
        for row in rows.values("event_id", "id", "history_type", *record.fields):
            is_gone = row["history_type"] == "-"
            after = None if is_gone else record.state_digest(row["id"], row)
            yield (str(row["event_id"]), record.ref(row["id"])), after


def require_one_champion() -> None:
    """Fail unless each model has one version in production, its champion, or neither."""
    for model in RegisteredModel.objects.all():
        serving = list(model.versions.filter(stage=Stage.PRODUCTION))
        first = champion.of(model)
        assert serving == ([first] if first else []), f"{model}: {serving}, champion {first}"


def require_gated_production() -> None:
    """Fail when a version is in production, or ever was, without what the policy asks."""
    authorized = set()
    for event in kept(action="version.promote", outcome=AuditEvent.Outcome.DONE):
        if event.detail["target"] == Stage.PRODUCTION:
            authorized.add(_require_gated(event).pk)
    entered = ModelVersion.history.filter(stage=Stage.PRODUCTION)
    assert set(entered.values_list("id", flat=True)) == authorized
    serving = ModelVersion.objects.filter(stage=Stage.PRODUCTION).values_list("pk", flat=True)
    assert set(serving) <= authorized


def _require_gated(event: Kept) -> ModelVersion:
    """Return the version a promotion authorized, provided everything was there by then."""
    request = PromotionRequest.objects.select_related("version").get(
        pk=_number(event.entry["subject"]["id"])
    )
    assert request.state == PromotionRequest.State.PROMOTED
    readiness = event.detail["readiness"]
    assert readiness["is_open"]
    assert set(readiness["conditions"]) == {"passed"}
    assert [slot["missing"] for slot in readiness["slots"]] == [0, 0]
    signed = counted(event)
    assert {sign_off.role for sign_off in signed} == {"validator", "risk_officer"}
    require_two_independent_people(request, signed)
    for sign_off in signed:
        require_approval_of(request, sign_off, event)
    return request.version


def counted(promotion: Kept) -> list[SignOff]:
    """Return the sign-offs that filled the slots of a promotion's gate."""
    references = [
        reference
        for slot in promotion.detail["readiness"]["slots"]
        for reference in slot["sign_offs"]
    ]
    return [SignOff.objects.get(pk=_number(reference)) for reference in references]


def require_two_independent_people(request: PromotionRequest, signed: list[SignOff]) -> None:
    """Fail unless two people signed who neither asked for the promotion nor built the version."""
    people = {sign_off.signer.record_id for sign_off in signed}
    assert len(signed) == len(people) == 2
    assert request.requested_by.record_id not in people
    assert people.isdisjoint(request.version.contributors)


def require_approval_of(request: PromotionRequest, sign_off: SignOff, promotion: Kept) -> None:
    """Fail unless a sign-off stood and covers exactly what was promoted, with passed checks."""
    assert (sign_off.request_id, sign_off.decision) == (request.pk, SignOff.Decision.APPROVE)
    assert not SignOffWithdrawal.objects.filter(sign_off=sign_off).exists()
    assert sign_off.dossier_digest == promotion.detail["dossier"]
    dossier = json.loads(sign_off.dossier)
    content = request.version.content_digest
    assert dossier["content"] == request.content_digest == content
    assert {check["check"] for check in dossier["checks"]} == set(checks.AT_REGISTRATION)
    assert {check["outcome"] for check in dossier["checks"]} == {"passed"}
    assert {check["examined"] for check in dossier["checks"]} == {content}


def _number(record_id: str) -> int:
    """Return the key in an id of the record: 12 of ``ver_12``."""
    return int(record_id.rpartition("_")[2])
