"""Pages of staff about evidence packs."""

from evidence.admin import packs as packs
