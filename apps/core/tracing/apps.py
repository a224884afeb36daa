from django.apps import AppConfig
from opentelemetry import trace

from apps.core import spans
from apps.core.tracing import outward, provider, work


class TracingConfig(AppConfig):
    name = "apps.core.tracing"
    label = "tracing"

    def ready(self) -> None:
        """Send traces from now on to the collector the standard variables name."""
        trace.set_tracer_provider(provider.made())
        spans.use(outward.Outgoing())
        work.follow()
