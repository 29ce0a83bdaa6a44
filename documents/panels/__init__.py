"""What documents pin on the customer page: the panel, what is missing, who waits."""

from documents.panels import ways as ways
from documents.panels.board import pin_panels

__all__ = ["pin_panels"]
