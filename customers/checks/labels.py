"""Outside checks as shape and word."""

from datetime import date

from common.face import Label, Tone, day
from customers.checks.choices import Result, Status
from customers.checks.models import OutsideCheck

_TONES: dict[str, Tone] = {
    Result.CLEAR: "good", Result.ADVERSE: "stop", Result.NO_FILE: "quiet",
    Result.CONFIRMED: "good", Result.NOT_CONFIRMED: "warn", Result.UNCLEAR: "warn",
    Status.ASKED: "wait", Status.FAILED: "stop", Status.WITHDRAWN: "ended",
}  # fmt: skip


def check_label(row: OutsideCheck, today: date) -> Label:
    """Where it stands; an answer by what it says, for as long as it holds."""
    if row.status != Status.ANSWERED:
        return Label(row.get_status_display(), _TONES[row.status])
    word = row.get_result_display()
    if row.valid_until and row.valid_until < today:
        return Label(word, "ended", f"No longer valid since {day(row.valid_until)}")
    return Label(word, _TONES[row.result])


def check_words(row: OutsideCheck) -> str:
    """An answer in a line, for those who weigh it."""
    said = row.get_result_display().lower()
    if row.place and row.kind == "address":
        head = f"Address {row.place}: {said}"
        head += "" if row.is_of_today else " (not the address on file today)"
    else:
        head = f"{row.get_kind_display()}: {said}"
    on = day(row.answered_at) if row.answered_at else ""
    until = f", valid until {day(row.valid_until)}" if row.valid_until else ""
    return f"{head}, {on}{until}"
