"""Operators see runs and leases in the admin, and change nothing but through operations."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.validation import runner
from apps.validation.models import CheckRun
from tests.factories import person, signed_in


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    """The browser of an operator, who may also run checks."""
    return signed_in(client, person("otto", everywhere=("operator",), staff=True))


def test_runs_and_leases_are_listed(operator: Client, run: CheckRun) -> None:
    runner.claim(run, worker="w1")

    for name in ("checkrun", "checklease"):
        page = operator.get(reverse(f"admin:validation_{name}_changelist"))
        assert page.status_code == 200
        assert str(run) in page.content.decode() or "scan" in page.content.decode()


def test_a_concluded_run_can_be_run_again_and_a_waiting_one_not(
    operator: Client, run: CheckRun
) -> None:
    page = reverse("admin:validation_checkrun_change", args=[run.pk])
    assert "Run again" not in operator.get(page).content.decode()

    runner.execute(run.pk, worker="w1")
    assert "Run again" in operator.get(page).content.decode()
    operator.post(reverse("admin:validation_checkrun_again", args=[run.pk]))

    assert CheckRun.objects.waiting().count() == 1
