"""Pages of evidence: seen by whoever sees the model, closed to everybody else."""

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.catalog.models import ModelVersion, UseCase
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.catalog.labels import ODD
from tests.factories import actor, signed_in
from tests.validation.evidence.conftest import Gives, quarantine
from tests.validation.records import events, outcomes

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>{{7*7}}{% load x %}"


@pytest.fixture
def developer(client: Client) -> Client:
    return signed_in(client, scenarios.developer())


@pytest.fixture
def validator() -> Client:
    return signed_in(Client(), scenarios.validator())


def of_version(version: ModelVersion, name: str = "evidence") -> str:
    return reverse(f"validation:{name}", args=[version.model.name, version.number])


def of_item(item: EvidenceItem, name: str = "evidence_item") -> str:
    return reverse(f"validation:{name}", args=[item.model.name, item.pk])


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


def typed(**said: Any) -> dict[str, Any]:
    return {
        "type": "performance_test_report",
        "title": "Holdout report",
        "file": SimpleUploadedFile("report.pdf", b"%PDF-1.7"),
        **said,
    }


def test_a_version_without_evidence_says_what_belongs_there(
    developer: Client, version: ModelVersion
) -> None:
    page = words(developer.get(of_version(version)))

    assert "No evidence was given yet" in page
    assert "Add evidence" in page


def test_a_file_is_added_by_page_and_its_item_comes_next(
    developer: Client, version: ModelVersion
) -> None:
    answer = developer.post(of_version(version, "add_evidence"), typed(note="Page 4"))

    item = EvidenceItem.objects.get()
    assert answer.headers["Location"] == of_item(item)
    assert (item.file_name, item.version, item.note) == ("report.pdf", version, "Page 4")
    page = words(developer.get(of_item(item)))
    assert "Waits for verification" in page
    assert "You submitted it, so somebody else verifies it." in page


def test_each_type_goes_where_it_binds_to(
    developer: Client, version: ModelVersion, use: UseCase
) -> None:
    address = of_version(version, "add_evidence")
    link = {"file": "", "link": "https://docs.example/plan"}

    developer.post(address, typed(type="monitoring_plan", **link))
    developer.post(address, typed(type="transparency_notice", use=use.key, **link))

    plan, notice = EvidenceItem.objects.order_by("pk")
    assert (plan.version, plan.use_case) == (None, None)
    assert notice.use_case == use
    assert "Choose the use" in words(
        developer.post(address, typed(type="transparency_notice", **link)), 422
    )


def test_what_is_refused_stays_typed_and_is_said_in_words(
    developer: Client, version: ModelVersion
) -> None:
    address = of_version(version, "add_evidence")
    for sent, says in (
        (typed(title=""), "Give it a title."),
        (typed(type="x"), "Select a valid choice"),
        (typed(file=""), "Give a file or a link"),
        (typed(file="", link="javascript:alert(1)"), "begins with https://"),
        (typed(file=SimpleUploadedFile("con.pdf", b"x")), "device"),
        (typed(type="transparency_notice"), "the model has none"),
        ({}, "Choose what it is evidence of."),
    ):
        answer = developer.post(address, sent)
        assert says in words(answer, 422), sent
    assert b"Holdout report" in developer.post(address, typed(file="")).content
    assert not EvidenceItem.objects.exists()


def test_the_list_groups_by_type_and_says_state_age_and_what_ends_soon(
    developer: Client, gives: Gives, verified: Gives, version: ModelVersion, vera: Actor
) -> None:
    verified(title="Good report")
    gives(title="New report")
    operations.withdraw_evidence(verified(title="Old report"), by=vera, reason="Wrong")
    soon = gives().submitted_at.date()
    gives("license_review", title="License opinion", valid_until=soon)
    verified("monitoring_plan", about=version.model, title="The plan")
    page = words(developer.get(of_version(version)))

    assert "1 verified, the newest given today · counts for 365 days" in page
    assert "Given by Dev Developer just now · verified by Vera Validator · counts until" in page
    assert "Withdrawn" in page
    assert page.index("Stops counting soon") < page.index("License opinion")
    assert page.index("About this version") < page.index("About the model") < page.index("The plan")
    assert "Nothing yet for 26 types" in page
    assert "2 verified and in time. 3 waiting" in page


def test_the_form_opens_with_the_type_a_link_asks_for(
    developer: Client, version: ModelVersion
) -> None:
    address = of_version(version, "add_evidence")

    chosen = developer.get(f"{address}?type=red_team_report").content.decode()
    assert '<option value="red_team_report" selected>' in chosen
    assert "selected>Choose" in developer.get(f"{address}?type=%00x").content.decode()


def test_somebody_else_verifies_after_a_look(validator: Client, gives: Gives, vera: Actor) -> None:
    item = gives()
    verify = of_item(item, "verify_evidence")

    assert "Look at it first" in words(validator.post(verify), 422)
    answer = validator.post(verify, {"verify-looked": "on"}, follow=True)

    assert "You stand by it now." in words(answer)
    item.refresh_from_db()
    assert item.verified_by_id == vera.user_id
    assert "is verified" in words(validator.post(verify, {"verify-looked": "on"}), 422)


def test_it_is_declined_and_withdrawn_with_a_reason(validator: Client, gives: Gives) -> None:
    declined, withdrawn = gives(), gives()

    assert "Give a reason." in words(validator.post(of_item(declined, "decline_evidence")), 422)
    validator.post(of_item(declined, "decline_evidence"), {"decline-reason": "Leaked"})
    validator.post(of_item(withdrawn, "withdraw_evidence"), {"withdraw-reason": "Mistaken"})

    assert "Not accepted Leaked" in words(validator.get(of_item(declined)))
    assert "Withdrawn Mistaken" in words(validator.get(of_item(withdrawn)))


def test_a_refusal_of_the_operation_is_shown_on_the_page(developer: Client, gives: Gives) -> None:
    item = gives()

    page = words(developer.post(of_item(item, "verify_evidence"), {"verify-looked": "on"}), 422)

    assert "Peer reviewers and the second line verify evidence" in page
    assert outcomes("evidence.verify", item) == ["refused"]


def test_a_file_leaves_as_an_attachment_whose_name_breaks_no_header(
    developer: Client, gives: Gives
) -> None:
    names = [name.rpartition("/")[2] for name in ODD] + ['a";x=y.svg', "r\u00e9sum\u00e9;.html"]
    for name in names:
        item = gives(file=operations.SentFile(name, [b"<script>"]))
        answer = developer.get(of_item(item, "download_evidence"))

        assert b"".join(answer) == b"<script>"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert not set("\r\n") & set(answer.headers["Content-Disposition"])
    assert len(events("evidence.download")) == len(names)


def test_a_link_has_no_file_and_leads_out_without_a_referrer(
    developer: Client, gives: Gives
) -> None:
    item = gives(content=None)

    assert developer.get(of_item(item, "download_evidence")).status_code == 404
    page = developer.get(of_item(item)).content.decode()
    assert 'href="https://docs.example/report" rel="noopener noreferrer nofollow"' in page


def test_what_people_wrote_appears_as_text(
    developer: Client, validator: Client, gives: Gives, version: ModelVersion
) -> None:
    item = gives(title=HOSTILE, note=HOSTILE, file=operations.SentFile("<b>.svg", [b"x"]))
    validator.post(of_item(item, "decline_evidence"), {"decline-reason": HOSTILE})

    for address in (of_item(item), of_version(version)):
        source = developer.get(address).content.decode()
        assert "<script>alert" not in source
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}{% load x %}" in source
        assert "<b>.svg" not in source


def test_a_damaged_file_is_said_and_does_not_leave(developer: Client, verified: Gives) -> None:
    item = verified()
    quarantine(item)

    page = words(developer.get(of_item(item)))

    assert "File damaged" in page
    assert "The file is damaged." in page
    refused = words(developer.get(of_item(item, "download_evidence"), follow=True))
    assert "no longer holds the right bytes" in refused


def test_an_auditor_sees_all_and_is_told_who_adds_and_verifies(
    gives: Gives, version: ModelVersion
) -> None:
    item = gives()
    web = signed_in(Client(), scenarios.auditor())

    assert "validators of this model add evidence" in words(web.get(of_version(version)))
    assert "validators of this model add evidence" in words(
        web.get(of_version(version, "add_evidence"))
    )
    assert "the second line verify evidence" in words(web.get(of_item(item)))
    assert b"Withdraw" not in web.get(of_item(item)).content


def test_who_does_not_see_the_model_finds_nothing(gives: Gives, version: ModelVersion) -> None:
    item = gives()
    web = signed_in(Client(), scenarios.stranger())

    for address in (of_version(version), of_version(version, "add_evidence"), of_item(item)):
        assert web.get(address).status_code == 404
    for name in ("verify_evidence", "decline_evidence", "withdraw_evidence"):
        assert web.post(of_item(item, name)).status_code == 404
    other = scenarios.registered_model()
    mixed = reverse("validation:evidence_item", args=[other.name, item.pk])
    assert signed_in(Client(), scenarios.developer()).get(mixed).status_code == 404


def test_the_list_costs_the_same_for_2_and_20_items(
    developer: Client, gives: Gives, use: UseCase, version: ModelVersion
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            developer.get(of_version(version))
        return len(asked)

    gives()
    gives("transparency_notice", about=use)
    few = cost()
    for number in range(9):
        gives(by=actor(scenarios.validator()), title=f"Report {number}")
        gives("transparency_notice", about=use)

    assert cost() == few


def test_what_does_not_fit_on_the_page_is_said(
    developer: Client, gives: Gives, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.validation.views.evidence.MOST_SHOWN", 1)
    gives(title="First")
    gives(title="Second")

    page = words(developer.get(of_version(version)))

    assert "Not all is shown." in page
    assert "Second" in page
    assert "First" not in page
