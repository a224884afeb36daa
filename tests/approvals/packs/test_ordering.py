"""Who orders a pack, sees it and takes it away: whoever may see every model it is of."""

import pytest

from apps.approvals.models import EvidencePack, PackOf
from apps.approvals.operations import packs
from apps.approvals.packs.queries import packs_visible_to
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.core.actors import WORKER
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.packs import shown
from tests.approvals.packs.packed import REASON, auditor, ordered
from tests.audit.sealing import sealed
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


def newest(action: str) -> dict[str, object]:
    event = AuditEvent.objects.filter(action=action).order_by("pk").last()
    assert event is not None
    return sealed.entry(event)


def test_an_order_is_an_event_on_the_chain_of_the_pack_and_not_of_its_models() -> None:
    version = scenarios.registered_version()
    before = AuditEvent.objects.filter(chain_root=version.model.record_ref).count()
    pack = ordered(version)

    told = newest("pack.order")
    assert told["subject"] == {"type": "pack", "id": pack.record_id}
    assert told["chain"] == {"root": pack.record_ref, "rev": 1, "prev": "0" * 64}
    assert told["detail"] == {"kind": "version", "models": [version.model.record_id]}
    assert AuditEvent.objects.filter(chain_root=version.model.record_ref).count() == before
    assert (pack.state, pack.stands, pack.purpose) == ("waiting", "waiting", REASON)
    assert str(pack) == f"Version 1 of {version.model.name}"


def test_a_pack_says_of_what_kind_it_is_and_names_a_subject_once() -> None:
    request = scenarios.requested()
    model = request.root
    assert ordered(model).kind == "model"
    assert ordered(request).kind == "promotion"
    many = ordered(request, model, request)
    assert (many.kind, many.model_ids, many.request_ids) == ("many", [model.pk], [request.pk])
    assert PackOf.objects.filter(pack=many).count() == 1


def test_who_sees_only_some_of_the_models_neither_orders_nor_sees_nor_takes_a_pack_of_all() -> None:
    mine, other = scenarios.registered_model(), scenarios.registered_model()
    reader = person("reader")
    catalog.grant_model_duty(
        mine, reader, "model_developer", by=actor(scenarios.owner()), reason="Helps"
    )
    by = actor(reader)
    own = ordered(mine, by=by)
    with pytest.raises(NotAllowed, match="see every model"):
        ordered(mine, other, by=by)
    assert newest("pack.order")["outcome"] == "refused"

    both = shown.ready(ordered(mine, other))
    assert set(packs_visible_to(by)) == {own}
    assert set(packs_visible_to(auditor())) == {own, both}
    assert set(packs_visible_to(actor(scenarios.stranger()))) == set()
    with pytest.raises(NotAllowed):
        packs.download_pack(both, by=by)
    with pytest.raises(NotAllowed):
        packs.repeat_pack(shown.failed(both), by=by)


def test_no_part_of_signet_orders_a_pack_and_none_is_ordered_without_a_reason() -> None:
    model = scenarios.registered_model()
    with pytest.raises(NotAllowed):
        ordered(model, by=WORKER)
    with pytest.raises(RuleBroken, match="reason"):
        packs.order_pack(model, by=auditor(), reason=" ")
    assert not EvidencePack.objects.exists()


def test_a_pack_is_of_something_and_not_of_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    version = scenarios.registered_version()
    scenarios.registered_version(version.model, {"a": b"2"})
    with pytest.raises(RuleBroken, match="Say what"):
        ordered()
    monkeypatch.setattr(packs, "MOST_SUBJECTS", 1)
    with pytest.raises(RuleBroken, match="at most 1 models"):
        ordered(version, version.model)
    monkeypatch.setattr(packs, "MOST_VERSIONS", 1)
    with pytest.raises(RuleBroken, match="at most 1 versions"):
        ordered(version.model)
    assert ordered(version).version_ids == [version.pk]


def test_three_packs_of_one_person_wait_at_a_time() -> None:
    model = scenarios.registered_model()
    waiting = [ordered(model) for _ in range(packs.MOST_WAITING)]
    with pytest.raises(RuleBroken, match="3 packs of yours are waiting"):
        ordered(model)
    assert ordered(model, by=actor(scenarios.risk_officer())).state == "waiting"
    failed = shown.failed(waiting[0])
    ordered(model)
    with pytest.raises(RuleBroken, match="3 packs of yours are waiting"):
        packs.repeat_pack(failed, by=auditor())


def test_taking_a_pack_is_recorded_before_anything_leaves() -> None:
    pack = shown.ready(ordered(scenarios.registered_model()))
    taken = packs.download_pack(pack, by=auditor())
    with taken.bytes as content:
        assert content.read() == shown.CONTENT
    assert taken.path == f"evidence-{pack.record_id}.zip"
    told = newest("pack.download")
    assert told["subject"] == {"type": "pack", "id": pack.record_id}
    assert told["detail"] == {"digest": pack.digest, "size": pack.size}
    assert told["actor"]["id"] == auditor().id  # type: ignore[index]
