"""Tell the workers what is due: one thread of each process, many deliveries a message.

Whoever publishes only leaves the ids here. A broker that is down or answers nobody
costs this thread its time, and nobody else's: what is lost is found by the sweep.
"""

import atexit
import logging
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import sleep

log = logging.getLogger(__name__)

# Deliveries of one message are run one after the other by one worker; the sweep gives
# those behind a slow one to the others.
MOST_IDS = 20
MOST_WAITING = 10_000  # then the broker is away and the sweep is faster
# Seconds that the first waits for company. Nothing beside what any handler takes, and
# under load it makes one message of ten.
_PATIENCE = 0.02
_LAST_WORDS = 2.0  # seconds that a process waits at its end
# Once and no more. "No retry" would not do: then kombu follows a plan of its own and
# keeps whoever asked waiting six seconds for a broker that is down.
_ONCE = {"max_retries": 0, "interval_start": 0}

Lanes = tuple[str, ...]


class Messenger:
    """Gathers what is said while a message is on its way, and sends it with the next.

    The deliveries of one event go into different messages, so that several workers
    share them; those of different events share one.
    """

    def __init__(self) -> None:
        self._said: SimpleQueue[Lanes] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._is_idle = Event()
        self._is_idle.set()

    def say(self, delivery_ids: Iterable[str]) -> None:
        """Have the workers told soon; never waits and never fails."""
        if self._said.qsize() >= MOST_WAITING:
            return
        self._is_idle.clear()
        self._said.put(tuple(delivery_ids))
        if self._thread is None:
            self._start()

    def wait(self, seconds: float) -> bool:
        """Wait until everything was handed to the broker, or lost; False if not yet."""
        return self._is_idle.wait(seconds)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                thread = Thread(target=self._work, name="nudges", daemon=True)
                thread.start()
                self._thread = thread

    def _work(self) -> None:
        while True:
            for ids in _messages(self._gather()):
                _send(ids)
            self._rest()

    def _gather(self) -> list[Lanes]:
        said = [self._said.get()]
        sleep(_PATIENCE)
        try:
            while len(said) < MOST_WAITING:
                said.append(self._said.get_nowait())
        except Empty:
            pass
        return said

    def _rest(self) -> None:
        if self._said.empty():
            self._is_idle.set()
            if not self._said.empty():  # said between the two
                self._is_idle.clear()


def _messages(said: list[Lanes]) -> Iterator[list[str]]:
    """Deal: the first delivery of each event together, then the second of each …"""
    for lane in range(max(map(len, said))):
        ids = iter([ids[lane] for ids in said if len(ids) > lane])
        while message := list(islice(ids, MOST_IDS)):
            yield message


def _send(delivery_ids: list[str]) -> None:
    from events.tasks import deliver

    try:
        deliver.apply_async((delivery_ids,), retry=True, retry_policy=_ONCE)
    except Exception as error:
        log.warning("Broker not reachable, the sweep will deliver: %s", error)


messenger = Messenger()


def _begin_anew() -> None:
    """A fork copies the queue and the locks but not the thread."""
    global messenger  # noqa: PLW0603 - one per process is the point
    messenger = Messenger()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(lambda: messenger.wait(_LAST_WORDS))


def nudge(delivery_ids: Iterable[str]) -> None:
    """Tell the workers of the deliveries of one event, soon and without waiting."""
    messenger.say(delivery_ids)
