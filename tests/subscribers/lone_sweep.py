"""One sweep in a process of its own, to be killed in the middle."""

import django

django.setup()

from subscribers.sending import queue  # noqa: E402 - after the set-up
from subscribers.sending.sweep import send_events  # noqa: E402 - after the set-up

queue.LEASE_SECONDS = 2
send_events()
