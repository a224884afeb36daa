"""An assessment comes to the same whichever door its answers take: pages, the API, or a file."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.api.v1 import assessing
from apps.audit import changes
from apps.catalog.models import RegisteredModel, UseCase
from apps.risk.assessment_forms import CONFIRM_ALL, NOTE, VALUE, as_typed
from apps.risk.models import Assessment
from apps.risk.questionnaires import Question, checked, shipped
from apps.risk.reviewing import digest_of_kept
from tests import scenarios
from tests.api.caller import Caller, said, token_of
from tests.factories import signed_in
from tests.risk.assessed import as_sent, as_text, example, sign_all, use
from tests.risk.test_examples_assessed import ALL, at_its_day

pytestmark = pytest.mark.django_db

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
FEW = (
    "airmf-tier3-defined",
    "eu-hr-date-extractor-derogated",
    "genai-mailbox-agent-critical",
    "tier-vendor-aml-floor",
)
State = Assessment.State
Sent = Mapping[str, Any]


@dataclass(frozen=True)
class Doors:
    """What the owner of a model has open: a browser, and a program with a token."""

    reader: Client
    program: Caller

    def start_on_page(self, subject: RegisteredModel | UseCase, kind: str) -> Assessment:
        model = subject.model if isinstance(subject, UseCase) else subject
        about = f"use-{subject.pk}" if isinstance(subject, UseCase) else "model"
        address = reverse("risk:start_assessment", args=[model.name])
        assert self.reader.post(address, {"kind": kind, "about": about}).status_code == 302
        return Assessment.objects.get(state=State.DRAFT)

    def submit_on_page(self, draft: Assessment) -> None:
        assert (
            self.reader.post(reverse("risk:submit_assessment", args=[draft.pk])).status_code == 302
        )

    def post_section(self, draft: Assessment, section: str, sent: Sent) -> set[str]:
        """Answer what a section asks now, and return what that was; nothing where it is not."""
        address = reverse("risk:assessment_section", args=[draft.pk, section])
        page = self.reader.get(address)
        if page.status_code == 302:
            return set()
        form = page.context["form"]
        typed = {"shown": form.initial["shown"], CONFIRM_ALL: "1"}
        for question in form.questions:
            typed[VALUE + question.key] = _typed(question, sent)
            typed[NOTE + question.key] = sent["notes"].get(question.key, "")
        answer = self.reader.post(address, typed)
        assert answer.status_code == 302, answer.content.decode()
        return {question.key for question in form.questions}


def _typed(question: Question, sent: Sent) -> Any:
    return as_typed(question, checked(question, sent["answers"].get(question.key)))


def on_pages(doors: Doors, subject: RegisteredModel | UseCase, told: Sent, sent: Sent) -> None:
    """Answer section by section, each until it asks nothing more."""
    draft = doors.start_on_page(subject, told["questionnaire"])
    for section in shipped(told["questionnaire"]).sections:
        before, asked = set[str](), doors.post_section(draft, section.id, sent)
        while asked != before:
            before, asked = asked, doors.post_section(draft, section.id, sent)
    doors.submit_on_page(draft)


def by_file_on_a_page(
    doors: Doors, subject: RegisteredModel | UseCase, told: Sent, sent: Sent
) -> None:
    draft = doors.start_on_page(subject, told["questionnaire"])
    address = reverse("risk:import_answers", args=[draft.pk])
    assert doors.reader.post(address, {"text": as_text(told, **sent)}).status_code == 302
    doors.submit_on_page(draft)


def at_the_api(doors: Doors, subject: RegisteredModel | UseCase, told: Sent, sent: Sent) -> None:
    draft = _started_at_the_api(doors, subject, told)
    said(doors.program.send("PATCH", draft, json.dumps(sent).encode()))
    said(doors.program.post(f"{draft}/submit"))


def by_file_at_the_api(
    doors: Doors, subject: RegisteredModel | UseCase, told: Sent, sent: Sent
) -> None:
    draft = _started_at_the_api(doors, subject, told)
    said(doors.program.post(f"{draft}/import", {"text": as_text(told, **sent)}))
    said(doors.program.post(f"{draft}/submit"))


def _started_at_the_api(doors: Doors, subject: RegisteredModel | UseCase, told: Sent) -> str:
    model = subject.model if isinstance(subject, UseCase) else subject
    body = {"questionnaire": told["questionnaire"]}
    if isinstance(subject, UseCase):
        body["use"] = subject.key
    started = said(doors.program.post(f"/models/{model.name}/assessments", body), 201)
    return f"/assessments/{started['number']}"


Way = Callable[[Doors, RegisteredModel | UseCase, Sent, Sent], None]
WAYS: tuple[Way, ...] = (on_pages, by_file_on_a_page, at_the_api, by_file_at_the_api)


@pytest.mark.parametrize("example_id", ALL if LONG else FEW)
def test_an_example_comes_to_the_same_through_every_door(
    example_id: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = example(example_id)
    model = scenarios.registered_model()
    is_about_use = shipped(told["questionnaire"]).subject == "use_case"
    subject = use(model) if is_about_use else model
    owner = scenarios.owner()
    doors = Doors(signed_in(client, owner), Caller(token_of(owner)))
    sent = as_sent(told, model)
    at_its_day(told, monkeypatch)
    monkeypatch.setattr(assessing, "database_now", vars(changes)["database_now"])

    digests, shown = {}, []
    for way in WAYS:
        way(doors, subject, told, sent)
        held = Assessment.objects.get(state=State.SUBMITTED)
        sign_all(held)
        held.refresh_from_db()
        digests[way.__name__] = (held.outcome, digest_of_kept(held))
        shown.append(said(doors.program.get(f"/assessments/{held.pk}/outcome")))

    assert len(set(digests.values())) == 1, digests
    [(outcome, digest)] = set(digests.values())
    assert outcome == told["expect"]["outcome"]
    assert {(one["outcome"]["id"], one["digest"]) for one in shown} == {(outcome, digest)}
