"""The product's settings but for these; for measurements only."""

from config.settings import *  # noqa: F403 - the very settings of production

ROOT_URLCONF = "bench.urls"
# The stand-in must not send what the measurement sends itself, all at once.
SANDBOX_SYNC_WEBHOOKS = True
