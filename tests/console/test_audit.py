"""The record as people read it: the list of entries, and one entry whole."""

import json
from typing import Any

import pytest
from django.urls import reverse

from apps.approvals import operations as approvals
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.core.digests import utc_text
from apps.core.errors import DomainError
from apps.validation import operations as validation
from tests import scenarios
from tests.console import walk
from tests.console.conftest import Reads
from tests.factories import actor, person

AUDIT = "/audit/"

pytestmark = pytest.mark.django_db


def newest(action: str, **where: Any) -> AuditEvent:
    event = AuditEvent.objects.filter(action=action, **where).order_by("-id").first()
    assert event is not None
    return event


def page(event: AuditEvent) -> str:
    return reverse("audit:entry", args=[event.uid])


# -- the list


def test_an_entry_is_one_line_with_who_why_and_when(opens: Reads) -> None:
    version = walk.in_production()

    answer = opens(scenarios.auditor(), AUDIT)

    assert f"Promoted {version} to production Otto Operator" in answer.words
    assert "staging → production · “Agreed.”" in answer.words
    assert answer.has_link(page(newest("version.promote")))


def test_an_auditor_sees_everything_others_their_models_and_themselves(opens: Reads) -> None:
    hidden, shown = scenarios.registered_model("hidden"), scenarios.registered_model("shown")
    sam = scenarios.stranger()
    catalog.grant_model_duty(
        shown, sam, "peer_reviewer", by=actor(scenarios.owner()), reason="Asked for"
    )

    everything = opens(scenarios.auditor(), AUDIT).words
    own = opens(sam, AUDIT).words

    assert f"Registered the model {hidden.name}" in everything
    assert f"Registered the model {shown.name}" in own
    assert f"Appointed Sam Stranger as Peer reviewer of {shown.name}" in own
    assert "Opened the account of Sam Stranger" in own
    assert hidden.name not in own


def test_an_administrator_sees_no_more_of_models_than_anybody(opens: Reads) -> None:
    model = scenarios.registered_model()
    administrator = person("ada", administrator=True)

    assert model.name not in opens(administrator, AUDIT).source


def test_a_refusal_is_shown_to_who_was_refused_and_to_auditors(opens: Reads) -> None:
    request = walk.requested(walk.checked())
    with pytest.raises(DomainError):
        approvals.promote(request, by=actor(walk.operator()), reason="Hurry")
    line = f"Refused: promote {request.version} to staging Otto Operator · gates closed · “Hurry”"

    assert line in opens(scenarios.auditor(), AUDIT).words
    assert line in opens(walk.operator(), AUDIT).words
    assert "Hurry" not in opens(scenarios.developer(), AUDIT).words


def test_a_refused_registration_names_no_row(opens: Reads) -> None:
    with pytest.raises(DomainError):
        scenarios.registered_model(by=actor(scenarios.stranger()))

    assert "Refused: register a model Sam Stranger" in opens(scenarios.auditor(), AUDIT).words


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("who=olivia", "Signed off", "Registered"),
        ("who=worker", "Check passed", "Registered"),
        ("who=nobody-at-all", "No entry matches", "Registered"),
        ("action=version.request_promotion", "Requested the promotion", "Signed off"),
        ("outcome=refused", "Refused: promote", "Signed off"),
        ("about=credit", "Registered credit v1", "Registered fraud"),
        ("about=fraud", "Registered the model fraud", "credit"),
        ("about={request}", "Signed off", "Registered"),
        ("until=2001-01-01", "No entry matches", "Registered"),
        ("since=2001-01-01&until=9999-12-31", "Registered credit v1", "No entry matches"),
        ("since=9999-12-31", "No entry matches", "Registered"),
    ],
)
def test_entries_are_found_by_who_what_outcome_object_and_day(
    opens: Reads, query: str, shown: str, hidden: str
) -> None:
    version = walk.checked(scenarios.registered_version(scenarios.registered_model("credit")))
    request = walk.requested(version)
    with pytest.raises(DomainError):
        approvals.promote(request, by=actor(walk.operator()), reason="Hurry")
    walk.signed_off(request, "model_owner", by=scenarios.owner())
    scenarios.registered_model("fraud")

    asked = query.format(request=request.record_id)
    words = opens(scenarios.auditor(), f"{AUDIT}?{asked}").words.partition("Filter")[0]

    assert shown in words
    assert hidden not in words


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-02-01&until=2026-01-01", "until"),
        ("since=yesterday", "since"),
        ("action=none.such", "action"),
        ("who=%00", "who"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_at_its_field(
    opens: Reads, query: str, field: str
) -> None:
    answer = opens(scenarios.auditor(), f"{AUDIT}?{query}")

    assert answer.status == 422
    assert field in answer.response.context["form"].errors


def test_pages_of_entries_keep_the_filter(opens: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.views.audit.PAGE_SIZE", 2)
    for number in range(5):
        scenarios.registered_model(f"model-of-{number}")

    first = opens(scenarios.auditor(), f"{AUDIT}?action=model.register")
    second = opens(scenarios.auditor(), first.response.context["older"])

    assert "model-of-4" in first.words
    assert "model-of-2 " in second.words
    assert "model-of-4" not in second.words
    assert "action=model.register" in second.response.context["older"]


def test_the_list_needs_as_many_queries_for_twenty_entries_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    path, reader = f"{AUDIT}?action=model.register", scenarios.auditor()
    for _ in range(2):
        scenarios.registered_model()
    opens(reader, path)
    with django_assert_max_num_queries(30) as few:
        opens(reader, path)
    for _ in range(18):
        scenarios.registered_model()
    with django_assert_max_num_queries(len(few)):
        assert opens(reader, path).words.count("Registered the model") == 20


# -- one entry


def test_an_entry_tells_who_when_how_and_what_changed(opens: Reads) -> None:
    model = scenarios.registered_model(intended_use="Ranks loans.")
    catalog.describe_model(model, by=actor(scenarios.developer()), intended_use="Ranks cards.")
    event = newest("model.describe")
    entry = json.loads(bytes(event.entry))

    answer = opens(scenarios.auditor(), page(event))

    for told in (
        f"Described {model.name} Done",
        "Who Dev Developer",
        f"Known as {actor(scenarios.developer()).id}",
        "Through Browser",
        "Identified by Signed in by password",
        "Action model.describe",
        "intended use Ranks loans. Ranks cards.",
        f"Chain of {model.name} Place in it 2",
        entry["chain"]["prev"][:4],
    ):
        assert told in answer.words
    assert utc_text(answer.response.context["entry"].time)[:10] in answer.words


def test_a_signature_is_shown_with_its_statement(opens: Reads) -> None:
    request = walk.requested(walk.checked())
    signed = walk.signed_off(request, "model_owner", by=scenarios.owner())

    words = opens(scenarios.auditor(), page(newest("request.sign_off"))).words

    assert "Signature Meaning Approved Statement" in words
    assert signed.statement_digest[-4:] in words
    assert "Reason The evidence holds." in words
    assert f"The sign-off as Model owner on {request.version} to staging" in words
    assert "signer Olivia Owner" in words


def test_entries_of_a_chain_lead_to_each_other(opens: Reads) -> None:
    model = scenarios.registered_model()
    catalog.describe_model(model, by=actor(scenarios.developer()), title="Second")
    catalog.describe_model(model, by=actor(scenarios.developer()), title="Third")
    chain = AuditEvent.objects.filter(chain_root=model.record_ref).order_by("chain_rev")

    answer = opens(scenarios.auditor(), page(chain[1]))

    assert answer.has_link(page(chain[0]))
    assert answer.has_link(page(chain[2]))


def test_an_entry_that_changed_nothing_says_so(opens: Reads) -> None:
    version = scenarios.registered_version()
    catalog.download(version, "README.md", by=actor(scenarios.developer())).bytes.close()

    words = opens(scenarios.auditor(), page(newest("version.download"))).words

    assert f"Downloaded a file of {version}" in words
    assert "This entry changed no row" in words
    assert "It stands outside every chain" in words


def test_a_part_leads_to_the_entry_it_belongs_to(opens: Reads) -> None:
    model = scenarios.registered_model()
    validation.register_and_check(
        model, by=actor(scenarios.developer()), upload=scenarios.uploaded()
    )

    answer = opens(scenarios.auditor(), page(newest("version.register")))

    assert "Part of another entry" in answer.words
    assert answer.has_link(page(newest("version.register_and_check")))


def test_an_entry_that_is_not_the_readers_is_not_there(opens: Reads) -> None:
    scenarios.registered_model()
    event = newest("model.register")

    assert opens(scenarios.stranger(), page(event)).status == 404
    assert opens(scenarios.developer(), page(event)).status == 200
