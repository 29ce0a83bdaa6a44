"""The closed lists of §3, in the field's words."""

from django.db import models


class Kind(models.TextChoices):
    PHONE = "phone", "phone"
    EMAIL = "email", "e-mail"
    ADDRESS = "address", "address"


class PreferredChannel(models.TextChoices):
    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"
    PHONE = "phone", "Phone call"
    POST = "post", "Post"
    NONE = "none", "No messages"


class Delivery(models.TextChoices):
    """How far a message came."""

    SENT = "sent", "Sent"
    WAITING = "waiting", "To be given"
    GIVEN = "given", "Given by staff"
    NOT_SENT = "not_sent", "Not sent"


class Refusal(models.TextChoices):
    """Why a code or link never went out."""

    PLACE = "place", "Refused"
    NO_WAY = "no_way", "No way to send"
    TOO_LATE = "too_late", "Not sent in time"


class Language(models.TextChoices):
    """Those in which every letter is written."""

    ENGLISH = "en", "English"
    FRENCH = "fr", "French"
    SPANISH = "es", "Spanish"
    PORTUGUESE = "pt", "Portuguese"
