"""Everything a policy may read is always there, of its kind, and costs the same for many."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals import policies, vocabulary
from apps.approvals.facts import context, people
from apps.approvals.facts.context import Evidence
from apps.approvals.vocabulary import SIGNER_FACTS
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.expressions import Kind
from apps.validation import checks
from apps.validation.documents import reading
from apps.validation.evidence.types import types
from tests import scenarios
from tests.approvals.evidenced import DEFAULT, evidenced, facts
from tests.factories import person

pytestmark = pytest.mark.django_db

KNOWN = vocabulary.built_in()
PYTHON: Mapping[Kind, type] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.DOUBLE: float,
    Kind.STRING: str,
    Kind.TIMESTAMP: datetime,
    Kind.LIST: list,
}
MOST_QUERIES = 26


def declared(policy: policies.Policy, *, of_signers: bool = False) -> dict[str, Kind]:
    """Return every fact of a policy by path, without its settings."""
    names = {"evidence_type": [one.id for one in policy.evidence_types]}
    kinds = KNOWN.variables(settings={}, names=names, for_signers=True).by_path
    return {
        path: kind
        for path, kind in kinds.items()
        if (path.partition(".")[0] in SIGNER_FACTS) is of_signers
    }


def told(found: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from told(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def assert_all_there(found: Mapping[str, Any], kinds: Mapping[str, Kind]) -> None:
    values = dict(told(found))
    assert values.keys() == kinds.keys()
    wrong = {
        path: values[path] for path, kind in kinds.items() if type(values[path]) is not PYTHON[kind]
    }
    assert wrong == {}


def test_every_fact_of_the_context_file_is_there_for_a_bare_version() -> None:
    version = scenarios.registered_version()
    for name in policies.SHIPPED:
        policy = policies.shipped(name)
        assert_all_there(facts(version, policy=policy), declared(policy))


def test_every_fact_of_the_context_file_is_there_for_a_version_with_everything() -> None:
    version = evidenced()
    assert_all_there(facts(version), declared(DEFAULT))


def test_every_fact_about_a_signer_is_there() -> None:
    signer = person("sid", org_unit="risk")
    found = {
        "actor": people.of_signer(signer, {"validator"}, {}),
        "approval": {"role": "validator", "meaning": "review"},
    }
    assert_all_there(found, declared(DEFAULT, of_signers=True))


def test_every_fact_says_where_it_comes_from() -> None:
    for path in KNOWN.variables(settings={"days": Kind.INT}, for_signers=True).by_path:
        assert KNOWN.source_of(path), path
    assert KNOWN.source_of("checks.schema.status") == "Latest run of the check"
    assert KNOWN.source_of("version.scan_status") == "Check “Unsafe code”"
    assert KNOWN.source_of("nobody.declared") == KNOWN.source_of("nothing") == ""


def test_every_check_document_and_type_of_evidence_can_be_named() -> None:
    by_name = {root.name: root for root in KNOWN.roots}
    assert by_name["checks"].names == checks.NAMES
    assert set(by_name["documents"].names) == set(reading.shipped())
    assert {one.id for one in DEFAULT.evidence_types} == set(types())


def test_sources_name_checks_by_their_titles() -> None:
    titles = {f"“{check.title}”" for check in checks.SHIPPED}
    for path in KNOWN.variables(settings={}).by_path:
        source = KNOWN.source_of(path)
        if source.startswith("Check “"):
            assert f"“{source.split('“')[1].split('”')[0]}”" in titles, path


def queries_for(versions: list[ModelVersion]) -> int:
    now = database_now()  # which PostgreSQL is asked for
    with CaptureQueriesContext(connection) as captured:
        evidence = Evidence.about(versions, DEFAULT)
        for version in versions:
            evidence.of(version, at=now)
    return len(captured)


def test_forty_versions_take_as_many_queries_as_two() -> None:
    versions = [evidenced(), evidenced()]
    few = queries_for(versions)
    versions += [scenarios.registered_version() for _ in range(32)]
    versions += [evidenced() for _ in range(6)]

    assert queries_for(versions) == few <= MOST_QUERIES


def test_rows_are_read_afresh_whatever_the_caller_holds() -> None:
    version = scenarios.registered_version()
    held = ModelVersion.objects.select_related("model").get(pk=version.pk)
    assert facts(held)["uses"]["active"] == 0
    scenarios.check(version)

    assert facts(held)["checks"]["schema"]["status"] == "passed"


def test_another_policy_can_be_tried_on_what_was_read() -> None:
    version = scenarios.registered_version()
    evidence = Evidence.about([version], DEFAULT)
    starter = policies.shipped("starter")
    now = database_now()
    evidence.of(version, at=now)

    with CaptureQueriesContext(connection) as captured:
        found = evidence.of(version, at=now, policy=starter)

    assert len(captured) == 0
    assert_all_there(found, declared(starter))


def test_nothing_read_is_nothing_asked() -> None:
    assert Evidence.about([], DEFAULT).records.versions == {}
    assert context.Evidence.about([], DEFAULT).runs == {}
