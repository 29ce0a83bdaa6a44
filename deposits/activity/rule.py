"""Which activity a day demands of a customer: policy, day and zone, no table."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from customers.registry.choices import Activity
from tenants.models import Tenant

# Nobody was a customer of ours before; keeps absurd policies within the calendar.
FIRST_DAY = date(1900, 1, 1).toordinal()
LAST_DAY = date(9999, 12, 30).toordinal()


@dataclass(frozen=True)
class Rule:
    """Days are counted between local dates, from the last activity to `counted_on`."""

    counted_on: date
    time_zone: str
    inactive_after_days: int
    suspended_after_days: int

    @classmethod
    def of(cls, tenant: Tenant, counted_on: date | None = None) -> "Rule":
        """The tenant's policy as it stands, on its own today unless told."""
        return cls(
            counted_on=counted_on or tenant.today,
            time_zone=tenant.time_zone,
            inactive_after_days=tenant.inactive_after_days,
            suspended_after_days=tenant.suspended_after_days,
        )

    @property
    def active_since(self) -> datetime:
        """Whose last activity is not before this instant is active."""
        return self._start_of_day(self.inactive_after_days)

    @property
    def inactive_since(self) -> datetime:
        """Whose last activity is before this instant is suspended."""
        return self._start_of_day(self.suspended_after_days)

    def activity_at(self, last: datetime) -> Activity:
        if last >= self.active_since:
            return Activity.ACTIVE
        if last >= self.inactive_since:
            return Activity.INACTIVE
        return Activity.SUSPENDED

    def inactive_on(self, last: datetime) -> date:
        """The first day on which the customer counts as inactive."""
        return self._day_after(last, self.inactive_after_days)

    def suspended_on(self, last: datetime) -> date:
        return self._day_after(last, self.suspended_after_days)

    def day_of(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def _day_after(self, last: datetime, days: int) -> date:
        return date.fromordinal(min(self.day_of(last).toordinal() + days + 1, LAST_DAY))

    def _start_of_day(self, days_ago: int) -> datetime:
        """The first instant of a local day, also where clocks skip its midnight.

        There `combine` takes the offset before the change, which names that instant.
        """
        day = date.fromordinal(max(self.counted_on.toordinal() - days_ago, FIRST_DAY))
        local = datetime.combine(day, time.min, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(UTC)
