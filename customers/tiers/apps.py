"""Tiers, their limits, and how long each channel gives a customer until KYC."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    name = "customers.tiers"
    label = "tiers"
    verbose_name = "Tiers"

    def ready(self) -> None:
        # Their sweeps register when the modules are imported.
        from customers.registry.labels import name_tiers
        from customers.tiers import deadlines as deadlines
        from customers.tiers import lapsing as lapsing
        from customers.tiers import recomputing as recomputing
        from customers.tiers.panels import pin_panels
        from customers.tiers.services import tier_names

        name_tiers(tier_names)
        pin_panels()
