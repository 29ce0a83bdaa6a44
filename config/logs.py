"""What is logged, and where to: no personal data, no secrets."""

from typing import Any

FORMS = {
    "json": "config.observing.lines.JsonLines",
    "plain": "config.observing.lines.PlainLines",
}


def logging_as(form: str) -> dict[str, Any]:
    """Everything to standard error, `json` or `plain`; other words mean json."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMS.get(form, FORMS["json"])}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"}
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own handler would say everything a second time.
            "django": {"handlers": [], "level": "INFO"},
            "django.server": {"handlers": [], "level": "WARNING"},
            # The filesystem transport has no host, and kombu warns of that.
            "kombu.connection": {"level": "ERROR"},
            "axes": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
        },
    }
