"""Looking at uploaded bytes: what they are, and whether we take them."""

from documents.inspection.entrance import ALLOWED, inspect
from documents.inspection.refusal import FileRefused

__all__ = ["ALLOWED", "FileRefused", "inspect"]
