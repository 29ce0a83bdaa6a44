"""Settings of the process that test_kill.py kills: receivers on this machine."""

from config.settings import *  # noqa: F403 - the very settings of production

SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
SUBSCRIBER_HTTP_ALLOWED = True
