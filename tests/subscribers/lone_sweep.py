"""One sweep in a process of its own, to be killed in the middle.

A post waits for its answer, however busy the machine is; the lease is renewed.
"""

import django

django.setup()

from subscribers.sending import posting  # noqa: E402 - after the set-up
from subscribers.sending.sweep import send_events  # noqa: E402 - after the set-up

posting.READ_WITHIN = posting.ALL_WITHIN = 120.0
send_events()
