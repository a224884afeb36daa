"""Two transactions on PostgreSQL: the one that began first commits last, and is not skipped."""

import threading
from typing import Any

import pytest
from django.db import connection

from apps.audit.changes import Record
from apps.integrations.models import WebhookDelivery
from tests.integrations.record import followed, webhook
from tests.scenarios import developer, owner, registered_model

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_an_event_whose_transaction_commits_late_is_delivered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, so nothing commits behind another")
    developer(), owner()
    webhook(events=["registered_model.created"])
    written, may_commit = threading.Event(), threading.Event()
    close = Record.close

    def slow_close(record: Record) -> None:
        close(record)
        if threading.current_thread().name == "late":
            written.set()
            assert may_commit.wait(60)

    monkeypatch.setattr(Record, "close", slow_close)

    def register_late(*_: Any) -> None:
        registered_model("late")
        connection.close()

    late = threading.Thread(target=register_late, name="late")
    late.start()
    assert written.wait(60)
    registered_model("early")
    assert followed() == ["registered_model.created"]

    may_commit.set()
    late.join()

    assert followed() == ["registered_model.created"] * 2
    names = WebhookDelivery.objects.order_by("event").values_list("model__name", flat=True)
    assert list(names) == ["late", "early"]
