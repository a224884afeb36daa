"""Templates: what they ask for, what the registry fills in, and what others read of it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.digests import canonical
from apps.validation import checks, operations, queries
from apps.validation.basis import NOTHING, Basis
from apps.validation.checks.contract import Check, Outcome, Source
from apps.validation.documents import needs, reading, standing
from apps.validation.documents.autofill import Registry
from apps.validation.documents.reading import Need, TemplateRefused
from apps.validation.examined import examined
from apps.validation.models import Document
from tests.factories import actor
from tests.scenarios import owner, registered_model, registered_version

CARD = reading.template_named("model-card")
SHIPPED = {
    "model-card": (16, 73),
    "validation-report": (20, 60),
    "eu-annex-iv": (10, 42),
    "decommissioning-record": (11, 31),
}


def need(
    key: str,
    tier: int,
    values: dict[str, Any] | None = None,
    traits: dict[str, bool] | None = None,
) -> Need:
    """Return whether a field of any template is asked for."""
    for template in reading.shipped().values():
        for section in template.sections:
            for field in section.fields:
                if field.key == key:
                    facts = needs.facts_of(traits or {}, tier=tier)
                    holds = needs.holder(template, facts, values or {})
                    return needs.need_of(section, field, tier=tier, holds=holds)
    raise KeyError(key)


# -- templates -------------------------------------------------------------------------------------


def test_the_shipped_templates_are_read_whole() -> None:
    found = reading.shipped()

    assert {one.id: (len(one.sections), len(one.fields)) for one in found.values()} == SHIPPED
    assert list(found) == [
        "model-card",
        "validation-report",
        "eu-annex-iv",
        "decommissioning-record",
    ]
    for template in found.values():
        assert all(
            field.cites or section.cites
            for section in template.sections
            for field in section.fields
        )
        assert set(template.exports) <= {form.value for form in operations.Form}


def test_every_condition_of_a_template_can_be_held_against_facts() -> None:
    for template in reading.shipped().values():
        facts = needs.facts_of({}, tier=1)
        holds = needs.holder(template, facts, {})
        for section in template.sections:
            for condition in {
                section.required_when,
                *(one.required_when for one in section.fields),
            }:
                if condition and not condition.startswith("size("):
                    assert holds(condition) is False, f"{template.id}: {condition}"
    assert needs.applies(reading.template_named("eu-annex-iv"), needs.facts_of({}, tier=1)) is False


BROKEN = {
    "an unknown type": ("type: text, source: registry, autofill: model.name", "type: poem"),
    "a field that is there twice": ("key: version,", "key: name,"),
    "no sections": ("sections:", "parts:"),
    "a tag": ("id: model-card", "id: !!python/name:os.system x"),
    "an anchor": ("id: model-card", "id: &a model-card"),
    "a tier that is none": ("{1: required,", "{1: maybe,"),
}


def test_a_file_that_is_no_template_is_refused_in_words() -> None:
    text = (reading.CONTENT / "model-card.yaml").read_text()
    for name, (old, new) in BROKEN.items():
        with pytest.raises(Exception, match=r"\w") as refusal:
            reading.parse(text.replace(old, new, 1))
        assert type(refusal.value).__name__ in {"TemplateRefused", "YamlRefused"}, name
    with pytest.raises(TemplateRefused, match="sections"):
        reading.parse(text.replace("sections:", "parts:", 1))


# -- what is asked for -----------------------------------------------------------------------------

NEEDS: list[tuple[str, int, dict[str, bool], Need]] = [
    ("summary", 4, {}, Need.REQUIRED),
    ("task", 3, {}, Need.REQUIRED),
    ("task", 4, {}, Need.OPTIONAL),  # the section's tiers
    ("library", 2, {}, Need.REQUIRED),
    ("library", 3, {}, Need.OPTIONAL),  # the field's own tiers
    ("base_model", 1, {}, Need.OPTIONAL),
    ("base_model", 1, {"uses_gpai": True}, Need.REQUIRED),  # the field's condition
    ("groups", 1, {}, Need.OPTIONAL),  # the section's condition
    ("groups", 1, {"affects_individuals": True}, Need.REQUIRED),
    ("less_discriminatory_alternatives", 1, {"affects_individuals": True}, Need.OPTIONAL),
    ("less_discriminatory_alternatives", 1, {"consequential_decisions": True}, Need.OPTIONAL),
    ("tools", 4, {"is_generative": True}, Need.OPTIONAL),
    ("tools", 4, {"is_agentic": True}, Need.REQUIRED),
    ("signatures", 1, {}, Need.OPTIONAL),  # given, never filled in
]


def test_tiers_and_conditions_say_whether_a_field_is_asked_for() -> None:
    for key, tier, traits, expected in NEEDS:
        assert need(key, tier, traits=traits) is expected, f"{key} at {tier} with {traits}"


def test_a_condition_reads_what_the_document_itself_says() -> None:
    report = reading.template_named("validation-report")
    [section] = [one for one in report.sections if one.id == "opinion"]
    [conditions] = [one for one in section.fields if one.key == "conditions"]
    for opinion, expected in (
        ("", Need.OPTIONAL),
        ("approved", Need.OPTIONAL),
        ("approved_with_conditions", Need.REQUIRED),
    ):
        holds = needs.holder(report, needs.facts_of({}, tier=1), {"opinion": opinion})
        assert needs.need_of(section, conditions, tier=1, holds=holds) is expected, opinion
    assert need("no_findings_statement", 1) is Need.REQUIRED
    assert need("no_findings_statement", 1, {"findings": [["F-1"]]}) is Need.OPTIONAL


def test_a_condition_that_fails_asks_for_the_field() -> None:
    holds = needs.holder(CARD, needs.facts_of({}, tier=1), {})

    assert holds("model.no_such_fact") is True
    assert holds("1 / 0 == 1") is True


def test_completeness_is_the_share_of_required_fields() -> None:
    facts = needs.facts_of({}, tier=4)
    nothing = needs.filled(CARD, tier=4, facts=facts, values={}, answered=lambda key: False)
    half = needs.filled(CARD, tier=4, facts=facts, values={}, answered=lambda key: key < "m")
    whole = needs.filled(CARD, tier=4, facts=facts, values={}, answered=lambda key: True)

    assert (nothing.completeness, nothing.percent, nothing.required) == (0.0, 0, 23)
    assert half.percent == 100 * half.done // 23
    assert 0 < half.completeness < 100
    assert (whole.completeness, whole.missing) == (100.0, ())
    assert needs.Filled(0, ()).completeness == 100.0
    assert (needs.tier_in_force(0), needs.tier_in_force(3)) == (1, 3)


# -- what the registry fills in --------------------------------------------------------------------


@pytest.mark.django_db
def test_the_registry_fills_in_what_it_knows_and_says_what_it_does_not() -> None:
    model = registered_model("scoring", title="Scoring", intended_use="Ranks.")
    version = registered_version(model, packages=["numpy==2.2.1"], python_version="3.11.7")
    catalog.set_model_tag(model, "domain", "credit", by=actor(owner()))
    catalog.add_third_party(model, by=actor(owner()), title="Bureau")
    says = {
        key: Registry(model, version).says(field)
        for template in reading.shipped().values()
        for key, field in template.fields.items()
        if not field.is_written
    }

    known = {
        "name": "scoring",
        "digest": version.content_digest,
        "owner": "Olivia Owner",
        "developers": ["Dev Developer"],
        "tags": ["domain=credit"],
        "purpose": "Ranks.",
        "c_software_versions": [["Python", "3.11.7", ""], ["numpy", "2.2.1", ""]],
        "suppliers": [["Bureau", "", "", "", ""]],
        "consumers": [],
    }
    for key, value in known.items():
        assert says[key].value == value, key
        assert says[key].is_answered, key
    metrics = says["metrics"]
    assert metrics.value[0] == ["auc", "0.91", "", "0.89", "0.93", "holdout", "", ""]
    assert says["accuracy_by_group"].value[1][:3] == ["auc", "age<30", "0.88"]
    assert "dataset" in says["accuracy_by_group"].columns
    assert says["change_log"].columns[:3] == ["version", "date", "change"]
    for key in ("tier", "conditions", "approvals", "waivers", "provider_details", "license"):
        assert not says[key].is_answered, key
        assert not says[key].value, key
    canonical({"said": [list(one.value) for one in says.values()]})


@pytest.mark.django_db
def test_consumers_are_named_as_far_as_everybody_who_reads_it_may_see_them() -> None:
    model = registered_model("scoring")
    base = registered_version(model)
    for name in ("secret-one", "secret-two"):
        registered_version(registered_model(name), base_version=base)
    field = reading.template_named("decommissioning-record").fields["consumers"]

    known = Registry(model).says(field)

    assert known.value == [["Other models; the lineage names those one may see", "", "", "", ""]]


@pytest.mark.django_db
def test_what_is_recorded_in_the_inventory_stands_in_the_document(version: ModelVersion) -> None:
    catalog.record_values(
        version.model,
        {"adjustments": [["Floor", "5 %", "Prudence", "Olivia", "2027-01-01"]]},
        by=actor(owner()),
    )
    version.model.refresh_from_db()
    registry = Registry(version.model, version)

    said = registry.says(CARD.fields["adjustments"])

    assert said.value == [["Floor", "5 %", "Prudence", "Olivia", "2027-01-01"]]
    assert list(said.columns) == ["name", "size", "reason", "owner", "expiry"]


@pytest.mark.django_db
def test_evidence_stands_where_a_template_asks_for_its_type(
    version: ModelVersion, dev: Actor
) -> None:
    operations.add_evidence(
        version, "red_team_report", by=dev, title="Red team", link="https://docs.example/red"
    )

    said = Registry(version.model, version).says(CARD.fields["tests"])

    assert said.value == ["Red team, not verified yet: https://docs.example/red"]
    assert Registry(version.model).says(CARD.fields["tests"]).value == []


# -- what checks and policies read -----------------------------------------------------------------


PAPERS = Check(
    "papers",
    "Papers",
    "Looks at documents.",
    lambda version, progress=None, parameters=None: Outcome("Fine."),
    "1",
    sources=frozenset({Source.DOCUMENTS}),
)


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that reads documents, as the only one there is."""
    monkeypatch.setattr(checks, "ALL", (PAPERS,))


def digest(version: ModelVersion) -> str:
    """Return what that check would be judged by now."""
    return Basis.of([version], ["papers"]).of_check(PAPERS, version)["documents"]


@pytest.mark.django_db
def test_policies_read_how_each_document_stands(
    version: ModelVersion, card: Document, dev: Actor, olivia: Actor, vera: Actor
) -> None:
    facts = queries.document_facts(version, 4)
    assert set(facts) == set(SHIPPED)
    assert facts["validation-report"]["status"] == "missing"
    assert facts["validation-report"]["completeness"] == 0.0
    assert facts["model-card"]["status"] == "draft"
    before = facts["model-card"]["completeness"]
    assert isinstance(before, float)
    assert "summary" in facts["model-card"]["missing_required"]  # type: ignore[operator]

    operations.save_section(card, "identification", {"summary": "Ranks."}, by=dev)
    facts = queries.document_facts(version, 4)
    assert facts["model-card"]["completeness"] > before  # type: ignore[operator]
    assert "summary" not in facts["model-card"]["missing_required"]  # type: ignore[operator]
    assert len(queries.document_facts(version, 1)["model-card"]["missing_required"]) > len(  # type: ignore[arg-type]
        facts["model-card"]["missing_required"]  # type: ignore[arg-type]
    )
    revision = operations.submit_document(card, by=dev)
    assert queries.document_facts(version, 4)["model-card"]["status"] == "in_review"
    operations.approve_document(card, by=olivia, role="model_owner", digest=revision.digest)
    operations.approve_document(card, by=vera, role="validator", digest=revision.digest)
    assert queries.document_facts(version, 4)["model-card"]["status"] == "approved"
    assert (
        queries.document_facts(version, 4)["model-card"]["completeness"]
        == (facts["model-card"]["completeness"])
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("papers")
def test_checks_are_out_of_date_once_a_document_says_something_else(
    version: ModelVersion, dev: Actor
) -> None:
    read = examined(version, PAPERS)
    assert [one.template for one in read.documents] == list(SHIPPED)
    assert {(one.status, one.completeness) for one in read.documents} == {("missing", 0)}
    seen = [digest(version)]
    card = operations.start_document(version, "model-card", by=dev)
    seen.append(digest(version))
    operations.save_section(card, "identification", {"summary": "Ranks."}, by=dev)
    seen.append(digest(version))
    operations.submit_document(card, by=dev)
    seen.append(digest(version))
    operations.start_document(version.model, "decommissioning-record", by=dev)
    seen.append(digest(version))

    assert seen[0] == NOTHING
    assert len(set(seen)) == len(seen)
    assert digest(registered_version()) == NOTHING


@pytest.mark.django_db
def test_how_documents_stand_takes_as_many_reads_for_many_revisions(
    approved: Document, version: ModelVersion, dev: Actor, vera: Actor
) -> None:
    few = reads(version)
    operations.new_revision(approved, by=dev)
    for _ in range(5):
        operations.submit_document(approved, by=dev)
        operations.return_document(approved, by=vera, reason="Again")

    assert reads(version) == few


def reads(version: ModelVersion) -> int:
    fresh = ModelVersion.objects.get(pk=version.pk)
    with CaptureQueriesContext(connection) as captured:
        standing.standings(fresh)
    return len(captured)
