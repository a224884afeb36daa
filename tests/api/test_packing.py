"""Evidence packs by a program: ordered, followed, taken away."""

from typing import Any

import pytest

from apps.accounts.scopes import Scope
from apps.approvals.models import EvidencePack, PackWork
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.api.caller import Caller, content_of, said, token_of
from tests.approvals.packs import shown
from tests.approvals.packs.packed import ordered

pytestmark = pytest.mark.django_db


def reader(*scopes: Scope) -> Caller:
    return Caller(token_of(scenarios.auditor(), *(scopes or (Scope.READ,))))


def test_a_program_orders_a_pack_follows_it_and_takes_it_away() -> None:
    request = scenarios.requested(to=Stage.STAGING)
    name, program = request.version.model.name, reader()
    of: list[dict[str, Any]] = [
        {"model": name, "version": 1},
        {"promotion": request.pk},
    ]

    told = said(program.post("/packs", {"of": of, "purpose": "Exam of May"}), 201)

    assert (told["kind"], told["state"], told["purpose"]) == ("many", "waiting", "Exam of May")
    assert (told["file"], told["ordered_by"]) == (None, scenarios.auditor().username)
    pack = EvidencePack.objects.get()
    assert (pack.version_ids, pack.request_ids) == ([request.version_id], [request.pk])
    PackWork.objects.update(beat_at=pack.ordered_at, done=2, total=5)
    told = said(program.get(f"/packs/{pack.pk}"))
    assert (told["state"], told["done"], told["total"]) == ("making", 2, 5)

    shown.ready(pack)
    told = said(program.get(f"/packs/{pack.pk}"))
    assert (told["state"], told["size"]) == ("ready", len(shown.CONTENT))
    file = program.get(f"/packs/{pack.pk}/file")
    assert content_of(file) == shown.CONTENT
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert told["file"].endswith(f"/packs/{pack.pk}/file")
    assert AuditEvent.objects.filter(action="pack.download", outcome="done").exists()


def test_what_a_program_names_wrongly_or_may_not_see_is_refused_alike() -> None:
    name, program = scenarios.registered_model().name, reader()
    stranger = Caller(token_of(scenarios.stranger()))

    wrong: list[list[dict[str, Any]]] = [
        [],
        [{}],
        [{"version": 1}],
        [{"model": name, "promotion": 1}],
        [{"model": "absent"}],
    ]
    for of in wrong:
        answer = program.post("/packs", {"of": of, "purpose": "Exam"})
        assert answer.status_code == 400, content_of(answer)
    hidden = stranger.post("/packs", {"of": [{"model": name}], "purpose": "Exam"})
    absent = stranger.post("/packs", {"of": [{"model": "absent"}], "purpose": "Exam"})
    assert hidden.status_code == absent.status_code == 400
    assert content_of(hidden) == content_of(absent)
    assert program.post("/packs", {"of": [{"model": name}], "purpose": " "}).status_code == 409
    assert not EvidencePack.objects.exists()


def test_a_token_takes_packs_with_the_scope_read_for_all_models_alone() -> None:
    model = scenarios.registered_model()
    pack = shown.ready(ordered(model))
    order = {"of": [{"model": model.name}], "purpose": "Exam"}
    limited = Caller(token_of(scenarios.auditor(), Scope.READ, roots=[model.record_ref]))
    others = reader(*(set(Scope) - {Scope.READ}))

    assert limited.get(f"/packs/{pack.pk}").status_code == 200
    assert limited.get(f"/packs/{pack.pk}/file").status_code == 403
    assert limited.post("/packs", order).status_code == 403
    assert others.get(f"/packs/{pack.pk}").status_code == 404
    assert others.post("/packs", order).status_code in {400, 403}
    other = shown.failed(ordered(model))
    assert said(reader().get(f"/packs/{other.pk}"))["failure"] == other.failure
    assert reader().get(f"/packs/{other.pk}/file").status_code == 404
