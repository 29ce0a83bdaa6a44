"""Tiers, their limits, and how long each channel gives a customer until KYC."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    name = "customers.tiers"
    label = "tiers"
    verbose_name = "Tiers"

    def ready(self) -> None:
        # Their sweeps register when the modules are imported.
        from customers.tiers import deadlines as deadlines
        from customers.tiers import lapsing as lapsing
        from customers.tiers.panels import pin_panels

        pin_panels()
