"""What a web server calls."""

import os

from django.core.wsgi import get_wsgi_application

from apps.console.parent import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
application = get_wsgi_application()
if os.environ.get("SIGNET_DIE_WITH_PARENT"):
    # The web server's own workers outlive a killed manager otherwise, and keep its port.
    end_with_parent()
