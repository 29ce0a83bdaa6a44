"""Quality of the customers' data."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "customers.quality"
    label = "quality"
    verbose_name = "Data quality"

    def ready(self) -> None:
        # The nightly job and the panel register when they are imported.
        from customers.quality import nightly as nightly
        from customers.quality import panels as panels
