"""The wiring: settings, URLs, and the programs that serve and work."""

from registry_site.celery import app as celery_app

__all__ = ["celery_app"]
