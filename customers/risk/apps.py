"""Risk of customers."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "customers.risk"
    label = "risk"
    verbose_name = "Risk"

    def ready(self) -> None:
        # Its panels and buttons register when the modules are imported.
        from customers.risk import panels as panels
        from customers.risk.holdings import balances as balances
        from customers.risk.holdings.panel import pin_products
        from customers.risk.segments.panel import pin_engagement

        pin_products()
        pin_engagement()
