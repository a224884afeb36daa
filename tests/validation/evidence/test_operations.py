"""Evidence is given by one person, verified by another, and never changed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from apps.catalog import ingest
from apps.catalog.models import Artifact, ModelVersion, UseCase
from apps.catalog.store import BytesRefused
from apps.core.actors import Actor, Auth, Door
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation import operations
from apps.validation.models import EvidenceItem
from apps.validation.operations import evidence as rules
from tests import scenarios
from tests.factories import actor
from tests.validation.evidence.conftest import Gives, quarantine
from tests.validation.records import detail, events, outcomes

pytestmark = pytest.mark.django_db


def test_a_file_is_kept_and_bound_to_the_content_of_the_version(
    gives: Gives, version: ModelVersion, dev: Actor
) -> None:
    item = gives(note="See page 4")

    assert item.state == EvidenceItem.State.SUBMITTED
    assert (item.version, item.content_digest) == (version, version.content_digest)
    assert item.submitted_by_id == dev.user_id
    assert item.artifact is not None
    assert item.file_digest == f"sha256:{item.artifact.sha256}"
    [event] = events("evidence.add", item)
    assert detail(event)["file"] == item.file_digest
    assert item.history.get().event.uid == event.uid


def test_a_link_is_kept_as_text_and_an_item_goes_where_its_type_binds_to(
    gives: Gives, version: ModelVersion, use: UseCase
) -> None:
    link = gives(content=None)
    plan = gives("monitoring_plan", about=version.model)
    notice = gives("transparency_notice", about=use)

    assert (link.link, link.artifact, link.file_name) == ("https://docs.example/report", None, "")
    assert (plan.version, plan.use_case, plan.content_digest) == (None, None, "")
    assert (notice.use_case, notice.model) == (use, version.model)


def test_what_cannot_be_evidence_is_refused_in_words_and_leaves_nothing(
    gives: Gives, version: ModelVersion, use: UseCase
) -> None:
    both = {"link": "https://docs.example/x"}
    refused: list[tuple[dict[str, Any], str]] = [
        ({"type_id": "fairy_tale"}, "no type of evidence"),
        ({"type_id": "monitoring_plan"}, "about the model"),
        ({"type_id": "transparency_notice"}, "about one use"),
        ({"about": version.model}, "about one version"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "at most 200"),
        ({"title": "a\0b"}, "cannot be shown"),
        ({"note": "x" * 5001}, "at most 5,000"),
        (both, "one of the two"),
        ({"file": None}, "one of the two"),
        ({"content": None, "link": "http://docs.example/x"}, "https://"),
        ({"content": None, "link": "javascript:alert(1)"}, "https://"),
        ({"content": None, "link": "https://me@docs.example/x"}, "no account"),
        ({"content": None, "link": "https://[::1"}, "https://"),
        ({"content": None, "link": "https://docs.example/a b"}, "no space"),
        ({"content": None, "link": "https://docs.example/\r\nSet-Cookie"}, "cannot be shown"),
        ({"content": None, "link": "https://d.example/" + "x" * 500}, "at most 500"),
        ({"valid_until": date(2020, 1, 1)}, "past already"),
        ({"valid_until": date.max}, "at most 100 years ahead"),
        (_named("../up.pdf"), "slash"),
        (_named(".."), "steps out"),
        (_named("con"), "device"),
        (_named("a\r\nb.pdf"), "cannot be seen"),
        (_named("x" * 256), "at most 255"),
        (_named(""), "empty"),
    ]
    for said, words in refused:
        with pytest.raises(RuleBroken, match=words):
            gives(**said)
    assert not EvidenceItem.objects.exists()


def test_a_file_over_the_limit_is_refused(
    gives: Gives, monkeypatch: pytest.MonkeyPatch, version: ModelVersion, dev: Actor
) -> None:
    monkeypatch.setattr(rules, "MOST_BYTES", 10)

    gives(content=b"x" * 10)
    with pytest.raises(BytesRefused, match="larger"):
        gives(content=b"x" * 11)
    large = operations.UploadedFile(scenarios.uploaded({"a.pdf": b"x" * 11}, by=dev), "a.pdf")
    with pytest.raises(InputRefused, match="at most"):
        gives(file=large)


def test_a_file_of_an_upload_is_taken_by_who_sent_it_alone(
    gives: Gives, dev: Actor, vera: Actor
) -> None:
    upload = scenarios.uploaded({"deep/report.pdf": b"x"}, by=dev)

    item = gives(file=operations.UploadedFile(upload, "deep/report.pdf"))

    assert item.file_name == "report.pdf"
    with pytest.raises(InputRefused, match="holds no file"):
        gives(file=operations.UploadedFile(upload, "other.pdf"))
    with pytest.raises(NotFound):
        gives(file=operations.UploadedFile(upload, "deep/report.pdf"), by=vera)
    ingest.take(upload, by=dev, at=upload.started_at)
    with pytest.raises(RuleBroken, match="took these files"):
        gives(file=operations.UploadedFile(upload, "deep/report.pdf"))


def test_a_use_that_has_ended_and_a_version_without_content_take_no_evidence(
    gives: Gives, use: UseCase, version: ModelVersion
) -> None:
    QuerySet(ModelVersion).filter(pk=version.pk).update(readiness="pending")
    with pytest.raises(RuleBroken, match="no complete content"):
        gives()
    QuerySet(UseCase).filter(pk=use.pk).update(ended_at=version.created_at)
    with pytest.raises(RuleBroken, match="has ended"):
        gives("transparency_notice", about=use)


def test_a_model_has_a_number_of_items_that_is_bounded(
    gives: Gives, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_ITEMS", 1)
    gives()
    with pytest.raises(RuleBroken, match="at most 1 evidence item"):
        gives()


def test_somebody_else_stands_by_it_once(gives: Gives, dev: Actor, vera: Actor) -> None:
    item = gives()

    operations.verify_evidence(item, by=vera)

    assert (item.state, item.verified_by_id) == (EvidenceItem.State.VERIFIED, vera.user_id)
    assert item.verified_at is not None
    with pytest.raises(RuleBroken, match="verified"):
        operations.verify_evidence(item, by=vera)
    with pytest.raises(RuleBroken, match="verified"):
        operations.decline_evidence(item, by=vera, reason="Too late")
    assert outcomes("evidence.verify", item) == ["done", "refused"]


def test_nobody_verifies_or_declines_what_they_gave_themselves(gives: Gives, vera: Actor) -> None:
    item = gives(by=vera)

    with pytest.raises(NotAllowed, match="somebody else"):
        operations.verify_evidence(item, by=vera)
    with pytest.raises(NotAllowed, match="somebody else"):
        operations.decline_evidence(item, by=vera, reason="Mine")

    item.refresh_from_db()
    assert item.state == EvidenceItem.State.SUBMITTED
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE validation_evidence_item SET verified_at = submitted_at, "
            "verified_by_id = submitted_by_id WHERE id = %s",
            [item.pk],
        )


def test_no_token_verifies_whoever_it_belongs_to(gives: Gives) -> None:
    item = gives()
    by_token = actor(scenarios.validator(), Door.API, Auth.TOKEN)

    for operation in (operations.verify_evidence, operations.decline_evidence):
        with pytest.raises(NotAllowed, match="in a browser"):
            operation(item, by=by_token, **_reason(operation))


def test_only_who_holds_the_right_adds_verifies_declines_and_withdraws(gives: Gives) -> None:
    item = gives()
    for who in (scenarios.auditor(), scenarios.stranger()):
        by = actor(who)
        with pytest.raises(NotAllowed):
            gives(by=by)
        for operation in (
            operations.verify_evidence,
            operations.decline_evidence,
            operations.withdraw_evidence,
        ):
            with pytest.raises(NotAllowed):
                operation(item, by=by, **_reason(operation))
    with pytest.raises(NotAllowed):
        operations.verify_evidence(item, by=actor(scenarios.owner()))
    assert outcomes("evidence.decline") == ["refused", "refused"]


def test_who_may_not_add_evidence_leaves_no_bytes(gives: Gives) -> None:
    before = Artifact.objects.count()

    def never() -> Iterator[bytes]:
        yield from pytest.fail("it was read")

    with pytest.raises(NotAllowed):
        gives(by=actor(scenarios.auditor()), file=operations.SentFile("a.pdf", never()))
    assert Artifact.objects.count() == before


def test_it_is_declined_with_a_reason_and_stays_so(gives: Gives, vera: Actor) -> None:
    item = gives()

    with pytest.raises(RuleBroken, match="reason"):
        operations.decline_evidence(item, by=vera, reason=" ")
    operations.decline_evidence(item, by=vera, reason="The holdout leaked")

    assert item.state == EvidenceItem.State.DECLINED
    assert item.remark == "The holdout leaked"
    with pytest.raises(RuleBroken, match="not accepted"):
        operations.verify_evidence(item, by=vera)
    with pytest.raises(RuleBroken, match="not accepted"):
        operations.withdraw_evidence(item, by=vera, reason="Anyway")


def test_who_gave_it_or_may_verify_withdraws_it_and_nobody_else(
    gives: Gives, dev: Actor, vera: Actor
) -> None:
    mine, another, report = gives(), gives(), gives("validation_report", by=vera)
    operations.verify_evidence(another, by=vera)

    operations.withdraw_evidence(mine, by=dev, reason="Wrong file")
    operations.withdraw_evidence(another, by=vera, reason="Found an error")
    with pytest.raises(NotAllowed, match="withdraws it"):
        operations.withdraw_evidence(report, by=dev, reason="I dislike it")

    assert [mine.state, another.state] == [EvidenceItem.State.WITHDRAWN] * 2
    assert another.verified_by_id == vera.user_id
    with pytest.raises(RuleBroken, match="withdrawn"):
        operations.withdraw_evidence(mine, by=dev, reason="Again")
    assert outcomes("evidence.withdraw", report) == ["refused"]


def test_nobody_stands_by_a_file_the_store_has_lost(gives: Gives, vera: Actor) -> None:
    item = gives()
    quarantine(item)

    with pytest.raises(RuleBroken, match="does not hold this file"):
        operations.verify_evidence(item, by=vera)


def test_a_file_leaves_once_it_is_recorded_who_takes_it(gives: Gives, vera: Actor) -> None:
    item, link = gives(), gives(content=None)

    taken = operations.take_evidence(item, by=vera)

    with taken.bytes as content:
        assert content.read() == b"%PDF-1.7 report"
    [event] = events("evidence.download", item)
    assert event.actor_id == vera.id
    assert detail(event) == {"sha256": taken.sha256, "size": 15}
    with pytest.raises(NotFound):
        operations.take_evidence(link, by=vera)
    with pytest.raises(NotAllowed):
        operations.take_evidence(item, by=actor(scenarios.stranger()))


def test_an_item_ends_by_its_age_or_its_own_last_day(gives: Gives) -> None:
    aged = gives()
    dated = gives(valid_until=(aged.submitted_at + timedelta(days=3)).date())
    lasting = gives("development_document")

    assert aged.expires_at == aged.submitted_at + timedelta(days=365)
    assert dated.expires_at is not None
    assert dated.expires_at.date() == (dated.submitted_at + timedelta(days=4)).date()
    assert lasting.expires_at is None


def _named(name: str) -> dict[str, Any]:
    return {"file": operations.SentFile(name, [b"x"])}


def _reason(operation: Any) -> dict[str, str]:
    return {} if operation is operations.verify_evidence else {"reason": "Because"}
