"""Deposit accounts."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "deposits"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Sweep, count and evidence chapter register when the modules are imported.
        from deposits import products as products
        from deposits.activity import sweeping as sweeping
        from deposits.activity.panel import pin_activity
        from deposits.linked import evidence as evidence
        from deposits.linked.panel import pin_linked
        from deposits.panels import pin_panels

        pin_panels()
        pin_activity()
        pin_linked()
