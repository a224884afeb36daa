"""One span for each request that comes in, under the id its answer, events and log lines share."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from opentelemetry.trace import SpanKind

from apps.core.tracing.provider import TRACE_CONTEXT, fail, tracer

Answer = Callable[[HttpRequest], HttpResponse]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PARENT = ("traceparent", "tracestate")


class TracedRequests:
    """Goes on with the trace a request names, or begins one.

    Its route is told and never its path: names of models and people stand in paths.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = {name: request.headers[name] for name in _PARENT if name in request.headers}
        method = request.method if request.method in _METHODS else "_OTHER"
        with tracer().start_as_current_span(
            str(method),
            context=TRACE_CONTEXT.extract(sent),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": str(method),
                "url.scheme": str(request.scheme),
                "signet.request_id": str(getattr(request, "request_id", "")),
            },
            record_exception=False,
        ) as span:
            response = self.get_response(request)
            route = getattr(request.resolver_match, "route", None)
            if route:
                span.update_name(f"{method} /{route}")
                span.set_attribute("http.route", f"/{route}")
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                fail(span, str(response.status_code))
        return response
