"""Letters that handlers send: one file each and language, and the mail they become.

A letter is `templates/<room>/<letter>.<language>.txt`: a line `Subject: …`, a line
`SMS: …` where it also fits a phone, an empty line and the text. Each is rendered by
itself, so that nothing a customer or colleague typed becomes a line of its own.
"""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import idna
from django.conf import settings
from django.core.mail import EmailMessage
from django.template import Context, Template
from django.template.loader import select_template
from django.utils import translation

from common.observing.calls import Outcome, Provider, call_of
from events.events import RetryLaterError

FALLBACK = "en"
# How dates and amounts are written, where it differs from the letter's language.
_FORMATS = {"en": "en-gb"}
# Answers to who has not signed in (RFC 4954): an operator can mend that.
_NOT_SIGNED_IN = frozenset({530, 534, 535, 538})
# Django's ways of handing e-mails to nobody; a test keeps them in memory to read them.
_TO_NOBODY = frozenset(
    f"django.core.mail.backends.{name}.EmailBackend"
    for name in ("filebased", "console", "dummy")
)


class AddressRefused(Exception):  # noqa: N818 - the server's answer, not our mistake
    """The mail server will not take anything for this address."""


class MailNowhere(AddressRefused):
    """No mail server is set up, so nothing can go by e-mail."""


@dataclass(frozen=True)
class Letter:
    """A letter in one language; `sms` is "" where none would be fit."""

    language: str
    subject: str
    text: str
    sms: str


def write_letter(name: str, language: str, context: Mapping[str, Any]) -> Letter:
    """Render `kyc/expiry_reminder` in the language, in English where it has none."""
    files = [f"{name}.{language}.txt", f"{name}.{FALLBACK}.txt"]
    found: Any = select_template(files).template
    written = str(found.name).split(".")[-2]
    head, _, text = found.source.partition("\n\n")
    parts = dict(line.split(": ", 1) for line in head.splitlines())
    with translation.override(_FORMATS.get(written, written)):
        return Letter(
            language=written,
            subject=_one_line(_render(parts.get("Subject", ""), context)),
            text=_render(text, context).strip() + "\n",
            sms=_one_line(_render(parts.get("SMS", ""), context)),
        )


def _render(part: str, context: Mapping[str, Any]) -> str:
    """Plain text: nothing in it is HTML, so nothing is escaped."""
    return str(Template(part).render(Context(dict(context), autoescape=False)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def compose_letter(address: str, letter: Letter) -> EmailMessage:
    """Plain text to one address, marked so that no robot answers it."""
    return EmailMessage(
        subject=letter.subject,
        body=letter.text,
        to=[_as_sent(address)],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _as_sent(address: str) -> str:
    """With the domain as IDNA 2008 writes it, by which we judged and keep it.

    Django would write it by IDNA 2003, and `straße.de` is `strasse.de` there: somebody
    else's domain. Raises AddressRefused.
    """
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except (idna.IDNAError, UnicodeError):
        raise AddressRefused("The domain after the @ cannot be written.") from None


def refuse_nowhere() -> None:
    """Raise MailNowhere where an e-mail would count as sent and reach nobody.

    In DEBUG a page shows what would have gone.
    """
    if settings.EMAIL_BACKEND in _TO_NOBODY and not settings.DEBUG:
        raise MailNowhere("No mail server is set up (EMAIL_URL).")


def send_letter(letter: EmailMessage) -> None:
    """Hand it to the mail server.

    Raises AddressRefused, and RetryLaterError while the server does not take it: a
    code of 4xx, as of who lets strangers wait (RFC 5321), is no answer for good.
    """
    refuse_nowhere()
    try:
        with call_of(Provider.SMTP, outcome_of_mail):
            letter.send()
    except (smtplib.SMTPException, OSError) as error:
        codes = _codes_of(error)
        if codes and _is_for_good(codes):
            said = f"The mail server refused the address (SMTP {max(codes)})."
            raise AddressRefused(said) from None
        # The address stands in the library's message, so only the kind is kept.
        kind = f"SMTP {max(codes)}" if codes else type(error).__name__
        raise RetryLaterError(f"The mail server did not take it ({kind}).") from None


def _codes_of(error: Exception) -> list[int]:
    """What the server said of this address and letter, if that is what it spoke of.

    Its greeting, our login and our sender are for an operator to mend: no answer.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPDataError) else []


def _is_for_good(codes: list[int]) -> bool:
    return all(500 <= code < 600 and code not in _NOT_SIGNED_IN for code in codes)


def outcome_of_mail(error: Exception) -> Outcome:
    """Say what the mail server's refusal or silence counts as; OK: it is not its."""
    codes = _codes_of(error)
    if not codes and isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    if codes:
        is_passing = any(400 <= code < 500 for code in codes)
        return Outcome.THROTTLED if is_passing else Outcome.REFUSED
    is_silent = isinstance(error, smtplib.SMTPException | OSError)
    return Outcome.UNREACHABLE if is_silent else Outcome.OK
