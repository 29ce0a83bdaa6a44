"""Who may call the API: tokens of people, and programs of the bank."""

from api.admin.clients import ApiClientAdmin
from api.admin.tokens import ApiTokenAdmin

__all__ = ["ApiClientAdmin", "ApiTokenAdmin"]
