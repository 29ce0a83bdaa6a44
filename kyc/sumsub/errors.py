"""What can go wrong between us and Sumsub, one class per way to respond."""


class SumsubError(Exception):
    """Sumsub gave no usable answer; the message is one plain sentence.

    The message never holds secrets, links or personal data, so it may be stored
    and shown. ``retry_after`` is Sumsub's own advice in seconds, where it gave one.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error_code: int | None = None,
        correlation_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code
        self.correlation_id = correlation_id
        self.retry_after = retry_after


class SumsubUnavailable(SumsubError):  # noqa: N818 - named for the state, not "Error"
    """No connection, no answer in time, a server error, or an answer not from Sumsub.

    Nothing is known about whether a POST took effect.
    """


class SumsubRateLimited(SumsubError):  # noqa: N818
    """Too many requests (429); ask again after ``retry_after`` or a pause of ours."""


class SumsubBusy(SumsubError):  # noqa: N818
    """Sumsub is still at work on this applicant (409 with Retry-After)."""


class SumsubConflict(SumsubError):  # noqa: N818
    """The applicant's present state forbids this (409); asking again will not help."""


class SumsubNotFound(SumsubError):  # noqa: N818
    """Sumsub shows no such applicant or image (404).

    Beware: an app token without the right *View applicants* is answered 404 too.
    """


class SumsubUnauthorized(SumsubError):  # noqa: N818
    """Token, signature or clock is wrong (401); never retried.

    ``error_code``: 4000 malformed token, 4001 unknown token, 4002 wrong private
    part, 4003 signature mismatch, 4004 our clock is off.
    """


class SumsubRefused(SumsubError):  # noqa: N818
    """Sumsub refuses the request as it stands (any other 4xx)."""


class SumsubUnreadable(SumsubError):  # noqa: N818
    """The answer is JSON, yet not of a shape we can trust."""


class SumsubTooLarge(SumsubError):  # noqa: N818
    """A document image larger than the caller takes; asking again will not help."""


class SumsubWrongType(SumsubError):  # noqa: N818
    """The bytes of an image come as something that is no document."""


class UnreadableCallback(SumsubError):  # noqa: N818
    """A callback body, rightly signed or not, that we cannot take apart."""
