"""What a gateway is asked, what it may say, and how it says that it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Question:
    """`check_id` is the same at every try, so that the outside can tell repeats.

    `about` holds name, country and address, and the birth date or registration
    number. `reference` is what an earlier `Pending` gave, "" at the first try.
    """

    check_id: UUID
    kind: str
    customer_number: str
    about: Mapping[str, str]
    reference: str = ""


@dataclass(frozen=True)
class Answer:
    """`result` is one of choices.RESULTS for the kind that was asked."""

    result: str
    reference: str
    note: str = ""


@dataclass(frozen=True)
class Pending:
    """Not yet. Without `ask_again_after`, in seconds, staff record the answer.

    It is asked again sixteen times at most, errors counted; then staff find out. Who
    needs days says so: a day is the longest wait.
    """

    reference: str = ""
    ask_again_after: float | None = None


class CheckUnavailable(Exception):  # noqa: N818 - a state, not a mistake
    """Nobody answered; a later try may succeed, after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CheckRefused(Exception):  # noqa: N818 - their answer, not our mistake
    """They will not answer this, however often they are asked; staff read why."""


class CheckGateway(Protocol):
    def ask(self, question: Question) -> Answer | Pending:
        """Asked by a worker outside any transaction, at least once, maybe again.

        Every call needs a connect and a read timeout. Raises CheckUnavailable and
        CheckRefused; whatever else it raises is tried again as well.
        """
