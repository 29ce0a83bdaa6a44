"""Pages of staff about exports."""

from exports.admin import pages as pages
