"""Deposit accounts."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "deposits"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Sweep, count, keys of search and evidence chapter register when imported.
        from deposits import products as products
        from deposits import search as search
        from deposits.activity import sweeping as sweeping
        from deposits.activity.panel import pin_activity
        from deposits.linked import evidence as evidence
        from deposits.linked.panel import pin_linked
        from deposits.panels import pin_panels

        pin_panels()
        pin_activity()
        pin_linked()
