"""Deposit accounts."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "deposits"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from deposits.panels import pin_panels

        pin_panels()
