"""Webhooks of chats say one calm sentence; their address is a secret, and names mention nobody."""

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.core.inputs import InputRefused
from apps.integrations import chats, formats, operations, payloads, queries, runner
from apps.integrations.happenings import EVENTS
from apps.integrations.models import Webhook, WebhookSecret
from tests.factories import actor, person, signed_in
from tests.integrations.receiver import Receiver
from tests.integrations.record import entries, followed, webhook
from tests.scenarios import developer, registered_model, registered_version

pytestmark = pytest.mark.django_db

TOKEN = "T0AAAA/B0BBBB/whoever-has-this-writes"
SLACK = f"https://hooks.slack.example.com/services/{TOKEN}"
TEAMS = f"https://prod-1.logic.example.com/workflows/9/run?api-version=1&sig={TOKEN}"
HOSTILE = "<!channel> <@U012|x> *b* _i_ `c` ~s~ & [x](https:evil.example) @here"


@pytest.fixture
def signet(settings: Settings) -> str:
    """The address people reach Signet at."""
    settings.BASE_URL = "https://signet.example.com"
    return settings.BASE_URL


def chat(there: Receiver, form: str, **given: Any) -> Webhook:
    return webhook(url=f"{there.url}/{TOKEN}", form=form, **given)


def told(made: Webhook, there: Receiver) -> list[dict[str, Any]]:
    """Deliver what happened, and return what the chat was sent."""
    followed()
    runner.deliver_waiting(made.pk)
    return [json.loads(sent.body) for sent in there.requests]


def lines(said: dict[str, Any]) -> list[str]:
    """Return the texts of a message to Slack."""
    return [block["text"]["text"] for block in said["blocks"]]


def card(said: dict[str, Any]) -> dict[str, Any]:
    """Return the card of a message to Teams."""
    [attachment] = said["attachments"]
    found: dict[str, Any] = attachment["content"]
    return found


# -- what is said ----------------------------------------------------------------------------------


def test_slack_is_told_a_sentence_and_where_to_look(there: Receiver, signet: str) -> None:
    made = chat(there, "slack", events=["model_version.created"])
    registered_version(registered_model("tumor-triage"))

    [said] = told(made, there)

    sentence = "Dev Developer registered version 1 of tumor-triage."
    assert said["text"] == sentence
    assert lines(said) == [
        sentence,
        f"<{signet}/models/tumor-triage/versions/1/|Open in Signet>",
    ]
    assert all(block["text"]["type"] == "mrkdwn" for block in said["blocks"])
    [sent] = there.requests
    assert sent.path == f"/hook/{TOKEN}"
    assert sent.headers["Content-Type"] == "application/json"
    assert not any(name.lower() == "x-mlflow-signature" for name in sent.headers)


def test_teams_is_told_by_a_card_in_a_message(there: Receiver, signet: str) -> None:
    made = chat(there, "teams", events=["registered_model.created"])
    registered_model("tumor-triage")

    [said] = told(made, there)

    [attachment] = said["attachments"]
    assert said["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card(said) == {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "RichTextBlock",
                "inlines": [
                    {
                        "type": "TextRun",
                        "text": "Dev Developer registered the model tumor-triage.",
                    }
                ],
            }
        ],
        "actions": [
            {
                "type": "Action.OpenUrl",
                "title": "Open in Signet",
                "url": f"{signet}/models/tumor-triage/",
            }
        ],
    }


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_without_an_address_of_its_own_signet_links_nowhere(
    there: Receiver, settings: Settings, form: str
) -> None:
    settings.BASE_URL = ""
    made = chat(there, form, events=["registered_model.created"])
    registered_model("tumor-triage")
    [said] = told(made, there)
    assert "Open in Signet" not in json.dumps(said)
    assert "tumor-triage" in json.dumps(said)


def test_a_chat_is_told_what_it_asked_for_in_the_order_of_the_record(there: Receiver) -> None:
    made = chat(there, "slack", events=["model_version_alias.created", "model_version_tag.set"])
    version, by = registered_version(registered_model("triage")), actor(developer())
    catalog.set_alias(version.model, "candidate", version, by=by)
    catalog.set_version_tag(version, "reviewed", "by a name nobody has to read", by=by)

    texts = [said["text"] for said in told(made, there)]

    assert texts == [
        "Dev Developer gave version 1 of triage the alias candidate.",
        "Dev Developer set the tag reviewed of version 1 of triage.",
    ]
    assert [delivery.state for delivery in made.deliveries.all()] == ["delivered"] * 2


@pytest.mark.parametrize("happening", EVENTS)
def test_every_event_has_its_sentence(happening: str) -> None:
    data = payloads.example_of(happening)
    sentence = chats.message_of(happening, data, who="Olivia").sentence
    assert sentence.startswith("Olivia ")
    assert data["name"] in sentence
    for part in ("version", "key", "alias"):
        assert str(data.get(part, "")) in sentence
    assert sentence.endswith(".")


def test_what_no_account_did_was_done_by_signet(there: Receiver) -> None:
    made = chat(there, "slack", events=["registered_model.created"])
    registered_model("churn")
    followed()
    delivery = made.deliveries.select_related("event").get()
    delivery.event.actor_id = "worker"
    said = json.loads(formats.of_delivery(made, delivery).body)
    assert said["text"] == "Signet registered the model churn."


# -- names that would be more than names -----------------------------------------------------------


def test_a_name_mentions_nobody_and_formats_nothing_in_slack(signet: str) -> None:
    message = chats.message_of("registered_model.created", {"name": HOSTILE}, who=HOSTILE)
    said = chats.written("slack", message)

    for text in (said["text"], lines(said)[0]):
        assert not set("<>") & set(text)
        assert "&lt;!channel&gt;" in text
        assert "&amp;" in text
        assert not re.search(r"(?<!\u200b)[*`~]", text)
        assert "\u200b_i\u200b_" in text
    assert said["link_names"] is False
    assert said["parse"] == "none"
    assert all(block["text"]["verbatim"] for block in said["blocks"])
    [link] = re.findall(r"<([^>|]*)\|Open in Signet>", lines(said)[1])
    assert not set("<>|") & set(link)


def test_a_name_with_underscores_reads_as_it_is() -> None:
    message = chats.Message("credit_risk_2")
    assert chats.written("slack", message)["text"] == "credit_risk_2"


def test_a_name_is_no_markdown_in_teams() -> None:
    message = chats.message_of("registered_model.created", {"name": HOSTILE}, who="Olivia")
    [block] = card(chats.written("teams", message))["body"]
    assert block["type"] == "RichTextBlock"  # its runs know no Markdown, a TextBlock would
    assert [run["type"] for run in block["inlines"]] == ["TextRun"]
    assert HOSTILE in block["inlines"][0]["text"]


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_a_name_breaks_no_line_and_is_not_endless(form: str) -> None:
    name = "a\u202eb\nc" + "d" * 400
    message = chats.message_of("registered_model.created", {"name": name}, who="Olivia")
    assert "\n" not in message.sentence
    assert "\u202e" not in message.sentence
    assert len(message.sentence) < 200
    assert chats.written(form, message)


def test_names_are_told_as_pages_show_them_and_not_as_people_sign_in(there: Receiver) -> None:
    made = chat(there, "slack", events=["registered_model.created"])
    by = actor(person("usr0815", name="Ada <!here>", everywhere=("model_developer",)))
    registered_model("triage", by=by)
    [said] = told(made, there)
    assert said["text"] == "Ada &lt;!here&gt; registered the model triage."
    assert "usr0815" not in json.dumps(said)


# -- the address is a secret -----------------------------------------------------------------------


@pytest.mark.parametrize(("form", "url"), [("slack", SLACK), ("teams", TEAMS)])
def test_the_address_of_a_chat_is_kept_with_the_secrets_and_shown_by_its_host(
    form: str, url: str
) -> None:
    made = webhook(url=url, form=form)
    host = url.split("/")[2]
    assert made.url == f"https://{host}/…"
    assert made.secret_set_at is not None
    assert WebhookSecret.objects.get().text == url
    assert queries.secret_of(made) == url
    [entry] = entries("webhook.create")
    assert entry["detail"]["format"] == form
    assert entry["detail"]["signed"] is False


def test_the_address_is_in_no_event_no_history_no_log_and_on_no_page(
    client: Client, there: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = chat(there, "slack", events=["registered_model.created"])
    by = actor(developer())
    operations.change_webhook(made, by=by, url=f"{there.url}/{TOKEN}/new", name="other")
    registered_model()
    there.status = 500
    told(made, there)
    operations.try_webhook(made, by=by)
    with pytest.raises(InputRefused) as refusal:
        operations.change_webhook(made, by=by, url=f"https://192.168.0.1/{TOKEN}")
    signed_in(client, person("root", administrator=True))
    delivery = made.deliveries.get()

    pages = [
        client.get("/admin/integrations/webhook/"),
        client.get(f"/admin/integrations/webhook/{made.pk}/change/"),
        client.get(f"/admin/integrations/webhook/{made.pk}/history/"),
        client.get(f"/admin/integrations/webhookdelivery/{delivery.pk}/change/"),
        signed_in(Client(), developer()).get("/audit/"),
    ]

    assert len(there.requests) == 2
    assert [page.status_code for page in pages] == [200] * 5
    assert all(TOKEN not in page.content.decode() for page in pages)
    assert all(TOKEN.encode() not in bytes(event.entry) for event in AuditEvent.objects.all())
    assert TOKEN not in repr(list(made.history.values())) + delivery.note + str(refusal.value)
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(WebhookSecret.objects.get())


def test_nobody_there_is_noted_and_logged_without_the_address(
    there: Receiver, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = chat(there, "slack", events=["registered_model.created"])
    settings.OUTBOUND_ALLOW = ["127.0.0.1:1"]
    WebhookSecret.objects.update(text=f"http://127.0.0.1:1/{TOKEN}")
    registered_model()
    assert told(made, there) == []
    assert "did not answer" in made.deliveries.get().note
    assert "A server was not reached" in caplog.text
    assert TOKEN not in caplog.text


def test_a_new_address_is_kept_and_the_shown_one_changes_nothing() -> None:
    made, by = webhook(url=SLACK, form="slack"), actor(developer())

    operations.change_webhook(made, by=by, url=made.url, name="other")
    assert WebhookSecret.objects.get().text == SLACK

    operations.change_webhook(made, by=by, url=f"{SLACK}2")
    assert WebhookSecret.objects.get().text == f"{SLACK}2"
    changed = [entry["detail"]["changed"] for entry in entries("webhook.change")]
    assert changed == [["name"], ["secret"]]


def test_deleting_a_chat_forgets_its_address() -> None:
    made = webhook(url=SLACK, form="slack")
    operations.delete_webhook(made, by=actor(developer()))
    assert not WebhookSecret.objects.exists()


REFUSED: dict[str, dict[str, Any]] = {
    "a secret to sign with": {"secret": "quiet"},
    "a repository": {"repository": "github.com/acme/models"},
    "no address": {"url": ""},
    "an address inside": {"url": "https://169.254.169.254/x"},
    "the address as it is shown": {"url": "https://hooks.slack.example.com/…"},
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED.keys())
def test_a_chat_that_cannot_be_is_refused_and_nothing_is_kept(given: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        webhook(**{"url": SLACK, "form": "slack", **given})
    assert not Webhook.objects.exists()
    assert not WebhookSecret.objects.exists()


def test_an_unknown_format_is_refused_and_a_webhook_keeps_its_own() -> None:
    with pytest.raises(InputRefused, match="signed, slack, teams"):
        webhook(form="telegram")
    made, by = webhook(url=SLACK, form="slack"), actor(developer())
    with pytest.raises(InputRefused, match="keeps its format"):
        operations.change_webhook(made, by=by, form="signed")
    operations.change_webhook(made, by=by, form="slack", name="other")
    assert (made.name, made.format) == ("other", "slack")


# -- the same log, tries and test ------------------------------------------------------------------


def test_a_chat_that_is_down_is_tried_again_with_the_same_delivery(there: Receiver) -> None:
    made = chat(there, "slack", events=["registered_model.created"])
    registered_model("one")
    there.status = 429
    told(made, there)
    waiting = made.deliveries.get()
    assert (waiting.state, waiting.answered) == ("waiting", 429)

    there.status = 200
    operations.change_webhook(made, by=actor(developer()), description="Try again")
    runner.deliver_waiting(made.pk)

    assert made.deliveries.get().state == "delivered"
    ids = {sent.headers["X-MLflow-Delivery-Id"] for sent in there.requests}
    assert ids == {str(waiting.uid)}
    assert len(there.requests) == 2


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_a_test_says_that_it_is_an_example(there: Receiver, form: str) -> None:
    made = chat(there, form)
    trial = operations.try_webhook(made, by=actor(developer()), happening="prompt.created")
    assert (trial.is_success, trial.answered) == (True, 200)
    [sent] = there.requests
    assert "This is an example: Somebody registered the prompt" in sent.body.decode()


def test_what_the_owner_may_not_see_is_not_told_in_a_chat(there: Receiver) -> None:
    made = chat(there, "slack", events=["registered_model.created"])
    registered_model("secret-model")
    followed()
    User._base_manager.filter(pk=developer().pk).update(is_active=False)
    runner.deliver_waiting(made.pk)
    assert there.requests == []
    assert made.deliveries.get().note == runner.HIDDEN
