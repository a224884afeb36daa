"""A gate of seventy conditions costs the same over one version as over two hundred."""

from collections.abc import Iterable

import pytest
from django.db import connection
from django.db.models import Model, QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.approvals import cases
from apps.approvals.cases import Case
from apps.approvals.facts import context
from apps.approvals.models import PromotionRequest, SignOff
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.validation import basis, checks
from apps.validation.models import CheckRun
from tests import scenarios
from tests.approvals import policy_walk
from tests.approvals.evidenced import evidenced, examined
from tests.approvals.policy_texts import Document, move
from tests.approvals.walk import overwrite
from tests.factories import person, signed_in

pytestmark = pytest.mark.django_db

CONDITIONS, VERSIONS, RUNS = 70, 200, 2000
MOST_QUERIES, MOST_ON_PAGE = 25, 90


def asks_seventy(document: Document) -> None:
    """Let the gate to production ask seventy conditions of the catalog, at every tier."""
    asked = move(document)["conditions"]
    named = {one["condition"] for one in asked}
    more = [one["id"] for one in document["conditions"] if one["id"] not in named]
    asked += [{"condition": name} for name in more[: CONDITIONS - len(asked)]]
    for one in asked:
        one["tiers"] = dict.fromkeys((1, 2, 3, 4), "block")
    document["signature"]["factors_required"] = 1


@pytest.fixture
def request_to_production() -> PromotionRequest:
    """A request for a version with evidence of every kind, that signers looked at."""
    person("vera", name="Vera Validator", everywhere=("validator",), org_unit="validation")
    person("rita", name="Rita Risk", everywhere=("risk_officer",), org_unit="risk")
    version = evidenced()
    examined(version, *checks.NAMES)
    overwrite(version, stage=Stage.STAGING)
    policy_walk.published(asks_seventy, shipped="default")
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    for role, signer in scenarios.SIGNERS[Stage.PRODUCTION].items():
        scenarios.sign(request, signer(), role, SignOff.Decision.ASK_FOR_CHANGES)
    return request


def crowd(version: ModelVersion) -> None:
    """Give a version's model many other versions and runs of checks, past the operations."""
    now = database_now()
    others = [
        ModelVersion(
            model=version.model,
            number=number,
            stage=Stage.ARCHIVED if number % 2 else Stage.DEVELOPMENT,
            readiness="ready",
            content_digest=f"sha256:{number:064x}",
            source="s3://elsewhere/model",
            contributors=[],
            created_at=now,
            created_by=version.created_by,
            ready_at=now,
            touched_at=now,
        )
        for number in range(2, VERSIONS + 1)
    ]
    written(others)
    names = [*checks.NAMES][: -(-RUNS // len(others))]
    written(
        CheckRun(
            version=other,
            check_name=name,
            examined_digest=other.content_digest,
            state="passed",
            attempt=1,
            queued_at=now,
            started_at=now,
            finished_at=now,
        )
        for other in others
        for name in names
    )


def written(rows: Iterable[Model]) -> None:
    found = list(rows)
    table: QuerySet[Model] = QuerySet(type(found[0]))
    table.bulk_create(found, batch_size=500)


def judged(request: PromotionRequest) -> tuple[Case, int]:
    """Return a request as it stands now, and how many queries that took."""
    now = database_now()  # which PostgreSQL is asked for
    with CaptureQueriesContext(connection) as captured:
        [case] = cases.complete([request], at=now)
    return case, len(captured)


def opened(client: Client, request: PromotionRequest) -> int:
    """Return how many queries the page of a request takes."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(reverse("approvals:promotion", args=[request.pk]))
    assert answer.status_code == 200
    return len(captured)


def test_a_gate_of_seventy_conditions_takes_as_many_queries_however_much_there_is(
    request_to_production: PromotionRequest, client: Client
) -> None:
    request = request_to_production
    signed_in(client, scenarios.validator())
    opened(client, request)
    case, few = judged(request)
    few_on_page = opened(client, request)
    crowd(request.version)

    again, many = judged(request)
    many_on_page = opened(client, request)

    assert len(case.gate.conditions) == len(case.readiness.verdicts) == CONDITIONS
    assert request.version.model.versions.count() == VERSIONS
    assert CheckRun.objects.count() >= RUNS
    assert again.dossier == case.dossier
    assert (few, few_on_page) == (many, many_on_page)
    assert many <= MOST_QUERIES
    assert many_on_page <= MOST_ON_PAGE, many_on_page


def test_what_was_read_once_says_the_same_as_what_is_read_again(
    request_to_production: PromotionRequest,
) -> None:
    version = request_to_production.version
    evidence = context.Evidence.about([version])
    documents = evidence.readings.papers.documents

    held = basis.Basis.of([version], evidence.runs[version.pk])
    known = basis.document_digests([version], documents, evidence.readings.filled_from)

    assert evidence.runs[version.pk].keys() == set(checks.NAMES)
    assert evidence.judged_by.digests == held.digests
    assert known == basis.document_digests([version], documents) != {}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL compiles queries")
def test_no_query_of_a_gate_is_compiled_before_it_is_run(
    request_to_production: PromotionRequest,
) -> None:
    """Compiling takes seconds, and is begun where costs are overestimated, as on a new database."""
    with CaptureQueriesContext(connection) as captured:
        cases.complete([request_to_production], at=database_now())

    with connection.cursor() as cursor:
        for asked in captured.captured_queries:
            cursor.execute("EXPLAIN " + asked["sql"])
            assert not [line for (line,) in cursor.fetchall() if line.startswith("JIT")], asked
