"""Commits are told how the versions made of them stand, where their code is kept."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.accounts import operations as accounts
from apps.approvals import operations as approvals
from apps.approvals.models import SignOff
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog import prompts, sources
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.core.inputs import InputRefused
from apps.integrations import following, formats, happenings, operations, runner
from apps.integrations.models import Webhook, WebhookDelivery, WebhookSecret
from apps.integrations.statuses import sending
from apps.validation import checks
from apps.validation import operations as validation
from apps.validation import runner as checking
from apps.validation.models import CheckRun
from tests import scenarios
from tests.audit.sealing.sealed import seal_events
from tests.factories import HOST, actor, person, signed_in
from tests.integrations.receiver import Receiver
from tests.integrations.record import entries, followed, webhook
from tests.scenarios import developer, owner, registered_model, registered_version

pytestmark = pytest.mark.django_db

TOKEN = "ghp_nobody-may-read-this"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CODE: dict[str, Any] = {"code_repository": "git@github.com:Acme/Models.git", "code_commit": COMMIT}
EVENTS = ["model_version.created"]
PLACES: Mapping[str, str] = {
    "github": "github.com/acme/models",
    "gitlab": "gitlab.example.com/group/sub/models",
}
ON_GITLAB: dict[str, Any] = {
    "code_repository": f"https://{PLACES['gitlab']}",
    "code_commit": COMMIT,
}


def forge(there: Receiver, form: str = "github", **given: Any) -> Webhook:
    """Have a receiver told statuses as if code were kept there."""
    facts = {"url": there.url, "secret": TOKEN, "repository": PLACES[form], "events": EVENTS}
    return webhook(form=form, **{**facts, **given})


def version_of(model: RegisteredModel | None = None, **facts: Any) -> ModelVersion:
    return registered_version(model or registered_model("triage"), **{**CODE, **facts})


def sent(made: Webhook, there: Receiver) -> list[dict[str, Any]]:
    """Deliver what happened since, and return the new statuses."""
    before = len(there.requests)
    followed()
    runner.deliver_waiting(made.pk)
    return [json.loads(request.body) for request in there.requests[before:]]


def notes(made: Webhook) -> list[str]:
    return [delivery.note for delivery in made.deliveries.order_by("event", "place")]


def happened(made: Webhook) -> list[str]:
    return [one.happening for one in made.deliveries.order_by("event", "place")]


# -- what goes over the line -----------------------------------------------------------------------


def test_github_is_told_how_a_new_version_stands(there: Receiver, settings: Settings) -> None:
    settings.BASE_URL = "https://signet.example.com"
    made = forge(there)
    version_of()

    assert sent(made, there) == [
        {
            "state": "pending",
            "description": "Version 1: no check has run yet.",
            "context": "signet/triage",
            "target_url": "https://signet.example.com/models/triage/versions/1/",
        }
    ]

    [request] = there.requests
    delivery = made.deliveries.get()
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert (request.method, request.path) == ("POST", f"/hook/repos/acme/models/statuses/{COMMIT}")
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "Signet"
    assert not any(name.startswith("x-mlflow") for name in headers)
    assert (delivery.state, delivery.happening) == ("delivered", happenings.READY)
    assert delivery.told == "pending: Version 1: no check has run yet."


def test_gitlab_is_told_in_its_own_words(there: Receiver, settings: Settings) -> None:
    settings.BASE_URL = ""
    made = forge(there, "gitlab")
    run_of(version_of(**ON_GITLAB, signature=None), "schema")

    [status] = sent(made, there)

    [request] = there.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    project = "group%2Fsub%2Fmodels"
    assert request.path == f"/hook/projects/{project}/statuses/{COMMIT}"
    assert headers["private-token"] == TOKEN
    assert "authorization" not in headers
    assert status == {
        "state": "failed",
        "description": "Version 1: 0 of 1 checks passed, 1 failed.",
        "context": "signet/triage",
    }


def test_a_long_name_fits_the_line(there: Receiver) -> None:
    made = forge(there)
    version_of(registered_model("x" * 250))
    [status] = sent(made, there)
    assert len(status["context"]) == sending.MOST_CONTEXT
    assert len(status["description"]) <= 140


# -- what is true then -----------------------------------------------------------------------------


def test_a_status_follows_checks_request_sign_off_and_promotion(there: Receiver) -> None:
    made = forge(there)
    version = version_of()
    started = started_checks(version)
    assert sent(made, there) == [as_told("pending", "0 of 5 checks passed, 5 under way")]

    for run in started:
        checking.execute(run.pk, worker="tests")
    assert sent(made, there) == [as_told("success", "5 of 5 checks passed")]
    assert notes(made)[2:] == [sending.SHOWN_ALREADY] * 4  # what was true at sending was told

    request = scenarios.requested(version=version)
    waits = "5 of 5 checks passed; gate to staging waits for 1 thing"
    assert sent(made, there) == [as_told("pending", waits)]

    scenarios.sign(request, owner(), "model_owner")
    assert sent(made, there) == [as_told("success", "5 of 5 checks passed; gate to staging open")]

    approvals.promote(request, by=actor(scenarios.operator()), reason="In the change window")
    done = "5 of 5 checks passed; promoted to staging"
    assert sent(made, there) == [as_told("success", done)]
    assert happened(made)[0] == happenings.READY
    assert happened(made)[1:6] == [happenings.CONCLUDED] * 5
    assert happened(made)[6:8] == [happenings.ASKED, happenings.SIGNED]
    assert set(happened(made)[8:]) == {happenings.ASKED}


def as_told(state: str, words: str) -> dict[str, str]:
    described = f"Version 1: {words}."
    return {"state": state, "description": described, "context": "signet/triage"}


def started_checks(version: ModelVersion) -> list[CheckRun]:
    return validation.start_checks(version, by=actor(developer()), names=checks.AT_REGISTRATION)


def run_of(version: ModelVersion, *names: str) -> None:
    """Run some checks of a version, as a worker does."""
    for run in validation.start_checks(version, by=actor(developer()), names=names):
        checking.execute(run.pk, worker="tests")


def test_a_declined_request_fails_the_commit_and_a_withdrawn_one_does_not(there: Receiver) -> None:
    made, version = forge(there), scenarios.check(version_of())
    scenarios.sign(
        scenarios.requested(version=version), owner(), "model_owner", SignOff.Decision.DECLINE
    )
    [status] = sent(made, there)
    assert (status["state"], status["description"]) == (
        "failure",
        "Version 1: 5 of 5 checks passed; promotion to staging declined.",
    )

    again = scenarios.requested(version=version)
    assert sent(made, there)[0]["state"] == "pending"
    approvals.withdraw_request(again, by=actor(developer()), reason="Too early")
    assert sent(made, there)[0]["state"] == "failure"


def test_a_sign_off_taken_back_closes_the_gate_again(there: Receiver) -> None:
    made, version = forge(there), scenarios.check(version_of())
    given = scenarios.sign(scenarios.requested(version=version), owner(), "model_owner")
    assert sent(made, there)[0]["state"] == "success"
    approvals.withdraw_sign_off(given, by=actor(owner()), reason="Looked again")
    assert sent(made, there)[0]["state"] == "pending"
    assert happened(made)[-1] == happenings.SIGNED


def test_a_check_that_failed_fails_the_commit_while_the_gate_is_closed(there: Receiver) -> None:
    made, version = forge(there), version_of(signature=None)
    run_of(version, "schema")
    scenarios.requested(version=version)
    [status] = sent(made, there)
    assert status["state"] == "failure"
    assert "1 failed, 2 under way; gate to staging waits for" in status["description"]


def test_a_check_that_could_not_finish_fails_the_commit(there: Receiver) -> None:
    made, version = forge(there), version_of()
    [run] = validation.start_checks(version, by=actor(developer()), names=["schema"])
    CheckRun._base_manager.filter(pk=run.pk).update(state="errored", finished_at=database_now())
    [status] = sent(made, there)
    assert status["state"] == "failure"
    assert status["description"] == "Version 1: 0 of 1 checks passed, 1 could not finish."


# -- what tells nothing ----------------------------------------------------------------------------

NOT_SENT: dict[str, tuple[dict[str, Any], str]] = {
    "no commit": ({"code_commit": ""}, "The version names no commit."),
    "a short commit": ({"code_commit": COMMIT[:12]}, "by the first digits only"),
    "uncommitted changes": ({"code_is_dirty": True}, "changes that are not in its commit"),
    "no repository": ({"code_repository": ""}, "is not kept in github.com/acme/models"),
    "another repository": (
        {"code_repository": "https://github.com/acme/models-2"},
        "is not kept in github.com/acme/models",
    ),
    "another host": (
        {"code_repository": "https://github.com.evil.example/acme/models"},
        "is not kept in github.com/acme/models",
    ),
}


@pytest.mark.parametrize(("facts", "why"), NOT_SENT.values(), ids=NOT_SENT.keys())
def test_a_version_without_a_commit_there_sends_nothing_and_the_log_says_why(
    there: Receiver, facts: dict[str, Any], why: str
) -> None:
    made = forge(there)
    version_of(**facts)
    assert sent(made, there) == []
    delivery = made.deliveries.get()
    assert (delivery.state, delivery.told, delivery.answered) == ("dropped", "", None)
    assert delivery.get_state_display() == "Not sent"
    assert why in delivery.note


def test_what_the_commit_shows_is_not_said_twice_unless_the_webhook_changed(
    there: Receiver,
) -> None:
    made, version = forge(there), scenarios.check(version_of())
    assert len(sent(made, there)) == 1
    run_of(version, "schema")
    assert sent(made, there) == []
    assert notes(made)[-1] == sending.SHOWN_ALREADY

    operations.change_webhook(made, by=actor(developer()), description="Somewhere else now")
    run_of(version, "schema")
    assert len(sent(made, there)) == 1


def test_gitlab_refuses_pending_twice_so_it_is_said_once(there: Receiver) -> None:
    on_gitlab, on_github = forge(there, "gitlab"), forge(there)
    version = version_of(**ON_GITLAB)
    assert sent(on_gitlab, there)[0]["state"] == "pending"
    first, *_ = started_checks(version)
    checking.execute(first.pk, worker="tests")
    assert sent(on_gitlab, there) == []
    assert notes(on_gitlab)[-1] == sending.SHOWN_ALREADY
    runner.deliver_waiting(on_github.pk)
    assert all("is not kept in" in note for note in notes(on_github))


def test_github_takes_a_new_line_in_the_same_state(there: Receiver) -> None:
    made, version = forge(there), version_of()
    assert sent(made, there)[0]["description"] == "Version 1: no check has run yet."
    first, *_ = started_checks(version)
    checking.execute(first.pk, worker="tests")
    [status] = sent(made, there)
    assert status["state"] == "pending"
    assert status["description"] == "Version 1: 1 of 5 checks passed, 4 under way."


def test_a_commit_shows_the_newest_version_of_a_model(there: Receiver) -> None:
    made, model = forge(there), registered_model("triage")
    older = version_of(model)
    newer = version_of(model)
    dirty = version_of(model, code_is_dirty=True)
    assert dirty.number == 3

    [status] = sent(made, there)
    run_of(older, "schema")

    assert status["description"].startswith("Version 2")
    assert sent(made, there) == []
    assert notes(made)[-1] == "Version 2 was made of the same commit, which shows it."
    assert newer.number == 2


def test_a_deleted_version_tells_nothing(there: Receiver) -> None:
    made = forge(there)
    version = version_of()
    followed()
    approvals.delete_version(version, by=actor(owner()), reason="Registered by mistake")
    runner.deliver_waiting(made.pk)
    assert there.requests == []
    assert notes(made) == ["The version was deleted."]


def test_prompts_and_events_of_no_version_make_no_delivery(there: Receiver) -> None:
    made, by = forge(there), actor(developer())
    registered_model("churn")
    prompt = catalog.register_model(by=by, name="greeting", kind="prompt")
    validation.register_source_and_check(
        prompt,
        sources.Claim("dummy-source", "", ""),
        by=by,
        tags={prompts.IS_PROMPT: "true", prompts.TEXT: "Hello"},
    )
    assert sent(made, there) == []
    assert not made.deliveries.exists()


def test_what_the_owner_may_not_see_is_not_told(there: Receiver) -> None:
    outsider = person("outsider", everywhere=("model_developer",))
    made = webhook(
        outsider,
        form="github",
        url=there.url,
        secret=TOKEN,
        repository=PLACES["github"],
        events=EVENTS,
    )
    version_of()
    followed()
    [duty] = outsider.duty_set.filter(until=None)
    accounts.end_duty(duty, by=HOST, reason="Moved on")
    runner.deliver_waiting(made.pk)
    assert there.requests == []
    assert notes(made) == [runner.HIDDEN]


def test_other_webhooks_hear_nothing_of_how_versions_stand(there: Receiver) -> None:
    plain = webhook(url=there.url)
    scenarios.check(version_of())
    followed()
    assert set(happened(plain)) == {"registered_model.created", "model_version.created"}
    assert not plain.deliveries.exclude(version=None).exists()


def test_following_asks_no_more_for_many_versions_than_for_one(
    there: Receiver, django_assert_max_num_queries: Any
) -> None:
    forge(there)
    model = registered_model("triage")
    for _ in range(4):
        version_of(model)
    seal_events()
    with django_assert_max_num_queries(14):
        following.follow(database_now())
    assert WebhookDelivery.objects.count() == 4


# -- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "status"), [("github", 422), ("gitlab", 404), ("gitlab", 400)])
def test_a_commit_the_host_does_not_have_holds_up_nothing(
    there: Receiver, form: str, status: int
) -> None:
    facts = CODE if form == "github" else ON_GITLAB
    made = forge(there, form)
    version_of(registered_model("one"), **facts)
    version_of(registered_model("two"), **facts)
    followed()
    there.status = status
    runner.deliver_waiting(made.pk)
    states = made.deliveries.values_list("state", "answered", "attempts", "told")
    assert list(states) == [("failed", status, 1, "")] * 2
    assert notes(made)[0] == runner.DECLINED.format(status)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_any_other_answer_is_tried_again_and_told_as_it_is_then(
    there: Receiver, status: int
) -> None:
    made, version = forge(there), version_of()
    followed()
    there.status = status
    runner.deliver_waiting(made.pk)
    assert made.deliveries.get().state == "waiting"

    run_of(version, "schema")
    there.status = 201
    WebhookDelivery.objects.update(next_at=database_now())
    runner.deliver_waiting(made.pk)
    assert json.loads(there.requests[-1].body)["state"] == "success"
    assert made.deliveries.get().state == "delivered"


def test_a_test_reads_the_repository_and_sets_no_status(there: Receiver) -> None:
    made = forge(there)
    trial = operations.try_webhook(made, by=actor(developer()))
    assert (trial.is_success, trial.answered) == (True, 200)
    [request] = there.requests
    assert (request.method, request.path) == ("GET", "/hook/repos/acme/models")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    there.status = 401
    trial = operations.try_webhook(made, by=actor(developer()))
    assert trial.note == "The address answered with status 401."
    assert len(entries("webhook.test")) == 2


# -- what may be entered ---------------------------------------------------------------------------


def github(**given: Any) -> Webhook:
    facts = {
        "url": "https://api.github.com/",
        "secret": TOKEN,
        "repository": "https://github.com/acme/models.git",
        "events": EVENTS,
    }
    return webhook(form="github", **{**facts, **given})


def test_a_webhook_for_statuses_names_its_repository_and_keeps_its_token() -> None:
    made = github()
    assert (made.url, made.repository) == ("https://api.github.com", "github.com/acme/models")
    assert made.events == EVENTS
    assert WebhookSecret.objects.get().text == TOKEN
    [entry] = entries("webhook.create")
    assert entry["detail"] == {
        "name": "hook",
        "events": EVENTS,
        "format": "github",
        "signed": False,
        "repository": "github.com/acme/models",
    }


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no token": ({"secret": ""}, "need a token"),
    "a token of two words": ({"secret": "a b"}, "need a token"),
    "a token that ends a line": ({"secret": "a\r\nHost: x"}, "need a token"),
    "a long token": ({"secret": "a" * 257}, "need a token"),
    "no repository": ({"repository": ""}, "The repository is named as"),
    "a repository without an owner": ({"repository": "github.com/models"}, "is named as"),
    "a repository too deep": ({"repository": "github.com/a/b/c"}, "is named as"),
    "a way up": ({"repository": "github.com/acme/.."}, "is named as"),
    "a query in it": ({"repository": "github.com/acme/models?x=1"}, "is named as"),
    "a long repository": ({"repository": f"github.com/acme/{'a' * 300}"}, "is named as"),
    "other events": ({"events": ["prompt.created"]}, "asks for model_version.created alone"),
    "more events": ({"events": [*EVENTS, "prompt.created"]}, "asks for model_version.created"),
    "a query": ({"url": "https://api.github.com/?a=1"}, "no question mark"),
    "an address inside": ({"url": "https://10.0.0.1/"}, "does not send"),
}


@pytest.mark.parametrize(("given", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_a_webhook_for_statuses_that_cannot_be_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(InputRefused, match=re.escape(why)):
        github(**given)
    assert not Webhook.objects.exists()
    assert not WebhookSecret.objects.exists()


def test_a_token_goes_nowhere_it_was_not_given_for() -> None:
    made, root = github(), actor(person("root", administrator=True))
    for by, reason in ((actor(developer()), ""), (root, "It moved")):
        with pytest.raises(InputRefused, match="needs it again"):
            operations.change_webhook(made, by=by, reason=reason, url="https://evil.example")
    with pytest.raises(InputRefused, match="need a token"):
        operations.change_webhook(made, by=actor(developer()), secret="")
    assert WebhookSecret.objects.get().text == TOKEN
    made.refresh_from_db()
    assert made.url == "https://api.github.com"


def test_address_token_and_repository_change_together() -> None:
    made, by = github(), actor(developer())
    operations.change_webhook(made, by=by, url="https://api.github.com/", name="same")
    operations.change_webhook(
        made,
        by=by,
        url="https://git.example.com/api/v3",
        secret="another",
        repository="git.example.com/acme/other",
    )
    assert made.url == "https://git.example.com/api/v3"
    assert made.repository == "git.example.com/acme/other"
    assert WebhookSecret.objects.get().text == "another"
    changed = [entry["detail"]["changed"] for entry in entries("webhook.change")]
    assert changed == [["name"], ["url", "repository", "secret"]]


def test_a_token_is_in_no_event_no_history_and_on_no_page(client: Client, there: Receiver) -> None:
    made = forge(there)
    version_of()
    sent(made, there)
    signed_in(client, person("root", administrator=True))
    delivery = made.deliveries.get()
    pages = [
        client.get(f"/admin/integrations/webhook/{made.pk}/change/"),
        client.get(f"/admin/integrations/webhookdelivery/{delivery.pk}/change/"),
    ]
    assert [page.status_code for page in pages] == [200] * 2
    assert "no check has run yet" in pages[1].content.decode()
    outgoing = formats.of_trial(made, EVENTS[0])
    assert TOKEN in str(outgoing.headers)
    assert TOKEN not in repr(outgoing)
    assert all(TOKEN not in page.content.decode() for page in pages)
    assert all(TOKEN.encode() not in bytes(event.entry) for event in AuditEvent.objects.all())
    assert TOKEN not in repr(list(made.history.values()))
