"""Risk of customers."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "customers.risk"
    label = "risk"
    verbose_name = "Risk"

    def ready(self) -> None:
        # Its panel and buttons register when the module is imported.
        from customers.risk import panels as panels
