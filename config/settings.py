"""All settings, read from the environment in this one file.

What the environment says wins over `.env`; `.env.example` lists every name.
"""

from pathlib import Path
from typing import Any

import environ

from config.caching.settings import caches
from config.observing.settings import observing
from config.rest import REST_FRAMEWORK as REST_FRAMEWORK
from config.rest import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from config.stores import broker_options, s3_store, tuned
from config.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# Django cannot start without a key, so config/checks.py needs this stand-in to speak.
MISSING_SECRET_KEY = "missing-secret-key"  # noqa: S105 - refused by a system check
SECRET_KEY = SECRET_KEY or MISSING_SECRET_KEY
LOGGING, METRICS_TOKEN, METRICS_DIR, TRUST_REQUEST_ID = observing(env, is_debug=DEBUG)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "common",
    "tenants",
    "events",
    "customers.registry",
    "customers.contacts",
    "customers.tiers",
    "customers.risk",
    "customers.checks",
    "customers.quality",
    "documents",
    "evidence",
    "exports",
    "subscribers",
    "kyc",
    "kyc.sandbox",
    "deposits",
    "onboarding",
    "api",
    "config",
]

MIDDLEWARE = [
    "config.observing.middleware.ObservingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "api.answers.middleware.ApiAnswersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "common.middleware.NoNulMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.middleware.KeepSessionMiddleware",
    "tenants.middleware.TenantTimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
            ]
        },
    }
]

# --- Database -------------------------------------------------------------------
_database = env.db_url(
    "DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'vestibule.sqlite3'}"
)
DATABASES = {"default": tuned(_database, VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# SQLite leaves the further columns of an index out, which costs it time alone.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

# --- Staff, sessions, log-in ----------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "tenants.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# One idle hour: counters are left unattended. KeepSessionMiddleware counts it anew.
SESSION_COOKIE_AGE = 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "tenants.throttling.login_typed"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_STR_CALLABLE = "config.observing.lines.nobody_in_particular"
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"

STAFF_OIDC_ISSUER = env.str("STAFF_OIDC_ISSUER", default="").rstrip("/")
if STAFF_OIDC_ISSUER:
    INSTALLED_APPS.append("mozilla_django_oidc")
    AUTHENTICATION_BACKENDS.append("tenants.single_sign_on.StaffOIDCBackend")
    OIDC_RP_CLIENT_ID = env.str("STAFF_OIDC_CLIENT_ID", default="")
    OIDC_RP_CLIENT_SECRET = env.str("STAFF_OIDC_CLIENT_SECRET", default="")
    OIDC_RP_SIGN_ALGO = "RS256"
    OIDC_OP_AUTHORIZATION_ENDPOINT = f"{STAFF_OIDC_ISSUER}/protocol/openid-connect/auth"
    OIDC_OP_TOKEN_ENDPOINT = f"{STAFF_OIDC_ISSUER}/protocol/openid-connect/token"
    OIDC_OP_USER_ENDPOINT = f"{STAFF_OIDC_ISSUER}/protocol/openid-connect/userinfo"
    OIDC_OP_JWKS_ENDPOINT = f"{STAFF_OIDC_ISSUER}/protocol/openid-connect/certs"
    OIDC_CREATE_USER = False
    OIDC_TIMEOUT = 10
    OIDC_USE_PKCE = True
    # The provider remembers the last person at a counter; we ask it to ask again.
    OIDC_AUTH_REQUEST_EXTRA_PARAMS = {"prompt": "login"}
    # A stranger refused there says nothing about a password typed here.
    AXES_WHITELIST_CALLABLE = "tenants.single_sign_on.is_single_sign_on"
    LOGIN_REDIRECT_URL_FAILURE = "/admin/login/?single_sign_on=failed"

# --- Web ------------------------------------------------------------------------
USE_TZ, TIME_ZONE, LANGUAGE_CODE = True, "UTC", "en-gb"
STATIC_URL, STATIC_ROOT = "static/", BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"allow_overwrite": True},  # a second try replaces half a file
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
HAS_TLS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HAS_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # plain HTTP inside the cluster
SECURE_HSTS_SECONDS = 31_536_000 if HAS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HAS_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Keys -----------------------------------------------------------------------
# Fernet keys, the first writes, all read. In DEBUG one is derived, see checks.py.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
# Of the indexes by which encrypted columns are searched; never rotated.
BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY", default="")
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")

# --- Workers --------------------------------------------------------------------
# Where the embedded broker keeps its messages; two houses on one machine need two.
QUEUE_DIR = BASE_DIR / env.str("QUEUE_FOLDER", default="var/queue")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(CELERY_BROKER_URL, QUEUE_DIR)
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the outbox retries, the broker need not
# Seconds; for prefork workers, threads ignore them and rely on the gateways' own.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 90, 110
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
DELIVERY_LEASE_SECONDS = 120
CACHES = caches(env, CELERY_BROKER_URL)

# --- Mail -----------------------------------------------------------------------
MAIL_DIR = BASE_DIR / env.str("MAIL_FOLDER", default="var/mail")
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    for name, value in env.email_url_config(EMAIL_URL).items():
        globals()[name] = value
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_DIR)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="welcome@demo.example")

# --- SMS ------------------------------------------------------------------------
# The gateway; "": nothing is sent, in DEBUG messages end in files of SMS_DIR.
SMS_URL = env.str("SMS_URL", default="")
SMS_SECRET = env.str("SMS_SECRET", default="")
SMS_DIR = BASE_DIR / env.str("SMS_FOLDER", default="var/sms")
BUREAU_GATEWAY = env.str("BUREAU_GATEWAY", default="manual")  # or a dotted path
ADDRESS_GATEWAY = env.str("ADDRESS_GATEWAY", default="manual")

# --- Sumsub ---------------------------------------------------------------------
SUMSUB_APP_TOKEN = env.str("SUMSUB_APP_TOKEN", default="")
SUMSUB_SECRET_KEY = env.str("SUMSUB_SECRET_KEY", default="")
SUMSUB_WEBHOOK_SECRETS = env.list("SUMSUB_WEBHOOK_SECRETS", default=[])
SUMSUB_WEBHOOK_ALGORITHM = env.str(
    "SUMSUB_WEBHOOK_ALGORITHM", default="HMAC_SHA256_HEX"
)
SUMSUB_SANDBOX = not SUMSUB_APP_TOKEN
SUMSUB_BASE_URL = env.str(
    "SUMSUB_BASE_URL",
    default=f"{PUBLIC_URL}/sandbox/sumsub"
    if SUMSUB_SANDBOX
    else "https://api.sumsub.com",
).rstrip("/")
if SUMSUB_SANDBOX and DEBUG:
    SUMSUB_APP_TOKEN = "sbx:local-sandbox"  # noqa: S105 - the stand-in's own
    SUMSUB_SECRET_KEY = SUMSUB_SECRET_KEY or "local-sandbox-secret"
    SUMSUB_WEBHOOK_SECRETS = SUMSUB_WEBHOOK_SECRETS or ["local-sandbox-webhooks"]
SUMSUB_KYC_LEVEL = env.str("SUMSUB_KYC_LEVEL", default="basic-kyc-level")
SUMSUB_KYB_LEVEL = env.str("SUMSUB_KYB_LEVEL", default="basic-kyb-level")
SUMSUB_LINK_TTL_SECONDS = env.int("SUMSUB_LINK_TTL_SECONDS", default=1800)
SUMSUB_TIMEOUT = (3.05, 10.0)  # seconds: connect, read
# Where the stand-in's webhooks go ("": PUBLIC_URL), and whether within the request.
SANDBOX_WEBHOOK_URL, SANDBOX_SYNC_WEBHOOKS = "", False

# --- Customer logins ------------------------------------------------------------
KEYCLOAK_SERVER_URL = env.str("KEYCLOAK_SERVER_URL", default="")
KEYCLOAK_REALM = env.str("KEYCLOAK_REALM", default="customers")
KEYCLOAK_CLIENT_ID = env.str("KEYCLOAK_CLIENT_ID", default="vestibule")
KEYCLOAK_CLIENT_SECRET = env.str("KEYCLOAK_CLIENT_SECRET", default="")
API_OIDC_ISSUER = env.str("API_OIDC_ISSUER", default="").rstrip("/")  # "": none
API_OIDC_AUDIENCE = env.str("API_OIDC_AUDIENCE", default="vestibule-api")
API_RATE = env.str("API_RATE", default="600/min")  # of each user
API_FAILURE_RATE = env.str("API_FAILURE_RATE", default="30/min")  # of each address
API_PROXIES = env.int("API_PROXIES", default=0)  # of ours before the web
SUBSCRIBER_ALLOWED_NETWORKS = env.list("SUBSCRIBER_ALLOWED_NETWORKS", default=[])
SUBSCRIBER_HTTP_ALLOWED = DEBUG  # elsewhere https alone
SUBSCRIBER_RESOLVER = "subscribers.sending.addresses.resolve"

# --- Files ----------------------------------------------------------------------
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="") or None
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")
AWS_ACCESS_KEY_ID = env.str("AWS_ACCESS_KEY_ID", default="")
AWS_SECRET_ACCESS_KEY = env.str("AWS_SECRET_ACCESS_KEY", default="")
MEDIA_ROOT = BASE_DIR / env.str("FILES_FOLDER", default="var/files")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["documents.receiving.CappedUpload"]
# Where clamd listens, as in 127.0.0.1:3310; "": nothing is scanned.
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", default="")
if AWS_STORAGE_BUCKET_NAME:
    STORAGES["default"] = s3_store(is_own_server=bool(AWS_S3_ENDPOINT_URL))
