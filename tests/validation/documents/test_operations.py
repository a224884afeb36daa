"""Documents: written by whom may, frozen when submitted, signed by each role, never rewritten."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.approvals import operations as approvals
from apps.audit.governed import UngovernedWrite
from apps.audit.models import AuditEvent
from apps.audit.preconditions import Stale
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor, Auth
from apps.core.errors import DomainError, NotAllowed, NotFound, RuleBroken
from apps.validation import operations
from apps.validation.documents import standing
from apps.validation.documents.values import digest_of_given
from apps.validation.models import Document, DocumentRevision, DocumentSignature
from apps.validation.operations import SectionRefused, WrittenMeanwhile
from tests.factories import actor, person
from tests.scenarios import (
    auditor,
    developer,
    operator,
    registered_model,
    registered_version,
    stranger,
)
from tests.validation.documents.conftest import USES
from tests.validation.records import detail

pytestmark = pytest.mark.django_db


def events(action: str, outcome: str = "done") -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action, outcome=outcome).order_by("pk"))


# -- beginning -------------------------------------------------------------------------------------


def test_a_document_is_begun_once_about_a_version(version: ModelVersion, dev: Actor) -> None:
    card = operations.start_document(version, "model-card", by=dev)

    assert (card.status, card.revision, card.template_version) == ("draft", 1, "1.0.0")
    [event] = events("document.start")
    assert event.subject_id == card.record_id
    with pytest.raises(RuleBroken, match="already"):
        operations.start_document(version, "model-card", by=dev)
    assert len(events("document.start", "refused")) == 1


def test_a_template_is_about_what_it_binds_to(version: ModelVersion, dev: Actor) -> None:
    with pytest.raises(RuleBroken, match="about one version"):
        operations.start_document(version.model, "model-card", by=dev)
    with pytest.raises(RuleBroken, match="about the model"):
        operations.start_document(version, "decommissioning-record", by=dev)
    with pytest.raises(NotFound, match="no document template"):
        operations.start_document(version, "poem", by=dev)
    record = operations.start_document(version.model, "decommissioning-record", by=dev)
    assert record.version is None


def test_who_built_a_model_does_not_write_its_validation_report(
    version: ModelVersion, dev: Actor, olivia: Actor, vera: Actor
) -> None:
    for by in (dev, olivia):
        with pytest.raises(NotAllowed, match="second line"):
            operations.start_document(version, "validation-report", by=by)
    report = operations.start_document(version, "validation-report", by=vera)
    with pytest.raises(NotAllowed, match="second line"):
        operations.save_section(report, "opinion", {"rationale": "Fine."}, by=dev)


def test_the_next_version_begins_with_what_was_written_about_the_one_before(
    written: Document, version: ModelVersion, dev: Actor
) -> None:
    later = registered_version(version.model)

    copy = operations.start_document(later, "model-card", by=dev)

    assert copy.origin == written
    assert copy.values == Document.objects.get(pk=written.pk).values
    assert copy.status == "draft"


# -- writing ---------------------------------------------------------------------------------------


def test_a_section_is_written_with_who_wrote_each_field(card: Document, dev: Actor) -> None:
    changed = operations.save_section(card, "intended_use", USES, by=dev)

    assert changed == ["out_of_scope", "primary_uses", "users"]
    kept = Document.objects.get(pk=card.pk).values
    assert kept["users"]["value"] == ["Credit analysts"]
    assert kept["users"]["by"] == dev.id
    [event] = events("document.save_section")
    assert detail(event)["changed"] == changed
    operations.save_section(card, "intended_use", {"users": []}, by=dev)
    assert "users" not in Document.objects.get(pk=card.pk).values


REFUSED: dict[str, tuple[str, Any, str]] = {
    "a registry field": ("approved_uses", "x", "filled in from the registry"),
    "a field of another section": ("summary", "x", "no field"),
    "a number for a text": ("primary_uses", 7, "is text"),
    "a text for a list": ("users", "x", "list of texts"),
    "a float in a list": ("users", [0.5], "is text"),
    "too long a text": ("out_of_scope", "x" * 20_001, "20,000"),
    "a control sign": ("out_of_scope", "a\x00b", ""),
    "too many entries": ("users", ["x"] * 201, "at most 200"),
    "a field that always applies": ("users", {"not_applicable": "No"}, "always applies"),
    "a map that is no answer": ("users", {"value": ["x"]}, "takes its value"),
}


def test_what_a_field_may_not_hold_is_refused_at_the_field(card: Document, dev: Actor) -> None:
    for name, (key, value, words) in REFUSED.items():
        with pytest.raises(SectionRefused) as refusal:
            operations.save_section(
                card, "intended_use", {"operating_limits": "x", key: value}, by=dev
            )
        assert list(refusal.value.problems) == [key], name
        assert words in refusal.value.problems[key], f"{name}: {refusal.value.problems}"
    assert Document.objects.get(pk=card.pk).values == {}
    with pytest.raises(NotFound, match="no section"):
        operations.save_section(card, "poem", {}, by=dev)


TYPED: dict[str, tuple[str, str, Any, Any]] = {
    "a choice": ("opinion", "opinion", "approved", "approved"),
    "two days": ("engagement", "period", "2026-01-02 / 2026-02-03", "2026-01-02/2026-02-03"),
    "short rows are filled up": (
        "conceptual_soundness",
        "limitations_review",
        [["a", "b"], ["", ""]],
        [["a", "b", ""]],
    ),
}
MISTYPED: dict[str, tuple[str, str, Any, str]] = {
    "an unknown choice": ("opinion", "opinion", "maybe", "one of approved"),
    "one day": ("engagement", "period", "2026-01-02", "two days"),
    "days turned around": ("engagement", "period", "2026-02-02/2026-01-02", "ends before"),
    "no day": ("engagement", "period", "2026-02-30/2026-03-01", "a day such as"),
    "too wide a row": ("opinion", "conditions", [["x"] * 5], "at most 4 cells"),
    "rows that are texts": ("opinion", "conditions", ["x"], "at most 4 cells"),
    "a table that is a text": ("opinion", "conditions", "x", "list of rows"),
}


def test_each_type_keeps_its_form(version: ModelVersion, vera: Actor) -> None:
    report = operations.start_document(version, "validation-report", by=vera)
    for name, (section, key, given, kept) in TYPED.items():
        operations.save_section(report, section, {key: given}, by=vera)
        assert Document.objects.get(pk=report.pk).values[key]["value"] == kept, name
    for name, (section, key, given, words) in MISTYPED.items():
        with pytest.raises(SectionRefused, match=words):
            operations.save_section(report, section, {key: given}, by=vera)
        assert name


def test_not_applicable_is_an_answer_where_the_template_allows_it_with_a_reason(
    version: ModelVersion, dev: Actor
) -> None:
    file = operations.start_document(version, "eu-annex-iv", by=dev)

    operations.save_section(
        file, "s1_general", {"b_interaction": {"not_applicable": "Stands alone."}}, by=dev
    )

    assert standing.live(file).answers["b_interaction"].is_answered
    with pytest.raises(SectionRefused, match="Say why"):
        operations.save_section(
            file, "s1_general", {"b_interaction": {"not_applicable": " "}}, by=dev
        )


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(
    written: Document, dev: Actor, olivia: Actor
) -> None:
    shown = {key: digest_of_given({"value": value}) for key, value in USES.items()}
    operations.save_section(written, "intended_use", {"users": ["Branches"]}, by=olivia)

    with pytest.raises(WrittenMeanwhile) as refusal:
        operations.save_section(
            written, "intended_use", {**USES, "users": ["Everybody"]}, by=dev, shown=shown
        )
    assert refusal.value.keys == {"users"}
    changed = operations.save_section(
        written, "intended_use", {**USES, "out_of_scope": "Nothing."}, by=dev, shown=shown
    )

    assert changed == ["out_of_scope"]
    assert Document.objects.get(pk=written.pk).values["users"]["value"] == ["Branches"]


# -- submitting and returning ----------------------------------------------------------------------


def test_submitting_freezes_what_the_document_says(
    submitted: DocumentRevision, version: ModelVersion
) -> None:
    frozen = DocumentRevision.objects.get(pk=submitted.pk)

    assert frozen.values["digest"]["value"] == version.content_digest
    assert frozen.values["digest"]["source"] == "version.digest"
    assert frozen.values["users"]["value"] == ["Credit analysts"]
    assert frozen.version_digest == version.content_digest
    assert frozen.document.status == "in_review"
    [event] = events("document.submit")
    assert detail(event)["digest"] == frozen.digest
    assert "tier" in detail(event)["missing"]


def test_an_empty_document_is_not_submitted(card: Document, dev: Actor) -> None:
    with pytest.raises(RuleBroken, match="Nothing is written"):
        operations.submit_document(card, by=dev)


def test_in_review_and_approved_the_text_stands(
    submitted: DocumentRevision, dev: Actor, olivia: Actor, vera: Actor
) -> None:
    card = submitted.document
    for words in ("in review", "approved"):
        with pytest.raises(RuleBroken, match=words):
            operations.save_section(card, "intended_use", {"users": ["X"]}, by=dev)
        with pytest.raises(RuleBroken, match=words):
            operations.submit_document(card, by=dev)
        if words == "in review":
            with pytest.raises(RuleBroken, match="Only an approved"):
                operations.new_revision(card, by=dev)
            for by, role in ((olivia, "model_owner"), (vera, "validator")):
                operations.approve_document(card, by=by, role=role, digest=submitted.digest)


def test_a_document_is_returned_with_a_reason_and_keeps_what_was_submitted(
    submitted: DocumentRevision, dev: Actor, vera: Actor
) -> None:
    card = submitted.document
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.return_document(card, by=vera, reason=" ")

    operations.return_document(card, by=vera, reason="Say more about its limits.")

    submitted.refresh_from_db()
    assert (submitted.state, submitted.remark) == ("returned", "Say more about its limits.")
    assert (card.status, card.revision) == ("draft", 2)
    assert operations.submit_document(card, by=dev).number == 2
    assert len(events("document.return")) == 1
    assert len(events("document.return", "refused")) == 1


def test_only_who_signs_it_returns_a_document(submitted: DocumentRevision, dev: Actor) -> None:
    risk = actor(person("rita2", everywhere=("risk_officer",)))
    for by in (risk, dev):
        with pytest.raises(NotAllowed):
            operations.return_document(submitted.document, by=by, reason="No")
    with pytest.raises(RuleBroken, match="not in review"):
        operations.return_document(
            operations.start_document(
                registered_version(submitted.document.model), "model-card", by=dev
            ),
            by=actor(person("val2", everywhere=("validator",))),
            reason="No",
        )


# -- signing ---------------------------------------------------------------------------------------


def test_the_last_role_that_signs_approves_the_document(
    submitted: DocumentRevision, olivia: Actor, vera: Actor
) -> None:
    card = submitted.document
    operations.approve_document(card, by=vera, role="validator", digest=submitted.digest)
    assert Document.objects.get(pk=card.pk).status == "in_review"

    operations.approve_document(card, by=olivia, role="model_owner", digest=submitted.digest)

    submitted.refresh_from_db()
    assert (card.status, submitted.state) == ("approved", "approved")
    assert (
        DocumentSignature.objects.filter(revision=submitted, digest=submitted.digest).count() == 2
    )
    first, last = events("document.approve")
    assert (detail(first)["approved"], detail(last)["approved"]) == (False, True)
    assert detail(last)["digest"] == submitted.digest


def test_nobody_signs_what_they_wrote(card: Document, olivia: Actor) -> None:
    operations.save_section(card, "intended_use", USES, by=olivia)
    revision = operations.submit_document(card, by=olivia)

    with pytest.raises(NotAllowed, match="somebody else"):
        operations.approve_document(card, by=olivia, role="model_owner", digest=revision.digest)
    other = actor(person("oscar", everywhere=("model_owner",)))
    operations.approve_document(card, by=other, role="model_owner", digest=revision.digest)


def test_each_role_is_signed_once_by_another_person(submitted: DocumentRevision) -> None:
    card, digest = submitted.document, submitted.digest
    both = actor(person("bo", everywhere=("model_owner", "validator")))
    operations.approve_document(card, by=both, role="validator", digest=digest)

    for role, by, words in (
        ("validator", actor(person("val3", everywhere=("validator",))), "signed by"),
        ("model_owner", both, "another person"),
        ("risk_officer", both, "no signature"),
        ("model_owner", actor(person("val4", everywhere=("validator",))), "not model owner"),
    ):
        with pytest.raises(DomainError, match=words):
            operations.approve_document(card, by=by, role=role, digest=digest)
    assert len(events("document.approve", "refused")) == 4


def test_a_token_signs_nothing_and_nobody_signs_another_text(
    submitted: DocumentRevision, vera: Actor
) -> None:
    card = submitted.document
    by_token = actor(person("val5", everywhere=("validator",)), auth=Auth.TOKEN)
    with pytest.raises(NotAllowed):
        operations.approve_document(card, by=by_token, role="validator", digest=submitted.digest)
    with pytest.raises(Stale, match="Another text"):
        operations.approve_document(card, by=vera, role="validator", digest="sha256:" + "0" * 64)


def test_a_new_revision_leaves_the_signed_one_as_it_is(
    approved: Document, dev: Actor, version: ModelVersion
) -> None:
    signed = approved.revisions.get()

    operations.new_revision(approved, by=dev)
    operations.save_section(approved, "intended_use", {"users": ["Branches"]}, by=dev)

    assert (approved.status, approved.revision) == ("draft", 2)
    again = DocumentRevision.objects.get(pk=signed.pk)
    assert (again.values, again.digest) == (signed.values, signed.digest)
    [counted] = [one for one in standing.standings(version) if one.document == approved]
    assert counted.status == "approved"
    assert len(events("document.revise")) == 1


# -- who may not -----------------------------------------------------------------------------------


def test_who_holds_no_right_changes_nothing(submitted: DocumentRevision, dev: Actor) -> None:
    card = submitted.document
    other = registered_version(registered_model())
    draft = operations.start_document(other, "model-card", by=dev)
    digest = submitted.digest
    attempts: dict[str, Callable[[Actor], object]] = {
        "document.start": lambda by: operations.start_document(other, "eu-annex-iv", by=by),
        "document.save_section": lambda by: operations.save_section(draft, "data", {}, by=by),
        "document.submit": lambda by: operations.submit_document(draft, by=by),
        "document.revise": lambda by: operations.new_revision(card, by=by),
        "document.return": lambda by: operations.return_document(card, by=by, reason="No"),
        "document.approve": lambda by: operations.approve_document(
            card, by=by, role="validator", digest=digest
        ),
    }
    for who in (auditor(), operator(), stranger()):
        for action, attempt in attempts.items():
            before = len(events(action, "refused"))
            with pytest.raises(NotAllowed):
                attempt(actor(who))
            assert len(events(action, "refused")) == before + 1, action


def test_nothing_is_written_about_a_deleted_version(dev: Actor) -> None:
    version = registered_version()
    approvals.delete_version(version, by=actor(developer()), reason="Mistake")

    with pytest.raises(NotFound):
        operations.start_document(version, "model-card", by=dev)


def test_no_document_is_written_past_an_operation(written: Document) -> None:
    with pytest.raises(UngovernedWrite):
        written.save()
