"""What a sign-off binds: in canonical form, with words for every difference."""

from dataclasses import replace
from typing import Any

import pytest

from apps.approvals import cases
from apps.approvals.dossier import CARD, CheckEvidence, Dossier, Replaced
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.digests import digest_of_bytes
from tests import scenarios

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
PASSED = CheckEvidence("schema", "chk_1", "passed", DIGEST)
DOSSIER = Dossier(
    request="req_1",
    version="ver_2",
    target="production",
    content=DIGEST,
    facts=DIGEST,
    policy=DIGEST,
    card=dict.fromkeys(CARD, DIGEST),
    replaces=Replaced("ver_1", 1),
    checks=(PASSED,),
)


def test_a_dossier_is_its_text_and_comes_back_from_it() -> None:
    assert Dossier.from_text(DOSSIER.text) == DOSSIER
    assert digest_of_bytes(DOSSIER.text.encode()) == DOSSIER.digest
    alone = replace(DOSSIER, replaces=None)
    assert Dossier.from_text(alone.text) == alone


def test_nothing_differs_from_itself() -> None:
    assert DOSSIER.changes_since(DOSSIER) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"content": OTHER}, "The version's content changed."),
        ({"facts": OTHER}, "The facts recorded with the version changed."),
        ({"policy": OTHER}, "What the policy asks here changed."),
        ({"card": {**DOSSIER.card, "owner": OTHER}}, "The model's owner changed."),
        ({"card": {**DOSSIER.card, "new_field": OTHER}}, "The model's new_field changed."),
        ({"replaces": None}, "Nothing is in production any more that this would replace."),
        (
            {"replaces": Replaced("ver_9", 9)},
            "Version 9 is in production by now instead of version 1.",
        ),
        ({"note": OTHER}, "What is said about the warnings changed."),
        ({"checks": ()}, "The check Schema is gone."),
        (
            {"checks": (replace(PASSED, run="chk_2"),)},
            "The check Schema was run again.",
        ),
        (
            {"checks": (replace(PASSED, run="chk_2", outcome="failed"),)},
            "The check Schema was passed and is now failed.",
        ),
        (
            {"checks": (PASSED, replace(PASSED, check="house-rule"))},
            "The check house-rule was added.",
        ),
    ],
)
def test_every_difference_is_said_and_changes_the_digest(
    change: dict[str, Any], words: str
) -> None:
    later = replace(DOSSIER, **change)

    assert later.changes_since(DOSSIER) == [words]
    assert later.digest != DOSSIER.digest


def test_a_version_that_came_to_production_meanwhile_is_named() -> None:
    earlier = replace(DOSSIER, replaces=None)

    assert DOSSIER.changes_since(earlier) == ["Version 1 is in production by now."]


@pytest.mark.parametrize("part", ["facts", "card", "replaces", "checks", "note"])
def test_the_evidence_of_a_statement_covers_all_but_content_and_policy(part: str) -> None:
    other: Any = {"facts": OTHER, "card": {}, "replaces": None, "checks": (), "note": OTHER}[part]

    assert replace(DOSSIER, **{part: other}).evidence_digest != DOSSIER.evidence_digest
    assert replace(DOSSIER, content=OTHER, policy=OTHER).evidence_digest == DOSSIER.evidence_digest


@pytest.mark.django_db
def test_the_dossier_of_a_request_is_read_from_its_rows() -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.requested(Stage.PRODUCTION, serving.model)

    [case] = cases.complete([request], at=database_now())

    dossier, version = case.dossier, request.version
    assert (dossier.request, dossier.version) == (request.record_id, version.record_id)
    assert (dossier.content, dossier.facts) == (version.content_digest, version.facts_digest)
    assert dossier.policy == case.gate.digest
    assert dossier.replaces == Replaced(serving.record_id, serving.number)
    assert dossier.card.keys() == CARD.keys()
    runs = {run.record_id: run for run in version.check_runs.newest()}
    assert {check.run for check in dossier.checks} == runs.keys()
    assert {check.examined for check in dossier.checks} == {version.content_digest}


@pytest.mark.django_db
def test_a_request_to_staging_replaces_nothing() -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version

    [case] = cases.complete([scenarios.requested(Stage.STAGING, serving.model)], at=database_now())

    assert case.dossier.replaces is None
