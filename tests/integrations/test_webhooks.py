"""Webhooks are made, changed, deleted and tried by their owners, or by administrators."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts import operations as accounts
from apps.accounts.actors import actor_of_token
from apps.accounts.models import Duty
from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent, AuditText
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER, Actor
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.integrations import operations, queries
from apps.integrations.happenings import EVENTS
from apps.integrations.models import Webhook, WebhookDelivery, WebhookSecret
from tests import scenarios
from tests.factories import HOST, actor, person, signed_in
from tests.integrations.receiver import Receiver
from tests.integrations.record import URL, entries, followed, webhook
from tests.integrations.test_outbound import K1
from tests.scenarios import developer, owner, registered_model, stranger

pytestmark = pytest.mark.django_db

SECRET = "the-secret-nobody-reads"
WHY = "It disturbs"


def administrator() -> Actor:
    return actor(person("root", administrator=True))


# -- what is recorded ------------------------------------------------------------------------------


def test_a_webhook_is_created_with_its_event() -> None:
    made = webhook(events=["model_version.created", "prompt.created"], secret=SECRET)

    [entry] = entries("webhook.create")
    assert made.owner == developer()
    assert made.is_active
    assert entry["subject"] == {"type": "webhook", "id": made.record_id}
    assert entry["detail"] == {
        "name": "hook",
        "events": ["model_version.created", "prompt.created"],
        "format": "signed",
        "signed": True,
    }
    assert [row["row"] for row in entry["rows"]] == [made.record_ref]
    assert str(made) == "hook"


def test_a_webhook_is_changed_with_its_event() -> None:
    made = webhook()
    operations.change_webhook(
        made,
        by=actor(developer()),
        name="other",
        url="https://example.com/",
        events=["prompt.created"],
        description="For retraining\nat night",
        status="DISABLED",
    )

    [entry] = entries("webhook.change")
    made.refresh_from_db()
    assert (made.name, made.url, made.events) == (
        "other",
        "https://example.com/",
        ["prompt.created"],
    )
    assert not made.is_active
    assert entry["detail"]["changed"] == ["name", "url", "events", "description", "status"]
    assert made.history.count() == 2


def test_a_change_of_nothing_writes_nothing() -> None:
    made = webhook()
    operations.change_webhook(made, by=actor(developer()), name="hook", events=EVENTS)
    assert entries("webhook.change")[0]["rows"] == []


def test_a_deleted_webhook_stays_as_a_row_without_its_secret() -> None:
    made = webhook(secret=SECRET)
    registered_model()
    assert followed() == ["registered_model.created"]

    operations.delete_webhook(made, by=actor(developer()))

    made.refresh_from_db()
    delivery = WebhookDelivery.objects.get()
    assert made.ended_at is not None
    assert not WebhookSecret.objects.exists()
    assert (delivery.state, delivery.note) == ("dropped", "The webhook was deleted.")
    assert len(entries("webhook.delete")) == 1
    assert not queries.webhooks_visible_to(actor(developer())).exists()
    for again in (
        lambda: operations.delete_webhook(made, by=actor(developer())),
        lambda: operations.change_webhook(made, by=actor(developer()), name="x"),
        lambda: operations.try_webhook(made, by=actor(developer())),
    ):
        with pytest.raises(RuleBroken, match="was deleted"):
            again()


def test_an_administrator_changes_and_deletes_what_is_somebody_elses() -> None:
    made, root = webhook(), administrator()

    operations.change_webhook(made, by=root, reason=WHY, status="DISABLED")
    operations.delete_webhook(made, by=root, reason=WHY)

    assert len(entries("webhook.change_anothers")) == 1
    assert len(entries("webhook.delete_anothers")) == 1
    assert AuditText.objects.filter(text=WHY).count() == 2


def test_an_administrator_needs_a_reason() -> None:
    made, root = webhook(), administrator()
    for press in (operations.change_webhook, operations.delete_webhook):
        with pytest.raises(RuleBroken, match="reason"):
            press(made, by=root)


# -- refusals --------------------------------------------------------------------------------------

WRONG: dict[str, dict[str, Any]] = {
    "no name": {"name": ""},
    "a long name": {"name": "a" * 64},
    "a name with a blank": {"name": "a b"},
    "a name that ends in a dot": {"name": "a."},
    "a name of another script": {"name": "хук"},
    "no event": {"events": []},
    "an unknown event": {"events": ["model_version.created", "budget_policy.exceeded"]},
    "a long description": {"description": "a" * 1001},
    "a description with a NUL": {"description": "\0"},
    "a long secret": {"secret": "a" * 257},
    "a secret of two lines": {"secret": "a\nb"},
    "an unknown status": {"status": "PAUSED"},
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG.keys())
def test_a_webhook_that_cannot_be_is_refused_and_nothing_stays(given: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        webhook(**given)
    assert not Webhook.objects.exists()
    assert not WebhookSecret.objects.exists()
    assert len(entries("webhook.create", "refused")) == 1

    made = webhook(secret=SECRET)
    with pytest.raises(InputRefused):
        operations.change_webhook(made, by=actor(developer()), **given)
    assert WebhookSecret.objects.get().text == SECRET
    assert made.history.count() == 1


@pytest.mark.parametrize("url", K1.values(), ids=K1.keys())
def test_k1_an_address_inside_is_refused_when_a_webhook_is_saved(url: str) -> None:
    with pytest.raises(InputRefused):
        webhook(url=url)
    assert not Webhook.objects.exists()


def test_nobody_has_more_webhooks_than_fifty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_WEBHOOKS", 2)
    first = webhook()
    webhook()
    with pytest.raises(RuleBroken, match="You have 2 webhooks"):
        webhook()
    operations.delete_webhook(first, by=actor(developer()))
    webhook()


def token(*scopes: Scope, roots: tuple[str, ...] = ()) -> Actor:
    made, _ = accounts.create_token(
        developer(),
        by=actor(developer()),
        name="t",
        scopes=scopes,
        expires_in=timedelta(days=1),
        roots=roots,
    )
    return actor_of_token(made)


def a_developer_no_more() -> Actor:
    by = actor(developer())
    for duty in Duty.objects.filter(user=developer(), until=None):
        accounts.end_duty(duty, by=HOST, reason=WHY)
    return by


def an_administrators_token() -> Actor:
    boss = person("boss", administrator=True)
    made, _ = accounts.create_token(
        boss, by=actor(boss), name="t", scopes=set(Scope), expires_in=timedelta(days=1)
    )
    return actor_of_token(made)


WRONG_ACTORS: dict[str, Callable[[], Actor]] = {
    "a stranger": lambda: actor(stranger()),
    "an auditor": lambda: actor(scenarios.auditor()),
    "a token to read": lambda: token(Scope.READ, Scope.CHECK, Scope.PROMOTE),
    "a token of one model": lambda: token(*Scope, roots=("model:mdl_1",)),
    "a developer no more": a_developer_no_more,
    "an administrator's token": an_administrators_token,
    "the worker": lambda: WORKER,
    "the system": lambda: SYSTEM,
    "nobody": lambda: ANONYMOUS,
}
OPERATIONS: dict[str, Callable[[Webhook, Actor], object]] = {
    "webhook.change": lambda made, by: operations.change_webhook(
        made, by=by, reason=WHY, name="evil"
    ),
    "webhook.delete": lambda made, by: operations.delete_webhook(made, by=by, reason=WHY),
    "webhook.test": lambda made, by: operations.try_webhook(made, by=by),
    "webhook.create": lambda made, by: webhook_of(by),
}


def webhook_of(by: Actor) -> Webhook:
    return operations.create_webhook(by=by, name="evil", url=URL, events=EVENTS)


@pytest.mark.parametrize("who", WRONG_ACTORS)
@pytest.mark.parametrize("action", OPERATIONS)
def test_who_may_not_is_refused_and_only_the_refusal_stays(action: str, who: str) -> None:
    made = webhook()
    by = WRONG_ACTORS[who]()

    with pytest.raises(NotAllowed):
        OPERATIONS[action](made, by)

    refused = AuditEvent.objects.filter(outcome="refused").latest("pk")
    assert refused.action.startswith(action)
    assert refused.actor_id == by.id
    assert made.history.count() == 1
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize("action", ["webhook.change", "webhook.delete", "webhook.test"])
def test_who_may_have_webhooks_does_nothing_with_those_of_others(action: str) -> None:
    made = webhook()
    with pytest.raises(NotAllowed, match="owner or a platform administrator"):
        OPERATIONS[action](made, actor(owner()))
    assert len(entries(f"{action}_anothers", "refused")) == 1


def test_an_administrator_alone_has_no_webhooks() -> None:
    with pytest.raises(NotAllowed):
        webhook_of(administrator())


def test_each_sees_their_own_and_administrators_see_all() -> None:
    mine, theirs = webhook(), webhook(owner())
    assert list(queries.webhooks_visible_to(actor(developer()))) == [mine]
    assert list(queries.webhooks_visible_to(token(Scope.REGISTER))) == [mine]
    assert queries.webhooks_visible_to(administrator()).count() == 2
    assert queries.webhook_or_none(actor(developer()), theirs.uid) is None
    for by in (token(Scope.READ), actor(stranger()), WORKER):
        assert not queries.webhooks_visible_to(by).exists()


# -- secrets ---------------------------------------------------------------------------------------


def test_a_secret_is_replaced_and_taken_away() -> None:
    made = webhook(secret=SECRET)
    by = actor(developer())

    operations.change_webhook(made, by=by, secret="another")
    assert WebhookSecret.objects.get().text == "another"
    operations.change_webhook(made, by=by, secret="")
    assert not WebhookSecret.objects.exists()

    assert made.secret_set_at is None
    assert [entry["detail"]["changed"] for entry in entries("webhook.change")] == [["secret"]] * 2
    assert "another" not in str(WebhookSecret(webhook=made, text="another"))


def test_a_secret_is_in_no_event_no_history_and_on_no_page(client: Client) -> None:
    made = webhook(secret=SECRET)
    operations.change_webhook(made, by=actor(developer()), secret=SECRET + "2", name="other")
    signed_in(client, person("root", administrator=True))

    pages = [
        client.get("/admin/integrations/webhook/"),
        client.get(f"/admin/integrations/webhook/{made.pk}/change/"),
        client.get(f"/admin/integrations/webhook/{made.pk}/history/"),
        signed_in(Client(), developer()).get("/audit/"),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert all(SECRET not in page.content.decode() for page in pages)
    assert all(SECRET.encode() not in bytes(event.entry) for event in AuditEvent.objects.all())
    assert SECRET not in repr(list(made.history.values()))


# -- trying ----------------------------------------------------------------------------------------


def test_k4_a_test_says_the_status_and_nothing_of_the_answer(there: Receiver) -> None:
    made = webhook(url=there.url)
    there.status = 418

    trial = operations.try_webhook(made, by=actor(developer()))

    assert (trial.is_success, trial.answered) == (False, 418)
    assert trial.note == "The address answered with status 418."
    assert len(there.requests) == 1
    [entry] = entries("webhook.test")
    assert entry["detail"] == {"happening": "registered_model.created"}
    assert "nobody may read" not in repr(trial) + repr(entry)


def test_a_test_that_is_answered_well_succeeds(there: Receiver) -> None:
    made = webhook(url=there.url)
    trial = operations.try_webhook(made, by=actor(developer()), happening="prompt.created")
    assert (trial.is_success, trial.answered, trial.note) == (True, 200, "")
    with pytest.raises(InputRefused):
        operations.try_webhook(made, by=actor(developer()), happening="nothing")


def test_k4_a_test_obeys_the_rules_of_the_way_out(there: Receiver, settings: Any) -> None:
    made = webhook(url=there.url)
    settings.OUTBOUND_ALLOW = []
    trial = operations.try_webhook(made, by=actor(developer()))
    assert (trial.is_success, trial.answered) == (False, None)
    assert "does not send" in trial.note
    assert there.requests == []


# -- the admin -------------------------------------------------------------------------------------


@pytest.fixture
def desk(client: Client) -> Client:
    return signed_in(client, person("root", administrator=True))


def test_the_admin_lists_webhooks_and_deliveries(desk: Client) -> None:
    made = webhook()
    registered_model("tumor-triage")
    followed()
    delivery = WebhookDelivery.objects.get()

    listed = desk.get("/admin/integrations/webhookdelivery/").content.decode()
    shown = desk.get(f"/admin/integrations/webhookdelivery/{delivery.pk}/change/")
    page = desk.get(f"/admin/integrations/webhook/{made.pk}/change/").content.decode()

    assert "registered_model.created" in listed
    assert "tumor-triage" in listed
    assert shown.status_code == 200
    assert "Send an example" in page
    assert "Disable" in page
    assert "Enable" not in page


def test_k4_the_admins_test_button_shows_no_body(desk: Client, there: Receiver) -> None:
    made = webhook(url=there.url)
    press = f"/admin/integrations/webhook/{made.pk}/test/"

    fine = desk.post(press, follow=True).content.decode()
    there.status = 500
    bad = desk.post(press)

    assert "done for hook" in fine
    assert bad.status_code == 422
    assert "answered with status 500" in bad.content.decode()
    assert "nobody may read" not in fine + bad.content.decode()
    assert len(entries("webhook.test_anothers")) == 2


def test_the_admins_buttons_disable_enable_and_delete(desk: Client) -> None:
    made = webhook()
    for button, field, value in (
        ("disable", "status", "DISABLED"),
        ("enable", "status", "ACTIVE"),
    ):
        desk.post(f"/admin/integrations/webhook/{made.pk}/{button}/", {"reason": WHY})
        made.refresh_from_db()
        assert getattr(made, field) == value
    assert desk.post(f"/admin/integrations/webhook/{made.pk}/delete_it/").status_code == 422
    desk.post(f"/admin/integrations/webhook/{made.pk}/delete_it/", {"reason": WHY})
    made.refresh_from_db()
    assert made.ended_at is not None
    page = desk.get(f"/admin/integrations/webhook/{made.pk}/change/").content.decode()
    assert "Send an example" not in page


def test_refusals_are_said_by_the_door(desk: Client) -> None:
    made = webhook()
    operations.delete_webhook(made, by=actor(developer()))
    answer = desk.post(f"/admin/integrations/webhook/{made.pk}/disable/", {"reason": WHY})
    assert answer.status_code == 422
    with pytest.raises(DomainError):
        operations.change_webhook(made, by=actor(developer()), name="x")
