"""Measures pages of the past over many models, each with many states in history.

Run by hand: ``python -m benchmarks.as_of --models 5000 --states 50``. It fills an empty Signet in a
folder of its own, past the operations: every model has a version in production, with as many states
of both as asked for, and an authorization. Each page is opened as an auditor does, in the middle of
that history. Times are of the processor, which a busy machine changes less than what a clock says.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.portfolio import BATCH, _people, _time

STEP = timedelta(days=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=5000)
    parser.add_argument("--states", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNET_DATA"] = str(Path(folder) / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
        measure(given.models, given.states)


def measure(models: int, states: int) -> None:
    """Fill the registry and time each page."""
    import django  # noqa: PLC0415 - the folder of its data is known only now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    owner, reader = _people()
    began = timezone.now() - STEP * (states + 1)
    _fill(models, states, owner, began)
    for name, url in _pages(began, states).items():
        _time(name, url, reader)


def _pages(began: datetime, states: int) -> dict[str, str]:
    middle, late = began + STEP * (states // 2), began + STEP * (states // 2 + 2)
    at = urlencode({"at": middle.strftime("%Y-%m-%dT%H:%MZ")})
    two = f"{at}&{urlencode({'and': late.strftime('%Y-%m-%dT%H:%MZ')})}"
    return {
        "what was in production": f"/as-of/?{at}",
        "what is different about production": f"/as-of/?{two}",
        "a model": f"/models/model-00001/as-of/?{at}",
        "what is different about a model": f"/models/model-00001/as-of/?{two}",
        "a version": f"/models/model-00001/versions/1/as-of/?{at}",
    }


# -- rows past the operations: this is no registry anybody relies on -------------------------------


def _fill(models: int, states: int, owner: Any, began: datetime) -> None:
    from django.db.models import QuerySet  # noqa: PLC0415

    from apps.approvals.models import Authorization  # noqa: PLC0415
    from apps.audit.models import AuditEvent  # noqa: PLC0415
    from apps.catalog.models import ModelVersion, RegisteredModel  # noqa: PLC0415

    event, numbers = AuditEvent.objects.earliest("pk"), range(1, models + 1)
    QuerySet(RegisteredModel).bulk_create((_model(one, owner, began) for one in numbers), BATCH)
    QuerySet(ModelVersion).bulk_create((_version(one, owner, began) for one in numbers), BATCH)
    for number in range(states):
        at = began + STEP * number
        _states(RegisteredModel, (_model(one, owner, began, number) for one in numbers), at, event)
        _states(ModelVersion, (_version(one, owner, began, number) for one in numbers), at, event)
    granted = (_granted(one, began) for one in numbers)
    _states(Authorization, granted, began + STEP, event)


def _states(rows: Any, told: Iterator[Any], at: datetime, event: Any) -> None:
    history = rows.history.model
    names = [field.attname for field in rows._meta.concrete_fields]
    history.objects.bulk_create(
        (
            history(
                history_date=at,
                history_type="~",
                event_id=event.uid,
                **{name: getattr(row, name) for name in names},
            )
            for row in told
        ),
        BATCH,
    )


def _model(number: int, owner: Any, at: datetime, state: int = 0) -> Any:
    from apps.catalog.models import RegisteredModel  # noqa: PLC0415

    name = f"model-{number:05}"
    return RegisteredModel(
        pk=number,
        name=name,
        folded_name=name,
        title=f"State {state}",
        owner=owner,
        created_at=at,
        created_by=owner,
        touched_at=at,
    )


def _version(number: int, owner: Any, at: datetime, state: int = 1) -> Any:
    from apps.catalog.models import ModelVersion  # noqa: PLC0415

    return ModelVersion(
        pk=number,
        model_id=number,
        number=1,
        stage="production" if state else "staging",
        readiness="ready",
        content_digest=f"sha256:{number:064x}",
        description=f"State {state}",
        created_at=at,
        created_by=owner,
        ready_at=at,
        touched_at=at,
    )


def _granted(number: int, at: datetime) -> Any:
    from apps.approvals.models import Authorization  # noqa: PLC0415

    return Authorization(
        pk=number,
        version_id=number,
        content_digest=f"sha256:{number:064x}",
        policy_digest="sha256:0",
        tier=2,
        granted_at=at,
        valid_until=at + timedelta(days=365),
        changed_at=at,
    )


if __name__ == "__main__":
    main()
