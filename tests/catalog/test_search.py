"""What models are found by: kept true by every operation, and never more than may be seen."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.accounts.rights import TokenLimits, UserAuthority
from apps.accounts.scopes import Scope
from apps.approvals import operations as approvals
from apps.catalog import finding, operations, search
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel, SearchText
from apps.catalog.queries import models_visible_to
from apps.catalog.search_words import MOST_TEXT, folded, line_of_words, words_of
from apps.core.actors import Actor, Auth, Door
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.catalog.record import entries, refusals
from tests.factories import actor, person, team

pytestmark = pytest.mark.django_db

HOSTILE = (
    "\"'`",
    "' OR 1=1 --",
    '"; DROP TABLE catalog_search_text; --',
    "name:credit",
    "NEAR(credit risk)",
    "credit AND NOT risk",
    "credit* OR *",
    "^credit",
    "{words}: credit",
    "credit & !risk | (a <-> b):*ABCD",
    "%_\\%",
    "\\",
    "(((((",
    "-",
    "*",
    "a" * 10_000,
    "b " * 5_000,
    "\N{COMBINING ACUTE ACCENT}" * 300,
    "\u202ecredit",
    "\U00031350\U0001f600",
    "²³ⅳ½",
    "信用风险 кредит ρίσκο",
    "sha256:",
    "sha256:%00",
    "0" * 64,
    "f" * 65,
)


def developer() -> Actor:
    return actor(scenarios.developer())


def found(text: str, by: Actor | None = None) -> list[str]:
    """Return the names of the models a text finds, in order of name."""
    by = by or actor(scenarios.auditor())
    condition = finding.sought(by, text).condition
    return sorted(model.name for model in models_visible_to(by).filter(condition))


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Credit-Risk_v2.1", ["credit", "risk", "v2", "1"]),
        ("Größe MÜLLER ŁÓDŹ", ["grosse", "muller", "łodz"]),
        ("a,a;A  b", ["a", "b"]),
        ("\uff46ull \ufb01ne", ["full", "fine"]),
        ("信用 风险", ["信用", "风险"]),
        ("--- !!! \0", []),
        ("x" * 100, ["x" * 64]),
    ],
)
def test_words_are_letters_and_digits_without_case_and_accents(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text(max_size=200))
def test_words_hold_nothing_an_engine_could_take_for_syntax(text: str) -> None:
    for word in words_of(text):
        assert word.isalnum()
        assert words_of(word) == [word]


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_a_long_text_is_kept_as_far_as_its_limit_goes() -> None:
    line = line_of_words(str(number) for number in range(MOST_TEXT))
    assert MOST_TEXT - 10 < len(line) <= MOST_TEXT


# -- what finds a model ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "credit",
        "CREDIT",
        "redit",
        "cred ris",
        "risk default",
        "Defa",
        "efaul",
        "consumer loans",
        "segm",
        "segment:loans",
        "olivia",
        "livia own",
        "olivia credit",
        "retail",
        "lending",
        "scikit",
        "boosting",
        "challenger",
        "zukunft",
    ],
)
def test_every_text_of_a_model_finds_it(text: str) -> None:
    model = scenarios.registered_model(
        "credit-risk",
        title="Default risk",
        intended_use="Ranks consumer applications.",
        description="Trained for the Zükunft project",
        domain="Retail banking",
        method="Gradient boosting",
        team=team("Lending"),
    )
    operations.set_model_tag(model, "segment", "loans", by=developer())
    version = scenarios.registered_version(model, framework="scikit-learn")
    operations.set_alias(model, "challenger", version, by=developer())
    scenarios.registered_model("fraud", owner=person("finn"))

    assert found(text) == ["credit-risk"]


def test_every_word_has_to_be_found() -> None:
    scenarios.registered_model("credit-risk")
    scenarios.registered_model("credit-limit")

    assert found("credit risk") == ["credit-risk"]
    assert found("credit") == ["credit-limit", "credit-risk"]
    assert found("credit zebra") == []


def test_a_name_without_letters_is_found_by_its_signs() -> None:
    scenarios.registered_model("+++")
    scenarios.registered_model("credit")

    assert found("++") == ["+++"]


def identifiers(version: Any) -> dict[str, str]:
    file = version.files.select_related("artifact").order_by("path").first()
    return {
        "content": version.content_digest,
        "content in capitals": version.content_digest.upper().replace("SHA", "sha"),
        "start of content": version.content_digest.removeprefix("sha256:")[:8],
        "file": file.artifact.sha256,
        "start of file": f"sha256:{file.artifact.sha256[:12]}",
        "run": version.run_uid,
        "start of run": version.run_uid[:10],
    }


def test_a_digest_or_run_finds_the_version_for_those_who_see_it() -> None:
    version = scenarios.registered_version(scenarios.registered_model("credit"))
    scenarios.registered_version(scenarios.registered_model("fraud"), {"other.bin": b"other bytes"})
    auditor, stranger = actor(scenarios.auditor()), actor(scenarios.stranger())

    for kind, text in identifiers(version).items():
        assert finding.versions_named(auditor, text) == [version], kind
        assert found(text) == ["credit"], kind
        assert finding.versions_named(stranger, text) == [], kind
        assert found(text, stranger) == [], kind


@pytest.mark.parametrize("text", ["1234567", "g" * 16, "sha256:", "f" * 65, "sha1:aaaaaaaa"])
def test_what_is_no_start_of_a_digest_names_no_version(text: str) -> None:
    scenarios.registered_version()
    assert finding.versions_named(actor(scenarios.auditor()), text) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_reaches_the_engine_as_syntax(text: str) -> None:
    scenarios.registered_model("credit-risk")
    wanted = finding.sought(actor(scenarios.auditor()), text)

    assert set(found(text)) <= {"credit-risk"}
    assert finding.counted(actor(scenarios.auditor()), wanted, {}).total in {0, 1}


class AnyText(TestCase):
    @given(st.text(max_size=60))
    def test_any_text_is_searched_or_finds_nothing(self, text: str) -> None:
        wanted = finding.sought(actor(scenarios.auditor()), text)
        list(models_visible_to(actor(scenarios.auditor())).filter(wanted.condition))


def test_names_come_before_words_elsewhere() -> None:
    for name, title in (("b-risk", ""), ("risk", ""), ("c", "A risk"), ("risk-b", "")):
        scenarios.registered_model(name, title=title, intended_use="None")
    scenarios.registered_model("d", intended_use="Ranks risk.")
    visible = models_visible_to(actor(scenarios.auditor()))

    ranked: Any = finding.by_closeness(visible, "Risk").order_by("name")

    assert {model.name: model.closeness for model in ranked} == {
        "risk": finding.EXACT,
        "risk-b": finding.BEGINS,
        "b-risk": finding.NAMED,
        "c": finding.NAMED,
        "d": finding.FOUND,
    }


# -- counts ----------------------------------------------------------------------------------------


def test_counts_are_of_what_the_other_choices_let_through() -> None:
    scenarios.registered_model("a", kind="vendor", domain="Retail", flags=["is_ai"])
    scenarios.registered_model("b", kind="prompt", domain="Retail")
    scenarios.registered_model("c", kind="vendor", domain="Health")
    auditor = actor(scenarios.auditor())

    counts = finding.counted(
        auditor, finding.EVERYTHING, {"kind": ["vendor"], "domain": ["Retail"]}
    )

    assert counts.total == 1
    assert counts.values["kind"] == {"vendor": 1, "prompt": 1}
    assert counts.values["domain"] == {"Retail": 1, "Health": 1}
    assert counts.values["flag"] == {"is_ai": 1}


def test_a_choice_lets_the_same_models_through_as_are_counted() -> None:
    group = team("Lending")
    version = scenarios.registered_version(
        scenarios.registered_model("a=b", domain="x=y  z", flags=["is_ai"], team=group),
        framework="scikit-learn",
    )
    scenarios.registered_version(scenarios.registered_model("other", domain="X=Y Z"))
    auditor = actor(scenarios.auditor())
    counts = finding.counted(auditor, finding.EVERYTHING, {})

    for facet, values in counts.values.items():
        for value, models in values.items():
            let_through = models_visible_to(auditor).filter(finding.having(facet, [value]))
            assert let_through.count() == models, (facet, value)
    assert counts.values["team"] == {str(group.pk): 1}
    assert counts.values["framework"] == {"scikit-learn": 1}
    assert version.model.search_text.facets.count("\tstage=") == 1


def test_nothing_invisible_is_counted() -> None:
    scenarios.registered_model("hidden", kind="vendor")
    shown = scenarios.registered_model("shown", kind="prompt")
    reviewer = actor(scenarios.stranger())
    operations.grant_model_duty(
        shown, scenarios.stranger(), "peer_reviewer", by=actor(scenarios.owner()), reason="Asked"
    )

    counts = finding.counted(reviewer, finding.sought(reviewer, "e"), {})
    everything = finding.counted(reviewer, finding.EVERYTHING, {"kind": ["vendor"]})

    assert (counts.total, counts.values["kind"]) == (1, {"prompt": 1})
    assert (everything.total, everything.values["kind"]) == (0, {"prompt": 1})
    assert found("hidden", reviewer) == []


# -- kept true -------------------------------------------------------------------------------------


def require_true() -> None:
    """Compare what is kept of every model with what its rows say now."""
    there = RegisteredModel.objects.filter(deleted_at=None)
    kept = {text.pk: parts(text) for text in SearchText.objects.all()}
    assert kept == {model.pk: parts(search.text_of(model)) for model in there}


def parts(text: SearchText) -> tuple[str, Iterable[str], str]:
    return text.names, sorted(text.facets.split("\t")), text.words


def described(model: RegisteredModel) -> None:
    operations.describe_model(
        model, by=developer(), title="Other", domain="Health", kind="vendor", flags=["is_ai"]
    )


def renamed(model: RegisteredModel) -> None:
    operations.rename_model(model, "other-name", by=developer())


def tagged(model: RegisteredModel) -> None:
    operations.set_model_tag(model, "segment", "loans", by=developer())


def untagged(model: RegisteredModel) -> None:
    tagged(model)
    operations.delete_model_tag(model, "segment", by=developer())


def aliased(model: RegisteredModel) -> None:
    version = scenarios.registered_version(model, framework="xgboost")
    operations.set_alias(model, "challenger", version, by=developer())


def unaliased(model: RegisteredModel) -> None:
    aliased(model)
    operations.remove_alias(model, "challenger", by=developer())


def staged(model: RegisteredModel) -> None:
    scenarios.promoted(Stage.STAGING, model)


def promoted(model: RegisteredModel) -> None:
    scenarios.promoted(Stage.PRODUCTION, model)


def version_deleted(model: RegisteredModel) -> None:
    version = scenarios.registered_version(model, framework="xgboost")
    operations.set_alias(model, "challenger", version, by=developer())
    approvals.delete_version(version, by=actor(scenarios.owner()), reason="A mistake")


def deleted(model: RegisteredModel) -> None:
    approvals.delete_model(model, by=actor(scenarios.owner()), reason="A mistake")


OPERATIONS: tuple[Callable[[RegisteredModel], None], ...] = (
    described, renamed, tagged, untagged, aliased, unaliased, staged, promoted, version_deleted,
    deleted,
)  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_found_follows_each_operation(
    operation: Callable[[RegisteredModel], None],
) -> None:
    operation(scenarios.registered_model("credit"))
    require_true()


def test_what_was_taken_back_finds_nothing_any_more() -> None:
    model = scenarios.registered_model("credit")
    untagged(model)
    described(model)
    operations.describe_model(model, by=developer(), title="Again")

    assert found("segment") == found("other") == []
    assert found("again") == ["credit"]


def test_a_deleted_model_is_neither_found_nor_counted() -> None:
    deleted(scenarios.registered_model("credit"))

    assert found("credit") == []
    auditor = actor(scenarios.auditor())
    assert finding.counted(auditor, finding.EVERYTHING, {}).total == 0


# -- taken away ------------------------------------------------------------------------------------


def test_the_record_says_who_took_the_list_of_models() -> None:
    taker = scenarios.auditor()
    operations.export_models(by=actor(taker), query="kind=vendor", rows=3)

    [event] = entries("user.export_models")
    assert event["actor"]["id"] == taker.record_id
    assert event["detail"] == {"query": "kind=vendor", "rows": 3}


def test_a_program_takes_no_list_of_models() -> None:
    token = actor(scenarios.auditor(), Door.API, Auth.TOKEN)
    limits = TokenLimits(frozenset(Scope), frozenset(), timezone.now() + timedelta(days=1))
    program = replace(token, authority=UserAuthority(scenarios.auditor().pk, limits))

    with pytest.raises(NotAllowed):
        operations.export_models(by=program, query="", rows=0)
    assert len(refusals("user.export_models")) == 1
