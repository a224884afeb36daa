"""One span for each piece of work a worker carries out, in the trace of whoever queued it."""

from contextvars import Token
from typing import Any

from celery import signals
from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, set_span_in_context

from apps.core.tracing.provider import TRACE_CONTEXT, fail, tracer

_UNDER_WAY = "_signet_span"


def follow() -> None:
    """Follow messages and tasks from now on."""
    signals.before_task_publish.connect(queued, weak=False, dispatch_uid=_UNDER_WAY)
    signals.task_prerun.connect(begun, weak=False, dispatch_uid=_UNDER_WAY)
    signals.task_postrun.connect(ended, weak=False, dispatch_uid=_UNDER_WAY)


def forget() -> None:
    """Follow nothing any more."""
    for signal in (signals.before_task_publish, signals.task_prerun, signals.task_postrun):
        signal.disconnect(dispatch_uid=_UNDER_WAY)


def queued(headers: dict[str, Any], **_: Any) -> None:
    """Send the trace along with a message."""
    TRACE_CONTEXT.inject(headers)


def begun(task_id: str, task: Any, **_: Any) -> None:
    """Begin a span in the trace the message names, or in a new one."""
    sent = _sent(task.request)
    span = tracer().start_span(
        f"run {task.name}",
        context=TRACE_CONTEXT.extract(sent),
        kind=SpanKind.CONSUMER,
        attributes={"signet.task": task.name, "signet.task_id": task_id},
    )
    token = context.attach(set_span_in_context(span))
    setattr(task.request, _UNDER_WAY, (span, token))


def ended(task: Any, state: str | None = None, **_: Any) -> None:
    """End the span of a task; one that did not succeed failed."""
    under_way: tuple[Span, Token[Context]] | None = getattr(task.request, _UNDER_WAY, None)
    if under_way is None:
        return
    span, token = under_way
    if state not in {"SUCCESS", "IGNORED"}:
        fail(span, str(state))
    span.end()
    context.detach(token)


def _sent(request: Any) -> dict[str, str]:
    """Return the trace a message names: a worker finds it beside, eager work within its headers."""
    within = request.headers or {}
    found = {name: request.get(name) or within.get(name) for name in ("traceparent", "tracestate")}
    return {name: str(text) for name, text in found.items() if text}
