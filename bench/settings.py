"""The product's settings but for these; for measurements only."""

from config.settings import *  # noqa: F403 - the very settings of production

ROOT_URLCONF = "bench.urls"
# The stand-in must not send what the measurement sends itself, all at once.
SANDBOX_SYNC_WEBHOOKS = True
# Its names of files need `collectstatic`; pages are measured, and their files are not.
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# Where the receivers of webhooks listen.
SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
SUBSCRIBER_HTTP_ALLOWED = True
