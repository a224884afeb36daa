"""What makes spans and sends them: the standard SDK, set by its standard variables."""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

NAME = "signet"
TRACE_CONTEXT = TraceContextTextMapPropagator()
"""Reads and writes ``traceparent``. Baggage is left out: what somebody sends goes no further."""


def made() -> TracerProvider:
    """Return what sends spans in batches, from a thread of its own, to the operator's collector."""
    own = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: NAME}
    provider = TracerProvider(resource=Resource.create(own))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def tracer() -> trace.Tracer:
    """Return what begins spans now."""
    return trace.get_tracer(NAME)


def fail(span: Span, kind: str) -> None:
    """Mark a span as failed. What exactly was said stays out: it may hold names and addresses."""
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
