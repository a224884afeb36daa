"""Pages of documents: written, signed and read by whom may, and nowhere for everybody else."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.models import Document, DocumentRevision
from tests.factories import person, signed_in
from tests.scenarios import auditor, developer, owner, registered_version, stranger, validator

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client: Client, version: ModelVersion) -> Client:
    """The browser of the developer, who writes."""
    return signed_in(client, developer())


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content
    text: str = response.content.decode()
    return text


def list_url(version: ModelVersion) -> str:
    return reverse("validation:documents", args=[version.model.name, version.number])


def url(name: str, document: Document, *more: object) -> str:
    return reverse(f"validation:{name}", args=[document.pk, *more])


def start_url(version: ModelVersion, template: str) -> str:
    place = [version.model.name, version.number, template]
    return reverse("validation:start_document", args=place)


def test_the_list_offers_to_begin_and_says_what_is_not_asked_for(
    web: Client, version: ModelVersion
) -> None:
    page = text_of(web.get(list_url(version)))

    assert page.count("Not begun") == 4
    assert page.index("Model card") < page.index("Decommissioning record")
    assert page.count("Not asked for") == 1
    assert page.count(">Begin") + page.count("Begin <span") >= 4


def test_a_document_is_begun_from_the_list_and_refused_where_it_may_not(
    web: Client, version: ModelVersion
) -> None:
    answer = web.post(start_url(version, "model-card"))

    found = Document.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, found.get_absolute_url())
    assert "already" in text_of(web.post(start_url(version, "model-card")), 422)
    assert "second line" in text_of(web.post(start_url(version, "validation-report")), 422)
    assert web.post(start_url(version, "poem")).status_code == 404
    assert web.post(start_url(version, "decommissioning-record")).status_code == 302
    assert "0 of" not in text_of(web.get(list_url(version)))


def test_a_document_shows_what_is_missing_first_and_where_values_come_from(
    web: Client, written: Document, version: ModelVersion
) -> None:
    page = text_of(web.get(written.get_absolute_url()))

    assert page.index("Still missing") < page.index(">Identification</h2>")
    for words in (
        version.content_digest,
        "Olivia Owner",
        "0.91",
        "Credit analysts",
        "<strong>human</strong>",
        "from an approved assessment",
        "Not recorded yet",
        "What this section answers",
        "required fields filled",
        "Submit for review",
    ):
        assert words in page, words


def test_a_section_is_written_by_form_with_its_errors_at_the_field(
    web: Client, card: Document
) -> None:
    address = url("edit_section", card, "limitations")
    shown = web.get(address).context["form"].initial["shown"]

    page = text_of(
        web.post(address, {"limitations": "a|b|c|d", "tradeoffs": "one\ntwo", "shown": shown}), 422
    )
    assert "at most 3 cells" in page
    assert "one\ntwo" in page
    answer = web.post(
        address, {"limitations": r"a | b \| c" + "\n\nd", "tradeoffs": "one\ntwo", "shown": shown}
    )

    assert answer.status_code == 302
    kept = Document.objects.get(pk=card.pk).values
    assert kept["limitations"]["value"] == [["a", "b | c", ""], ["d", "", ""]]
    assert kept["tradeoffs"]["value"] == ["one", "two"]
    assert r"b \| c" in text_of(web.get(address))


def test_a_stale_form_loses_nothing(web: Client, written: Document, olivia: Actor) -> None:
    address = url("edit_section", written, "intended_use")
    form = web.get(address).context["form"]
    sent = {name: form.initial.get(name, "") for name in form.fields}
    operations.save_section(
        written, "intended_use", {"users": ["Branches"], "out_of_scope": "Theirs."}, by=olivia
    )

    page = web.post(address, {**sent, "users": "Everybody"})

    assert "Somebody else wrote this meanwhile: Intended users." in text_of(page, 422)
    again = page.context["form"]
    assert again["users"].value() == "Everybody"
    assert "Written meanwhile: Branches" in page.content.decode()
    assert again["out_of_scope"].value() == "Theirs."
    sent = {name: again[name].value() or "" for name in again.fields}
    assert web.post(address, sent).status_code == 302
    kept = Document.objects.get(pk=written.pk).values
    assert kept["users"]["value"] == ["Everybody"]
    assert kept["out_of_scope"]["value"] == "Theirs."
    assert "Open the form again" in text_of(web.post(address, {"users": "x"}), 422)


def test_a_reason_somebody_gave_meanwhile_is_not_taken_away(
    web: Client, version: ModelVersion, olivia: Actor
) -> None:
    web.post(start_url(version, "eu-annex-iv"))
    file = Document.objects.get()
    section = file.template.section("s1_general")
    address = url("edit_section", file, section.id)
    form = web.get(address).context["form"]
    sent = {name: form.initial.get(name, "") for name in form.fields}
    theirs = {
        "d_forms_of_supply": ["Theirs"],
        "b_interaction": {"not_applicable": "Stands alone."},
    }
    operations.save_section(file, section.id, theirs, by=olivia)

    again = web.post(address, {**sent, "d_forms_of_supply": "Mine"}).context["form"]
    sent = {name: again[name].value() or "" for name in again.fields}
    assert web.post(address, sent).status_code == 302

    kept = Document.objects.get().values
    assert kept["d_forms_of_supply"]["value"] == ["Mine"]
    assert kept["b_interaction"]["not_applicable"] == "Stands alone."


def test_an_entry_with_other_marks_of_a_new_line_stays_one(
    web: Client, card: Document, dev: Actor
) -> None:
    users = ["One\u2028entry", "Another"]
    operations.save_section(card, "intended_use", {"users": users}, by=dev)
    before = Document.objects.get().values
    address = url("edit_section", card, "intended_use")
    form = web.get(address).context["form"]

    sent = {name: form.initial.get(name, "") for name in form.fields}
    assert web.post(address, sent).status_code == 302

    assert Document.objects.get().values == before


def test_a_revision_there_is_not_is_not_found_however_it_is_written(
    web: Client, submitted: DocumentRevision
) -> None:
    address = url("export_document", submitted.document, "json")

    assert web.get(f"{address}?revision=1").status_code == 200
    for number in ("2", "0", "-1", "x", "", "9" * 5000, "\u0661", "1.0"):
        assert web.get(address, {"revision": number}).status_code == 404, number[:9]


def test_not_applicable_is_said_with_a_reason(web: Client, version: ModelVersion) -> None:
    web.post(start_url(version, "eu-annex-iv"))
    file = Document.objects.get()
    address = url("edit_section", file, "s1_general")
    shown = web.get(address).context["form"].initial["shown"]

    both = {"b_interaction": "x", "b_interaction-does-not-apply": "y", "shown": shown}
    assert "Either fill it in" in text_of(web.post(address, both), 422)
    web.post(address, {"b_interaction-does-not-apply": "Stands alone.", "shown": shown})

    assert "Not applicable: Stands alone." in text_of(web.get(file.get_absolute_url()))


def test_two_people_sign_by_the_digest_they_saw(
    client: Client, submitted: DocumentRevision
) -> None:
    card = submitted.document
    for who, role in ((owner(), "model_owner"), (validator(), "validator")):
        web = signed_in(client, who)
        assert "Sign as" in text_of(web.get(card.get_absolute_url()))
        refused = web.post(url("approve_document", card), {"role": role, "digest": "sha256:0"})
        assert "Another text is in review" in text_of(refused, 422)
        sent = {"role": role, "digest": submitted.digest}
        assert web.post(url("approve_document", card), sent).status_code == 302

    page = text_of(client.get(card.get_absolute_url()))
    assert "Approved" in page
    assert "Vera Validator" in page


def test_who_wrote_it_is_told_that_others_sign(client: Client, card: Document) -> None:
    from_owner = signed_in(client, owner())
    address = url("edit_section", card, "identification")
    shown = from_owner.get(address).context["form"].initial["shown"]
    from_owner.post(address, {"summary": "Ranks.", "shown": shown})
    from_owner.post(url("submit_document", card))

    page = text_of(from_owner.get(card.get_absolute_url()))

    assert "so somebody else signs it" in page
    assert "Sign as" not in page


def test_a_document_is_returned_with_words_and_they_stand_above_the_draft(
    client: Client, submitted: DocumentRevision
) -> None:
    card = submitted.document
    web = signed_in(client, validator())
    assert "Say what has to change." in text_of(web.post(url("return_document", card)), 422)

    assert web.post(url("return_document", card), {"reason": "Too thin."}).status_code == 302

    assert "Too thin." in text_of(web.get(card.get_absolute_url()))
    page = text_of(web.get(submitted.get_absolute_url()))
    assert "Too thin." in page
    assert "Returned" in page


def test_a_later_change_in_the_registry_is_shown_beside_the_signed_text(
    web: Client, approved: Document
) -> None:
    assert "Changed in the registry since" not in text_of(web.get(approved.get_absolute_url()))
    registered_version(approved.model)

    page = text_of(web.get(approved.get_absolute_url()))

    assert "Changed in the registry since" in page
    assert "Version history" in page
    assert web.post(url("revise_document", approved)).status_code == 302
    assert "Only an approved" in text_of(web.post(url("revise_document", approved)), 422)


def test_a_revision_says_what_differs_from_the_one_before(
    web: Client, approved: Document, dev: Actor
) -> None:
    operations.new_revision(approved, by=dev)
    operations.save_section(approved, "intended_use", {"users": ["Branches"]}, by=dev)
    later = operations.submit_document(approved, by=dev)

    page = text_of(web.get(later.get_absolute_url()))

    assert "What changed" in page
    assert "<del>Credit analysts</del>" in page
    assert "<ins>Branches</ins>" in page


def test_a_copied_document_marks_what_changed(
    web: Client, written: Document, version: ModelVersion
) -> None:
    later = registered_version(version.model)
    web.post(start_url(later, "model-card"))
    copy = Document.objects.get(version=later)

    page = text_of(web.get(copy.get_absolute_url()))

    assert "Changed since the version before" in page
    assert "Credit analysts" in page


def test_what_is_not_visible_is_not_there(
    client: Client, submitted: DocumentRevision, version: ModelVersion
) -> None:
    web = signed_in(client, stranger())
    card = submitted.document
    for address in (
        list_url(version),
        card.get_absolute_url(),
        submitted.get_absolute_url(),
        url("edit_section", card, "data"),
        url("export_document", card, "markdown"),
    ):
        assert web.get(address).status_code == 404, address
    for name in ("submit_document", "approve_document", "return_document", "revise_document"):
        assert web.post(url(name, card), {"reason": "x"}).status_code == 404, name
    assert web.post(start_url(version, "eu-annex-iv")).status_code == 404
    reader = signed_in(client, auditor())
    for address in (
        url("document_revision", card, 2),
        url("document_revision", card, 10**9),
        url("edit_section", card, "poem"),
        url("export_document", card, "poem"),
        reverse("validation:document", args=[card.pk + 1]),
    ):
        assert reader.get(address).status_code == 404, address


def test_who_only_reads_is_offered_nothing_and_refused_everything(
    client: Client, card: Document, version: ModelVersion
) -> None:
    web = signed_in(client, auditor())
    page = text_of(web.get(card.get_absolute_url()))
    assert "Edit</a>" not in page
    assert "Submit for review" not in page
    assert "Begin" not in text_of(web.get(list_url(version))).partition("<main")[2].replace(
        "Not begun", ""
    ).replace("Begun", "")

    assert "right to write" in text_of(web.post(url("submit_document", card)), 422)
    shown = web.get(url("edit_section", card, "data")).context["form"].initial["shown"]
    sent = {"collection": "x", "shown": shown}
    assert "right to write" in text_of(web.post(url("edit_section", card, "data"), sent), 422)
    assert Document.objects.get(pk=card.pk).values == {}


def test_what_people_write_is_shown_as_text(web: Client, card: Document, dev: Actor) -> None:
    script = "<script>alert(1)</script> {{7*7}} ${7*7} #{7*7} {% load x %}"
    operations.save_section(
        card,
        "limitations",
        {"limitations": [[script, script, script]], "tradeoffs": [script]},
        by=dev,
    )
    operations.save_section(card, "identification", {"summary": script}, by=dev)
    operations.save_section(card, "operations", {"contact": script}, by=dev)

    for address in (card.get_absolute_url(), url("edit_section", card, "identification")):
        page = text_of(web.get(address))
        assert "<script>alert" not in page
        assert "{{7*7}} ${7*7} #{7*7} {% load x %}" in page


def test_pages_take_as_many_queries_for_many_people_and_revisions_as_for_few(
    web: Client, approved: Document, dev: Actor, vera: Actor, version: ModelVersion
) -> None:
    operations.new_revision(approved, by=dev)
    addresses = [list_url(version), approved.get_absolute_url()]
    few = [queries_of(web, address) for address in addresses]
    for number in range(10):
        operations.save_section(approved, "intended_use", {"users": [f"{number}"]}, by=dev)
        operations.submit_document(approved, by=dev)
        operations.return_document(approved, by=vera, reason="Again")
        person(f"reader-{number}", everywhere=("validator",))

    assert [queries_of(web, address) for address in addresses] == few


def queries_of(web: Client, address: str) -> int:
    web.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert web.get(address).status_code == 200
    return len(captured)
