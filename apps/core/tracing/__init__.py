"""Traces in OpenTelemetry's form. It is imported only where the operator switched it on."""
