"""Traces are off, and cost nothing, unless the operator asks for them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from registry_site import environment
from registry_site.environment import COLLECTORS, Misconfigured

ROOT = Path(__file__).resolve().parent.parent.parent
SAYS = """
import json, sys, django
django.setup()
from django.conf import settings
from apps.core import spans
print(json.dumps({
    "imported": any(name.split(".")[0] == "opentelemetry" for name in sys.modules),
    "middleware": settings.MIDDLEWARE[2:4],
    "tracer": type(spans._Told.tracer).__name__,
}))
"""


@pytest.fixture(autouse=True)
def nothing_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*COLLECTORS, "SIGNET_OTEL"):
        monkeypatch.delenv(variable, raising=False)


def test_traces_are_off_by_default() -> None:
    assert environment.traces("OTEL") is False


@pytest.mark.parametrize("variable", COLLECTORS)
def test_the_standard_variables_turn_them_on(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://collector.example:4318")
    assert environment.traces("OTEL") is True


def test_what_signet_is_told_counts_before_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_OTEL", "yes")
    assert environment.traces("OTEL") is True
    monkeypatch.setenv("SIGNET_OTEL", "no")
    monkeypatch.setenv(COLLECTORS[0], "http://collector.example:4318")
    assert environment.traces("OTEL") is False


@pytest.mark.parametrize("missing", ["opentelemetry_nowhere.exporter", "json.nowhere"])
def test_without_the_packages_signet_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv("SIGNET_OTEL", "yes")
    monkeypatch.setattr(environment, "EXPORTER", missing)
    with pytest.raises(Misconfigured, match=r"manage.py install traces, or say SIGNET_OTEL=no"):
        environment.traces("OTEL")


def started(**given: str) -> dict[str, Any]:
    """Start Django in a process of its own, and return what it says of traces."""
    ran = subprocess.run(
        [sys.executable, "-c", SAYS],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "registry_site.settings.test", **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return said


@pytest.mark.slow
def test_nothing_is_imported_where_it_is_off() -> None:
    said = started()
    assert said["imported"] is False
    assert said["tracer"] == "_Nothing"
    assert not any("tracing" in name for name in said["middleware"])


@pytest.mark.slow
def test_where_it_is_on_every_request_is_traced_after_it_has_its_id() -> None:
    said = started(SIGNET_OTEL="yes", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert said["imported"] is True
    assert said["tracer"] == "Outgoing"
    assert said["middleware"] == [
        "apps.core.middleware.RequestIdentity",
        "apps.core.tracing.middleware.TracedRequests",
    ]
