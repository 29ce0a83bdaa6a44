"""Outside checks."""

from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "customers.checks"
    label = "checks"
    verbose_name = "Outside checks"

    def ready(self) -> None:
        # What it tells risk, its sweep and the check of its settings register so.
        from customers.checks import known as known
        from customers.checks import unanswered as unanswered
        from customers.checks.gateways import configured as configured
        from customers.checks.panels import pin_panel

        pin_panel()
