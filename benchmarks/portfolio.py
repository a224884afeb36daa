"""Measures the portfolio, what is due, the calendar and a register over many models and findings.

Run by hand: ``python -m benchmarks.portfolio --models 5000 --findings 50000``. It fills an empty
Signet in a folder of its own, past the operations, and opens each page as an auditor does. Times
are of the processor, which a busy machine changes less than what a clock says.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

BATCH = 1000
STAGES = ("production", "staging", "development", "archived")
CLASSES = ("high_risk", "limited", "minimal")
SEVERITIES = ("critical", "high", "medium", "low")
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=5000)
    parser.add_argument("--findings", type=int, default=50_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNET_DATA"] = str(Path(folder) / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
        measure(given.models, given.findings)


def measure(models: int, findings: int) -> None:
    """Fill the registry and time each page."""
    import django  # noqa: PLC0415 - the folder of its data is known only now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    owner, reader = _people()
    _fill(models, findings, owner)
    _schedule()
    for name, url in _pages().items():
        _time(name, url, reader)


def _pages() -> dict[str, str]:
    from django.urls import reverse  # noqa: PLC0415

    rows = "risk:portfolio_rows"
    return {
        "portfolio": reverse("risk:portfolio"),
        "models of a tier": f"{reverse(rows, args=['models'])}?tier=1",
        "models of a questionnaire": f"{reverse(rows, args=['models'])}?live=yes&open=genai-risk",
        "findings of a severity": f"{reverse(rows, args=['findings'])}?severity=high&age=31-90",
        "due": f"{reverse('risk:due')}?whose=all",
        "calendar": f"{reverse('approvals:calendar')}?whose=all",
        "calendar file": f"{reverse('approvals:calendar_file')}?whose=all",
        "register": reverse("risk:register", args=["pra-ss1-23"]),
        "what a register misses": reverse("risk:register_gaps", args=["pra-ss1-23"]),
        "register as CSV": reverse("risk:register_csv", args=["pra-ss1-23"]),
    }


def _time(name: str, url: str, reader: Any) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from apps.accounts import sessions  # noqa: PLC0415

    client = Client(SERVER_NAME="localhost")
    client.force_login(reader)
    session = client.session
    sessions.begin(session)
    session.save()
    taken = []
    for _ in range(1 if url.endswith((".csv", "/gaps/")) else ROUNDS):
        began = time.process_time()
        with CaptureQueriesContext(connection) as queries:
            answer: Any = client.get(url)
            size = len(answer.getvalue())
        taken.append(time.process_time() - began)
    print(
        f"{name}: {answer.status_code}, {min(taken) * 1000:.0f} ms of processor at best, "
        f"{max(taken) * 1000:.0f} ms at worst, {len(queries)} queries, {size // 1024} KiB"
    )


def _people() -> tuple[Any, Any]:
    from apps.accounts import operations as accounts  # noqa: PLC0415
    from apps.accounts.actors import command_actor  # noqa: PLC0415

    host = command_actor("benchmarks")
    owner = accounts.create_user(by=host, username="olivia", display_name="Olivia Owner")
    reader = accounts.create_user(by=host, username="audrey", display_name="Audrey Auditor")
    accounts.grant_duty(reader, "auditor", by=host, reason="Reads everything")
    return owner, reader


# -- rows past the operations: this is no registry anybody relies on -------------------------------


def _fill(models: int, findings: int, owner: Any) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from apps.catalog.models import (  # noqa: PLC0415
        ModelSheet,
        ModelVersion,
        RegisteredModel,
        UseCase,
    )
    from apps.risk.models import Assessment, Finding  # noqa: PLC0415

    at = timezone.now()
    numbers = range(1, models + 1)
    _bulk(RegisteredModel, (_model(RegisteredModel, one, owner, at) for one in numbers))
    _bulk(ModelSheet, (ModelSheet(model_id=one, values=_sheet(one)) for one in numbers))
    _bulk(UseCase, (_use(UseCase, one, at) for one in numbers))
    _bulk(ModelVersion, (_version(ModelVersion, one, owner, at) for one in numbers))
    asked, tiered = _questionnaire(at), [one for one in numbers if one % 5]
    _bulk(Assessment, (_tiering(Assessment, asked, one, owner, at) for one in tiered))
    _bulk(Finding, (_finding(Finding, one, models, owner, at) for one in range(findings)))


def _bulk(kind: Any, rows: Iterator[Any]) -> None:
    from django.db.models import QuerySet  # noqa: PLC0415

    QuerySet(kind).bulk_create(rows, batch_size=BATCH)


def _model(kind: Any, number: int, owner: Any, at: datetime) -> Any:
    name = f"model-{number:05}"
    return kind(
        pk=number,
        name=name,
        folded_name=name,
        owner=owner,
        created_at=at,
        created_by=owner,
        touched_at=at,
        flags=["is_generative"] if number % 5 == 0 else [],
    )


def _sheet(number: int) -> dict[str, object]:
    return {
        "tier": number % 5,
        "business_line": f"Line {number % 20}",
        "method_type": "machine_learning",
        "inventory_class": "model",
        "jurisdictions": ["uk_pra", "eu_banking"],
        "eu_in_scope": number % 2 == 0,
        "assumptions": [["Stable demand", "Ten years of data", "Low", "Olivia"]],
        "operating_boundaries": "Consumers with an account for a year or longer. " * 5,
    }


def _use(kind: Any, number: int, at: datetime) -> Any:
    return kind(
        model_id=number,
        key="use",
        title="Lending",
        added_at=at,
        values={"eu_ai_act_class": CLASSES[number % len(CLASSES)], "approval_status": "approved"},
    )


def _version(kind: Any, number: int, owner: Any, at: datetime) -> Any:
    return kind(
        model_id=number,
        number=1,
        stage=STAGES[number % len(STAGES)],
        readiness="ready",
        content_digest=f"sha256:{number:064x}",
        created_at=at,
        created_by=owner,
        ready_at=at,
        touched_at=at,
    )


def _questionnaire(at: datetime) -> Any:
    from django.db.models import QuerySet  # noqa: PLC0415

    from apps.risk.models import QuestionnaireVersion  # noqa: PLC0415
    from apps.risk.portfolio.scores import TIERING  # noqa: PLC0415
    from apps.risk.questionnaires import shipped  # noqa: PLC0415

    row = QuestionnaireVersion(
        state=QuestionnaireVersion.State.PUBLISHED,
        is_shipped=True,
        drafted_at=at,
        changed_at=at,
        published_at=at,
    )
    row.take(shipped(TIERING))
    QuerySet(QuestionnaireVersion).bulk_create([row])
    return QuestionnaireVersion.objects.get()


def _tiering(kind: Any, asked: Any, number: int, owner: Any, at: datetime) -> Any:
    answers = {f"question_{one}": "An answer" for one in range(70)}
    approved = at - timedelta(days=number % 500)
    sections = {
        axis: {"pct": str(number * 7 % 100), "score": "5", "max": "10", "visible": True}
        for axis in ("materiality", "complexity", "exposure")
    }
    return kind(
        model_id=number,
        questionnaire=asked,
        kind=asked.questionnaire_id,
        state="approved",
        started_at=approved,
        started_by=owner,
        round=1,
        submitted_at=approved,
        submitted_by=owner,
        approved_at=approved,
        outcome=f"tier_{number % 5}",
        result={"answers": answers, "sections": sections},
        valid_until=(approved + timedelta(days=365)).date(),
    )


def _schedule() -> None:
    """Let the default policy be in force, whose tiers say what comes round and when."""
    from apps.approvals import in_force, policies  # noqa: PLC0415

    policy = policies.shipped("default")
    in_force.policy = lambda: policy


def _finding(kind: Any, number: int, models: int, owner: Any, at: datetime) -> Any:
    raised = at - timedelta(days=number % 300)
    return kind(
        model_id=number % models + 1,
        severity=SEVERITIES[number % len(SEVERITIES)],
        source="person",
        title=f"Finding {number}",
        description="It drifts.",
        owner=owner,
        due=(raised + timedelta(days=180)).date(),
        raised_at=raised,
        raised_by=owner,
        state="open",
    )


if __name__ == "__main__":
    main()
