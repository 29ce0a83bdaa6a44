"""Pages of staff about subscribers and what they are sent."""

from subscribers.admin import messages as messages
from subscribers.admin import pages as pages
from subscribers.admin import queues as queues
