"""Refuse to start with a gateway that is not there."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from customers.checks.gateways.named import SETTINGS, gateway_for, gateway_named

LONGEST = 200  # characters; the column that keeps the name


@register(Tags.security)
def check_gateways(**_: Any) -> list[CheckMessage]:
    """Name each setting that names no gateway, in one line each."""
    return [
        Error(
            f"{setting} must be “manual” or the dotted path of a gateway.",
            id="vestibule.E028",
        )
        for kind, setting in SETTINGS.items()
        if not _is_gateway(gateway_for(kind))
    ]


def _is_gateway(name: str) -> bool:
    try:
        return len(name) <= LONGEST and callable(gateway_named(name).ask)
    except (ImportError, AttributeError, TypeError, ValueError):
        return False
