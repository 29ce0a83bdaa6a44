"""The stand-in as a Django app, and whether it may answer at all."""

from django.apps import AppConfig
from django.conf import settings


class SandboxConfig(AppConfig):
    """Stands in for Sumsub under ``/sandbox/sumsub/``."""

    name = "kyc.sandbox"
    label = "sandbox"
    verbose_name = "Sumsub stand-in"
    default_auto_field = "django.db.models.BigAutoField"


def is_enabled() -> bool:
    """Tell whether the stand-in answers; never without credentials of its own kind."""
    return bool(settings.SUMSUB_SANDBOX) and settings.SUMSUB_APP_TOKEN.startswith(
        "sbx:"
    )
