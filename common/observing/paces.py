"""How often somebody may do something, counted by all processes in Django's cache."""

import time
from dataclasses import dataclass

from django.core.cache import cache

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Pace:
    """At most so many times in so many seconds, whoever it is.

    Two counters for each: of this window, and of the one before, which counts for as
    much of it as still lies within the last `seconds`. Counters are added up by the
    cache itself, so two processes at once lose no count; a list of moments, read and
    written back, would.
    """

    name: str
    most: int
    seconds: int

    @classmethod
    def written(cls, name: str, text: str) -> "Pace":
        """Read `600/min`; of the unit only the first letter counts."""
        most, _, unit = text.partition("/")
        return cls(name, int(most), _SECONDS[unit[0]])

    def take(self, who: object) -> float:
        """Count once more and return 0; or count nothing and return seconds to wait."""
        window, passed = divmod(time.time(), self.seconds)
        now, before = (self._key(who, int(window) - back) for back in (0, 1))
        counted = cache.get_many([now, before])
        earlier = counted.get(before, 0)
        if wait := self._wait(counted.get(now, 0) + 1, earlier, passed):
            return wait
        return self._wait(self._add(now), earlier, passed)

    def _add(self, key: str) -> int:
        """What is counted now, this time with it."""
        cache.add(key, 0, timeout=2 * self.seconds)
        try:
            return int(cache.incr(key))
        except ValueError:  # the cache was emptied just now
            return 1

    def _wait(self, count: int, earlier: int, passed: float) -> float:
        """Seconds until `count` in this window is within the pace; 0 for at once."""
        rest = self.seconds - passed
        if count <= self.most:
            # Of the earlier ones at most `most - count` may still lie within.
            return max(0.0, rest - _share(self.most - count, earlier) * self.seconds)
        return rest + (1 - _share(self.most - 1, count - 1)) * self.seconds

    def _key(self, who: object, window: int) -> str:
        return f"pace:{self.name}:{who}:{window}"


def _share(part: int, whole: int) -> float:
    return min(1.0, part / whole) if whole else 1.0
