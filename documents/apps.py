"""Documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Documents"

    def ready(self) -> None:
        # Its sweep registers when the module is imported.
        from documents import expiry as expiry
        from documents.panels import pin_panels

        pin_panels()
