"""Production: refuses to start half-configured."""

import os

from registry_site import environment
from registry_site.environment import Misconfigured
from registry_site.settings.base import *  # noqa: F403
from registry_site.settings.base import DATABASES

os.umask(0o077)

DEBUG = False
if environment.flag("DEBUG", default=False):
    raise Misconfigured("SIGNET_DEBUG cannot be on in production.")

SECRET_KEY = environment.text("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    raise Misconfigured("SIGNET_SECRET_KEY takes at least 50 random characters.")

ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS or any("*" in host for host in ALLOWED_HOSTS):
    raise Misconfigured("SIGNET_ALLOWED_HOSTS names the hosts people use, without a star.")


def audit_keys() -> dict[int, bytes]:
    """Return the origin-tag keys: ``1:<64 hex digits>,2:<64 hex digits>``, newest number in use."""
    keys: dict[int, bytes] = {}
    for part in environment.words("AUDIT_KEY"):
        number, _, key = part.rpartition(":")
        try:
            keys[int(number or "1")] = bytes.fromhex(key)
        except ValueError:
            raise Misconfigured("SIGNET_AUDIT_KEY takes number:hex, comma-separated.") from None
    if not keys or any(len(key) != 32 for key in keys.values()):
        raise Misconfigured("SIGNET_AUDIT_KEY takes at least one key of 64 hexadecimal digits.")
    return keys


AUDIT_TAG_KEYS = audit_keys()

environment.text("DATABASE_URL")
if DATABASES["default"]["ENGINE"].endswith("postgresql") and not DATABASES["default"]["NAME"]:
    raise Misconfigured("SIGNET_DATABASE_URL names no database.")

EMBEDDED_BROKER = False
CELERY_BROKER_URL = environment.text("REDIS_URL")
if "://" not in CELERY_BROKER_URL or (
    "@" not in CELERY_BROKER_URL and not CELERY_BROKER_URL.startswith("redis+socket://")
):
    raise Misconfigured("SIGNET_REDIS_URL carries a password: rediss://:password@host:6379/0.")

SECURE_SSL_REDIRECT = environment.flag("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REDIRECT_EXEMPT = [r"^health$"]
if environment.flag("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-signet"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-signet-form"
CSRF_COOKIE_HTTPONLY = True
