"""Which gateway answers a kind of check: as the settings name it."""

from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from customers.checks.choices import Kind
from customers.checks.gateways.asking import CheckGateway
from customers.checks.gateways.manual import Manual

MANUAL = "manual"
SETTINGS = {Kind.BUREAU: "BUREAU_GATEWAY", Kind.ADDRESS: "ADDRESS_GATEWAY"}


def gateway_for(kind: str) -> str:
    """What the settings name today."""
    return str(getattr(settings, SETTINGS[Kind(kind)]) or MANUAL)


def gateway_named(name: str) -> CheckGateway:
    """Raises ImportError where the release has none of this name."""
    found = Manual if name == MANUAL else import_string(name)
    return cast("CheckGateway", found())


def gateway_words(name: str) -> str:
    """As staff read it."""
    return "By hand" if name == MANUAL else name.rpartition(".")[2]
