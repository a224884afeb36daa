"""Measures a dry run of a policy over many models, each with a version in production or staging.

Run by hand: ``python -m benchmarks.dry_run --models 10000``. It fills an empty Signet in a folder
of its own, past the operations, and carries two dry runs out as a worker does: of the starter
policy with one condition changed, and of the default policy, in which everything is another. Goals
for 10,000 models: under 60 seconds on two cores, and under 500 MB.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

CHECKS = ("artifact-integrity", "unsafe-code", "schema")
BATCH = 500
MOST_OPEN = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNET_DATA"] = str(Path(folder) / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
        measure(given.models)


def measure(models: int) -> None:
    """Fill the registry and time both dry runs."""
    import django  # noqa: PLC0415 - the folder of its data is known only now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    people = _people()
    _fill(models, people["olivia"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, draft in _drafts(people["wanda"]):
        _one(name, draft, people["wanda"])
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory at most {after // 1024} MiB, {before // 1024} MiB of them before it began")


def _one(name: str, draft: Any, user: Any) -> None:
    from apps.approvals.dry_runs import asking, runner  # noqa: PLC0415

    run = asking.ask(draft, by=_actor(user))
    began, worked = time.perf_counter(), time.process_time()
    runner.carry_out(run.pk)
    taken, worked = time.perf_counter() - began, time.process_time() - worked
    run.refresh_from_db()
    found = run.report
    print(
        f"{name}: {run.state} {run.error} in {taken:.1f} s ({worked:.1f} s CPU); "
        f"{found['versions']} versions, {found['requests']} requests, "
        f"{found['blocked']['count']} blocked, {found['void']['count']} sign-offs void"
    )


def _people() -> dict[str, Any]:
    from apps.accounts import operations as accounts  # noqa: PLC0415
    from apps.accounts.actors import command_actor  # noqa: PLC0415

    host, made = command_actor("benchmarks"), {}
    held = {
        "olivia": "model_owner",
        "wanda": "risk_officer",
        "vera": "validator",
        "otis": "operator",
        "gina": "governance_committee",
    }
    for name, role in held.items():
        made[name] = accounts.create_user(by=host, username=name, display_name=name.title())
        accounts.grant_duty(made[name], role, by=host, reason="Benchmark")
    return made


def _actor(user: Any) -> Any:
    from apps.accounts.actors import actor_for  # noqa: PLC0415
    from apps.core.actors import Auth, Door  # noqa: PLC0415

    return actor_for(user, door=Door.WEB, auth=Auth.SESSION, session="benchmark")


def _drafts(user: Any) -> Iterator[tuple[str, Any]]:
    from apps.approvals import operations, policies  # noqa: PLC0415
    from apps.approvals.policy_statements import text_digest  # noqa: PLC0415

    text = policies.shipped("starter").text
    begun = operations.draft_policy(by=_actor(user), reason="Benchmark", shipped="starter")
    changed = text.replace("metrics_with_dataset >= 1", "metrics_with_dataset >= 0")
    draft = operations.change_draft(begun, by=_actor(user), text=changed, edited=text_digest(text))
    yield "one condition changed", draft
    yield (
        "the default policy",
        operations.draft_policy(by=_actor(user), reason="Benchmark", shipped="default"),
    )


def _fill(models: int, owner: Any) -> None:
    """Write models, versions with their checks, duties and open requests, past the operations."""
    from django.utils import timezone  # noqa: PLC0415

    from apps.catalog import names  # noqa: PLC0415
    from apps.catalog.models import ModelDuty, ModelVersion, RegisteredModel  # noqa: PLC0415

    now = timezone.now()
    registered = _bulk(
        RegisteredModel,
        (
            RegisteredModel(
                name=name,
                folded_name=names.folded_name(name),
                owner=owner,
                intended_use="Ranks cases for review.",
                created_at=now,
                created_by=owner,
                touched_at=now,
            )
            for name in (f"model-{number:05}" for number in range(models))
        ),
    )
    _bulk(
        ModelDuty,
        (ModelDuty(model=row, user=owner, role="model_owner", since=now) for row in registered),
    )
    versions = _bulk(
        ModelVersion, (_version(row, place, owner, now) for place, row in enumerate(registered))
    )
    _runs(versions, now)
    _requests(versions, owner, now)


def _version(model: Any, place: int, owner: Any, now: datetime) -> Any:
    from apps.catalog.models import ModelVersion  # noqa: PLC0415

    is_serving = place % 4 != 0
    return ModelVersion(
        model=model,
        number=1,
        stage="production" if is_serving else "staging",
        readiness="ready",
        content_digest=f"sha256:{place:064x}",
        source="s3://elsewhere/model",
        contributors=[],
        created_at=now,
        created_by=owner,
        ready_at=now,
        touched_at=now,
        authorized_at=now if is_serving else None,
    )


def _runs(versions: list[Any], now: datetime) -> None:
    from apps.validation.models import CheckRun  # noqa: PLC0415

    _bulk(
        CheckRun,
        (
            CheckRun(
                version=version,
                check_name=name,
                examined_digest=version.content_digest,
                state="passed",
                attempt=1,
                queued_at=now,
                started_at=now,
                finished_at=now,
            )
            for version in versions
            for name in CHECKS
        ),
    )


def _requests(versions: list[Any], owner: Any, now: datetime) -> None:
    from apps.approvals.models import PromotionRequest  # noqa: PLC0415

    staged = [version for version in versions if version.stage == "staging"][:MOST_OPEN]
    _bulk(
        PromotionRequest,
        (
            PromotionRequest(
                version=version,
                transition="staging_to_production",
                target="production",
                justification="Benchmark",
                requested_by=owner,
                requested_at=now,
                policy_id="starter",
                policy_version="1.0.0",
                policy_digest="sha256:" + "0" * 64,
                content_digest=version.content_digest,
            )
            for version in staged
        ),
    )


def _bulk(rows: Any, made: Iterator[Any]) -> list[Any]:
    written: list[Any] = rows._base_manager.bulk_create(made, batch_size=BATCH)
    return written


if __name__ == "__main__":
    main()
