"""Tests: nothing outside the process unless the environment names a database, broker or bucket."""

import atexit
import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from registry_site import environment
from registry_site.settings.base import *  # noqa: F403
from registry_site.settings.base import STORAGES

MEMORY, ROOM = Path("/dev", "shm"), 2 * 2**30


def fast_folder() -> Path | None:
    """Return where files live in memory, if there is room: artifacts are synced again and again."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if has_room else None


DATA = Path(tempfile.mkdtemp(prefix="signet-test-", dir=fast_folder()))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
INCOMING = DATA / "incoming"
INCOMING.mkdir()
FILE_UPLOAD_TEMP_DIR = str(INCOMING)
STATIC_ROOT = DATA / "static"
SERVING_FOLDER = DATA / "serving"
STATIC_ROOT.mkdir()

DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECRET_KEY = "only-for-tests-" + "x" * 40
AUDIT_TAG_KEYS = {1: b"\x11" * 32}
LOG_NAME = "registry.test"
LOG_KEY_FILES = [str(DATA / "log-key")]
LOG_KEY_IS_MADE = True
ADMISSION_KEY_FILES = [str(DATA / "admission-key")]
Path(ADMISSION_KEY_FILES[0]).write_text("22" * 32)
ANCHORS = {}
ANCHORS_REQUIRED = frozenset()
# No sealer runs beside a test, so nothing waits for one.
SEAL_WAIT_SECONDS, SEAL_REFUSES_OVER, SEAL_LOOK_HOLDS = 0, 0, 0.0
SEAL_REFUSES_AFTER = ANCHOR_REFUSES_AFTER = timedelta(0)
STREAMS = []
OIDC_ISSUER = ""
SCIM = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_database() -> dict[str, Any]:
    """Return PostgreSQL when the environment names it, else a SQLite file that need not survive."""
    if address := environment.text("DATABASE_URL", ""):
        named = environment.database(address)
        named["OPTIONS"].pop("pool", None)
        return named
    file: dict[str, Any] = environment.sqlite(DATA / "signet.sqlite3")
    file["TEST"] = {"NAME": str(DATA / "test.sqlite3")}  # a file, so that threads have it in common
    options = file["OPTIONS"]
    options["init_command"] = options["init_command"].replace("=FULL", "=OFF")
    return file


DATABASES = {"default": test_database()}
# Nothing is kept, so that every page is held to what it costs when all has to be counted.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# Tests beside these have a place of their own in the bucket, too: what clears away files that its
# database does not know would take theirs. A server that a test starts is told of it.
STORAGES["artifacts"]["OPTIONS"]["location"] = (
    os.environ.get("PYTEST_XDIST_WORKER", "alone")
    if environment.text("S3_BUCKET", "")
    else str(DATA / "artifacts")
)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

EMBEDDED_BROKER = False
CELERY_BROKER_URL = environment.text("REDIS_URL", "memory://")
CELERY_TASK_ALWAYS_EAGER = environment.text("REDIS_URL", "") == ""
CELERY_TASK_EAGER_PROPAGATES = True
