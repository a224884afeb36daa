"""Exports: what people wrote is data in each form, signatures and digests stand at the end."""

import json
import re
import subprocess
import sys
import time
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from django.test import Client
from django.urls import reverse
from huggingface_hub import ModelCard

from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, RunMetric
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound
from apps.core.markdown import rendered
from apps.validation import operations
from apps.validation.documents.content import Answer
from apps.validation.documents.exports import printed, typesetter, typesetting
from apps.validation.documents.exports.gathered import Gathered
from apps.validation.documents.exports.richtext import blocks
from apps.validation.documents.exports.typesetting import NotTypeset
from apps.validation.documents.layout import FieldShown
from apps.validation.documents.reading import Need, template_named
from apps.validation.models import Document
from apps.validation.operations import Form
from tests.factories import actor, signed_in
from tests.scenarios import developer, stranger

pytestmark = pytest.mark.django_db

HOSTILE = (
    '{{7*7}} ${7*7} #{7*7} {% load x %} <script>alert(1)</script> #read("/etc/passwd") '
    '#import "@preview/x:1.0.0": y $x^2$ | ]] \\ `a` *b* _c_ @import url(http://evil.example)'
)
USES = template_named("model-card").fields["primary_uses"]
LITERAL = ("{{7*7}}", "${7*7}", "#{7*7}", "{% load x %}")


@pytest.fixture
def hostile(card: Document, dev: Actor) -> Document:
    """A card whose every kind of field tries to be more than text."""
    operations.save_section(card, "identification", {"summary": HOSTILE}, by=dev)
    operations.save_section(
        card,
        "limitations",
        {"limitations": [[HOSTILE, HOSTILE, HOSTILE]], "tradeoffs": [HOSTILE]},
        by=dev,
    )
    operations.save_section(card, "operations", {"contact": HOSTILE}, by=dev)
    operations.save_section(
        card,
        "description",
        {"task": "tabular-classification", "approach": "supervised", "inputs": [["a", "b"]]},
        by=dev,
    )
    operations.save_section(card, "intended_use", {"users": ["Analysts"]}, by=dev)
    operations.save_section(
        card, "risks", {"risks": [["Bias", "Applicants", "low", "high", "Review"]]}, by=dev
    )
    return card


def exported(document: Document, form: str, by: Actor) -> str:
    return operations.export_document(document, form, by=by).content.decode()


def test_no_part_of_a_text_is_hidden_from_who_signs_it(card: Document, dev: Actor) -> None:
    web = signed_in(Client(), developer())
    for uses in (
        "---\nDecides alone.\n---\nRanks.",
        "Ranks.\n\n- [//]: # (Decides alone.)",
        "Ranks.\n\n" + "> " * 30 + "Decides alone.",
        "| Ranks. |\n|---|\n| Asks | Decides alone. |",
        "Ranks.\n\n```Decides alone.\nx\n```",
    ):
        operations.save_section(card, "intended_use", {"primary_uses": uses}, by=dev)
        page = web.get(card.get_absolute_url()).content.decode()
        told = json.dumps(printed.told(Gathered.of(card)))
        for text in (page, exported(card, "html", dev), told):
            assert "Decides alone." in text, uses
            assert "Ranks." in text, uses


def test_measures_that_were_recorded_by_hand_stand_in_the_bill_too(
    version: ModelVersion, card: Document, dev: Actor
) -> None:
    RunMetric.objects.all().delete()
    rows = [["auc", "0.917", "all", "0.9", "0.92", "holdout"]]
    catalog.record_values(version, {"metrics": rows}, by=dev)
    card.refresh_from_db()

    assert "0.917" in exported(card, "cyclonedx_json", dev)


def test_plain_markdown_is_shown_as_such() -> None:
    for text in (
        '1. **One** _two_\n2. [three](https://x.example/a_b?c=1 "four")\n   1) `five`',
        "# A\n\n| b | c |\n|---|---|\n| ~~d~~ | \\*e\\* <f> & g |\n\n> h\n\n```\ni < j\n```",
    ):
        shown = FieldShown(Answer(USES, text), Need.REQUIRED)
        assert "<" in shown.markup, text


def test_no_text_leaves_its_place_in_markdown(card: Document, dev: Actor) -> None:
    contact = "sha256:`<script>alert(1)</script>"
    operations.save_section(card, "operations", {"contact": contact}, by=dev)
    uses = "Ranks.\r# Forged\r\r| Role | Name |"
    operations.save_section(card, "intended_use", {"primary_uses": uses}, by=dev)

    markdown = exported(card, "markdown", dev)

    assert "<script>" not in markdown
    assert "\r" not in markdown
    assert "> # Forged\n" in markdown
    assert "<script>" not in rendered(markdown)


def test_what_people_wrote_is_literal_in_every_text_form(hostile: Document, dev: Actor) -> None:
    page = exported(hostile, "html", dev)
    markdown = exported(hostile, "markdown", dev)
    told = json.loads(exported(hostile, "json", dev))
    readable = {"html": page, "markdown": rendered(markdown)}

    for form, text in readable.items():
        plain = text.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
        for literal in LITERAL:
            assert plain.count(literal) >= 5, f"{form}: {literal}"
        assert "<script>alert" not in text, form
        assert "http-equiv" not in markdown
    fields = {one["key"]: one for section in told["sections"] for one in section["fields"]}
    assert fields["summary"]["value"] == HOSTILE
    assert fields["limitations"]["value"] == [[HOSTILE] * 3]
    assert fields["summary"]["by"] == dev.id
    assert re.fullmatch(r"\d{4}-.*Z", fields["summary"]["at"])
    assert fields["digest"]["source"] == "version.digest"
    assert fields["threats"]["answered"] is False
    assert len(fields) == 73


def test_every_readable_form_ends_with_signatures_and_digests(
    approved: Document, dev: Actor
) -> None:
    revision = approved.revisions.get()
    version = approved.version
    assert version is not None
    for form in ("markdown", "html", "json", "huggingface_readme", "cyclonedx_json"):
        text = operations.export_document(
            approved, form, by=dev, revision=revision
        ).content.decode()
        end = text[len(text) // 2 :] if form != "cyclonedx_json" else text
        for words in ("Vera Validator", revision.digest, version.content_digest, "Model owner"):
            assert words in end.replace("\\_", "_"), f"{form}: {words}"
    drawn = printed.told(Gathered.of(approved, revision))
    assert drawn["signed"][1][:2] == ["Independent validator", "Vera Validator"]
    assert ["Digest of this text", revision.digest] in drawn["manifest"]


def test_an_export_is_recorded_and_only_for_who_may_see(card: Document, dev: Actor) -> None:
    operations.export_document(card, "markdown", by=dev)
    with pytest.raises(NotAllowed):
        operations.export_document(card, "markdown", by=actor(stranger()))
    with pytest.raises(NotFound):
        operations.export_document(card, "docx", by=dev)

    done = AuditEvent.objects.filter(action="document.export").order_by("pk")
    assert [event.outcome for event in done] == ["done", "refused"]


def test_the_pdf_is_the_same_to_the_byte_and_shows_markup_as_text(
    hostile: Document, dev: Actor
) -> None:
    first = operations.export_document(hostile, "pdf", by=dev)
    again = operations.export_document(hostile, "pdf", by=dev)

    assert first.content.startswith(b"%PDF-")
    assert first.content == again.content
    assert (first.name.endswith("-model-card-r1.pdf"), first.media_type) == (
        True,
        "application/pdf",
    )
    told = printed.told(Gathered.of(hostile))
    source = typesetter.SOURCE.read_bytes()
    drawn = typesetter.typeset(source, json.dumps(told))
    without = json.loads(json.dumps(told).replace("#read(", "(read "))
    assert drawn != typesetter.typeset(source, json.dumps(without))


def test_the_typesetter_opens_no_file_and_no_address(tmp_path: Any) -> None:
    """The same process, asked by a source that is hostile itself, is held by its walls."""
    secret = tmp_path / "secret.txt"
    secret.write_text("open sesame")
    for attempt in (
        f'#read("{secret}")',
        '#read("/etc/passwd")',
        f'#image("{secret}")',
        '#import "@preview/cetz:0.3.4": canvas',
    ):
        page = tmp_path / "page.typ"
        page.write_text(attempt)
        code = (
            "import sys; sys.path.insert(0, sys.argv.pop(1)); import pathlib; "
            "from apps.validation.documents.exports import typesetter; "
            f"typesetter.SOURCE = pathlib.Path({str(page)!r}); typesetter.main(30)"
        )
        done = _run(code)
        assert done.returncode != 0, attempt
        assert b"%PDF" not in done.stdout
        assert b"TypstError" in done.stderr, done.stderr[-300:]


def _run(code: str) -> Any:
    command = (sys.executable, "-I", "-c", code, str(typesetting.ROOT), "30")
    return subprocess.run(command, input=b"{}", capture_output=True, env={}, cwd="/", check=False)


def test_a_pdf_that_takes_too_long_is_refused_in_time(card: Document) -> None:
    told = printed.told(Gathered.of(card))
    began = time.monotonic()
    with pytest.raises(NotTypeset, match="too long"):
        typesetting.as_pdf(told, seconds=0.01)
    assert time.monotonic() - began < 5
    with pytest.raises(NotTypeset, match="could not be made"):
        typesetting.as_pdf({"title": "No sections"})


def test_a_page_is_set_whatever_its_rich_text_holds() -> None:
    found = blocks(
        "# One\n\nTwo **three** `four`\n\n- five\n  - *six*\n\n```\nseven\n```\n<b>x</b>"
    )

    assert [(block["kind"], block["depth"]) for block in found] == [
        ("heading", 0),
        ("text", 0),
        ("entry", 1),
        ("entry", 2),
        ("code", 0),
        ("text", 0),
    ]
    assert [run["style"] for run in found[1]["runs"]] == ["plain", "bold", "plain", "code"]
    assert found[3]["runs"] == [{"text": "six", "style": "italic"}]
    assert found[5]["runs"][0]["text"] == "<b>x</b>"


def test_the_hub_reads_the_card(hostile: Document, dev: Actor) -> None:
    text = exported(hostile, "huggingface_readme", dev)

    front = yaml.safe_load(text.split("---\n")[1])
    assert front["pipeline_tag"] == "tabular-classification"
    assert front["metrics"] == ["auc"]
    values = {one["metrics"][0]["value"] for one in front["model-index"][0]["results"]}
    assert values == {0.91, 0.88}
    card = ModelCard(text)
    [result] = card.data.to_dict()["model-index"][0]["results"]
    assert len(result["metrics"]) == 2
    assert "## Limitations and trade-offs" in text


def test_the_bill_is_valid_and_drops_nothing(hostile: Document, dev: Actor) -> None:
    text = exported(hostile, "cyclonedx_json", dev)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    component = json.loads(text)["metadata"]["component"]
    card = component["modelCard"]
    assert card["modelParameters"]["task"] == "tabular-classification"
    assert card["modelParameters"]["approach"] == {"type": "supervised"}
    assert card["considerations"]["users"] == ["Analysts"]
    assert card["considerations"]["ethicalConsiderations"] == [
        {"name": "Bias", "mitigationStrategy": "Review"}
    ]
    named = {one["name"]: one["value"] for one in component["properties"]}
    assert json.loads(named["signet:document:risks"])[0]["affected"] == "Applicants"
    assert named["signet:document:contact"] == HOSTILE
    assert "signet:manifest:digest_of_this_text" in named


def test_each_form_is_offered_as_a_file_that_runs_nothing(
    client: Client, hostile: Document
) -> None:
    web = signed_in(client, developer())
    page = web.get(hostile.get_absolute_url()).content.decode()
    for form in Form:
        address = reverse("validation:export_document", args=[hostile.pk, form])
        assert address in page
        answer = web.get(address)
        assert answer.status_code == 200, form
        assert answer.headers["Content-Disposition"].startswith("attachment"), form
        assert "sandbox" in answer.headers["Content-Security-Policy"], form
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    odd = reverse("validation:export_document", args=[hostile.pk, "json"])
    assert web.get(f"{odd}?revision=7").status_code == 404
