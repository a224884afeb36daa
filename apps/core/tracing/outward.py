"""Requests to other servers: one span each, whose trace the other server can go on with."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span, SpanKind

from apps.core.spans import Outward
from apps.core.tracing.provider import TRACE_CONTEXT, fail, tracer

MOST_EVENTS = 20
"""How many events of the record one span names."""
EVENTS = "signet.event_ids"


@dataclass(frozen=True)
class OneRequest:
    """One request on its way out."""

    span: Span
    headers: Mapping[str, str] = field(default_factory=dict)

    def answered(self, status: int) -> None:
        """Note the status of the answer; one of failure fails the span."""
        self.span.set_attribute("http.response.status_code", status)
        if status >= 400:
            fail(self.span, str(status))


class Outgoing:
    """Tells of requests by method and host. Paths are left out, since some are secrets."""

    def outward(self, method: str, host: str, port: int) -> AbstractContextManager[Outward]:
        """Keep track of a request to another server until the block ends."""
        return _outward(method, host, port)

    def event(self, uid: UUID) -> None:
        """Note an event of the record in the span it is written in."""
        span = trace.get_current_span()
        if isinstance(span, ReadableSpan) and span.is_recording():
            known = (span.attributes or {}).get(EVENTS, ())
            assert isinstance(known, tuple)
            if len(known) < MOST_EVENTS:
                span.set_attribute(EVENTS, [*map(str, known), str(uid)])


@contextmanager
def _outward(method: str, host: str, port: int) -> Iterator[Outward]:
    with tracer().start_as_current_span(
        method,
        kind=SpanKind.CLIENT,
        attributes={"http.request.method": method, "server.address": host, "server.port": port},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        headers: dict[str, str] = {}
        TRACE_CONTEXT.inject(headers)
        try:
            yield OneRequest(span, headers)
        except Exception as error:
            fail(span, type(error).__name__)
            raise
