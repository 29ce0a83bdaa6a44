"""The last days of a rule: a small line, and the same said in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from customers.quality.models import DailyCount
from tenants.models import Tenant

DAYS = 30
WEEK = timedelta(days=7)
WIDTH, HEIGHT, EDGE = 120, 28, 3  # pixels of the drawing; the line is two wide


@dataclass(frozen=True)
class Trend:
    """Days that were counted, the oldest first; `now` is the count of this moment."""

    days: Sequence[tuple[date, int]]
    until: date
    now: int

    @property
    def change(self) -> int | None:
        """Against the last count a week ago or earlier; None where there is none."""
        before = [count for day, count in self.days if day <= self.until - WEEK]
        return self.now - before[-1] if before else None

    @property
    def change_words(self) -> str:
        match self.change:
            case None:
                return ""
            case 0:
                return "no change"
            case more if more > 0:
                return f"{more:,} more"
            case fewer:
                return f"{-fewer:,} fewer"

    @property
    def words(self) -> str:
        """What the line says, for whoever does not see it."""
        counts = [count for _, count in self.days]
        if len(counts) < 2:
            return ""
        first, last = self.days[0][0], self.days[-1][0]
        return (
            f"From {counts[0]:,} on {first:%-d %b} to {counts[-1]:,} on {last:%-d %b},"
            f" at most {max(counts):,}"
        )

    @property
    def points(self) -> str:
        """Corners of the line in the drawing; a night that is missing is passed."""
        if len(self.days) < 2:
            return ""
        start = self.until - timedelta(days=DAYS - 1)
        top = max(1, *(count for _, count in self.days))
        across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
        return " ".join(
            f"{EDGE + across * (day - start).days / (DAYS - 1):.1f},"
            f"{EDGE + down * (1 - count / top):.1f}"
            for day, count in self.days
        )


def trends_of(tenant: Tenant, now: dict[str, int], today: date) -> dict[str, Trend]:
    """The trend of each rule named in `now`, with one query."""
    rows = DailyCount.objects.for_tenant(tenant.pk).filter(
        day__gt=today - timedelta(days=DAYS), day__lte=today
    )
    days: dict[str, list[tuple[date, int]]] = {key: [] for key in now}
    for key, day, count in rows.order_by("day").values_list("rule", "day", "open"):
        if key in days:
            days[key].append((day, count))
    return {key: Trend(days[key], today, count) for key, count in now.items()}
