"""Deposit accounts."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "deposits"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Its sweep registers when the module is imported.
        from deposits.activity import sweeping as sweeping
        from deposits.activity.panel import pin_activity
        from deposits.panels import pin_panels

        pin_panels()
        pin_activity()
