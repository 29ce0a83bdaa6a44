"""Pictures of pages for the review desk, drawn where a hostile file hurts nobody."""

from documents.rendering.pages import NotDrawable, Page, render
from documents.rendering.tables import table

__all__ = ["NotDrawable", "Page", "render", "table"]
