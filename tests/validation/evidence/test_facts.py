"""What policies read of evidence: what counts, by the rules of the default policy."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, UseCase
from apps.core import strict_yaml
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.evidence import queries, types
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.factories import actor
from tests.validation.evidence.conftest import Gives, quarantine
from tests.validation.records import OTHER_DIGEST, overwrite

pytestmark = pytest.mark.django_db

NOTHING = {"valid": 0, "submitted": 0, "newest_age_days": -1}
TYPE = "performance_test_report"


def facts(version: ModelVersion, type_id: str = TYPE, *, days: float = 0) -> dict[str, int]:
    at = datetime.now(UTC) + timedelta(days=days)
    return dict(queries.evidence_facts([version], at)[version.pk][type_id])


def test_there_is_an_entry_for_each_of_the_64_types(version: ModelVersion) -> None:
    by_type = queries.evidence_facts([version], datetime.now(UTC))[version.pk]

    assert len(by_type) == 64
    assert all(told == NOTHING for told in by_type.values())


def test_the_types_are_those_that_are_written_down() -> None:
    told = strict_yaml.load(Path(types.CONTENT).read_text(encoding="utf-8"))

    assert isinstance(told, dict)
    assert [one["id"] for one in told["evidence_types"]] == list(types.types())
    bindings = [one.binds_to for one in types.types().values()]
    assert {binding: bindings.count(binding) for binding in types.Binding} == {
        types.Binding.VERSION: 28,
        types.Binding.MODEL: 25,
        types.Binding.USE_CASE: 11,
    }
    assert types.type_named("red_team_report").max_age == timedelta(days=180)


def test_an_item_counts_once_somebody_verified_it(
    gives: Gives, version: ModelVersion, vera: Actor
) -> None:
    item = gives()
    assert facts(version) == NOTHING | {"submitted": 1}

    operations.verify_evidence(item, by=vera)

    assert facts(version) == {"valid": 1, "submitted": 1, "newest_age_days": 0}
    counted = queries.evidence_counted([version], item.submitted_at)[version.pk][TYPE]
    assert (counted.verified, counted.unverified) == (1, 0)


def test_age_and_last_day_end_it_and_the_newest_is_told(
    verified: Gives, version: ModelVersion
) -> None:
    verified()
    assert facts(version, days=364.9) == {"valid": 1, "submitted": 1, "newest_age_days": 364}
    assert facts(version, days=365.1) == NOTHING | {"submitted": 1}

    verified("development_document")
    assert facts(version, "development_document", days=9999)["valid"] == 1

    last = (datetime.now(UTC) + timedelta(days=3)).date()
    verified("license_review", valid_until=last)
    ahead = (datetime.combine(last, datetime.min.time(), UTC) - datetime.now(UTC)).days + 0.99
    assert facts(version, "license_review", days=ahead)["valid"] == 1
    assert facts(version, "license_review", days=5)["valid"] == 0


def test_what_was_withdrawn_or_declined_or_is_damaged_does_not_count(
    gives: Gives, verified: Gives, version: ModelVersion, vera: Actor
) -> None:
    operations.withdraw_evidence(verified(), by=vera, reason="Wrong")
    operations.decline_evidence(gives(), by=vera, reason="Wrong")
    damaged = verified(content=b"other bytes")
    assert facts(version) == {"valid": 1, "submitted": 3, "newest_age_days": 0}

    quarantine(damaged)

    assert facts(version) == NOTHING | {"submitted": 3}


def test_an_item_counts_for_what_it_is_attached_to_alone(
    verified: Gives, version: ModelVersion, use: UseCase
) -> None:
    sibling = scenarios.registered_version(version.model, {"a.bin": b"2"})
    stranger = scenarios.registered_version()
    verified()
    verified("monitoring_plan", about=version.model)
    verified("transparency_notice", about=use)

    def counts(one: ModelVersion) -> list[int]:
        wanted = (TYPE, "monitoring_plan", "transparency_notice")
        return [facts(one, type_id)["valid"] for type_id in wanted]

    assert counts(version) == [1, 1, 1]
    assert counts(sibling) == [0, 1, 1]
    assert counts(stranger) == [0, 0, 0]

    catalog.end_use_case(use, by=actor(scenarios.owner()), reason="Closed")
    assert counts(version) == [1, 1, 0]
    overwrite(version, content_digest=OTHER_DIGEST)
    assert counts(version) == [0, 1, 0]


def test_many_versions_are_read_in_one_query(verified: Gives, version: ModelVersion) -> None:
    others = [scenarios.registered_version() for _ in range(3)]
    for one in (version, *others):
        for _ in range(3):
            verified(about=one)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = queries.evidence_facts([version, *others], datetime.now(UTC))

    assert len(asked) == 1
    assert [by_type[TYPE]["valid"] for by_type in found.values()] == [3] * 4


def test_a_model_says_whether_it_has_a_verified_item(
    gives: Gives, version: ModelVersion, vera: Actor
) -> None:
    plan = gives("monitoring_plan", about=version.model)
    assert not queries.has_valid(version.model, "monitoring_plan", plan.submitted_at)

    operations.verify_evidence(plan, by=vera)

    assert queries.has_valid(version.model, "monitoring_plan", plan.submitted_at)
    late = plan.submitted_at + timedelta(days=365)
    assert not queries.has_valid(version.model, "monitoring_plan", late)


def test_evidence_about_a_deleted_version_is_gone_from_sight(
    gives: Gives, version: ModelVersion, vera: Actor
) -> None:
    item = gives()
    assert list(queries.evidence_visible_to(vera)) == [item]
    assert not queries.evidence_visible_to(actor(scenarios.stranger())).exists()

    rows: QuerySet[ModelVersion] = QuerySet(ModelVersion)
    rows.filter(pk=version.pk).update(deleted_at=item.submitted_at)

    assert not queries.evidence_visible_to(vera).exists()


def test_the_last_day_counts_whole() -> None:
    item = EvidenceItem(
        type="development_document", valid_until=date(2026, 3, 1), submitted_at=datetime.now(UTC)
    )
    assert item.expires_at == datetime(2026, 3, 2, tzinfo=UTC)
