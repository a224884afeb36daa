"""A row that is written often is saved like any other: whole, by its key, defaults and all."""

from datetime import timedelta

import pytest
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now

from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel, SearchText
from apps.core.clock import database_now
from apps.core.identifiers import uuid7
from tests import scenarios

pytestmark = pytest.mark.django_db


def test_a_new_row_gets_its_key_and_reads_as_it_was_written() -> None:
    scenarios.registered_model()
    event = AuditEvent.objects.latest("pk")
    before, event.pk, event.uid = event.pk, None, uuid7()
    event.chain_root = event.chain_rev = None

    event.save(force_insert=True)

    assert event.pk > before
    columns = [field.attname for field in AuditEvent._meta.concrete_fields]
    stored = AuditEvent.objects.get(pk=event.pk)
    for name in columns:
        assert getattr(stored, name) == getattr(event, name), name


def test_what_the_database_fills_in_is_left_to_it() -> None:
    scenarios.registered_model()
    event = AuditEvent.objects.latest("pk")
    event.pk, event.uid, event.written_at = None, uuid7(), DatabaseDefault(Now())
    event.chain_root = event.chain_rev = None

    event.save(force_insert=True)

    assert event.written_at == AuditEvent.objects.get(pk=event.pk).written_at
    assert abs(database_now() - event.written_at) < timedelta(minutes=5)


def test_a_row_with_a_key_is_written_over_or_else_added() -> None:
    text = SearchText.objects.get(model=scenarios.registered_model())
    text.names = "other\n"

    text.save()
    assert SearchText.objects.get().names == "other\n"

    SearchText.objects.all().delete()
    text.save()
    assert SearchText.objects.get().names == "other\n"


def test_some_columns_are_written_alone() -> None:
    model = scenarios.registered_model("kept")
    later = model.touched_at + timedelta(days=1)
    model.touched_at, model.name = later, "not written"

    model._write("touched_at")

    stored = RegisteredModel.objects.get()
    assert (stored.touched_at, stored.name) == (later, "kept")
