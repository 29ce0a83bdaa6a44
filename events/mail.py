"""Plain letters that handlers send; the outbox tries again what was not taken."""

import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from events.events import RetryLaterError


def compose_letter(
    address: str, *, subject: str, template: str, context: dict[str, Any]
) -> EmailMessage:
    """Plain text to one address, marked so that no robot answers it."""
    return EmailMessage(
        subject=subject,
        body=render_to_string(template, context),
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )


def send_letter(letter: EmailMessage) -> None:
    """Hand it to the mail server; raises RetryLaterError while it does not take it."""
    try:
        letter.send()
    except (smtplib.SMTPException, OSError) as error:
        # The address stands in the library's message, so only the kind is kept.
        kind = type(error).__name__
        raise RetryLaterError(f"The mail server did not take it ({kind}).") from None
