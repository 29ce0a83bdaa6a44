"""The closed lists of outside checks, without a table."""

from django.db import models


class Kind(models.TextChoices):
    BUREAU = "bureau", "Credit bureau"
    ADDRESS = "address", "Address"


class Status(models.TextChoices):
    """Failed: whoever was asked will not answer; staff find out otherwise."""

    ASKED = "asked", "Waiting"
    ANSWERED = "answered", "Answered"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Result(models.TextChoices):
    CLEAR = "clear", "Clear"
    ADVERSE = "adverse", "Adverse"
    NO_FILE = "no_file", "No file"
    CONFIRMED = "confirmed", "Confirmed"
    NOT_CONFIRMED = "not_confirmed", "Not confirmed"
    UNCLEAR = "unclear", "Unclear"


# What may be answered to each kind.
RESULTS: dict[str, tuple[Result, ...]] = {
    Kind.BUREAU: (Result.CLEAR, Result.ADVERSE, Result.NO_FILE),
    Kind.ADDRESS: (Result.CONFIRMED, Result.NOT_CONFIRMED, Result.UNCLEAR),
}
# Those that still wait for somebody.
OPEN = (Status.ASKED, Status.FAILED)

# Adverse credit is known to those who assess risk and their overseers. The counter
# needs it for nothing, and that the bureau was asked would tell half of it.
VIEW_BUREAU = "checks.view_bureau"
VIEW = "checks.view_outsidecheck"
# Who asks about each kind, records what came and withdraws.
MAY: dict[str, str] = {
    Kind.BUREAU: "checks.check_bureau",
    Kind.ADDRESS: "checks.check_address",
}
