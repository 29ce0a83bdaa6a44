"""Pages of staff about contacts."""

from customers.contacts.admin import pages as pages
