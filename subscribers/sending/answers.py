"""What an answer, or none, means: taken or not, and in which words it is kept."""

import http.client
import logging
import re
import ssl

from common.errors import DomainError
from common.text import clean
from subscribers.models import Attempt, Message
from subscribers.sending.posting import Answer
from subscribers.sending.recording import Outcome

log = logging.getLogger(__name__)

# Addresses, numbers: whatever a careless system repeats of what it knows of a customer.
_PERSONAL = re.compile(r"\S+@\S+|\+?\d(?:[\s\d().-]{4,}\d)")


def outcome_of(message: Message, attempt: Attempt, answer: Answer) -> Outcome:
    attempt.error = _refusal_of(answer)
    attempt.status_code = answer.status
    attempt.answer = masked(answer.content) if answer.content else ""
    wait = answer.retry_after if answer.status in (429, 503) else None
    is_gone = answer.status == http.client.GONE
    return Outcome(message, attempt, not attempt.error, is_gone, wait)


def _refusal_of(answer: Answer) -> str:
    """Why it was not taken; "" when it was."""
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return f"Answered {answer.status}; redirects are not followed."
    return f"Answered {answer.status}."


def words_of(error: Exception) -> str:
    """What staff read; libraries quote what they were sent."""
    match error:
        case DomainError():
            return error.message
        case TimeoutError():
            return "No answer in time."
        case ssl.SSLCertVerificationError():
            return "The certificate is not to be trusted."
        case ConnectionRefusedError():
            return "Nobody listens at the address."
        case http.client.HTTPException():
            return "The answer is no HTTP, or was cut off."
        case OSError():
            return f"Not reached: {type(error).__name__}."
    log.error("A message could not be sent: %s", type(error).__name__)
    return f"Could not be sent: {type(error).__name__}."


def masked(content: bytes) -> str:
    """The beginning of an answer, without what could be somebody's."""
    text = clean(content.decode(errors="replace"))
    return _PERSONAL.sub("…", text)[:500]
