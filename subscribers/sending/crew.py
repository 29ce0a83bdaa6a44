"""The threads of this process that serve subscribers, whoever found that they wait."""

import logging
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import UUID

from django.db import connection

from subscribers.sending.serving import serve

log = logging.getLogger(__name__)

# Subscribers that one process serves at a time: hanging ones keep nobody waiting.
SIDE_BY_SIDE = 16


class Crew:
    """Serves each subscriber once at a time, and keeps nobody waiting for it.

    A process that ends waits for its turns; those that go on are cut short.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """In a child process: threads are the parent's."""
        self._lock = threading.Lock()
        self._served: set[UUID] = set()
        self._threads = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="serve")

    def serve(self, waiting: Iterable[UUID]) -> None:
        """Begin with those that are not served already."""
        with self._lock:
            found = [key for key in waiting if key not in self._served]
            self._served.update(found)
        for key in found:
            self._threads.submit(copy_context().run, self._serve, key)

    def is_busy(self) -> bool:
        return bool(self._served)

    def _serve(self, subscriber_id: UUID) -> None:
        try:
            serve(subscriber_id)
        # Any: nobody waits for what this thread might say.
        except Exception:
            log.exception("Subscriber %s could not be served.", subscriber_id)
        finally:
            connection.close()  # the thread's own
            with self._lock:
                self._served.discard(subscriber_id)


CREW = Crew()
os.register_at_fork(after_in_child=CREW.forget)
