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
