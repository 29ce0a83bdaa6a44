"""Which activity a day demands: boundaries, leap years, zones and their midnights."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customers.registry.choices import Activity
from deposits.activity.rule import Rule

ACTIVE, INACTIVE, SUSPENDED = Activity.ACTIVE, Activity.INACTIVE, Activity.SUSPENDED
# Some skip or repeat an hour at midnight, and Apia skipped a whole day.
ZONES = (
    "UTC", "Africa/Accra", "Africa/Cairo", "America/Havana", "America/New_York",
    "America/Sao_Paulo", "Asia/Beirut", "Asia/Kathmandu", "Pacific/Apia",
    "Pacific/Auckland", "Pacific/Kiritimati",
)  # fmt: skip


def a_rule(counted_on: date, zone: str = "UTC", inactive: int = 365) -> Rule:
    return Rule(counted_on, zone, inactive, 3650)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("days", "demanded"),
    [
        (-1, ACTIVE),
        (0, ACTIVE),
        (365, ACTIVE),
        (366, INACTIVE),
        (3650, INACTIVE),
        (3651, SUSPENDED),
    ],
)
@pytest.mark.parametrize(
    "counted_on", [date(2026, 11, 21), date(2024, 2, 29), date(2025, 3, 1)]
)
def test_boundaries_hold_all_day_long(
    counted_on: date, days: int, demanded: Activity, zone: str
) -> None:
    rule = a_rule(counted_on, zone)
    day = counted_on - timedelta(days=days)
    for at in (time(12), time(23, 59, 59, 999999)):
        last = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
        assert rule.activity_at(last) == demanded


def test_a_leap_day_is_a_day_like_any_other() -> None:
    last = datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert a_rule(date(2025, 2, 28)).activity_at(last) == ACTIVE
    assert a_rule(date(2025, 3, 1)).activity_at(last) == INACTIVE
    before = datetime(2023, 3, 1, 12, tzinfo=UTC)
    assert a_rule(date(2024, 2, 29)).activity_at(before) == ACTIVE
    assert a_rule(date(2024, 3, 1)).activity_at(before) == INACTIVE


def test_the_midnight_is_the_institutions_not_utcs() -> None:
    """At 11:30 UTC it is the next day in Auckland already."""
    last = datetime(2025, 11, 20, 11, 30, tzinfo=UTC)
    counted_on = date(2026, 11, 21)
    assert a_rule(counted_on, "UTC").activity_at(last) == INACTIVE
    assert a_rule(counted_on, "Pacific/Auckland").activity_at(last) == ACTIVE


@given(
    last=st.integers(631_152_000, 2_082_758_400).map(  # 1990 to 2036
        lambda seconds: datetime.fromtimestamp(seconds, UTC)
    ),
    days=st.integers(-400, 4000),
    zone=st.sampled_from(ZONES),
)
@example(datetime(2023, 4, 27, 22, 0, tzinfo=UTC), 365, "Africa/Cairo")  # no 00:00
@example(datetime(2018, 11, 4, 3, 0, tzinfo=UTC), 365, "America/Sao_Paulo")
@example(datetime(2018, 11, 4, 2, 59, 59, tzinfo=UTC), 365, "America/Sao_Paulo")
@example(datetime(2011, 12, 30, 10, 0, tzinfo=UTC), 365, "Pacific/Apia")
def test_instants_say_what_counting_days_says(
    last: datetime, days: int, zone: str
) -> None:
    local = last.astimezone(ZoneInfo(zone)).date()
    rule = a_rule(local + timedelta(days=days), zone)
    counted = ACTIVE if days <= 365 else INACTIVE if days <= 3650 else SUSPENDED
    assert rule.activity_at(last) == counted
    assert (rule.inactive_on(last) <= rule.counted_on) is (counted != ACTIVE)
    assert (rule.suspended_on(last) <= rule.counted_on) is (counted == SUSPENDED)


def test_an_absurd_policy_stays_within_the_calendar() -> None:
    rule = Rule(date(2026, 11, 21), "Pacific/Kiritimati", 2**31 - 2, 2**31 - 1)
    last = datetime(1999, 1, 1, tzinfo=UTC)
    assert rule.activity_at(last) == ACTIVE
    assert rule.suspended_on(last).year == 9999
