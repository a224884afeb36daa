"""Requests, outward requests and tasks are traced where it is asked for, and say no secret."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app, shared_task
from celery.app.task import Context
from django.http import HttpRequest, HttpResponse
from django.test import Client
from kombu import Connection
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core import outbound, spans
from apps.core.identifiers import uuid7
from apps.core.outbound import NotReached
from apps.core.tracing import outward, provider, work
from apps.core.tracing.middleware import TracedRequests
from tests.factories import signed_in
from tests.integrations.receiver import Receiver, receiver
from tests.scenarios import registered_model, stranger

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
MIDDLEWARE = "apps.core.tracing.middleware.TracedRequests"


@shared_task(name="tests.traced")
def traced(fails: bool = False) -> str:
    """Say which trace it is carried out in."""
    if fails:
        raise ValueError("the words nobody may read")
    headers: dict[str, str] = {}
    provider.TRACE_CONTEXT.inject(headers)
    return headers["traceparent"].split("-")[1]


class Kept:
    """The spans that ended, in order."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def all(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def one(self) -> ReadableSpan:
        [span] = self.all()
        return span


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """Trace into memory, as the app does where it is installed, until the test ends."""
    exporter, made = InMemorySpanExporter(), TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", made.get_tracer)
    spans.use(outward.Outgoing())
    work.follow()
    yield Kept(exporter)
    work.forget()
    spans.use(None)
    made.shutdown()


@pytest.fixture
def client(settings: Settings) -> Client:
    """A client of a Signet that traces."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:3], MIDDLEWARE, *settings.MIDDLEWARE[3:]]
    return Client()


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    with receiver() as running:
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_ALLOW = running.trust
        yield running


def told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


# -- requests that come in -------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_request_goes_on_with_the_trace_it_names(client: Client, kept: Kept) -> None:
    answer = client.get("/sign-in/", headers={"traceparent": TRACEPARENT})

    span = kept.one()
    assert trace_of(span) == TRACE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == PARENT
    assert span.kind is SpanKind.SERVER
    assert span.name == "GET /sign-in/"
    assert told(span) == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "signet.request_id": answer.headers["X-Request-Id"],
        "http.route": "/sign-in/",
        "http.response.status_code": 200,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["", "nonsense", "00-0-0-01", f"00-{'0' * 32}-{PARENT}-01"])
def test_a_request_that_names_no_trace_begins_one(client: Client, kept: Kept, sent: str) -> None:
    client.get("/sign-in/", headers={"traceparent": sent} if sent else {})
    span = kept.one()
    assert span.parent is None
    assert trace_of(span) != TRACE


@pytest.mark.django_db
def test_names_in_paths_are_in_no_span(client: Client, kept: Kept) -> None:
    registered_model("secret-name")
    kept._exporter.clear()
    signed_in(client, stranger())
    kept._exporter.clear()
    assert client.get("/models/secret-name/?q=secret-query").status_code == 404
    span = kept.one()
    assert told(span)["http.route"] == "/models/<str:name>/"
    assert "secret" not in span.to_json()


@pytest.mark.django_db
def test_what_leads_nowhere_and_odd_methods_have_no_names(client: Client, kept: Kept) -> None:
    client.generic("BREW", "/nothing-here/")
    span = kept.one()
    assert span.name == "_OTHER"
    assert "http.route" not in told(span)
    assert span.status.status_code is StatusCode.UNSET


def test_an_answer_of_failure_fails_the_span(rf: Any, kept: Kept) -> None:
    def fails(request: HttpRequest) -> HttpResponse:
        return HttpResponse("words", status=503)

    request = rf.get("/x/")
    request.resolver_match = None
    TracedRequests(fails)(request)
    span = kept.one()
    assert span.status.status_code is StatusCode.ERROR
    assert told(span)["error.type"] == "503"


@pytest.mark.django_db
def test_the_events_of_a_request_are_named_by_their_ids(kept: Kept) -> None:
    with provider.tracer().start_as_current_span("asked"):
        registered_model()
        registered_model()
    [span] = [span for span in kept.all() if span.name == "asked"]
    ids = [str(event.uid) for event in AuditEvent.objects.order_by("pk")]
    assert list(told(span)[outward.EVENTS]) == ids
    assert len(ids) >= 2


def test_a_span_names_so_many_events_and_no_more(kept: Kept) -> None:
    with provider.tracer().start_as_current_span("asked"):
        for _ in range(outward.MOST_EVENTS + 5):
            spans.event(uuid7())
    assert len(told(kept.one())[outward.EVENTS]) == outward.MOST_EVENTS
    spans.event(uuid7())  # outside of any span nobody is told
    assert len(kept.all()) == 1


# -- requests that go out --------------------------------------------------------------------------


def test_another_server_is_told_the_trace(there: Receiver, kept: Kept) -> None:
    with provider.tracer().start_as_current_span("asked"):
        assert outbound.post(f"{there.url}/secret-path", b"x") == 200

    span = kept.all()[0]
    assert span.kind is SpanKind.CLIENT
    assert told(span) == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": there.port,
        "http.response.status_code": 200,
    }
    assert "secret" not in span.to_json()
    [request] = there.requests
    assert span.context is not None
    expected = ["00", trace_of(kept.all()[1]), f"{span.context.span_id:016x}"]
    assert request.headers["traceparent"].split("-")[:3] == expected


def test_a_server_that_refuses_or_is_not_there_fails_the_span(
    there: Receiver, kept: Kept, settings: Settings
) -> None:
    there.status = 500
    outbound.ask("GET", there.url)
    settings.OUTBOUND_ALLOW = ["127.0.0.1:1"]
    with pytest.raises(NotReached):
        outbound.post("http://127.0.0.1:1/secret", b"x")
    assert [told(span)["error.type"] for span in kept.all()] == ["500", "NotReached"]
    assert all(span.status.status_code is StatusCode.ERROR for span in kept.all())
    assert all(not span.events for span in kept.all())


def test_without_a_tracer_nothing_is_added_to_a_request(there: Receiver) -> None:
    outbound.post(there.url, b"x")
    assert "traceparent" not in there.requests[0].headers


# -- work ------------------------------------------------------------------------------------------


def test_work_is_carried_out_in_the_trace_of_who_queued_it(kept: Kept) -> None:
    headers: dict[str, Any] = {}
    with provider.tracer().start_as_current_span("asked"):
        work.queued(headers=headers)
    [asked] = kept.all()

    done = traced.apply(headers=headers)

    span = kept.all()[1]
    assert done.get() == trace_of(asked) == trace_of(span)
    assert span.kind is SpanKind.CONSUMER
    assert span.name == "run tests.traced"
    assert told(span) == {"signet.task": "tests.traced", "signet.task_id": done.id}
    assert span.status.status_code is StatusCode.UNSET


def test_a_worker_finds_the_trace_in_the_message_it_gets(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    with Connection("memory://") as broker, provider.tracer().start_as_current_span("asked"):
        current_app.send_task("tests.traced", queue="traced", connection=broker)
        message = broker.SimpleQueue("traced").get(timeout=1)
    [asked] = kept.all()

    received = SimpleNamespace(name="tests.traced", request=Context(message.headers))
    work.begun(task_id="1", task=received)
    work.ended(task=received, state="SUCCESS")

    span = kept.all()[1]
    assert trace_of(span) == trace_of(asked)
    assert span.parent is not None
    assert asked.context is not None
    assert span.parent.span_id == asked.context.span_id


def test_work_that_failed_fails_its_span_without_its_words(kept: Kept) -> None:
    traced.apply(kwargs={"fails": True}, throw=False)
    span = kept.one()
    assert span.parent is None
    assert told(span)["error.type"] == "FAILURE"
    assert "nobody may read" not in span.to_json()


def test_a_task_that_began_before_it_was_traced_ends_quietly(kept: Kept) -> None:
    work.ended(task=traced, state="SUCCESS")
    assert kept.all() == []


# -- the switch ------------------------------------------------------------------------------------


def test_a_collector_gets_what_the_standard_exporter_sends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiver() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
        made = provider.made()
        made.get_tracer("signet").start_span("asked").end()
        made.shutdown()
    [sent] = collector.requests
    assert sent.path == "/hook/v1/traces"
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert headers["content-type"] == "application/x-protobuf"
    assert made.resource.attributes["service.name"] == "signet"


def test_the_name_of_the_service_is_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "models")
    made = provider.made()
    assert made.resource.attributes["service.name"] == "models"
    made.shutdown()


def test_it_is_off_unless_asked_for_and_imported_nowhere_else(settings: Settings) -> None:
    assert settings.TRACES is False
    assert MIDDLEWARE not in settings.MIDDLEWARE
    assert "apps.core.tracing" not in settings.INSTALLED_APPS
    assert importers() == []


def importers() -> list[str]:
    """Return the modules beside the tracing ones that would import any of it."""
    root = Path(settings_root())
    sources = [*root.glob("apps/**/*.py"), *root.glob("registry_site/**/*.py")]
    apart = [path for path in sources if "tracing" not in path.parts]
    return [str(path) for path in apart if imports_traces(path.read_text())]


def settings_root() -> Path:
    return Path(__file__).resolve().parent.parent.parent


def imports_traces(text: str) -> bool:
    if "opentelemetry" not in text and "tracing" not in text:
        return False
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        if any(name.startswith(("opentelemetry", "apps.core.tracing")) for name in names):
            return True
    return False
