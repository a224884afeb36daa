"""One machine, nothing configured: SQLite, files and a broker inside the data folder."""

import hashlib
import os
import tempfile
from pathlib import Path

from registry_site import environment
from registry_site.settings.base import *  # noqa: F403
from registry_site.settings.base import DATA

os.umask(0o077)
for folder in (DATA, DATA / "run", DATA / "incoming", DATA / "secrets"):
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

DEBUG = environment.flag("DEBUG", default=False)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
SECRET_KEY = environment.text("SECRET_KEY", "") or environment.kept_secret(
    DATA / "secrets" / "session-key"
)
AUDIT_TAG_KEYS = {
    1: bytes.fromhex(
        environment.text("AUDIT_KEY", "") or environment.kept_secret(DATA / "secrets" / "audit-key")
    )
}
LOG_KEY_IS_MADE = True
SESSION_COOKIE_NAME = f"signet-{environment.text('PORT', '8000')}"
CSRF_COOKIE_NAME = f"signet-form-{environment.text('PORT', '8000')}"


def broker_socket() -> Path:
    """Return where the embedded broker listens; the path of a socket holds at most 107 bytes."""
    wanted = DATA / "run" / "broker.sock"
    if len(os.fsencode(wanted)) < 100:
        return wanted
    name = hashlib.sha256(os.fsencode(DATA)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"signet-{name}" / "broker.sock"


EMBEDDED_BROKER = environment.text("REDIS_URL", "") == ""
CELERY_BROKER_URL = environment.text("REDIS_URL", f"redis+socket://{broker_socket()}")
