"""Evidence packs."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "evidence"
    verbose_name = "Evidence"

    def ready(self) -> None:
        # Their chapters and panels register when the modules are imported.
        from evidence import below as below
        from evidence import documents_chapter as documents_chapter
        from evidence import panels as panels
