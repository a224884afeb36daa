"""Pages of policies: read by everybody, drafts by those who write, sign and audit them."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import operations, policies
from apps.approvals.dry_runs import asking
from apps.approvals.models import DryRun, PolicySignOff, PolicyVersion
from apps.approvals.policy_statements import text_digest
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.policy_texts import Document, part, text_of, use
from tests.approvals.policy_walk import (
    COMMITTEE,
    OFFICER,
    WHY,
    chair,
    drafted,
    fresh,
    proposed,
    published,
    rewritten,
    signed_by_both,
    tried,
    writer,
)
from tests.console.conftest import Answer, Reads
from tests.factories import PASSWORD, actor, person, signed_in

pytestmark = pytest.mark.django_db
State = PolicyVersion.State
LIST = "/policies/"


def warns(document: Document) -> None:
    use(document, "metrics_recorded")["tiers"] = dict.fromkeys("1234", "warn")


def stricter(document: Document) -> None:
    use(document, "metrics_recorded")["tiers"] = dict.fromkeys("1234", "block")
    document["signature"]["factors_required"] = 2


def url(name: str, version: PolicyVersion) -> str:
    return reverse(f"approvals:{name}", args=[version.pk])


def ticket_on(page: Answer) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.source)
    assert found is not None
    return html.unescape(found[1])


# -- who sees what


def test_before_anything_is_published_the_list_says_that_the_starter_is_in_force(
    opens: Reads,
) -> None:
    page = opens(scenarios.stranger(), LIST)

    assert "Until then the starter policy that comes with Signet is in force." in page.words
    assert "No version was published yet" in page.words
    assert "Write a new version" not in page.words
    assert page.has_link("/policies/shipped/default/")
    assert "Write a new version" in opens(writer(), LIST).words


def test_everybody_reads_published_policies_and_drafts_are_not_for_everybody(opens: Reads) -> None:
    old, new = published(warns, number="1.0.1"), published(number="1.0.2")
    draft = drafted(number="1.0.3")
    readers = {
        scenarios.stranger(): False,
        scenarios.owner(): False,
        scenarios.auditor(): True,
        chair(): True,
        writer(): True,
    }
    for reader, sees_drafts in readers.items():
        listed = opens(reader, LIST)
        assert "Starter policy 1.0.1" in listed.words
        assert "Starter policy 1.0.2" in listed.words
        assert ("1.0.3" in listed.words) is sees_drafts
        assert "Replaced" in opens(reader, old.get_absolute_url()).words
        assert "In force" in opens(reader, new.get_absolute_url()).words
        for name in ("policy", "policy_text", "compare_policy", "dry_run", "dry_run_part"):
            assert opens(reader, url(name, draft)).status == (200 if sees_drafts else 404), name


def test_the_navigation_leads_to_policies(opens: Reads) -> None:
    assert opens(scenarios.stranger(), LIST).has_link("/policies/")


def test_a_policy_reads_as_gates_by_tier_slots_duties_settings_and_text(opens: Reads) -> None:
    for name in policies.SHIPPED:
        page = opens(scenarios.stranger(), f"/policies/shipped/{name}/")
        for words in (
            "Staging to production",
            "Condition",
            "Blocks",
            "Independent validator",
            "1 review",
            "Different people",
            "Requester may not approve",
            "Authorization valid days",
            "Granted by",
            "While in production",
            "The text",
        ):
            assert words in page.words, words
    assert opens(scenarios.stranger(), "/policies/shipped/absent/").status == 404


def test_the_text_is_taken_away_as_it_was_signed(client: Client) -> None:
    version = published(warns)
    signed_in(client, scenarios.stranger())

    answer = client.get(url("policy_text", version))

    assert answer.content.decode() == version.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="starter-1.0.1.yaml"'
    shipped = client.get("/policies/shipped/default/policy.yaml")
    assert shipped.content.decode() == policies.shipped("default").text


def test_which_policy_applied_on_a_day_is_answered(opens: Reads) -> None:
    version = published(warns)
    today = f"{database_now():%Y-%m-%d}"
    reader = scenarios.stranger()

    assert opens(reader, f"/policies/at/?on={today}").has_link(version.get_absolute_url())
    before = opens(reader, "/policies/at/?on=2020-01-01")
    assert "Nothing was published by then." in before.words
    assert opens(reader, "/policies/at/").status == 200
    for bad in ("2999-01-01", "2026-13-40", "yesterday", "%00"):
        page = opens(reader, f"/policies/at/?on={bad}")
        assert (page.status, "Choose a day up to today" in page.words) == (422, True), bad


# -- writing


def test_a_draft_is_begun_and_written_in_a_form(opens: Reads) -> None:
    wanda = writer()
    page = opens(wanda, "/policies/draft/")
    assert "Default model governance policy 1.0.0, comes with Signet" in page.words
    begun = opens(wanda, "/policies/draft/", {"start": "shipped:starter", "reason": WHY})
    draft = PolicyVersion.objects.get()
    assert begun.response.headers["Location"] == url("edit_policy", draft)

    sent = {"text": text_of(warns, number="1.0.5"), "edited": text_digest(draft.text)}
    saved = opens(wanda, url("edit_policy", draft), sent)

    assert saved.response.headers["Location"] == draft.get_absolute_url()
    assert fresh(draft).number == "1.0.5"


def test_line_ends_of_a_browser_do_not_count(opens: Reads) -> None:
    draft = drafted()
    text = text_of(warns, number="1.0.5")

    opens(
        writer(),
        url("edit_policy", draft),
        {"text": text.replace("\n", "\r\n"), "edited": text_digest(draft.text)},
    )

    assert fresh(draft).text == text


def test_a_text_that_cannot_be_used_stays_in_the_form_with_all_that_is_wrong(opens: Reads) -> None:
    draft = drafted()

    def break_it(document: Document) -> None:
        for name in ("owner_assigned", "no_legal_hold"):
            part(document, "conditions", name)["expr"] = "model.absent == 1"
        document["title"] = "Kept <in> the form"

    sent = {"text": text_of(break_it), "edited": text_digest(draft.text)}
    page = opens(writer(), url("edit_policy", draft), sent)

    assert page.status == 422
    assert "The condition owner_assigned: There is no fact or function" in page.words
    assert "The condition no_legal_hold" in page.words
    assert "Kept &lt;in&gt; the form" in page.source
    assert 'aria-invalid="true"' in page.source


@pytest.mark.parametrize(
    "text", ["", "a: [", "- 1", "\x00", "kind: policy", "x" * 600_000, "&a [*a]"]
)
def test_whatever_is_typed_is_refused_in_words(opens: Reads, text: str) -> None:
    draft = drafted()
    sent = {"text": text, "edited": text_digest(draft.text)}

    assert opens(writer(), url("edit_policy", draft), sent).status == 422
    assert fresh(draft).text == draft.text


def test_a_draft_that_somebody_changed_meanwhile_is_shown_beside_what_was_typed(
    opens: Reads,
) -> None:
    draft = drafted()
    opened = text_digest(draft.text)
    rewritten(draft, text_of(warns, number="1.0.8"), by=scenarios.risk_officer())
    mine = text_of(number="1.0.9")

    page = opens(writer(), url("edit_policy", draft), {"text": mine, "edited": opened})

    assert page.status == 422
    assert "Somebody changed this draft since you opened it" in page.words
    assert "What somebody else saved" in page.words
    assert "version: 1.0.9" in page.source
    assert fresh(draft).number == "1.0.8"
    edited = re.search(r'name="edited" value="([^"]+)"', page.source)
    assert edited is not None
    again = {"text": mine, "edited": edited[1]}
    assert opens(writer(), url("edit_policy", draft), again).status == 302
    assert fresh(draft).number == "1.0.9"


def test_only_a_draft_is_edited_and_only_by_those_who_write(opens: Reads) -> None:
    draft = drafted()

    assert opens(writer(), url("edit_policy", draft)).status == 200
    assert opens(chair(), url("edit_policy", draft)).status == 404
    assert opens(writer(), url("edit_policy", published(number="1.0.2"))).status == 404
    refused = opens(chair(), "/policies/draft/")
    assert "Only a risk officer of the whole organization writes policies." in refused.words


def test_a_draft_is_proposed_and_dropped_with_a_reason(opens: Reads) -> None:
    draft, other = drafted(), drafted(number="1.0.2")

    empty = opens(writer(), url("propose_policy", draft), {"reason": ""})
    assert (empty.status, "Give a reason." in empty.words) == (422, True)
    assert opens(writer(), url("propose_policy", draft), {"reason": WHY}).status == 302
    assert fresh(draft).state == State.PROPOSED
    second = opens(writer(), url("propose_policy", other), {"reason": WHY})
    assert "Another policy waits for signatures." in second.words
    assert opens(writer(), url("drop_policy", other), {"reason": WHY}).status == 302
    assert fresh(other).state == State.DROPPED


def test_a_number_that_is_too_low_is_refused_on_the_page_of_the_draft(opens: Reads) -> None:
    published(number="1.2.0")
    page = opens(writer(), url("propose_policy", drafted(warns)), {"reason": "So be it"})

    assert page.status == 422
    assert "1.0.1 is not higher than 1.2.0" in page.words
    assert "So be it" in page.source


# -- comparison


def test_a_comparison_says_in_words_what_differs_the_looser_first_and_folds_the_lines(
    opens: Reads,
) -> None:
    draft = drafted(warns)

    def both(document: Document) -> None:
        warns(document)
        document["signature"]["factors_required"] = 2

    rewritten(draft, text_of(both, number="1.0.1"))
    page = opens(writer(), url("compare_policy", draft))

    assert "warns at every tier where it blocked." in page.words
    assert "A signature asks for 2 instead of 1 factors." in page.words
    assert page.words.index("Looser") < page.words.index("Stricter")
    assert "changed lines" in page.words
    assert "<ins>+ " in page.source


def test_a_comparison_with_what_differs_in_nothing_says_so(opens: Reads) -> None:
    draft = operations.draft_policy(by=actor(writer()), reason=WHY, shipped="starter")

    assert "Nothing differs" in opens(writer(), url("compare_policy", draft)).words
    assert opens(writer(), url("compare_policy", draft) + "?with=default").status == 200
    for absent in ("absent", "999999", "9" * 30, "base"):
        status = opens(writer(), url("compare_policy", draft) + f"?with={absent}").status
        assert status == (200 if absent == "base" and draft.based_on else 404), absent


def test_a_policy_that_was_in_force_is_compared_with_the_one_before_it(opens: Reads) -> None:
    published(number="1.0.1")
    second = published(warns, number="1.0.2")

    page = opens(scenarios.stranger(), url("compare_policy", second))

    assert "held against Starter policy 1.0.1" in page.words
    assert "warns at every tier where it blocked." in page.words


# -- signing and publishing


def sign_on_page(opens: Reads, who: User, version: PolicyVersion, **changed: Any) -> Answer:
    page = opens(who, version.get_absolute_url())
    sent = {
        "ticket": ticket_on(page),
        "role": OFFICER if who == scenarios.risk_officer() else COMMITTEE,
        "reason": WHY,
        "password": PASSWORD,
    }
    return opens(who, url("sign_policy", version), sent | changed)


def test_a_policy_is_signed_and_published_on_its_page(opens: Reads) -> None:
    version = proposed(warns)
    rita = scenarios.risk_officer()
    page = opens(rita, version.get_absolute_url())
    assert "To look at before signing" in page.words
    assert "warns at every tier where it blocked. Looser" in page.words

    assert sign_on_page(opens, rita, version).status == 302
    assert sign_on_page(opens, chair(), version).status == 302
    assert PolicySignOff.objects.count() == 2
    assert "Rita Risk approved" in opens(writer(), version.get_absolute_url()).words
    closed = opens(writer(), url("publish_policy", version), {"reason": WHY})
    assert (closed.status, "dry run of this text first" in closed.words) == (422, True)
    tried(version)
    assert opens(writer(), url("publish_policy", version), {"reason": WHY}).status == 302
    assert fresh(version).state == State.PUBLISHED


def test_a_signature_with_a_wrong_password_keeps_what_was_typed(opens: Reads) -> None:
    version = proposed(warns)

    page = sign_on_page(
        opens, scenarios.risk_officer(), version, password="wrong", reason="Read it all"
    )

    assert page.status == 422
    assert "Read it all" in page.source
    assert not PolicySignOff.objects.exists()


def test_a_forged_ticket_signs_nothing(opens: Reads) -> None:
    version = proposed(warns)

    page = sign_on_page(opens, scenarios.risk_officer(), version, ticket="forged")

    assert (page.status, "did not come from the page" in page.words) == (422, True)


def test_whoever_wrote_it_is_told_why_they_do_not_sign(opens: Reads) -> None:
    page = opens(writer(), proposed(warns).get_absolute_url())

    assert "Nobody who wrote the policy signs it." in page.words
    assert "Your signature" not in page.words
    assert "It still needs the signature of" in page.words


def test_a_stricter_policy_has_nothing_to_look_at_twice(opens: Reads) -> None:
    page = opens(scenarios.risk_officer(), proposed(stricter).get_absolute_url())

    assert "Whatever differs from the policy in force is stricter." in page.words


def test_a_proposed_policy_is_sent_back_with_a_reason(opens: Reads) -> None:
    version = proposed(warns)

    answer = opens(chair(), url("decline_policy", version), {"reason": "Not like this"})

    draft = PolicyVersion.objects.get(state=State.DRAFT)
    assert answer.response.headers["Location"] == draft.get_absolute_url()
    assert draft.based_on == version


def test_a_passkey_is_asked_only_for_what_may_be_signed(client: Client) -> None:
    version = proposed(warns)
    signed_in(client, writer())

    answer = client.post(url("ask_policy_passkey", version), {"role": OFFICER})

    assert answer.status_code == 422


# -- dry run


def test_a_dry_run_is_asked_for_and_followed_on_its_page(opens: Reads) -> None:
    scenarios.promoted(Stage.STAGING)
    draft = drafted(warns)
    assert "No dry run yet" in opens(chair(), url("dry_run", draft)).words

    assert opens(chair(), url("dry_run", draft), {}).status == 302
    waiting = opens(chair(), url("dry_run", draft))
    assert "The dry run is under way" in waiting.words
    assert 'hx-trigger="every 2s"' in waiting.source
    assert "hx-trigger" in opens(chair(), url("dry_run_part", draft)).source
    over = tried(draft)
    assert over == DryRun.objects.get()

    done = opens(chair(), url("dry_run", draft))
    assert "hx-trigger" not in done.source
    assert "1 version, 0 in production; 0 open requests" in done.words
    assert "Slots nobody can fill" in done.words
    rewritten(draft, text_of(number="1.0.3"))
    assert "Out of date." in opens(chair(), url("dry_run", draft)).words


def test_what_would_be_blocked_is_shown_with_its_conditions_and_links(opens: Reads) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    draft = operations.draft_policy(by=actor(writer()), reason=WHY, shipped="default")
    tried(draft)

    page = opens(writer(), url("dry_run", draft))

    assert "1, 1 of them in production" in page.words
    assert "Rollback or stop tested" in page.words
    assert page.has_link(version.get_absolute_url())


def test_an_auditor_reads_a_dry_run_and_asks_for_none(opens: Reads) -> None:
    draft = drafted(warns)

    assert "Start a dry run" not in opens(scenarios.auditor(), url("dry_run", draft)).words
    refused = opens(scenarios.auditor(), url("dry_run", draft), {})
    assert (refused.status, "Who writes or signs policies" in refused.words) == (422, True)


def test_a_failed_dry_run_says_why(opens: Reads) -> None:
    draft = drafted(warns)
    asking.ask(draft, by=actor(writer()))
    DryRun.objects.update(state=DryRun.State.FAILED, error="ValueError: <odd>")

    assert "ValueError: <odd>" in opens(writer(), url("dry_run", draft)).words


# -- queries


def queries_of(path: str, reader: User) -> int:
    client = signed_in(Client(), reader)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_list_and_a_policy_take_as_many_queries_for_twenty_versions_as_for_two() -> None:
    version = signed_by_both(proposed(warns))
    drafted(number="1.0.2")
    paths = (LIST, version.get_absolute_url(), url("compare_policy", version))
    few = [queries_of(path, writer()) for path in paths]
    for number in range(18):
        operations.draft_policy(by=actor(writer()), reason=f"{number}", shipped="starter")

    assert PolicyVersion.objects.count() == 20
    assert [queries_of(path, writer()) for path in paths] == few


# -- elsewhere


def test_operators_read_policies_and_their_signatures_in_the_admin_and_change_nothing(
    client: Client,
) -> None:
    version = signed_by_both(proposed(warns))
    signed_in(client, person("root", administrator=True))
    rows = {"policyversion": version.pk, "policysignoff": version.sign_offs.earliest("pk").pk}
    for name, pk in rows.items():
        listed = client.get(reverse(f"admin:approvals_{name}_changelist"))
        shown = client.get(reverse(f"admin:approvals_{name}_change", args=[pk]))
        assert (listed.status_code, shown.status_code) == (200, 200), name
        assert "Starter policy" in listed.content.decode() + shown.content.decode()
        assert client.post(reverse(f"admin:approvals_{name}_change", args=[pk])).status_code == 403
        assert client.get(reverse(f"admin:approvals_{name}_add")).status_code == 403
