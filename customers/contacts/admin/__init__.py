"""Pages of staff about contacts."""

from customers.contacts.admin import messages as messages
from customers.contacts.admin import pages as pages
