"""What staff see first: a status as shape and word, and the words of time.

Tones are those of the design: colour only for what needs a person, and no status
is told by colour alone. All functions are pure; instants are shown in Django's
active time zone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

Tone = Literal[
    "good", "wait", "warn", "stop", "quiet", "ended", "low", "medium", "high"
]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Label:
    """A status: one word (or very few) and the tone that draws its shape."""

    word: str
    tone: Tone
    title: str = ""

    def __html__(self) -> SafeString:
        return label_html(self)


# Twelve by twelve pixels; `v-cut` is drawn in the colour behind the shape.
_SHAPES: dict[Tone, str] = {
    "good": '<circle cx="6" cy="6" r="6"/>'
    '<path class="v-cut" d="M3.4 6.3 5.2 8.1 8.7 4.3"/>',
    "wait": '<circle class="v-ring" cx="6" cy="6" r="5.1"/>'
    '<path d="M6 1.4a4.6 4.6 0 0 1 0 9.2z"/>',
    "warn": '<path d="M5.2 1.1a.95.95 0 0 1 1.6 0l5 8.6a.95.95 0 0 1-.8 1.4H1'
    'a.95.95 0 0 1-.8-1.4z"/><path class="v-cut" d="M6 4.2v3M6 9.1v.1"/>',
    "stop": '<path d="M3.6 0h4.8L12 3.6v4.8L8.4 12H3.6L0 8.4V3.6z"/>'
    '<path class="v-cut" d="M3.4 6h5.2"/>',
    "quiet": '<circle class="v-ring" cx="6" cy="6" r="5.1"/>',
    "ended": '<rect x="1" y="1" width="10" height="10" rx="1.5"/>',
    "low": '<path d="M0 8h3v4H0z"/>'
    '<path class="v-dim" d="M4.5 4h3v8h-3zM9 0h3v12H9z"/>',
    "medium": '<path d="M0 8h3v4H0zM4.5 4h3v8h-3z"/>'
    '<path class="v-dim" d="M9 0h3v12H9z"/>',
    "high": '<path d="M0 8h3v4H0zM4.5 4h3v8h-3zM9 0h3v12H9z"/>',
}
_SHAPES_HTML: dict[Tone, SafeString] = {
    tone: mark_safe(  # noqa: S308 - constants of this file
        '<svg class="v-shape" viewBox="0 0 12 12" aria-hidden="true"'
        f' focusable="false">{shape}</svg>'
    )
    for tone, shape in _SHAPES.items()
}
NOTHING = mark_safe('<span class="v-none">\N{EN DASH}</span>')


def label_html(label: Label | str | None) -> SafeString:
    """Draw a label; plain text stays plain, nothing becomes a dash."""
    if not label:
        return NOTHING
    if isinstance(label, str):
        return format_html('<span class="v-plain">{}</span>', label)
    return format_html(
        '<span class="v-label v-{}"{}>{}<span class="v-word">{}</span></span>',
        label.tone,
        _title(label.title),
        _SHAPES_HTML[label.tone],
        label.word,
    )


def icon_html(label: Label) -> SafeString:
    """Draw the shape alone, for lists of things; the word is its name."""
    return format_html(
        '<span class="v-icon v-{}" role="img" aria-label="{}" title="{}">{}</span>',
        label.tone,
        label.word,
        label.title or label.word,
        _SHAPES_HTML[label.tone],
    )


def _title(title: str) -> SafeString:
    return format_html(' title="{}"', title) if title else SafeString()


def two_lines(first: str, second: object) -> SafeString:
    """Put a name over its meta line, as the first column of a list does."""
    return format_html(
        '<span class="v-name">{}</span><span class="v-meta">{}</span>', first, second
    )


def age(delta: timedelta) -> str:
    """Say how long: "40 min", "5 h", "2 d 6 h", and whole days after a week."""
    delta = max(delta, timedelta())
    if delta < MINUTE:
        return f"{int(delta.total_seconds())} s"
    if delta < HOUR:
        return f"{delta // MINUTE} min"
    if delta < DAY:
        return f"{delta // HOUR} h"
    hours = delta % DAY // HOUR
    if delta < WEEK and hours:
        return f"{delta.days} d {hours} h"
    return f"{delta.days} d"


def ago(at: datetime, *, now: datetime | None = None) -> str:
    return f"{age((now or timezone.now()) - at)} ago"


def when(at: datetime, *, now: datetime | None = None) -> str:
    """Say "2 h ago" within a day, after that the day: what a timeline wants."""
    now = now or timezone.now()
    return ago(at, now=now) if now - at < DAY else day(at, now=now, short=True)


def until(at: datetime | date, *, now: datetime | None = None) -> str:
    """Say "in 2 d", "today" (for days) or "overdue by 2 d"."""
    now = now or timezone.now()
    if not isinstance(at, datetime):
        days = (at - timezone.localdate(now)).days
        if days == 0:
            return "today"
        return f"in {days} d" if days > 0 else f"overdue by {-days} d"
    if at >= now:
        return f"in {_roughly(at - now)}"
    return f"overdue by {_roughly(now - at)}"


def _roughly(delta: timedelta) -> str:
    return f"{delta.days} d" if delta >= DAY else age(delta)


def term(
    ends_at: datetime, *, starts_at: datetime | None = None, now: datetime | None = None
) -> Label:
    """Label a deadline: waiting, in its last third (or last day) amber, then red."""
    now = now or timezone.now()
    exact = moment(ends_at)
    if now > ends_at:
        return Label(until(ends_at, now=now), "stop", exact)
    late = (ends_at - starts_at) / 3 if starts_at else DAY
    tone: Tone = "warn" if ends_at - now <= late else "wait"
    return Label(f"{age(ends_at - now)} left", tone, exact)


def due(on: date | datetime, *, now: datetime | None = None) -> Label:
    """Label a due day: "in 2 d", "today" (amber), "overdue by 2 d" (red)."""
    now = now or timezone.now()
    words = until(on, now=now)
    if words.startswith("overdue"):
        return Label(words, "stop", _exact(on))
    soon = on - now < DAY if isinstance(on, datetime) else words == "today"
    return Label(words, "warn" if soon else "wait", _exact(on))


def day(
    value: date | datetime, *, now: datetime | None = None, short: bool = False
) -> str:
    """Write a day: "12 Nov 2026"; `short` drops the current year."""
    value = _local_day(value)
    this_year = timezone.localdate(now).year
    return dateformat.format(
        value, "j M" if short and value.year == this_year else "j M Y"
    )


def moment(value: datetime) -> str:
    """Write an instant in the active time zone: "12 Nov 2026 10:12"."""
    return dateformat.format(timezone.localtime(value), "j M Y H:i")


def _exact(value: date | datetime) -> str:
    return moment(value) if isinstance(value, datetime) else day(value)


def _local_day(value: date | datetime) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value
