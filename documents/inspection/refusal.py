"""How a file is refused: a check finds a flaw, the entrance says whose."""

from common.errors import DomainError


class FileRefused(DomainError):  # noqa: N818 - named for what happened to the file
    """The file is not one that we take; the sentence names the fact."""

    code = "FILE_REFUSED"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


class Flaw(Exception):  # noqa: N818 - never leaves this package
    """What is wrong, as the end of a sentence that begins with the file's name."""


DAMAGED = "is damaged or cut off"
TOO_MANY_PIXELS = "has more than 100 million pixels"
MAX_PIXELS = 100_000_000


def refuse_huge(width: int, height: int) -> None:
    """Raise Flaw for a picture whose header promises too much."""
    if width * height > MAX_PIXELS:
        raise Flaw(TOO_MANY_PIXELS)
