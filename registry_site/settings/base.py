"""What holds everywhere. Development, test and production each add the little that differs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab

from registry_site import environment

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA = Path(environment.text("DATA", str(BASE_DIR / "var"))).resolve()

INSTALLED_APPS = [
    "apps.core",
    "apps.audit",
    "apps.accounts",
    "apps.catalog",
    "apps.validation",
    "apps.deployments",
    "apps.risk",
    "apps.approvals",
    "apps.integrations",
    "apps.console",
    "apps.api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "guardian",
    "simple_history",
    "django_htmx",
    "lucide",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.RequestIdentity",
    "csp.middleware.CSPMiddleware",
    "apps.core.middleware.QuietHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.SessionLimits",
    "apps.accounts.middleware.ActorOfRequest",
    "apps.console.exams.middleware.ExamRooms",
    "apps.accounts.middleware.ClosedByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.core.middleware.PlainRefusals",
    "apps.audit.middleware.AnsweredWhenSealed",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "registry_site.urls"
WSGI_APPLICATION = "registry_site.wsgi.application"
APPEND_SLASH = False

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.console.context.frame",
                "apps.integrations.notices.context.bell",
            ],
            "builtins": ["apps.core.templatetags.ui"],
        },
    }
]

# -- database ------------------------------------------------------------------------------------
DATABASE_URL = environment.text("DATABASE_URL", "")
DATABASES: dict[str, Any] = {
    "default": environment.database(DATABASE_URL)
    if DATABASE_URL
    else environment.sqlite(DATA / "signet.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- kept in each process: what is dear to count and old after a minute -------------------------
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# -- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LEAST_PASSWORD_LENGTH = 12
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": LEAST_PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "apps.accounts.views.account.form_expired"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
REAUTHENTICATION_HOLDS = timedelta(minutes=5)
TOKEN_LONGEST = timedelta(days=365)
EXAM_LONGEST = timedelta(days=environment.number("EXAM_LONGEST_DAYS", 180, least=1))
ANONYMOUS_USER_NAME = None  # guardian's stand-in row for strangers: strangers have no rights here
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
# Rights are read by accounts.rights alone; guardian's backend would let superusers past every gate.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# -- the browser ---------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# -- words, times --------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- files ---------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "apps.core.finders.PackageFilesFinder",
]
INCOMING = DATA / "incoming"
FILE_UPLOAD_TEMP_DIR = str(INCOMING)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["apps.catalog.receiving.HashingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 11_000
DATA_UPLOAD_MAX_NUMBER_FILES = 10_000

# Whether MLflow clients fetch whole files from the bucket itself, by addresses good for a minute.
S3_REDIRECT = environment.flag("S3_REDIRECT", default=False)


def artifact_storage() -> dict[str, Any]:
    """Return where artifacts lie: a folder, or an S3-compatible bucket when one is named."""
    bucket = environment.text("S3_BUCKET", "")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": str(DATA / "artifacts"),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": environment.text("S3_PREFIX", ""),
            "endpoint_url": environment.text("S3_ENDPOINT_URL", "") or None,
            "region_name": environment.text("S3_REGION", "us-east-1"),
            "access_key": environment.text("S3_ACCESS_KEY", "") or None,
            "secret_key": environment.text("S3_SECRET_KEY", "") or None,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,
            "signature_version": "s3v4",
        },
    }


STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA / "files")},
    },
    "artifacts": artifact_storage(),
    "staticfiles": {"BACKEND": "apps.core.statics.StaticStorage"},
}

# -- limits, stated in the help and in every refusal ----------------------------------------------
MOST_FILES = 10_000
MOST_FILE_BYTES = environment.number("MOST_FILE_BYTES", 100 * 2**30, least=1)
MOST_VERSION_BYTES = environment.number("MOST_VERSION_BYTES", 200 * 2**30, least=1)
UPLOAD_HOLDS = timedelta(hours=24)

# -- background work -------------------------------------------------------------------------------
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# A worker told nothing serves every queue. "celery" is for what is no check, the sweeps among it.
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES: dict[str, dict[str, Any]] = {"celery": {}, "light": {}, "heavy": {}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # a page does not wait for a broker that is away: its row says what is to be done
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_BEAT_SCHEDULE = {
    "send unclaimed checks": {"task": "validation.send_unclaimed", "schedule": 5.0},
    "take back stalled checks": {"task": "validation.take_back_stalled", "schedule": 5.0},
    "look at the store": {"task": "validation.scrub", "schedule": 60.0},
    "expire awaited checks": {"task": "validation.expire_awaited", "schedule": 30.0},
    "send dry runs": {"task": "approvals.send_dry_runs", "schedule": 5.0},
    "send packs": {"task": "approvals.send_packs", "schedule": 5.0},
    "clear packs": {"task": "approvals.clear_packs", "schedule": 3600.0},
    "carry out what may": {"task": "approvals.carry_out", "schedule": 15.0},
    "lapse emergencies": {"task": "approvals.lapse_emergencies", "schedule": 60.0},
    "end authorizations": {"task": "approvals.end_authorizations", "schedule": 60.0},
    "end waivers": {"task": "approvals.end_waivers", "schedule": 600.0},
    "miss conditions": {"task": "approvals.miss_conditions", "schedule": 600.0},
    "send campaigns": {"task": "risk.send_campaigns", "schedule": 5.0},
    "escalate late answers": {"task": "risk.escalate_entries", "schedule": 600.0},
    "lapse requests": {"task": "approvals.lapse_requests", "schedule": 3600.0},
    "notice findings": {"task": "risk.notice_findings", "schedule": 60.0},
    "end other tiers": {"task": "risk.end_tier_overrides", "schedule": 600.0},
    "end accepted risks": {"task": "risk.end_acceptances", "schedule": 600.0},
    "outdate assessments": {"task": "risk.make_outdated_stale", "schedule": 600.0},
    "overtake assessments": {"task": "risk.make_overtaken_stale", "schedule": 600.0},
    "outdate by the policy": {"task": "approvals.outdate_by_policy", "schedule": 600.0},
    "erase what two people decided": {
        "task": "approvals.carry_out_redactions",
        "schedule": 60.0,
    },
    "watch production": {"task": "approvals.watch_production", "schedule": 3600.0},
    "send rollouts": {"task": "deployments.send_unclaimed", "schedule": 5.0},
    "take back stalled rollouts": {"task": "deployments.take_back_stalled", "schedule": 5.0},
    "confirm rollouts": {"task": "deployments.confirm_awaited", "schedule": 5.0},
    "expire rollouts": {"task": "deployments.expire_awaited", "schedule": 30.0},
    "look what runs": {"task": "deployments.look", "schedule": 60.0},
    "carry on drills": {"task": "approvals.carry_on_drills", "schedule": 10.0},
    "notice drift": {"task": "approvals.notice_drift", "schedule": 60.0},
    "follow the record": {"task": "integrations.follow_record", "schedule": 5.0},
    "follow the streams": {"task": "integrations.follow_streams", "schedule": 5.0},
    "tell what happened": {"task": "integrations.notice", "schedule": 10.0},
    "tell what falls due": {"task": "integrations.remind", "schedule": 3600.0},
    "send mail": {"task": "integrations.send_mail", "schedule": 10.0},
    "import new versions": {"task": "integrations.import_new", "schedule": 5.0},
    "import all versions": {"task": "integrations.import_all", "schedule": 3600.0},
    "clear abandoned uploads": {"task": "catalog.clear_abandoned_uploads", "schedule": 3600.0},
    "erase what was disposed of": {"task": "catalog.erase_disposed", "schedule": 3600.0},
    "clear kept answers": {"task": "api.clear_kept_answers", "schedule": 3600.0},
    "verify the record": {"task": "audit.verify_due", "schedule": 600.0},
    "compare rows with the record": {
        "task": "audit.compare",
        "schedule": crontab(hour="2", minute="17"),
    },
    "seal what waits": {"task": "audit.seal", "schedule": 10.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "run" / "beat")
CHECK_LEASE = timedelta(seconds=30)
CHECK_TRIES = 3
ROLLOUT_LEASE = timedelta(seconds=30)
ROLLOUT_TRIES = 6
# How long a place may take to show what it accepted, and people to say how it ended by hand.
ROLLOUT_AWAITED = timedelta(minutes=environment.number("ROLLOUT_AWAITED_MINUTES", 60, least=1))
ROLLOUT_BY_HAND = timedelta(days=environment.number("ROLLOUT_BY_HAND_DAYS", 14, least=1))
# How fast stored files are read again in the background, to find rot before anybody uses them.
SCRUB_BYTES_A_SECOND = environment.number("SCRUB_BYTES_A_SECOND", 20 * 2**20, least=1)
# How many checks of each weight `manage.py up` carries out at a time.
LIGHT_PROCESSES = environment.number("LIGHT_PROCESSES", 2, least=1)
HEAVY_PROCESSES = environment.number("HEAVY_PROCESSES", 1, least=1)
# Where the runner for models that can run code listens; empty: such models are never loaded.
RUNNER = environment.text("RUNNER", "")
# Where the deployer "local" and the model server on this machine meet.
SERVING_FOLDER = DATA / "serving"

# -- the way out: https to the open internet, and to what the operator trusts ----------------------
OUTBOUND_HTTP = environment.flag("OUTBOUND_HTTP", default=False)
OUTBOUND_PORTS = environment.numbers("OUTBOUND_PORTS", "443")
OUTBOUND_ALLOW = environment.words("OUTBOUND_ALLOW")
MLFLOW_SOURCES = environment.words("MLFLOW_SOURCES")
# What signs orders to the places where versions run, or opens those; settings there name them.
DEPLOYER_SECRETS = environment.host_secrets("DEPLOYER_SECRETS")
# What certificates of clusters are held to; empty: what this system trusts.
DEPLOYER_CA_FILE = environment.text("DEPLOYER_CA_FILE", "")

# -- traces for a collector of OpenTelemetry's: nothing of it is imported unless asked for ---------
TRACES = environment.traces("OTEL")
if TRACES:
    INSTALLED_APPS.append("apps.core.tracing")
    MIDDLEWARE.insert(
        MIDDLEWARE.index("apps.core.middleware.RequestIdentity") + 1,
        "apps.core.tracing.middleware.TracedRequests",
    )

# -- the log: what it is named by, who signs it, and where its checkpoints are kept ----------------
BASE_URL = environment.base_url("BASE_URL")
LOG_NAME = environment.log_name("LOG_NAME", BASE_URL)
# Only the sealer reads these; the first may be made at first use where nobody else could.
LOG_KEY_FILES = environment.words("LOG_KEY_FILES", str(DATA / "secrets" / "log-key"))
LOG_KEY_IS_MADE = False
# What signs admission answers: the web reads it, so it is never one of those. The first one signs.
ADMISSION_KEY_FILES = environment.words(
    "ADMISSION_KEY_FILES", str(DATA / "secrets" / "admission-key")
)
# For how long at most an admission answer may be relied on.
ADMISSION_HOLDS = timedelta(seconds=environment.number("ADMISSION_SECONDS", 60, least=1))
ANCHORS = environment.anchors("ANCHORS", DATA / "checkpoints")
ANCHORS_REQUIRED = environment.some_of("ANCHORS_REQUIRED", ANCHORS)
# How long an answer waits until what it decided is sealed.
SEAL_WAIT_SECONDS = environment.number("SEAL_WAIT_SECONDS", 2)
# When nothing more is decided, since sealing does not keep up; 0 turns a limit off.
SEAL_REFUSES_AFTER = timedelta(seconds=environment.number("SEAL_REFUSES_AFTER", 60))
SEAL_REFUSES_OVER = environment.number("SEAL_REFUSES_OVER", 50_000)
ANCHOR_REFUSES_AFTER = timedelta(seconds=environment.number("ANCHOR_REFUSES_AFTER", 15 * 60))
SEAL_LOOK_HOLDS = 1.0
# What buckets among them are opened with (else what the machine's own account may), and what signs
# deliveries to webhooks among them. Only the sealer uses these.
ANCHOR_S3_ACCESS_KEY = environment.text("ANCHOR_S3_ACCESS_KEY", "")
ANCHOR_S3_SECRET_KEY = environment.text("ANCHOR_S3_SECRET_KEY", "")
ANCHOR_SECRET = environment.text("ANCHOR_SECRET", "")

# -- streams of the record: who watches security gets every sealed entry as a line -----------------
STREAMS = environment.words("STREAMS")
STREAM_SECRET = environment.text("STREAM_SECRET", "")
# What certificates of syslog servers are held to; empty: what this system trusts.
STREAM_CA_FILE = environment.text("STREAM_CA_FILE", "")

# -- sign-in by an identity provider (OpenID Connect), and people and teams kept by a directory ----
OIDC_ISSUER = environment.text("OIDC_ISSUER", "")
OIDC_NAME = environment.text("OIDC_NAME", "your organization")
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES = environment.words("OIDC_SCOPES", "openid,profile,email")
# Whether somebody nobody knows gets an account at first sign-in.
OIDC_ADMITS = environment.flag("OIDC_ADMITS", default=False)
OIDC_GROUPS_CLAIM = environment.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUP_ROLES = environment.pairs("OIDC_GROUP_ROLES")
# The claim that holds what the directory calls externalId; empty: the two are never joined.
OIDC_DIRECTORY_CLAIM = environment.text("OIDC_DIRECTORY_CLAIM", "")
# The acr of which one is asked for, and needed, before a signature; empty: any.
OIDC_STEP_UP_ACR = environment.words("OIDC_STEP_UP_ACR")
# The acr and amr that say that two factors were used; without any, the provider proves one.
OIDC_TWO_FACTORS = environment.words("OIDC_TWO_FACTORS")
environment.require_whole_sign_on()
# Whether a directory may keep people and teams by SCIM.
SCIM = environment.flag("SCIM", default=False)

# -- mail: nothing is sent unless a host is named --------------------------------------------------
EMAIL_HOST = environment.text("MAIL_HOST", "")
MAIL_TLS = environment.one_of("MAIL_TLS", "starttls", "tls", "none")
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_TLS == "starttls", MAIL_TLS == "tls"
EMAIL_PORT = environment.number(
    "MAIL_PORT", {"starttls": 587, "tls": 465}.get(MAIL_TLS, 25), least=1
)
EMAIL_HOST_USER = environment.text("MAIL_USER", "")
EMAIL_HOST_PASSWORD = environment.text("MAIL_PASSWORD", "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.mail_address("MAIL_FROM")
environment.require_whole_mail()

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO")},
}

# How many days the file of an evidence pack is kept; its row and digest stay.
PACK_DAYS = environment.number("PACK_DAYS", 30, least=1)

# What judgment asks the policy in force, which is kept above it (apps.risk.policy_says).
RISK_POLICY = "apps.approvals.risk_policy.says"
