"""Keep a long run of questions well below the provider's rate limit."""

import threading
import time

# Sumsub allows 300 GETs in 5 s; half of it leaves room for everybody else.
REQUESTS_PER_SECOND = 25.0


class Pace:
    """Spread calls evenly; safe to share between threads of one process."""

    def __init__(self, per_second: float = REQUESTS_PER_SECOND) -> None:
        self._gap = 1.0 / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Sleep until the next request may go out."""
        with self._lock:
            now = time.monotonic()
            due = max(now, self._next)
            self._next = due + self._gap
        time.sleep(due - now)
