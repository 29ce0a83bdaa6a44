"""Every second or two: place what has happened, and serve whoever waits for it."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import connection

from events.sweeps import sweep
from subscribers.feed.placing import AT_ONCE, place_events
from subscribers.sending.serving import due_subscribers, serve

# Subscribers that one process serves at a time: hanging ones keep nobody waiting.
SIDE_BY_SIDE = 16


@sweep("subscribers.send", every=2)
def send_events() -> int:
    """Place and send; harmless side by side: one at a time serves a subscriber."""
    while place_events() == AT_ONCE:
        pass
    waiting = due_subscribers()
    if len(waiting) == 1:
        return serve(waiting[0])
    # Two sweeps at once find the same; in another order they collide less.
    random.shuffle(waiting)
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="serve") as threads:
        return sum(threads.map(_serve_beside, waiting))


def _serve_beside(subscriber_id: UUID) -> int:
    try:
        return serve(subscriber_id)
    finally:
        connection.close()  # the thread's own
