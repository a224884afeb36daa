"""A signature of a document prints name, time and meaning on every form (21 CFR 11.50)."""

import importlib
import json

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.documents.exports import printed
from apps.validation.documents.exports.gathered import Gathered
from apps.validation.models import Document, DocumentSignature
from tests.api.caller import Caller, said, token_of
from tests.factories import signed_in
from tests.scenarios import developer, validator
from tests.validation.documents.test_operations import events
from tests.validation.records import detail

pytestmark = pytest.mark.django_db
NAME, LATER = "Vera Validator", "Vera Verheiratet"


def rename(person: User) -> None:
    """Give somebody another name, as an administrator of the database would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET display_name = %s WHERE id = %s", [LATER, person.pk]
        )


def by_the_validator(document: Document) -> DocumentSignature:
    found: DocumentSignature = DocumentSignature.objects.get(
        revision__document=document, role="validator"
    )
    return found


def test_a_signature_keeps_the_name_and_the_meaning_it_was_given_with(approved: Document) -> None:
    signed = by_the_validator(approved)
    assert (signed.signer_name, signed.meaning) == (NAME, "approval")
    assert [detail(event)["meaning"] for event in events("document.approve")] == ["approval"] * 2
    [state] = DocumentSignature.history.filter(id=signed.pk)
    assert (state.signer_name, state.meaning) == (NAME, "approval")


def test_11_50_every_form_of_a_signed_document_prints_name_time_and_meaning(
    approved: Document, dev: Actor, client: Client
) -> None:
    signed = by_the_validator(approved)
    rename(validator())
    moment = signed.signed_at.isoformat(timespec="seconds")
    revision = approved.revisions.get()

    forms = {
        form: operations.export_document(approved, form, by=dev, revision=revision).content.decode()
        for form in ("markdown", "html", "json", "huggingface_readme", "cyclonedx_json")
    }
    forms["pdf"] = json.dumps(printed.told(Gathered.of(approved, revision)))
    for form, text in forms.items():
        end = text[text.rindex(NAME) :].replace("\\_", "_")
        assert moment in end, form
        assert "approval" in end[end.index(moment) : end.index(signed.digest)], form
        assert LATER not in text, form
    assert operations.export_document(approved, "pdf", by=dev).content.startswith(b"%PDF-")

    signed_in(client, developer())
    for page in (
        reverse("validation:document", args=[approved.pk]),
        reverse("validation:document_revision", args=[approved.pk, 1]),
    ):
        text = client.get(page).content.decode()
        end = text[text.index(NAME) :]
        assert f'datetime="{signed.signed_at.isoformat()[:19]}' in end, page
        assert "Meaning: approval." in end, page
        assert LATER not in end, page


def test_the_api_says_name_time_and_meaning_of_a_signed_document(
    approved: Document, version: ModelVersion
) -> None:
    rename(validator())
    program = Caller(token_of(developer(), Scope.READ))

    told = said(program.get(f"/models/{version.model.name}/versions/1/documents/model-card"))

    [by_validator] = [one for one in told["signatures"] if one["role"] == "validator"]
    assert (by_validator["name"], by_validator["meaning"]) == (NAME, "approval")
    assert by_validator["signed_at"] is not None


def test_signatures_given_before_get_the_name_their_signer_had_then(
    approved: Document, settings: Settings
) -> None:
    tables = ("validation_document_signature", "validation_historicaldocumentsignature")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"UPDATE {table} SET signer_name = ''")
    rename(validator())
    settings.MIGRATION_MODULES = {}
    step = ("validation", "0008_signature_names")
    then = MigrationLoader(None, replace_migrations=False).project_state(step).apps

    importlib.import_module("apps.validation.migrations.0008_signature_names").print_names(
        then, None
    )

    assert by_the_validator(approved).signer_name == NAME
    assert not DocumentSignature.objects.filter(signer_name="").exists()
    assert not DocumentSignature.history.filter(signer_name="").exists()
