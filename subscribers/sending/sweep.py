"""Every second or two: place what has happened, and serve whoever waits for it."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import connection

from events.sweeps import sweep
from subscribers.feed.placing import AT_ONCE, place_events
from subscribers.sending.crew import CREW, SIDE_BY_SIDE
from subscribers.sending.serving import due_subscribers, serve


@sweep("subscribers.send", every=2)
def start_sending() -> None:
    """Place, and let threads of the process's own serve whoever waits.

    It waits for none of them: a subscriber that hangs takes half a minute, in which
    sweeps that waited would take every thread of the worker, and logins would wait.
    """
    CREW.serve(_placed_for())


def send_events() -> int:
    """The same until all of it is done; how many messages were taken."""
    waiting = _placed_for()
    if len(waiting) == 1:
        return serve(waiting[0])
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="serve") as threads:
        return sum(threads.map(_serve_beside, waiting))


def _placed_for() -> list[UUID]:
    """Give events their places; who waits for something then."""
    while place_events() == AT_ONCE:
        pass
    waiting = due_subscribers()
    # Two processes find the same; in another order they collide less.
    random.shuffle(waiting)
    return waiting


def _serve_beside(subscriber_id: UUID) -> int:
    try:
        return serve(subscriber_id)
    finally:
        connection.close()  # the thread's own
